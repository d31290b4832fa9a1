/** Runs nodes with bounds, keeping every value: what the generator grows on, and what results are held to. */
import { isFloat } from "../../src/base/dtype.js";
import { toNumbers } from "../../src/base/float-formats.js";
import type { Tensor } from "../../src/base/tensor.js";
import type { Graph, Node, Value } from "../../src/ir/graph.js";
import { recordAttrs } from "../../src/ir/record-attrs.js";
import { subgraphsOf } from "../../src/ir/walk.js";
import { catalogue } from "../../src/ops/catalogue.js";
import { ranBodies } from "./bound-bodies.js";
import { BoundBuilder, rounded, wideOf, type Accuracy, type Bound } from "./bounds.js";

export interface Bounded {
  readonly t: Tensor;
  readonly e: Bound;
}

export class BoundRun {
  readonly #values = new Map<Value, Bounded>();
  readonly #accuracy: Accuracy;
  /** f16: every f32 result is also stored in so few bits. */
  readonly #stored: "f32" | "f16";

  constructor(accuracy: Accuracy, stored: "f32" | "f16" = "f32") {
    this.#accuracy = accuracy;
    this.#stored = stored;
  }

  give(v: Value, t: Tensor): void {
    const e = this.#stored === "f16" && t.dtype === "f32" ? rounded(t, undefined, "f16") : undefined;
    this.#values.set(v, { t, e });
  }

  set(v: Value, t: Tensor, e: Bound): void {
    this.#values.set(v, { t, e });
  }

  has(v: Value): boolean {
    return this.#values.has(v);
  }

  tensor(v: Value): Tensor {
    return this.of(v).t;
  }

  bound(v: Value): Bound {
    return this.of(v).e;
  }

  numbers(_: Value, t: Tensor): ArrayLike<number> {
    return isFloat(t.dtype) && t.dtype !== "f32" ? toNumbers(t) : (t.data as Float32Array);
  }

  of(v: Value): Bounded {
    const found = this.#values.get(v);
    if (!found) throw new Error(`"${v.name}" has no value`);
    return found;
  }

  /** The outputs of one node, not kept. */
  node(node: Node): Bounded[] {
    if (subgraphsOf(node).length > 0) return ranBodies(node, this);
    const record = catalogue.get(node.op);
    if (!record) throw new Error(`${node.op} has no record`);
    const b = new BoundBuilder(this.#accuracy);
    const operands = node.inputs.map((v) => v && b.operand(this.tensor(v), this.bound(v)));
    const fixed = record.inputs.filter((s) => !s.variadic).length;
    while (operands.length < fixed) operands.push(undefined);
    const results = record.build(b, operands, recordAttrs(record, node), node.outputs.length).slice(0, node.outputs.length);
    const lost = this.#lost(node.inputs[0], this.#accuracy.cancelling?.[node.op]);
    const least = this.#accuracy.absolute?.[node.op];
    return results.map((h): Bounded => {
      if (!h) throw new Error(`${node.op} lacks an output`);
      const t = b.known(h);
      const own = least ? new Float64Array(t.data.length).fill(least) : lost;
      const more = own ?? this.#halved(node, t);
      const e = more ? more.map((x, i) => x + (b.bound(h)?.[i] ?? 0)) : b.bound(h);
      if (h.dtype === "f16" || h.dtype === "bf16") return { t, e: rounded(wideOf(h), e, h.dtype) };
      return { t, e: this.#stored === "f16" && t.dtype === "f32" ? rounded(t, e, "f16") : e };
    });
  }

  /** Where halves are stored, a library's product is one before a bias is added, and so may the scaled bias be. */
  #halved({ op, inputs: [, , bias], attrs }: Node, t: Tensor): Float64Array | undefined {
    if (this.#stored !== "f16" || op !== "Gemm" || !bias || t.dtype !== "f32") return undefined;
    const beta = attrs["beta"]?.kind === "float" ? Math.abs(attrs["beta"].value) : 1;
    const most = beta * Array.from(this.numbers(bias, this.tensor(bias)), Math.abs).reduce((a, b) => Math.max(a, b), 0);
    return Float64Array.from(t.data as Float32Array, (x) => (Math.abs(x) + 2 * most) * 2 ** -11);
  }

  #lost(v: Value | undefined, part: number | undefined): Float64Array | undefined {
    return v && part ? Float64Array.from(this.numbers(v, this.tensor(v)), (x) => Math.abs(x) * part) : undefined;
  }

  /** All of a graph's nodes, kept. */
  graph(graph: Graph, inputs: ReadonlyMap<Value, Tensor>): void {
    for (const [v, t] of inputs) this.give(v, t);
    this.#run(graph);
  }

  /** A body's results; its values stay, until it runs another time. */
  body(graph: Graph, given: readonly Bounded[]): Bounded[] {
    graph.inputs.forEach((v, i) => this.set(v, given[i].t, given[i].e));
    this.#run(graph);
    return graph.outputs.map((v) => this.of(v));
  }

  #run(graph: Graph): void {
    for (const [v, c] of graph.constants) this.give(v, c.load());
    for (const node of graph.nodes) {
      const made = this.node(node);
      node.outputs.forEach((v, i) => v && this.set(v, made[i].t, made[i].e));
    }
  }
}
