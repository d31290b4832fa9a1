/** What became of each product and convolution: held as integers or not, why, and how far its result is from the float model's. */
import { operandsOf, productsOf } from "../../passes/quantise/operands.js";
import type { QuantiseContext } from "../../passes/quantise/scheme.js";
import { byteLength } from "../base/dtype.js";
import { elementCount } from "../base/tensor.js";
import type { Graph, Node, Value } from "../ir/graph.js";
import { nodeLabel } from "../ir/record-attrs.js";
import type { Samples } from "./calibrate/samples.js";
import { distances, type Figures } from "./distances.js";
import { schemes, type QuantiseOptions } from "./scheme.js";

export interface Layer extends Partial<Figures> {
  /** The ONNX node. */
  readonly node: string;
  readonly op: string;
  /** Levels of weights and activations, or why it stays in float. */
  readonly held: "w8a8" | "w8" | "w4" | "float";
  readonly why?: string;
  /** Bytes of its constant operand, in the float model and in the quantised one. */
  readonly weightBytes: number;
  readonly heldBytes: number;
}

/** The layers of the float graph in order, and the figures of the outputs; figures need samples. */
export async function layersOf(
  before: Graph,
  after: Graph,
  context: QuantiseContext & { readonly forBudget?: ReadonlySet<string> | undefined },
  samples: Samples | undefined,
  options: QuantiseOptions,
): Promise<{ readonly layers: readonly Layer[]; readonly outputs: ReadonlyMap<string, Figures> }> {
  const nodes = productsOf(before).map(({ node }) => node);
  const made = new Map(after.nodes.filter((n) => products.has(n.op)).map((n) => [originOf(n), n]));
  const twins = nodes.map((n) => made.get(originOf(n)) ?? n);
  const pairs = nodes.map((n, i) => [n.outputs[0] as Value, twins[i].outputs[0] as Value] as const);
  const ends = before.outputs.map((v, i) => [v, after.outputs[i]] as const);
  const figures = samples ? await distances(before, after, [...pairs, ...ends], samples, options) : new Map<Value, Figures>();
  const [bytesBefore, bytesAfter] = [weightBytesIn(before), weightBytesIn(after)];
  const levels = new Set(after.nodes.filter((n) => n.op === "DequantizeLinear").map((n) => n.outputs[0]));
  const layers = nodes.map((n, i): Layer => {
    const isHeld = twins[i].op.endsWith("MatMulNBits") || twins[i].inputs.some((v) => levels.has(v));
    return {
      node: nodeLabel(n),
      op: n.op,
      held: isHeld ? schemes[options.scheme].held : "float",
      ...(!isHeld && { why: context.forBudget?.has(nodeLabel(n)) ? "kept for the budget" : whyFloat(n, before, context) }),
      weightBytes: bytesBefore(n),
      heldBytes: bytesAfter(twins[i]),
      ...figures.get(n.outputs[0] as Value),
    };
  });
  const outputs = new Map(ends.flatMap(([v]) => (figures.has(v) ? [[v.name, figures.get(v) as Figures] as const] : [])));
  return { layers, outputs };
}

const products: ReadonlySet<string> = new Set(["Conv", "ConvTranspose", "Gemm", "MatMul", "com.microsoft::MatMulNBits"]);

/** A node of the quantised graph has the origin of the one it stands for. */
const originOf = (n: Node): string => JSON.stringify(n.origin);

function whyFloat(node: Node, graph: Graph, context: QuantiseContext): string {
  const { isSkipped, activations, heldAs } = context;
  if (isSkipped(node)) return "asked for with --skip";
  const operands = operandsOf(node, (v) => v && graph.constants.get(v));
  const places = activations ? (operands?.activations ?? []) : [];
  const empty = places.map((i) => node.inputs[i]).find((v) => v && !heldAs(v));
  if (empty) return `nothing but zeros was seen in "${empty.name}"`;
  if (operands?.weight && context.weights.bits === 4) return "groups are those of plain matrix products";
  return operands?.weight ? "its weight holds a NaN or an infinity" : "weights alone are held, and it has none";
}

/** Bytes of the largest constant that a node reads, through a DequantizeLinear too. */
function weightBytesIn(graph: Graph): (node: Node) => number {
  const made = new Map(graph.nodes.flatMap((n) => n.outputs.map((v) => [v, n] as const)));
  const behind = (v: Value | undefined): Value | undefined => {
    const maker = v && made.get(v);
    return maker?.op === "DequantizeLinear" ? maker.inputs[0] : v;
  };
  const bytesOf = (v: Value | undefined): number => {
    const data = v && graph.constants.get(v);
    return data ? byteLength(data.dtype, elementCount(data.shape)) : 0;
  };
  return (node) => Math.max(0, ...node.inputs.map((v) => bytesOf(behind(v))));
}
