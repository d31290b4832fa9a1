import { invariant } from "../../src/base/diagnostic.js";
import { rankedType, type ConstData, type Graph, type Node, type Value } from "../../src/ir/graph.js";
import { tensorType } from "../../src/base/value-type.js";
import { Names } from "../../src/ir/rewrite/names.js";
import { readsOf } from "../../src/ir/walk.js";
import { t } from "../constants.js";
import { divisionsOf, type Division, type Makers } from "./divide.js";
import { alikeFactors, bestFactors, type Weight } from "./factors.js";
import { channelAxis, operandsOf } from "./operands.js";
import type { QuantiseContext, QuantisePass } from "./scheme.js";

/**
 * MatMul(f(c), w)  =>  MatMul(f(c / s), s * w)
 * with one factor s an input channel, divided out of constants of what computes the activation (a normalisation's scale and
 * bias, the columns of a product, also through Relu); likewise for Gemm, and for several readers of one activation at once.
 *
 * s = max|x| ** a / max|w| ** (1 - a) as in SmoothQuant (https://arxiv.org/abs/2211.10438), a chosen for each activation from
 * 0.3 to 0.9 by the noise that 8-bit levels of both operands would leave in the results; 1 where that is least. In front of
 * depthwise convolutions, whose filters have a scale each, s makes all channels reach equally far
 * (https://arxiv.org/abs/1906.04721).
 *
 * Skipped when somebody else reads the activation, or a reader as its bias too, when a reader is kept in float or its weight is
 * not constant, when what computes the activation has no constant to take s in, when less than a third of the noise would go, and
 * for convolutions that sum over channels: factors made PP-OCR's direction classifier worse.
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
    const readers = this.#readers.get(v) ?? [];
    const figures = channelsOf(v);
    if (!figures || readers.length === 0 || this.#makers.reads(v) !== readers.length) return;
    const weights = readers.map((n) => (isSkipped(n) ? undefined : this.#weightOf(n, v)));
    const rank = rankedType(v)?.shape.length ?? 0;
    const axis = channelAxis(readers[0], rank);
    if (readers.some((n) => channelAxis(n, rank) !== axis)) return;
    if (!weights.every((w) => w !== undefined) || axis === undefined) return;
    // A product sums over channels that a depthwise filter keeps apart: what suits both is not looked for.
    if (new Set(weights.map((w) => w.axis === w.results)).size > 1) return;
    const divisions = divisionsOf(v, axis, this.#graph, this.#makers);
    const apart = weights.every((w) => w.axis === w.results);
    const factors = divisions && (apart ? alikeFactors(figures) : bestFactors(figures, weights));
    if (!factors) return;
    const s = t.vector(weights[0].data.dtype, factors);
    for (const d of divisions) this.#put(d, t.div(this.#dataOf(d), t.along(s, d.axis, d.rank)));
    for (const w of weights) this.#put(w, t.mul(w.data, t.along(s, w.axis, w.data.shape.length)));
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
    const nodes = this.#graph.nodes.map((node) => {
      const inputs = [...node.inputs];
      for (const [operand, data] of this.#changed.get(node) ?? []) {
        const old = node.inputs[operand] as Value;
        const made: Value = { name: this.#names.fresh(old.name), type: tensorType(data.dtype, data.shape) };
        constants.set(made, data);
        inputs[operand] = made;
      }
      return this.#changed.has(node) ? { ...node, inputs } : node;
    });
    return { ...this.#graph, nodes, constants };
  }
}
