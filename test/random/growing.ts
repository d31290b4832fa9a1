/**
 * A graph of ONNX operators that grows node by node, computed as it grows: a node that does not fit, or whose numbers
 * leave the range in which comparing them means something, is not taken.
 */
import { holds } from "../../src/base/cond.js";
import { evaluateDim, isConst, sameDim, symbol, type Dim } from "../../src/base/dim.js";
import { DiagnosticError } from "../../src/base/diagnostic.js";
import { isFloat, type DType } from "../../src/base/dtype.js";
import { elementCount, type Tensor } from "../../src/base/tensor.js";
import { constData, makeGraph, makeNode, tensorValue } from "../../src/ir/build.js";
import type { Fact, Knowledge } from "../../src/ir/infer/facts.js";
import type { Attr, ConstData, Graph, Guard, Node, Value } from "../../src/ir/graph.js";
import { inferNode } from "../../src/ir/infer/node.js";
import { catalogue } from "../../src/ops/catalogue.js";
import type { Bound } from "./bounds.js";
import { BoundRun } from "./bound-run.js";
import type { Rng } from "./rng.js";
import { randomTensor, tensorOf, type Filling } from "./values.js";

export type Attrs = Readonly<Record<string, Attr>>;

export const int = (value: number): Attr => ({ kind: "int", value: BigInt(value) });
export const ints = (value: readonly number[]): Attr => ({ kind: "ints", value: value.map(BigInt) });
export const float = (value: number): Attr => ({ kind: "float", value: Math.fround(value) });
export const text = (value: string): Attr => ({ kind: "text", value });

export interface Limits {
  /** Elements of the largest tensor. */
  readonly elements: number;
  /** Multiplications of one node. */
  readonly work: number;
  /** Whether some extents are symbols. */
  readonly open: boolean;
}

/** Shape arithmetic and constants as inference sees them. */
class Facts implements Knowledge {
  readonly constants = new Map<Value, ConstData>();
  readonly found = new Map<Value, Fact>();

  constant(v: Value): ConstData | undefined {
    return this.constants.get(v);
  }

  fact(v: Value): Fact | undefined {
    return this.found.get(v);
  }
}

/** Why comparing floats says nothing: they leave the range, or may be off by too much of it. */
export function unfit({ dtype }: Tensor, e: Bound, data: ArrayLike<number>): string | undefined {
  const most = dtype === "f16" ? 2000 : 1e6;
  let [size, error] = [0, 0];
  for (let i = 0; i < data.length; i++) {
    if (!Number.isFinite(data[i]) || Math.abs(data[i]) > most) return "out-of-range";
    size = Math.max(size, Math.abs(data[i]));
    error = Math.max(error, e?.[i] ?? 0);
  }
  return error > 0.02 * size + 1e-3 ? "ill-conditioned" : undefined;
}

export class Growing {
  readonly rng: Rng;
  readonly limits: Limits;
  readonly inputs: Value[] = [];
  readonly nodes: Node[] = [];
  readonly symbols = new Map<string, number>();
  readonly run: BoundRun;
  /** Why nodes were not taken, by code. */
  readonly declined: string[] = [];
  readonly #facts = new Facts();
  readonly #guards: Guard[] = [];
  readonly #filling: Filling;
  #names = 0;

  constructor(rng: Rng, limits: Limits, run: BoundRun, filling: Filling) {
    this.rng = rng;
    this.limits = limits;
    this.run = run;
    this.#filling = filling;
  }

  shape(v: Value): readonly number[] {
    return this.tensor(v).shape;
  }

  dims(v: Value): readonly Dim[] {
    return v.type.kind === "tensor" ? (v.type.shape ?? []) : [];
  }

  isOpen(v: Value, axis: number): boolean {
    return !isConst(this.dims(v)[axis]);
  }

  dtype(v: Value): DType {
    return this.tensor(v).dtype;
  }

  tensor(v: Value): Tensor {
    return this.run.tensor(v);
  }

  bound(v: Value): Bound {
    return this.run.bound(v);
  }

