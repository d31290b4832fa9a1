/**
 * A graph of ONNX operators that grows node by node, computed as it grows: a node that does not fit, or whose numbers
 * leave the range in which comparing them means something, is not taken.
 */
import { holds } from "../../src/base/cond.js";
import { evaluateDim, isConst, sameDim, symbol, symbolsOf, type Dim } from "../../src/base/dim.js";
import { DiagnosticError } from "../../src/base/diagnostic.js";
import { isFloat, type DType } from "../../src/base/dtype.js";
import { elementCount, type Tensor } from "../../src/base/tensor.js";
import type { ValueType } from "../../src/base/value-type.js";
import { constData, makeGraph, makeNode, tensorValue } from "../../src/ir/build.js";
import type { Fact, Knowledge } from "../../src/ir/infer/facts.js";
import type { Attr, ConstData, Graph, Guard, Node, Value } from "../../src/ir/graph.js";
import { inferNode } from "../../src/ir/infer/node.js";
import { catalogue } from "../../src/ops/catalogue.js";
import { readsOf, subgraphsOf } from "../../src/ir/walk.js";
import type { Bound } from "./bounds.js";
import { Undecided } from "./bound-bodies.js";
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

/** Shape arithmetic and constants as inference sees them, in a body also those of the graph around. */
class Facts implements Knowledge {
  readonly constants = new Map<Value, ConstData>();
  readonly found = new Map<Value, Fact>();
  readonly #around: Facts | undefined;

  constructor(around?: Facts) {
    this.#around = around;
  }

  constant(v: Value): ConstData | undefined {
    return this.constants.get(v) ?? this.#around?.constant(v);
  }

