import { Names } from "../../src/ir/rewrite/names.js";
import { nodeAttrs } from "../../src/ir/primitive-node.js";
import { intAttr, intsAttr, rankedType, type ConstData, type Graph, type Node, type Value } from "../../src/ir/graph.js";
import { isClaimable } from "../../src/claim/claim.js";
import { mapBodies } from "../../src/ir/walk.js";
import { tensorType } from "../../src/base/value-type.js";
import type { TargetContext, TargetPass } from "./stage.js";

/**
 * MatMul(a, transpose(w))  =>  contract(a, w, transb)      Gemm(a, transpose(w), c)  =>  Gemm(a, w, c, transB turned round)
 *
 * for a constant matrix w: every vendor's product takes its second operand either way, so the weight stays as it lies in
 * the model's file, is not copied into the bundle, and one that others read too is on the card once.
 *
 * Skipped when no row of the library takes the product so, when a is a vector, and when the weight was computed.
 */
export const absorbTransposes: TargetPass = {
  name: "absorb-transposes",
  run: (graph, context) => absorbed(graph, new Weights(graph), context),
};

function absorbed(graph: Graph, weights: Weights, context: TargetContext): Graph {
  const nodes = graph.nodes.map((node) => {
    const weight = (node.op === "MatMul" || node.op === "Gemm") && node.inputs[1] ? weights.before(node.inputs[1]) : undefined;
    const turned = weight && withWeight(node, weight);
    if (weight && turned && isClaimable(turned, graph, context)) return weights.keep(turned, weight);
    const attrs = mapBodies(node.attrs, (body) => absorbed(body, new Weights(body, weights), context));
    return attrs === node.attrs ? node : { ...node, attrs };
  });
  return nodes.every((n, i) => n === graph.nodes[i]) ? graph : { ...graph, nodes, constants: weights.constants };
}

function withWeight(node: Node, weight: Value): Node | undefined {
  const [a, , ...more] = node.inputs;
  const type = rankedType(a);
  if (!type || type.shape.length < 2) return undefined;
  if (node.op === "Gemm") {
    const turned = { kind: "int", value: intAttr(node, "transB") === 1 ? 0n : 1n } as const;
    return { ...node, inputs: [a, weight, ...more], attrs: { ...node.attrs, transB: turned } };
  }
  return { ...node, op: "contract", inputs: [a, weight], attrs: nodeAttrs("contract", { transa: 0, transb: 1, acc: type.dtype }) };
}

/** The matrices that transposed weights were made of. */
class Weights {
  readonly #graph: Graph;
  readonly #outer: Weights | undefined;
  readonly #producers: ReadonlyMap<Value | undefined, Node>;
  readonly #names: Names;
  readonly #values: Map<ConstData, Value>;
  readonly #made = new Map<Value, ConstData>();
  readonly #kept = new Map<Value, ConstData>();

  /** `outer` has those of the graph around a body. */
  constructor(graph: Graph, outer?: Weights) {
    this.#graph = graph;
    this.#outer = outer;
    this.#producers = new Map(graph.nodes.filter((n) => n.op === "Transpose").map((n) => [n.outputs[0], n]));
    this.#names = outer ? outer.#names : new Names(graph);
    this.#values = new Map([...graph.constants].map(([v, data]) => [data, v]));
  }

  get constants(): ReadonlyMap<Value, ConstData> {
    return this.#kept.size === 0 ? this.#graph.constants : new Map([...this.#graph.constants, ...this.#kept]);
  }

  constant(v: Value): ConstData | undefined {
    return this.#graph.constants.get(v) ?? this.#outer?.constant(v);
  }

  transpose(v: Value): Node | undefined {
    return this.#producers.get(v) ?? this.#outer?.transpose(v);
  }

  /** The constant matrix that `v` is the transpose of: the operand of a node, or what a folded constant was made of. */
  before(v: Value): Value | undefined {
    const made = this.transpose(v);
    const [x] = made?.inputs ?? [];
    if (made && x) return isTurned(this.constant(x), intsAttr(made, "perm") ?? [1, 0]) ? x : undefined;
    const moved = this.constant(v)?.moved;
    return moved?.from.at && isTurned(moved.from, moved.perm) ? this.#valueOf(moved.from, v.name) : undefined;
  }

  #valueOf(data: ConstData, name: string): Value {
    const known = this.#values.get(data) ?? { name: this.#names.fresh(name), type: tensorType(data.dtype, data.shape) };
    this.#values.set(data, known);
    this.#made.set(known, data);
    return known;
  }

  /** The node, whose weight is now among the constants. */
  keep(node: Node, weight: Value): Node {
    const data = this.#made.get(weight) ?? this.#graph.constants.get(weight);
    if (data) this.#kept.set(weight, data);
    return node;
  }
}

function isTurned(data: ConstData | undefined, perm: readonly number[]): boolean {
  return data?.shape.length === 2 && perm[0] === 1;
}