  /** An input of seeded values; extents above 1 become symbols here and there where the program has open ones. */
  input(dtype: DType, shape: readonly number[], given?: Tensor, like?: readonly Dim[]): Value {
    const t = given ?? randomTensor(this.rng, dtype, shape, this.#filling);
    const dims = like ?? t.shape.map((d) => (this.limits.open && d > 1 && this.rng.chance(0.5) ? this.#symbol(d) : d));
    const v = tensorValue(`x${this.inputs.length}`, dtype, dims);
    this.inputs.push(v);
    this.run.give(v, t);
    return v;
  }

  #symbol(size: number): Dim {
    const same = [...this.symbols].filter(([, s]) => s === size);
    if (same.length > 0 && this.rng.chance(0.7)) return symbol(this.rng.pick(same)[0]);
    const name = `N${this.symbols.size}`;
    this.symbols.set(name, size);
    return symbol(name);
  }

  constant(t: Tensor): Value {
    const v = tensorValue(`c${this.#facts.constants.size}`, t.dtype, t.shape);
    this.#facts.constants.set(v, constData(t));
    this.run.give(v, t);
    return v;
  }

  isConstant(v: Value): boolean {
    return this.#facts.constants.has(v);
  }

  numbers(dtype: DType, values: readonly number[], shape: readonly number[] = [values.length]): Value {
    return this.constant(tensorOf(dtype, shape, values));
  }

  /** Another operand: a constant, or in a third of all cases an input. */
  other(dtype: DType, shape: readonly number[], given?: Tensor, like?: readonly Dim[]): Value {
    const fixed = !like?.some((d) => !isConst(d));
    if (fixed && this.rng.chance(0.6)) return this.constant(given ?? randomTensor(this.rng, dtype, shape, this.#filling));
    return this.input(dtype, shape, given, like ?? shape);
  }

  /** The first output of `nodes`. */
  node(op: string, inputs: readonly (Value | undefined)[], attrs: Readonly<Record<string, Attr>> = {}): Value | undefined {
    return this.many(op, inputs, attrs, 1)?.[0];
  }

  /** The node's outputs; undefined when it was not taken. */
  many(op: string, inputs: readonly (Value | undefined)[], attrs: Readonly<Record<string, Attr>>, count: number): Value[] | undefined {
    const names = Array.from({ length: count }, (_, i) => `v${this.#names + i}`);
    const draft = makeNode(
      op,
      inputs,
      names.map((n) => tensorValue(n, "f32", undefined)),
      attrs,
    );
    try {
      const facts = inferNode(draft, catalogue, this.#facts);
      if ("unknown" in facts) return this.#decline("unknown");
      const outputs = names.map((name, i): Value => ({ name, type: facts.types[i] ?? { kind: "unknown" } }));
      const sizes = outputs.map((v) => elementCount(this.dims(v).map((d) => evaluateDim(d, this.symbols))));
      if (sizes.some((n) => n > this.limits.elements)) return this.#decline("too-large");
      // What the bundle would refuse when its sizes are set.
      if (facts.guards.some((g) => !holds(g.when, this.symbols))) return this.#decline("guard");
      const node = makeNode(op, inputs, outputs, attrs);
      const made = this.run.node(node);
      const fault = made.map((m, i) => this.#fault(m.t, m.e, outputs[i])).find((f) => f !== undefined);
      if (fault) return this.#decline(fault);
      this.#names += count;
      this.nodes.push(node);
      this.#guards.push(...facts.guards);
      outputs.forEach((v, i) => {
        const found = facts.facts[i];
        if (found) this.#facts.found.set(v, found);
        this.run.set(v, made[i].t, made[i].e);
      });
      return outputs;
    } catch (e) {
      if (!(e instanceof DiagnosticError)) throw new Error(`${op}: ${(e as Error).message}`, { cause: e });
      return this.#decline(e.diagnostics[0].code);
    }
  }

  #decline(why: string): undefined {
    this.declined.push(why);
    return undefined;
  }

  #fault(t: Tensor, e: Bound, v: Value): string | undefined {
    const dims = this.dims(v);
    if (dims.length !== t.shape.length || dims.some((d, i) => evaluateDim(d, this.symbols) !== t.shape[i]))
      throw new Error(`inferred [${dims.join(",")}] for [${t.shape.join(",")}]`);
    if (!isFloat(t.dtype)) return e && e.some((x) => x > 0) && !this.rng.chance(0.3) ? "undecided" : undefined;
    return unfit(t, e, this.run.numbers(v, t));
  }

  /** Whether extents are the same whatever the symbols stand for. */
  sameDims(a: Value, b: Value): boolean {
    const [x, y] = [this.dims(a), this.dims(b)];
    return x.length === y.length && x.every((d, i) => sameDim(d, y[i]));
  }

  graph(outputs: readonly Value[]): Graph {
    const used = new Set(this.nodes.flatMap((n) => n.inputs));
    const constants = new Map([...this.#facts.constants].filter(([v]) => used.has(v)));
    const inputs = this.inputs.filter((v) => used.has(v) || outputs.includes(v));
    const symbols = [...this.symbols.keys()].map((name) => ({ name, range: { lo: 0, hi: Infinity } }));
    return makeGraph({ inputs, outputs, nodes: this.nodes, constants, guards: this.#guards, symbols });
  }
}
