/**
 * The builder behind inference and decomposition: follows types, symbolic extents and known constants, and, when it is
 * given somewhere to put them, emits a node a primitive.
 */
import { decide, isConst, sameDim, symbolsOf, type Dim } from "../base/dim.js";
import { fail, invariant } from "../base/diagnostic.js";
import { elementCount, type Tensor } from "../base/tensor.js";
import { dtypes, isFloat, isInteger, type DType } from "../base/dtype.js";
import { evaluateExtents } from "../ops/extents.js";
import { evaluatePrimitive } from "../ops/evaluate/primitive.js";
import { inferPrimitive } from "../ops/infer-primitive.js";
import type { Builder, Handle, PrimitiveAttrs } from "../ops/op.js";
import type { PrimitiveName } from "../ops/primitive.js";
import type { ConstData, Guard } from "./graph.js";
import { constantExtents, tensorExtents } from "./facts.js";

/** A tensor while an operator is built. `T` is what the emitter keeps for it: a value of the graph, or nothing. */
export interface Symbolic<T> extends Handle {
  readonly extents: readonly Dim[] | undefined;
  readonly known: (() => Tensor) | undefined;
  readonly behind: T;
}

/** Receives what is built. Inference gives none of it a place. */
export interface Emitter<T> {
  node(op: PrimitiveName, inputs: readonly T[], attrs: PrimitiveAttrs, results: readonly Handle[]): readonly T[];
  constant(data: ConstData): T;
}

/** Results of primitives on constants are computed while building only up to this size. */
const mostKnown = 4096;

export class SymbolicBuilder<T> implements Builder {
  readonly guards: Guard[] = [];
  readonly #emitter: Emitter<T>;

  constructor(emitter: Emitter<T>) {
    this.#emitter = emitter;
  }

  /** An operand of the operator that is built. */
  operand(dtype: DType, shape: readonly Dim[], behind: T, data: ConstData | undefined, extents: readonly Dim[] | undefined): Symbolic<T> {
    return { dtype, shape, behind, extents: extents ?? (data && constantExtents(data)), known: data && (() => data.load()) };
  }

  apply(op: PrimitiveName, inputs: readonly Handle[], attrs: PrimitiveAttrs): readonly Symbolic<T>[] {
    const operands = inputs.map((x) => this.own(x));
    const types = inferPrimitive(op, operands, attrs);
    const extents = evaluateExtents(
      op,
      operands.map((x) => ({ shape: x.shape, elements: x.extents, float: isFloat(x.dtype) })),
      attrs,
    );
    const known = knownResults(op, operands, attrs, types);
    const behind = this.#emitter.node(
      op,
      operands.map((x) => x.behind),
      attrs,
      types,
    );
    return types.map(({ dtype, shape }, i) => ({
      dtype,
      shape,
      behind: behind[i],
      extents: fitting(extents[i], shape),
      known: known?.(i),
    }));
  }

  constant(value: Tensor): Symbolic<T> {
    const { dtype, shape } = value;
    const behind = this.#emitter.constant({ dtype, shape, load: () => value });
    return { dtype, shape, behind, extents: tensorExtents(value), known: () => value };
  }

  known(x: Handle): Tensor | undefined {
    return this.own(x).known?.();
  }

  extents(x: Handle): readonly Dim[] | undefined {
    return isInteger(x.dtype) || x.dtype === "f32" || x.dtype === "f64" ? this.own(x).extents : undefined;
  }

  unify(a: Dim, b: Dim, message: string): Dim {
    if (sameDim(a, b)) return a;
    const when = { op: "eq", a, b } as const;
    if (decide(when) === false) fail("extent-mismatch", `${message}: ${a} is not ${b}`);
    this.guards.push({ when, message });
    return simplicity(a) <= simplicity(b) ? a : b;
  }

  own(x: Handle): Symbolic<T> {
    invariant("behind" in x, "a handle of another builder was used");
    return x as Symbolic<T>;
  }
}

/** Extents only when there is one an element. */
function fitting(extents: readonly Dim[] | undefined, shape: readonly Dim[]): readonly Dim[] | undefined {
  return extents && shape.every(isConst) && elementCount(shape) === extents.length ? extents : undefined;
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
