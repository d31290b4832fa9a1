/** The operators that are computed in integers, and what each of their operands is to them. */
import { elementCount } from "../../src/base/tensor.js";
import { isFloat } from "../../src/base/dtype.js";
import { floatAttr, intAttr, rankedType, type ConstData, type Graph, type Node, type Value } from "../../src/ir/graph.js";

interface WeightPlace {
  readonly at: number;
  /** Along which it counts the channels of the result. */
  readonly axis: number;
  /**
   * Along which it counts those of the activation: `axis` itself where each channel meets one of the result. Absent for other
   * convolutions, whose activations are not eased.
   */
  readonly inputs?: number;
}

export interface Operands {
  /** Positions of operands that are computed when the model runs. */
  readonly activations: readonly number[];
  readonly weight?: WeightPlace;
  /** Position of the operand that is added to the sums, one value a channel. */
  readonly bias?: number;
}

type Constant = (v: Value | undefined) => ConstData | undefined;

/** Undefined for other operators, and for operands that are no floats. */
export function operandsOf(node: Node, constant: Constant): Operands | undefined {
  const [first, second] = node.inputs;
  // A constant on the left is no activation, and its rows no channels.
  if (constant(first)) return undefined;
  if (![first, second].every((v) => isFloat(rankedType(v)?.dtype ?? "string"))) return undefined;
  switch (node.op) {
    case "Conv": {
      const filters = constant(second)?.shape;
      const isDepthwise = filters?.[0] === intAttr(node, "group") && filters?.[1] === 1;
      const weight = { at: 1, axis: 0, ...(isDepthwise && { inputs: 0 }) };
      return filters && { activations: [0], weight, bias: biasOf(node, constant) };
    }
    case "ConvTranspose":
      // In groups no axis of the filters counts output channels.
      return constant(second) && (intAttr(node, "group") ?? 1) === 1
        ? { activations: [0], weight: { at: 1, axis: 1 }, bias: biasOf(node, constant) }
        : undefined;
    case "Gemm": {
      const axis = intAttr(node, "transB") === 1 ? 0 : 1;
      const weight = { at: 1, axis, inputs: 1 - axis };
      return constant(second) && { activations: [0], weight, ...(hasNoFactors(node) && { bias: biasOf(node, constant) }) };
    }
    case "MatMul":
      return ofMatmul(second, constant);
    default:
      return undefined;
  }
}

/** The products of a graph, bodies left out, with what their operands are. */
export function productsOf(graph: Graph): readonly { readonly node: Node; readonly operands: Operands }[] {
  return graph.nodes.flatMap((node) => {
    const operands = operandsOf(node, (v) => v && graph.constants.get(v));
    return operands ? [{ node, operands }] : [];
  });
}

function ofMatmul(b: Value | undefined, constant: Constant): Operands {
  const rank = constant(b)?.shape.length ?? 0;
  return rank >= 2 ? { activations: [0], weight: { at: 1, axis: rank - 1, inputs: rank - 2 } } : { activations: [0, 1] };
}

function biasOf(node: Node, constant: Constant): number | undefined {
  const c = constant(node.inputs[2]);
  return c?.shape.length === 1 && elementCount(c.shape) > 0 ? 2 : undefined;
}

/** The operand that one number a channel of the result can be added in, whether it is there yet or not. */
export function biasPlace(node: Node, { bias }: Operands): number | undefined {
  const takes = node.op !== "MatMul" && (node.op !== "Gemm" || hasNoFactors(node));
  return bias ?? (takes && !node.inputs[2] ? 2 : undefined);
}

/** Whether a product is that of its operands as they are, rows first. */
export function isPlainProduct(node: Node): boolean {
  return node.op === "MatMul" || (node.op === "Gemm" && intAttr(node, "transA") !== 1 && hasNoFactors(node));
}

/** Whether a Gemm adds its third operand to the product as it is. */
function hasNoFactors(node: Node): boolean {
  return (floatAttr(node, "alpha") ?? 1) === 1 && (floatAttr(node, "beta") ?? 1) === 1;
}

/** Along which axis the first operand counts the channels that its weight has; undefined for a turned one. */
export function channelAxis(node: Node, rank: number): number | undefined {
  if (node.op === "Conv" || node.op === "ConvTranspose") return 1;
  return node.op === "Gemm" && intAttr(node, "transA") === 1 ? undefined : rank - 1;
}
