/**
 * The builder behind inference and decomposition: follows types, symbolic extents and known constants, and, when it is
 * given somewhere to put them, emits a node a primitive.
 */
import { decide, type Cond } from "../../base/cond.js";
import { isConst, sameDim, symbolsOf, type Dim } from "../../base/dim.js";
import { fail, invariant } from "../../base/diagnostic.js";
import { elementCount, type Tensor } from "../../base/tensor.js";
import { dtypes, type DType } from "../../base/dtype.js";
import { elementTensor, extentList, type Element } from "../../base/element.js";
import { positionsThrough, reachesOf, type Positions, type Reach } from "../../ops/affine.js";
import { evaluateExtents, mostExtents, type Assume } from "../../ops/extents.js";
import { evaluatePrimitive } from "../../ops/evaluate/primitive.js";
import { inferPrimitive, possible, type Ranked } from "../../ops/infer-primitive.js";
import type { Builder, Handle, PrimitiveAttrs } from "../../ops/op.js";
import type { PrimitiveName } from "../../ops/primitive.js";
import type { ConstData, Guard } from "../graph.js";
import { constantElements, smallElements, type Fact } from "./facts.js";

/** A tensor while an operator is built. `T` is what the emitter keeps for it: a value of the graph, or nothing. */
export interface Symbolic<T> extends Handle, Fact {
  readonly elements: readonly Element[] | undefined;
  readonly positions: Positions | undefined;
  readonly behind: T;
}

/** Receives what is built. Inference gives none of it a place. */
export interface Emitter<T> {
  node(op: PrimitiveName, inputs: readonly T[], attrs: PrimitiveAttrs, results: readonly Handle[]): readonly T[];
  constant(data: ConstData): T;
}

/** A condition that is not provable, without the parts of it that are. */
function undecided(c: Cond): Cond {
  if (!("all" in c)) return c;
  const open = c.all.filter((part) => decide(part) === undefined).map(undecided);
  return open.length === 1 ? open[0] : { ...c, all: open };
}

/** Results of primitives on constants are computed while building only up to this size. */
const mostKnown = 4096;

export class SymbolicBuilder<T> implements Builder {
  readonly guards: Guard[] = [];
  promised: readonly Ranked[] | undefined;
  readonly #emitter: Emitter<T>;

  constructor(emitter: Emitter<T>) {
    this.#emitter = emitter;
  }

  /** An operand of the operator that is built. */
  operand(dtype: DType, shape: readonly Dim[], behind: T, data: ConstData | undefined, fact: Fact | undefined): Symbolic<T> {
    const elements = fact?.elements ?? (data && constantElements(data));
    const known = data ? () => data.load() : (fact?.known ?? spelledOut(dtype, shape, elements));
    return { dtype, shape, behind, elements, positions: fact?.positions, known, sized: data !== undefined || fact?.sized === true };
  }

  apply(op: PrimitiveName, inputs: readonly Handle[], attrs: PrimitiveAttrs, fits = false): readonly Symbolic<T>[] {
    const operands = inputs.map((x) => this.own(x));
    const types = inferPrimitive(op, operands, attrs, fits ? possible : this.#assume);
    const known = knownResults(op, operands, attrs, types);
    const elements = known ? [] : evaluateExtents(op, operands, attrs, this.#assume);
    const sized = operands.every((x) => x.sized);
    const behind = this.#emitter.node(
      op,
      operands.map((x) => x.behind),
      attrs,
      types,
    );
    return types.map(({ dtype, shape }, i) => {
      const list = known ? whenSmall(shape, known(i)) : fitting(elements[i], shape);
      const positions = known || i > 0 ? undefined : positionsThrough(op, operands, attrs, types[0]);
      return { dtype, shape, behind: behind[i], elements: list, positions, known: known?.(i) ?? spelledOut(dtype, shape, list), sized };
    });
  }

  constant(value: Tensor): Symbolic<T> {
    const { dtype, shape } = value;
    const behind = this.#emitter.constant({ dtype, shape, load: () => value });
    return { dtype, shape, behind, elements: smallElements(value), positions: undefined, known: () => value, sized: true };
  }

  promise(outputs: readonly Ranked[]): void {
    this.promised = outputs;
  }

  known(x: Handle): Tensor | undefined {
    return this.own(x).known?.();
  }

  elements(x: Handle): readonly Element[] | undefined {
    return this.own(x).elements;
  }

  reaches(x: Handle): readonly (Reach | undefined)[] {
    const { positions, shape } = this.own(x);
    return positions ? reachesOf(positions, shape) : [];
  }

  sized(x: Handle): boolean {
    return this.own(x).sized;
  }

  /** A guard for what is not provable. */
  readonly #assume: Assume = (when, message) => {
    const known = decide(when);
    if (known === undefined) this.guards.push({ when: undecided(when), message });
    return known !== false;
  };

  unify(a: Dim, b: Dim, message: string): Dim {
    if (sameDim(a, b)) return a;
    const when = { op: "eq", a, b } as const;
    if (decide(when) === false) fail("extent-mismatch", `${message}: ${a} is not ${b}`);
    this.guards.push({ when, message });
    return simplicity(a) <= simplicity(b) ? a : b;
  }

  assume(when: Cond, message: string): void {
    if (!this.#assume(when, message)) fail("extent-mismatch", message);
  }

  own(x: Handle): Symbolic<T> {
    invariant("behind" in x, "a handle of another builder was used");
    return x as Symbolic<T>;
  }
}

/** Elements only when there is one for each place. */
function fitting(elements: readonly Element[] | undefined, shape: readonly Dim[]): readonly Element[] | undefined {
  return elements && shape.every(isConst) && elementCount(shape) === elements.length ? elements : undefined;
}

function whenSmall(shape: readonly Dim[], known: () => Tensor): readonly Element[] | undefined {
  return shape.every(isConst) && elementCount(shape) <= mostExtents ? smallElements(known()) : undefined;
}

/** The tensor that a list of constants stands for. */
function spelledOut(dtype: DType, shape: readonly Dim[], elements: readonly Element[] | undefined): (() => Tensor) | undefined {
  if (!elements || extentList(elements)?.some((d) => !isConst(d)) || !shape.every(isConst)) return undefined;
  const made = elementTensor(dtype, shape, elements);
  return made && (() => made);
}

/** Constants first, then single symbols, then what is shorter to write. */
function simplicity(d: Dim): number {
  return isConst(d) ? 0 : symbolsOf(d).length + d.key.length / 1000;
}

/** One computation for all results of a primitive on small constants, done when first asked for. */
function knownResults(op: PrimitiveName, inputs: readonly Symbolic<unknown>[], attrs: PrimitiveAttrs, types: readonly Handle[]) {
  const fixed = (h: Handle): boolean =>
    h.shape.every(isConst) && elementCount(h.shape as number[]) <= mostKnown && dtypes[h.dtype].kind !== "string";
  const constant = Object.values(attrs).every((v) => typeof v !== "object" || v.every(isConst));
  if (!constant || !inputs.every((x) => x.known && fixed(x)) || !types.every(fixed)) return undefined;
  let results: readonly Tensor[] | undefined;
  return (i: number) => () =>
    (results ??= evaluatePrimitive(
      op,
      inputs.map((x) => (x.known as () => Tensor)()),
      attrs,
    ))[i];
}
