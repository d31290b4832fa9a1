import { isConst, type Dim } from "../../../src/base/dim.js";
import { rankedType, type Node } from "../../../src/ir/graph.js";
import type { CallSite, Chip, ClaimRow, Emitted } from "../../../src/claim/target.js";
import { addInto, oneType } from "./matmul.js";
import { groupOf, padsByAxis, padsItself, planar, planarShape, rankOf, shapeOf, windowOf } from "../../kit/node.js";
import { braced } from "../../kit/step.js";
import { acceptsLevels, step, type Step } from "./step.js";

/** N L C as N 1 L C. */
export const withHeight = (shape: readonly Dim[]): readonly Dim[] => planarShape(shape, 1);

const channelsLast = (rank: number): readonly number[] => (rank === 3 ? [0, 2, 1] : [0, 2, 3, 1]);

/** One filter a channel: what CNNL calls depthwise. Sees the node as it was claimed. */
function isDepthwise(node: Node): boolean {
  const w = shapeOf(node, 1);
  const group = groupOf(node);
  return w?.length === 4 && group > 1 && w[0] === group && w[1] === 1 && node.op !== "ConvTranspose" && node.op !== "convtranspose";
}

function layout(node: Node): ReturnType<NonNullable<ClaimRow["layout"]>> {
  const last = channelsLast(rankOf(node) ?? 4);
  return { inputs: [last, isDepthwise(node) ? [2, 3, 1, 0] : last], outputs: [last] };
}

/** The convolution's settings, for height and width; sums of halves are taken in float. */
function describe(s: Step): void {
  const window = planar(windowOf(s.site.node));
  const [pad, stride, dilation] = [padsByAxis(window), window.strides, window.dilations].map(braced);
  s.hold("Convolution", "conv");
  s.line(`const int pad[] = ${pad}, stride[] = ${stride}, dilation[] = ${dilation};`);
  s.call("cnnlSetConvolutionDescriptor", "conv", "4", "pad", "stride", "dilation", `${groupOf(s.site.node)}`, "CNNL_DTYPE_FLOAT");
  s.call("cnnlSetConvolutionDescriptorAllowTF32", "conv", "false");
}

/** With a compute type of FLOAT a result of halves must be FLOAT on chip as well. */
function accumulateInFloat(s: Step, dtype: string): void {
  if (dtype !== "f32") s.onChipFloat("on_chip").call("cnnlSetConvolutionDescriptorQuant", "conv", "nullptr", "nullptr", "on_chip");
}

/** The documented default where no search is made: the same on every card and every day. */
const forward = "CNNL_CONVOLUTION_FWD_ALGO_DIRECT";
const backward = "CNNL_CONVOLUTION_BWD_DATA_ALGO_DIRECT";

/** The same of a call's operands, whose layouts have been applied. */
function isDepthwiseCall(site: CallSite): boolean {
  const [x, y] = [site.inputs[0]?.shape, site.outputs[0]?.shape];
  const group = groupOf(site.node);
  return group > 1 && x?.length === 4 && x[3] === group && y?.[3] === group;
}

function emitConv(site: CallSite): Emitted {
  return step(site, (s) => {
    const [x, w, y] = [s.input(0), s.input(1), s.output];
    const bias = site.inputs[2];
    s.tensor("x", "NHWC", x.dtype, withHeight(x.shape)).tensor("w", isDepthwiseCall(site) ? "HWCN" : "NHWC", w.dtype, withHeight(w.shape));
    s.tensor("y", "NHWC", y.dtype, withHeight(y.shape));
    if (bias) s.tensor("bias", "ARRAY", bias.dtype, bias.shape);
    describe(s);
    if (x.dtype === "i8") s.levels("levels").call("cnnlSetConvolutionDescriptorQuant", "conv", "levels", "levels", "nullptr");
    accumulateInFloat(s, y.dtype);
    const biasDesc = bias ? "bias" : "nullptr";
    s.workspace((bytes) => s.call("cnnlGetConvolutionForwardWorkspaceSize", "handle", "x", "w", "y", biasDesc, "conv", forward, bytes));
    const operands = ["nullptr", "x", x.ptr, "w", w.ptr, biasDesc, bias?.ptr ?? "nullptr"];
    s.call("cnnlConvolutionForward", "handle", "conv", forward, ...operands, "workspace", "bytes", "nullptr", "y", y.ptr);
  });
}