  fact(v: Value): Fact | undefined {
    return this.found.get(v) ?? this.#around?.fact(v);
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
  readonly symbols: Map<string, number>;
  readonly run: BoundRun;
  /** Why nodes were not taken, by code. */
  readonly declined: string[] = [];
  readonly #facts: Facts;
  readonly #guards: Guard[] = [];
  readonly #filling: Filling;
  /** The graph that a body belongs to, and what the names in the body begin with. */
  readonly #around: Growing | undefined;
  readonly #prefix: string;
  #names = 0;
  #bodies = 0;

  constructor(rng: Rng, limits: Limits, run: BoundRun, filling: Filling, around?: Growing) {
    this.rng = rng;
    this.limits = limits;
    this.run = run;
    this.#filling = filling;
    this.#around = around;
    this.#facts = new Facts(around && around.#facts);
    this.#prefix = around ? `${around.#prefix}b${around.#bodies++}_` : "";
    this.symbols = around?.symbols ?? new Map();
  }

  /** A graph for a node of this one to run: it reads what is here, and what else it needs of the user comes in here. */
  body(): Growing {
    return new Growing(this.rng, this.limits, this.run, this.#filling, this);
  }

  /** What a body is given, with the value of its first run. */
  parameter(like: Value, t: Tensor, e?: Bound): Value {
    const v: Value = { name: `${this.#prefix}p${this.inputs.length}`, type: like.type };
    this.inputs.push(v);
    this.run.set(v, t, e);
    this.#measure(v, t);
    return v;
  }

  /** How many bodies a value of this graph lies in. */
  get depth(): number {
    return this.#around ? this.#around.depth + 1 : 0;
  }

  /** All that a node here can read, but constants. */
  scope(): Value[] {
    const made = this.nodes.flatMap((n) => n.outputs.filter((v) => v !== undefined));
    return [...(this.#around?.scope() ?? []), ...this.inputs, ...made];
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
    if (this.#around) return this.#around.input(dtype, shape, given, like);
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
    const v = tensorValue(`${this.#prefix}c${this.#facts.constants.size}`, t.dtype, t.shape);
    this.#facts.constants.set(v, constData(t));
    this.run.give(v, t);
    return v;
  }

  isConstant(v: Value): boolean {
    return this.#facts.constant(v) !== undefined;
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
    const names = Array.from({ length: count }, (_, i) => this.#name(i));
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
      const taken = this.#take(makeNode(op, inputs, outputs, attrs), outputs);
      if (!taken) return undefined;
      this.#guards.push(...facts.guards);
      outputs.forEach((v, i) => {
        const found = facts.facts[i];
        if (found) this.#facts.found.set(v, found);
      });
      return outputs;
    } catch (e) {
      return this.#refused(op, e);
    }
  }

  /** A node with bodies, whose outputs are of these types. Undefined when it was not taken. */
  running(op: string, inputs: readonly (Value | undefined)[], types: readonly ValueType[], attrs: Attrs): Value[] | undefined {
    const outputs = types.map((type, i): Value => ({ name: this.#name(i), type }));
    try {
      return this.#take(makeNode(op, inputs, outputs, attrs), outputs);
    } catch (e) {
      return this.#refused(op, e);
    }
  }

  #name(i: number): string {
    return `${this.#prefix}v${this.#names + i}`;
  }

  #take(node: Node, outputs: Value[]): Value[] | undefined {
    const made = this.run.node(node);
    outputs.forEach((v, k) => this.#measure(v, made[k].t));
    const runs = subgraphsOf(node).length > 0;
    const fault = made.map((m, i) => this.#fault(m.t, m.e, outputs[i], runs)).find((f) => f !== undefined);
    if (fault) return this.#decline(fault);
    this.#names += outputs.length;
    this.nodes.push(node);
    outputs.forEach((v, i) => this.run.set(v, made[i].t, made[i].e));
    return outputs;
  }

  /** Extents that only the run tells. */
  #measure(v: Value, t: Tensor): void {
    this.dims(v).forEach((d, i) => {
      for (const name of symbolsOf(d)) if (!this.symbols.has(name)) this.symbols.set(name, t.shape[i]);
    });
  }

  #refused(op: string, e: unknown): undefined {
    if (e instanceof Undecided) return this.#decline("undecided");
    if (!(e instanceof DiagnosticError)) throw new Error(`${op}: ${(e as Error).message}`, { cause: e });
    return this.#decline(e.diagnostics[0].code);
  }

  #decline(why: string): undefined {
    this.declined.push(why);
    return undefined;
  }

  #fault(t: Tensor, e: Bound, v: Value, runs: boolean): string | undefined {
    const dims = this.dims(v);
    const isOther = dims.length !== t.shape.length || dims.some((d, i) => evaluateDim(d, this.symbols) !== t.shape[i]);
    // What a body was given in its first round it may not be given in the next.
    if (isOther && runs) return "moved";
    if (isOther) throw new Error(`inferred [${dims.join(",")}] for [${t.shape.join(",")}]`);
    if (!isFloat(t.dtype)) return e && e.some((x) => x > 0) && !this.rng.chance(0.3) ? "undecided" : undefined;
    return unfit(t, e, this.run.numbers(v, t));
  }

  /** Whether extents are the same whatever the symbols stand for. */
  sameDims(a: Value, b: Value): boolean {
    const [x, y] = [this.dims(a), this.dims(b)];
    return x.length === y.length && x.every((d, i) => sameDim(d, y[i]));
  }

  graph(outputs: readonly Value[]): Graph {
    const used = new Set(this.nodes.flatMap(readsOf));
    const constants = new Map([...this.#facts.constants].filter(([v]) => used.has(v)));
    if (this.#around) return makeGraph({ inputs: this.inputs, outputs, nodes: this.nodes, constants, symbols: [] });
    const inputs = this.inputs.filter((v) => used.has(v) || outputs.includes(v));
    const symbols = [...this.symbols.keys()].map((name) => ({ name, range: { lo: 0, hi: Infinity } }));
    return makeGraph({ inputs, outputs, nodes: this.nodes, constants, guards: this.#guards, symbols });
  }
}
