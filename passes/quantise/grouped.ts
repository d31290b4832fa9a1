/** Products whose weights can be held in groups along what is summed: plain ones, of a constant matrix. */
import { rankedType, type ConstData, type Graph, type Node, type Value } from "../../src/ir/graph.js";
import { isPlainProduct, operandsOf } from "./operands.js";

export interface GroupedProduct {
  readonly node: Node;
  readonly x: Value;
  readonly w: Value;
  /** Of two axes. */
  readonly data: ConstData;
  /** Which of them counts the results. */
  readonly axis: number;
}

/** Undefined for a Gemm with factors, a turned first operand or a bias that is no row, and for weights of other than two axes. */
export function groupedProduct(node: Node, constant: (v: Value | undefined) => ConstData | undefined): GroupedProduct | undefined {
  const { weight } = operandsOf(node, constant) ?? {};
  const [x, w, c] = node.inputs;
  const data = constant(w);
  if (!x || !w || weight?.inputs === undefined || data?.shape.length !== 2) return undefined;
  const isRow = !c || rankedType(c)?.shape.length === 1;
  return isPlainProduct(node) && isRow ? { node, x, w, data, axis: weight.axis } : undefined;
}

export function groupedProductsOf(graph: Graph): readonly GroupedProduct[] {
  return graph.nodes.flatMap((node) => groupedProduct(node, (v) => v && graph.constants.get(v)) ?? []);
}
