/** Runs nodes with bounds, keeping every value: what the generator grows on, and what results are held to. */
import { isFloat } from "../../src/base/dtype.js";
import { toNumbers } from "../../src/base/float-formats.js";
import type { Tensor } from "../../src/base/tensor.js";
import type { Graph, Node, Value } from "../../src/ir/graph.js";
import { recordAttrs } from "../../src/ir/record-attrs.js";
import { catalogue } from "../../src/ops/catalogue.js";
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

  tensor(v: Value): Tensor {
    return this.#of(v).t;
  }

  bound(v: Value): Bound {
    return this.#of(v).e;
  }

  numbers(_: Value, t: Tensor): ArrayLike<number> {
    return isFloat(t.dtype) && t.dtype !== "f32" ? toNumbers(t) : (t.data as Float32Array);
  }

  #of(v: Value): Bounded {
    const found = this.#values.get(v);
    if (!found) throw new Error(`"${v.name}" has no value`);
    return found;
  }

  /** The outputs of one node, not kept. */
  node(node: Node): Bounded[] {
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
      const e = own ? own.map((x, i) => x + (b.bound(h)?.[i] ?? 0)) : b.bound(h);
      if (h.dtype === "f16" || h.dtype === "bf16") return { t, e: rounded(wideOf(h), e, h.dtype) };
      return { t, e: this.#stored === "f16" && t.dtype === "f32" ? rounded(t, e, "f16") : e };
    });
  }

  #lost(v: Value | undefined, part: number | undefined): Float64Array | undefined {
    return v && part ? Float64Array.from(this.numbers(v, this.tensor(v)), (x) => Math.abs(x) * part) : undefined;
  }

  /** All of a graph's nodes, kept. */
  graph(graph: Graph, inputs: ReadonlyMap<Value, Tensor>): void {
    for (const [v, t] of inputs) this.give(v, t);
    for (const [v, c] of graph.constants) this.give(v, c.load());
    for (const node of graph.nodes) {
      const made = this.node(node);
      node.outputs.forEach((v, i) => v && this.set(v, made[i].t, made[i].e));
    }
  }
}
