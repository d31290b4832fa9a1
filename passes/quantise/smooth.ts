import { invariant } from "../../src/base/diagnostic.js";
import { rankedType, type ConstData, type Graph, type Node, type Value } from "../../src/ir/graph.js";
import { tensorType } from "../../src/base/value-type.js";
import { makeNode } from "../../src/ir/build.js";
import { Names } from "../../src/ir/rewrite/names.js";
import { readsOf } from "../../src/ir/walk.js";
import { t } from "../constants.js";
import { divisionsOf, type Division, type Makers } from "./divide.js";
import { alikeFactors, bestFactors, type Weight } from "./factors.js";
import { channelAxis, operandsOf } from "./operands.js";
import type { QuantiseContext, QuantisePass } from "./scheme.js";

/**
 * MatMul(f(c), w)  =>  MatMul(f(c / s), s * w)
 * MatMul(x, w)     =>  MatMul(x * (1 / s), s * w)
 * with one factor s an input channel, divided out of constants of what computes the activation (a normalisation's scale and
 * bias, the columns of a product, also through Relu), and of the activation itself where nothing takes it in or others read it
 * too, as they do the sums of an encoder that normalises last; likewise for Gemm, and for several readers of one activation at once.
 *
 * s = max|x| ** a / max|w| ** (1 - a) as in SmoothQuant (https://arxiv.org/abs/2211.10438), a chosen for each activation from
 * 0.3 to 0.9 by the noise that 8-bit levels of both operands would leave in the results; 1 where that is least. In front of
 * depthwise convolutions, whose filters have a scale each, s makes all channels reach equally far
 * (https://arxiv.org/abs/1906.04721), where constants take it in.
 *
 * Skipped when a reader is kept in float, reads the activation as its bias too or has a weight that is not constant, when less than
 * a third of the noise would go, and for convolutions that sum over channels: factors made PP-OCR's direction classifier worse.
 */
export const smooth: QuantisePass = {
  name: "smooth",
  rounds: true,
  run: (graph, told) => {
    const work = new Work(graph);
    for (const n of graph.nodes) for (const v of n.outputs) if (v) work.smooth(v, told);
    return work.done();
  },
};

type Told = Pick<QuantiseContext, "channelsOf" | "isSkipped">;

/** A graph whose constants change one after the other: a product's weight is one factor's reader and another's maker. */
class Work {
  readonly #graph: Graph;
  readonly #makers: Makers;
  readonly #readers = new Map<Value, Node[]>();
  readonly #names: Names;
  /** What is multiplied anew, by the first node that reads it. */
  readonly #smoothed = new Map<Node, { readonly v: Value; readonly by: ConstData; readonly scaled: Value }>();
  /** What nodes read in the place of their activation. */
  readonly #instead = new Map<Node, Value>();
  /** Constant operands in their new form. */
  readonly #changed = new Map<Node, Map<number, ConstData>>();

  constructor(graph: Graph) {
    this.#graph = graph;
    this.#names = new Names(graph);
    const made = new Map(graph.nodes.flatMap((n) => n.outputs.map((v) => [v, n] as const)));
    const counts = new Map<Value, number>();
    const count = (v: Value): unknown => counts.set(v, (counts.get(v) ?? 0) + 1);
    graph.outputs.forEach(count);
    for (const n of graph.nodes)
      for (const v of readsOf(n)) {
        count(v);
        this.#readers.set(v, [...(this.#readers.get(v) ?? []), n]);
      }
    this.#makers = { maker: (v) => made.get(v), reads: (v) => counts.get(v) ?? 0 };
  }

  smooth(v: Value, { channelsOf, isSkipped }: Told): void {
    const figures = channelsOf(v);
    const readers = this.#readers.get(v) ?? [];
    const weights = readers.flatMap((n) => (isSkipped(n) ? [] : (this.#weightOf(n, v) ?? [])));
    if (!figures || weights.length === 0) return;
    const [{ node, data }] = weights;
    const rank = rankedType(v)?.shape.length ?? 0;
    const axis = channelAxis(node, rank);
    const apart = weights.filter((w) => w.axis === w.results).length;
    // A product sums over channels that a depthwise filter keeps apart: what suits both is not looked for.
    if (axis === undefined || weights.some((w) => channelAxis(w.node, rank) !== axis) || apart % weights.length !== 0) return;
    const divisions = this.#makers.reads(v) === weights.length ? divisionsOf(v, axis, this.#graph, this.#makers) : undefined;
    if (!divisions && apart > 0) return;
    const factors = apart > 0 ? alikeFactors(figures) : bestFactors(figures, weights);
    if (!factors) return;
    const s = t.vector(data.dtype, factors);
    if (divisions) for (const d of divisions) this.#put(d, t.div(this.#dataOf(d), t.along(s, d.axis, d.rank)));
    else this.#divide(v, t.div(t.scalar(data.dtype, 1), s), weights);
    for (const w of weights) this.#put(w, t.mul(w.data, t.along(s, w.axis, w.data.shape.length)));
  }

  /** A product of `v` with one number a channel, which lie along its last axis, for these readers in its place. */
  #divide(v: Value, by: ConstData, readers: readonly Weight[]): void {
    const scaled: Value = { name: this.#names.fresh(`${v.name}_smoothed`), type: v.type };
    this.#smoothed.set(readers[0].node, { v, by, scaled });
    for (const { node } of readers) this.#instead.set(node, scaled);
  }

  #weightOf(node: Node, v: Value): Weight | undefined {
    const { activations, weight } = operandsOf(node, (x) => x && this.#graph.constants.get(x)) ?? {};
    const isReadOnce = node.inputs.filter((x) => x === v).length === 1;
    if (weight?.inputs === undefined || node.inputs[activations?.[0] ?? 0] !== v || !isReadOnce) return undefined;
    const data = this.#dataOf({ node, operand: weight.at });
    return { node, operand: weight.at, data, axis: weight.inputs, results: weight.axis };
  }

  #dataOf({ node, operand }: Pick<Division, "node" | "operand">): ConstData {
    const own = this.#changed.get(node)?.get(operand);
    const v = node.inputs[operand];
    const data = own ?? (v && this.#graph.constants.get(v));
    invariant(data, `operand ${operand} of ${node.op} is no constant`);
    return data;
  }

  #put({ node, operand }: Pick<Division, "node" | "operand">, data: ConstData): void {
    const own = this.#changed.get(node) ?? new Map<number, ConstData>();
    this.#changed.set(node, own.set(operand, data));
  }

  done(): Graph {
    if (this.#changed.size === 0) return this.#graph;
    const constants = new Map(this.#graph.constants);
    const constant = (name: string, data: ConstData): Value => {
      const made: Value = { name: this.#names.fresh(name), type: tensorType(data.dtype, data.shape) };
      constants.set(made, data);
      return made;
    };
    const changed = (node: Node): Node => {
      const inputs = [...node.inputs];
      for (const [operand, data] of this.#changed.get(node) ?? []) inputs[operand] = constant((inputs[operand] as Value).name, data);
      // The activation of a product is its first operand.
      inputs[0] = this.#instead.get(node) ?? inputs[0];
      return { ...node, inputs };
    };
    const nodes = this.#graph.nodes.flatMap((node) => {
      const own = this.#changed.has(node) ? changed(node) : node;
      const made = this.#smoothed.get(node);
      if (!made) return [own];
      const factors = constant(`${made.v.name}_factors`, made.by);
      return [makeNode("Mul", [made.v, factors], [made.scaled], {}, { origin: node.origin }), own];
    });
    return { ...this.#graph, nodes, constants };
  }
}
