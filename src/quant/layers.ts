/** What became of each product and convolution: held as integers or not, why, and how far its result is from the float model's. */
import { isPlainProduct, operandsOf, productsOf } from "../../passes/quantise/operands.js";
import type { QuantiseContext } from "../../passes/quantise/scheme.js";
import { byteLength } from "../base/dtype.js";
import { elementCount } from "../base/tensor.js";
import type { Graph, Node, Value } from "../ir/graph.js";
import { nodeLabel } from "../ir/record-attrs.js";
import type { Samples } from "./calibrate/samples.js";
import { extentsIn } from "../verify/inputs.js";
import type { ActivationFigures } from "./activations.js";
import { distances, type Figures } from "./distances.js";
import { macsOf } from "./macs.js";
import { schemes, type Held, type QuantiseOptions, type Scheme } from "./scheme.js";

/** What a product takes, whatever it computes. */
export interface LayerSize {
  /** Multiplications with an addition, at the extents of the first sample; absent where no input tells an extent. */
  readonly macs?: number;
  /** Bytes of its constant operand, in the float model and in the quantised one. */
  readonly weightBytes: number;
  readonly heldBytes: number;
  /** Whether the quantised graph computes it from levels. */
  readonly isHeld: boolean;
}

export interface Layer extends Partial<Figures>, Omit<LayerSize, "isHeld"> {
  /** The ONNX node. */
  readonly node: string;
  readonly op: string;
  /** Levels of weights and activations, or why it stays in float. */
  readonly held: Held | "float";
  readonly why?: string;
  /** Of operands whose levels are fixed from samples. */
  readonly activations?: readonly ActivationFigures[];
}

/** What layers are told apart by beyond the graphs. */
interface Known extends QuantiseContext {
  readonly forBudget?: ReadonlySet<string> | undefined;
  readonly activationsOf?: ((v: Value) => ActivationFigures | undefined) | undefined;
}

/** Products of the float graph in order, each with the node that stands for it and the one that gives its result. */
function pairsOf(before: Graph, after: Graph): readonly { readonly node: Node; readonly twin: Node; readonly last: Node }[] {
  const made = new Map(after.nodes.filter((n) => products.has(n.op)).map((n) => [originOf(n), n]));
  const last = new Map(after.nodes.map((n) => [originOf(n), n]));
  return productsOf(before).map(({ node }) => ({
    node,
    twin: made.get(originOf(node)) ?? node,
    last: last.get(originOf(node)) ?? node,
  }));
}

/** By the name of the layer. */
export function sizesOf(before: Graph, after: Graph, samples: Samples | undefined): ReadonlyMap<string, LayerSize> {
  const extents = samples ? extentsIn(before, samples.load(0)) : new Map<string, number>();
  const [bytesBefore, bytesAfter] = [weightBytesIn(before), weightBytesIn(after)];
  const levels = new Set(after.nodes.filter((n) => n.op === "DequantizeLinear").map((n) => n.outputs[0]));
  return new Map(
    pairsOf(before, after).map(({ node, twin }) => {
      const macs = macsOf(node, extents);
      const isHeld = inLevels.has(twin.op) || twin.inputs.some((v) => levels.has(v));
      const size = { ...(macs !== undefined && { macs }), weightBytes: bytesBefore(node), heldBytes: bytesAfter(twin), isHeld };
      return [nodeLabel(node), size];
    }),
  );
}

/**
 * The layers in order, each against its like in `before`, which is eased for the scheme and else the float model; the outputs against
 * `float`, the model as it came. Figures need samples.
 */
export async function layersOf(
  { float, before }: { readonly float: Graph; readonly before: Graph },
  after: Graph,
  known: Known,
  samples: Samples | undefined,
  options: QuantiseOptions,
): Promise<{ readonly layers: readonly Layer[]; readonly outputs: ReadonlyMap<string, Figures> }> {
  const found = pairsOf(before, after);
  const pairs = found.map(({ node, last }) => [node.outputs[0] as Value, last.outputs[0] as Value] as const);
  const ends = float.outputs.map((v, i) => [v, after.outputs[i]] as const);
  const none = new Map<Value, Figures>();
  const figures = samples ? await distances(before, after, pairs, samples, options) : none;
  const errors = samples ? await distances(float, after, ends, samples, options) : none;
  const sizes = sizesOf(before, after, samples);
  const layers = found.map(({ node }): Layer => {
    const name = nodeLabel(node);
    const { isHeld, ...size } = sizes.get(name) as LayerSize;
    const activations = isHeld ? activationsOf(node, before, known) : [];
    return {
      ...{ node: name, op: node.op, held: isHeld ? schemes[options.scheme].held : "float" },
      ...(!isHeld && { why: known.forBudget?.has(name) ? "kept for the budget" : whyFloat(node, before, known, options.scheme) }),
      ...size,
      ...figures.get(node.outputs[0] as Value),
      ...(activations.length > 0 && { activations }),
    };
  });
  const outputs = new Map(ends.flatMap(([v]) => (errors.has(v) ? [[v.name, errors.get(v) as Figures] as const] : [])));
  return { layers, outputs };
}

function activationsOf(node: Node, graph: Graph, { activationsOf: of }: Known): readonly ActivationFigures[] {
  const places = operandsOf(node, (v) => v && graph.constants.get(v))?.activations ?? [];
  return places.flatMap((i) => of?.(node.inputs[i] as Value) ?? []);
}

/** Products that read levels as they are. */
const inLevels: ReadonlySet<string> = new Set(["com.microsoft::MatMulNBits", "MatMulInteger", "ConvInteger"]);
const products: ReadonlySet<string> = new Set(["Conv", "ConvTranspose", "Gemm", "MatMul", ...inLevels]);

/** Nodes of the quantised graph have the origin of the one they stand for; the last of them gives its result. */
const originOf = (n: Node): string => JSON.stringify(n.origin);

function whyFloat(node: Node, graph: Graph, context: QuantiseContext, scheme: Scheme): string {
  const { isSkipped, activations, heldAs } = context;
  if (isSkipped(node)) return "asked for with --skip";
  const operands = operandsOf(node, (v) => v && graph.constants.get(v));
  const places = activations ? (operands?.activations ?? []) : [];
  const empty = places.map((i) => node.inputs[i]).find((v) => v && !heldAs(v));
  if (empty) return `nothing but zeros was seen in "${empty.name}"`;
  const isDynamic = schemes[scheme].activations === "dynamic";
  if (!operands?.weight) return isDynamic ? "both its operands are activations" : "weights alone are held, and it has none";
  if (context.weights.bits === 4) return "groups are those of plain matrix products";
  if (isDynamic && node.op === "ConvTranspose") return "ONNX has no ConvTranspose of integers";
  if (isDynamic && node.op === "Conv" && operands.bias === undefined && node.inputs[2]) return "its bias is computed";
  if (isDynamic && node.op === "Gemm" && !isPlainProduct(node)) return "it has factors, or its first operand is turned";
  return "its weight holds a NaN or an infinity";
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
