/**
 * Convolutions. CNNL wants channels last: NHWC activations, OHWI filters, HWCN for a depthwise filter; one spatial
 * dimension is two with a height of one. Pads are {top, bottom, left, right}, ONNX lists all begins and then all ends.
 */
import type { Dim } from "../../../src/base/dim.js";
import { intAttr, intsAttr, rankedType } from "../../../src/ir/graph.js";
import type { Node } from "../../../src/ir/graph.js";
import type { CallSite, Chip, ClaimRow, Emitted } from "../../../src/plan/target.js";
import { oneType } from "./matmul.js";
import { list, step } from "./step.js";
import type { Step } from "./step.js";

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

function describe(s: Step, w: Window): void {
  s.hold("Convolution", "conv");
  s.line(`const int pad[] = ${list(w.pads)}, stride[] = ${list(w.strides)}, dilation[] = ${list(w.dilations)};`);
  s.call("cnnlSetConvolutionDescriptor", "conv", "4", "pad", "stride", "dilation", `${w.group}`, "CNNL_DTYPE_FLOAT");
  s.call("cnnlSetConvolutionDescriptorAllowTF32", "conv", "false");
}

/** Halves accumulate in float. */
function accumulateInFloat(s: Step, name: string, dtype: string): void {
  if (dtype !== "f32") s.call("cnnlSetTensorDescriptorOnchipDataType", name, "CNNL_DTYPE_FLOAT");
}

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
    accumulateInFloat(s, "y", y.dtype);
    if (bias) s.tensor("bias", "ARRAY", bias.dtype, bias.shape);
    describe(s, windowOf(site.node, x.shape.length - 2));
    s.line("cnnlConvolutionForwardAlgo_t algo;");
    s.call("cnnlGetConvolutionForwardAlgorithm", "handle", "conv", "x", "w", "y", "CNNL_CONVOLUTION_FWD_FASTEST", "&algo");
    const biasDesc = bias ? "bias" : "nullptr";
    s.workspace(() => s.call("cnnlGetConvolutionForwardWorkspaceSize", "handle", "x", "w", "y", biasDesc, "conv", "algo", "&bytes"));
    const operands = ["nullptr", "x", x.ptr, "w", w.ptr, biasDesc, bias?.ptr ?? "nullptr"];
    s.call("cnnlConvolutionForward", "handle", "conv", "algo", ...operands, "workspace", "bytes", "nullptr", "y", y.ptr);
  });
}

/** The gradient of a convolution with respect to its input, which is what ONNX calls a transposed convolution. */
function emitTransposed(site: CallSite): Emitted {
  return step(site, (s) => {
    const [x, w, y] = [s.input(0), s.input(1), s.output];
    s.tensor("x", "NHWC", x.dtype, withHeight(x.shape))
      .tensor("w", "NHWC", w.dtype, withHeight(w.shape))
      .tensor("y", "NHWC", y.dtype, withHeight(y.shape));
    accumulateInFloat(s, "y", y.dtype);
    describe(s, windowOf(site.node, x.shape.length - 2));
    s.line("cnnlConvolutionBwdDataAlgo_t algo;");
    s.call("cnnlGetConvolutionBackwardDataAlgorithm", "handle", "w", "x", "conv", "y", "CNNL_CONVOLUTION_BWD_DATA_FASTEST", "&algo");
    s.workspace(() => s.call("cnnlGetConvolutionBackwardDataWorkspaceSize", "handle", "w", "x", "conv", "y", "algo", "&bytes"));
    s.call(
      "cnnlConvolutionBackwardData",
      "handle",
      "nullptr",
      "w",
      w.ptr,
      "x",
      x.ptr,
      "conv",
      "algo",
      "workspace",
      "bytes",
      "nullptr",
      "y",
      y.ptr,
    );
    const bias = site.inputs[2];
    if (bias) addBias(s, bias.ptr, bias.dtype === y.dtype ? bias.shape : []);
  });
}

/** y += bias, along the last dim. */
function addBias(s: Step, ptr: string, shape: readonly Dim[]): void {
  const y = s.output;
  s.tensor("bias", "ARRAY", y.dtype, [...new Array<Dim>(y.shape.length - 1).fill(1), ...shape]).tensor("sum", "ARRAY", y.dtype, y.shape);
  s.hold("OpTensor", "add").call("cnnlSetOpTensorDescriptor", "add", "CNNL_OP_TENSOR_ADD", "CNNL_DTYPE_FLOAT", "CNNL_PROPAGATE_NAN");
  s.line("const float one = 1.0f, none = 0.0f;").line("size_t add_bytes = 0;");
  s.call("cnnlGetOpTensorWorkspaceSize", "handle", "sum", "bias", "sum", "&add_bytes");
  s.line("void* add_workspace = r.workspace(add_bytes);").line("if (add_bytes > 0 && !add_workspace) return CNNL_STATUS_ALLOC_FAILED;");
  s.call("cnnlOpTensor", "handle", "add", "&one", "sum", y.ptr, "&one", "bias", ptr, "add_workspace", "add_bytes", "&none", "sum", y.ptr);
}

function accepts(node: Node, chip: Chip): true | string {
  const rank = rankedType(node.inputs[0])?.shape.length;
  if (rank !== 3 && rank !== 4) return "one or two spatial dimensions";
  if (rankedType(node.inputs[1])?.shape.length !== rank) return "the filter's rank is another";
  if (node.op === "conv" || node.op === "convtranspose") return node.inputs[2] ? "zero points" : oneType(node, chip);
  const pad = node.attrs.auto_pad;
  if (pad?.kind === "text" && pad.value !== "NOTSET") return "auto_pad was not resolved";
  const bias = node.inputs[2];
  if (bias && rankedType(bias)?.dtype !== rankedType(node.inputs[0])?.dtype) return "the bias has another type";
  return oneType(node, chip);
}

const floats = ["f32", "f16", "bf16"] as const;
const row = (op: string, emit: ClaimRow["emit"]): ClaimRow => ({ op, types: floats, role: "library", layout, accepts, emit });

export const convRows: readonly ClaimRow[] = [
  row("Conv", emitConv),
  row("conv", emitConv),
  row("ConvTranspose", emitTransposed),
  row("convtranspose", emitTransposed),
];
