import { isConst, type Dim } from "../../../src/base/dim.js";
import { intAttr, intsAttr, rankedType, type Node } from "../../../src/ir/graph.js";
import type { CallSite, Chip, ClaimRow, Emitted } from "../../../src/claim/target.js";
import { addInto, oneType } from "./matmul.js";
import { acceptsLevels, list, step, type Step } from "./step.js";

interface Window {
  readonly pads: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly group: number;
}

/** Spatial attributes for height and width; a missing height is one. */
function windowOf(node: Node, spatial: number): Window {
  const pads = intsAttr(node, "pads") ?? new Array<number>(2 * spatial).fill(0);
  const two = (values: readonly number[], fill: number) => (values.length === 1 ? [fill, ...values] : values);
  const ones = new Array<number>(spatial).fill(1);
  const [begins, ends] = [two(pads.slice(0, spatial), 0), two(pads.slice(spatial), 0)];
  return {
    pads: [begins[0], ends[0], begins[1], ends[1]],
    strides: two(intsAttr(node, "strides") ?? ones, 1),
    dilations: two(intsAttr(node, "dilations") ?? ones, 1),
    group: intAttr(node, "group") ?? 1,
  };
}

/** N L C as N 1 L C. */
export function withHeight(shape: readonly Dim[]): readonly Dim[] {
  return shape.length === 3 ? [shape[0], 1, shape[1], shape[2]] : shape;
}

const channelsLast = (rank: number): readonly number[] => (rank === 3 ? [0, 2, 1] : [0, 2, 3, 1]);

/** One filter a channel: what CNNL calls depthwise. Sees the node as it was claimed. */
function isDepthwise(node: Node): boolean {
  const w = rankedType(node.inputs[1])?.shape;
  const group = intAttr(node, "group") ?? 1;
  return w?.length === 4 && group > 1 && w[0] === group && w[1] === 1 && node.op !== "ConvTranspose" && node.op !== "convtranspose";
}

function layout(node: Node): ReturnType<NonNullable<ClaimRow["layout"]>> {
  const rank = rankedType(node.inputs[0])?.shape.length ?? 4;
  const last = channelsLast(rank);
  return { inputs: [last, isDepthwise(node) ? [2, 3, 1, 0] : last], outputs: [last] };
}

/** The convolution's settings; sums of halves are taken in float. */
function describe(s: Step, w: Window): void {
  s.hold("Convolution", "conv");
  s.line(`const int pad[] = ${list(w.pads)}, stride[] = ${list(w.strides)}, dilation[] = ${list(w.dilations)};`);
  s.call("cnnlSetConvolutionDescriptor", "conv", "4", "pad", "stride", "dilation", `${w.group}`, "CNNL_DTYPE_FLOAT");
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
  const group = intAttr(site.node, "group") ?? 1;
  return group > 1 && x?.length === 4 && x[3] === group && y?.[3] === group;
}

function emitConv(site: CallSite): Emitted {
  return step(site, (s) => {
    const [x, w, y] = [s.input(0), s.input(1), s.output];
    const bias = site.inputs[2];
    s.tensor("x", "NHWC", x.dtype, withHeight(x.shape)).tensor("w", isDepthwiseCall(site) ? "HWCN" : "NHWC", w.dtype, withHeight(w.shape));
    s.tensor("y", "NHWC", y.dtype, withHeight(y.shape));
    if (bias) s.tensor("bias", "ARRAY", bias.dtype, bias.shape);
    describe(s, windowOf(site.node, x.shape.length - 2));
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
    describe(s, windowOf(site.node, x.shape.length - 2));
    s.workspace((bytes) => s.call("cnnlGetConvolutionBackwardDataWorkspaceSize", "handle", "w", "x", "conv", "y", backward, bytes));
    const operands = ["nullptr", "w", w.ptr, "x", x.ptr, "conv", backward, "workspace", "bytes", "nullptr", "y", y.ptr];
    s.call("cnnlConvolutionBackwardData", "handle", ...operands);
    const bias = site.inputs[2];
    if (bias) addInto(s, bias, y, 1);
  });
}

/** A plane or a line, and a filter of its rank. */
function acceptsRank(node: Node): true | string {
  const rank = rankedType(node.inputs[0])?.shape.length;
  if (rank !== 3 && rank !== 4) return "one or two spatial dimensions";
  return rankedType(node.inputs[1])?.shape.length === rank ? true : "the filter's rank is another";
}

function acceptsConvolutionOfLevels(node: Node, chip: Chip): true | string {
  const levels = acceptsLevels(node, chip);
  return levels === true ? acceptsRank(node) : levels;
}

function accepts(node: Node, chip: Chip): true | string {
  const rank = acceptsRank(node);
  if (rank !== true) return rank;
  if (node.op === "conv" || node.op === "convtranspose") return node.inputs[2] ? "zero points" : oneType(node, chip);
  const pad = node.attrs.auto_pad;
  if (pad?.kind === "text" && pad.value !== "NOTSET") return "auto_pad was not resolved";
  const bias = node.inputs[2];
  if (bias && rankedType(bias)?.dtype !== rankedType(node.inputs[0])?.dtype) return "the bias has another type";
  return oneType(node, chip);
}

/** Steps between output positions that a depthwise gradient takes at most (documented for float). */
const depthwiseTaps = 2016;

/** What the library asks of a gradient it takes as depthwise: as many groups as the result has channels. */
function acceptsDepthwise(node: Node): true | string {
  const spatial = (rankedType(node.inputs[0])?.shape.length ?? 2) - 2;
  const { strides, dilations } = windowOf(node, spatial);
  const filter = rankedType(node.inputs[1])?.shape ?? [];
  if (filter[1] !== 1) return true;
  if (dilations.some((d) => d !== 1)) return "CNNL dilates a depthwise transposed convolution only at stride 1 and equal sizes";
  const kernel = filter.slice(2);
  if (!kernel.every(isConst)) return "a depthwise filter of unknown size";
  const taps = kernel.reduce<number>((n, k, i) => n * Math.ceil(Number(k) / (strides[strides.length - spatial + i] ?? 1)), 1);
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