/**
 * The gradient of a convolution with respect to its input, which is what ONNX calls a transposed convolution. In float:
 * a result of halves fails a check inside the library (torch_mlu notes it), and no public program sets its type on chip.
 */
function emitTransposed(site: CallSite): Emitted {
  return step(site, (s) => {
    const [x, w, y] = [s.input(0), s.input(1), s.output];
    s.tensor("x", "NHWC", x.dtype, withHeight(x.shape))
      .tensor("w", "NHWC", w.dtype, withHeight(w.shape))
      .tensor("y", "NHWC", y.dtype, withHeight(y.shape));
    describe(s);
    s.workspace((bytes) => s.call("cnnlGetConvolutionBackwardDataWorkspaceSize", "handle", "w", "x", "conv", "y", backward, bytes));
    const operands = ["nullptr", "w", w.ptr, "x", x.ptr, "conv", backward, "workspace", "bytes", "nullptr", "y", y.ptr];
    s.call("cnnlConvolutionBackwardData", "handle", ...operands);
    const bias = site.inputs[2];
    if (bias) addInto(s, bias, y, 1);
  });
}

/** A plane or a line, and a filter of its rank. */
function acceptsRank(node: Node): true | string {
  const rank = rankOf(node);
  if (rank !== 3 && rank !== 4) return "one or two spatial dimensions";
  return rankOf(node, 1) === rank ? true : "the filter's rank is another";
}

function acceptsConvolutionOfLevels(node: Node, chip: Chip): true | string {
  const levels = acceptsLevels(node, chip);
  return levels === true ? acceptsRank(node) : levels;
}

function accepts(node: Node, chip: Chip): true | string {
  const rank = acceptsRank(node);
  if (rank !== true) return rank;
  if (node.op === "conv" || node.op === "convtranspose") return node.inputs[2] ? "zero points" : oneType(node, chip);
  if (padsItself(node)) return "auto_pad was not resolved";
  const bias = node.inputs[2];
  if (bias && rankedType(bias)?.dtype !== rankedType(node.inputs[0])?.dtype) return "the bias has another type";
  return oneType(node, chip);
}

/** Steps between output positions that a depthwise gradient takes at most (documented for float). */
const depthwiseTaps = 2016;

/** What the library asks of a gradient it takes as depthwise: as many groups as the result has channels. */
function acceptsDepthwise(node: Node): true | string {
  const { strides, dilations } = windowOf(node);
  const filter = shapeOf(node, 1) ?? [];
  if (filter[1] !== 1) return true;
  if (dilations.some((d) => d !== 1)) return "CNNL dilates a depthwise transposed convolution only at stride 1 and equal sizes";
  const kernel = filter.slice(2);
  if (!kernel.every(isConst)) return "a depthwise filter of unknown size";
  const taps = kernel.reduce<number>((n, k, i) => n * Math.ceil(Number(k) / strides[i]), 1);
  return taps <= depthwiseTaps
    ? true
    : `${taps} taps between output positions; CNNL takes ${depthwiseTaps} in a depthwise transposed convolution`;
}

function acceptsTransposed(node: Node, chip: Chip): true | string {
  const answer = accepts(node, chip);
  return answer === true ? acceptsDepthwise(node) : answer;
}

/** Every float operand in f32. */
const inFloat: ClaimRow["operandTypes"] = (node) => node.inputs.map((v) => (v ? "f32" : undefined));

const floats = ["f32", "f16", "bf16"] as const;
const row = (op: string): ClaimRow => ({ op, types: floats, role: "library", layout, accepts, emit: emitConv });
const transposed = (op: string): ClaimRow => ({
  op,
  types: floats,
  role: "library",
  layout,
  operandTypes: inFloat,
  accepts: acceptsTransposed,
  emit: emitTransposed,
});

const ofLevels: ClaimRow = { ...row("conv"), name: "conv of levels", types: ["i8"], accepts: acceptsConvolutionOfLevels };

export const convRows: readonly ClaimRow[] = [row("Conv"), row("conv"), ofLevels, transposed("ConvTranspose"), transposed("convtranspose")];
