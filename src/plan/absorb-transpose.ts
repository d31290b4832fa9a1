/**
 * MatMul(a, transpose(w))  =>  contract(a, w, transb)      Gemm(a, transpose(w), c)  =>  Gemm(a, w, c, transB turned round)
 *
 * for a constant matrix w: every vendor's product takes its second operand either way, so the weight stays as it lies in
 * the model's file, is not copied into the bundle, and one that others read too is on the card once.
 *
 * Skipped when no row of the library takes the product so, when a is a vector, and when the weight was computed.
 */
import { Names } from "../ir/rewrite/names.js";
import { nodeAttrs } from "../ir/primitive-node.js";
import { intAttr, intsAttr, rankedType, type ConstData, type Graph, type Node, type Value } from "../ir/graph.js";
import { tensorType } from "../base/value-type.js";

/** Whether the library has a call for a node. */
type IsTaken = (node: Node) => boolean;

export function absorbTransposes(graph: Graph, isTaken: IsTaken): Graph {
  const weights = new Weights(graph);
  const nodes = graph.nodes.map((node) => {
    const weight = (node.op === "MatMul" || node.op === "Gemm") && node.inputs[1] ? weights.before(node.inputs[1]) : undefined;
    const turned = weight && withWeight(node, weight);
    return weight && turned && isTaken(turned) ? weights.keep(turned, weight) : node;
  });
  return weights.isUsed ? { ...graph, nodes, constants: weights.constants } : graph;
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
  readonly #producers: ReadonlyMap<Value | undefined, Node>;
  readonly #names: Names;
  readonly #values: Map<ConstData, Value>;
  readonly #made = new Map<Value, ConstData>();
  readonly #kept = new Map<Value, ConstData>();

  constructor(graph: Graph) {
    this.#graph = graph;
    this.#producers = new Map(graph.nodes.filter((n) => n.op === "Transpose").map((n) => [n.outputs[0], n]));
    this.#names = new Names(graph);
    this.#values = new Map([...graph.constants].map(([v, data]) => [data, v]));
  }

  get isUsed(): boolean {
    return this.#kept.size > 0;
  }

  get constants(): ReadonlyMap<Value, ConstData> {
    return new Map([...this.#graph.constants, ...this.#kept]);
  }

  /** The constant matrix that `v` is the transpose of: the operand of a node, or what a folded constant was made of. */
  before(v: Value): Value | undefined {
    const { constants } = this.#graph;
    const made = this.#producers.get(v);
    const [x] = made?.inputs ?? [];
    if (made && x) return isTurned(constants.get(x), intsAttr(made, "perm") ?? [1, 0]) ? x : undefined;
    const moved = constants.get(v)?.moved;
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
