import { isConst, type Dim } from "../../../src/base/dim.js";
import { intAttr, intsAttr, rankedType, textAttr, type Node } from "../../../src/ir/graph.js";
import type { CallSite, Chip, ClaimRow, Emitted, Operand } from "../../../src/claim/target.js";
import { xdnn } from "../calls.js";
import { kunlunChip, profiles } from "../caps.js";
import {
  acceptsLevels,
  emitted,
  floatTypes,
  gemmType,
  hasXre5,
  input,
  isEmpty,
  maximaOf,
  ofLevels,
  optionalFloats,
  output,
  rank,
  shapeOf,
  source,
  target,
  typeName,
  vector,
} from "./step.js";

function accepts(node: Node): true | string {
  const [x, w, y] = [rankedType(node.inputs[0]), rankedType(node.inputs[1]), rankedType(node.outputs[0])];
  if (x?.dtype !== w?.dtype || x?.dtype !== y?.dtype) return "operands and result of different types";
  if (node.inputs.length > 2 && node.op.startsWith("conv")) return "zero points";
  return acceptsWindows(node);
}

function acceptsConvolutionOfLevels(node: Node, chip: Chip): true | string {
  if (kunlunChip(chip).profile === profiles.xre5) return "no call of xpudnn is seen that convolves int8_t";
  const levels = acceptsLevels(node);
  return levels === true ? acceptsWindows(node) : levels;
}

function acceptsWindows(node: Node): true | string {
  const r = rank(node);
  if (r !== 3 && r !== 4) return `rank ${r ?? "unknown"}: XDNN rows cover one and two spatial dimensions`;
  const auto = textAttr(node, "auto_pad");
  if (auto !== undefined && auto !== "NOTSET" && !intsAttr(node, "pads")) return `auto_pad ${auto} is not resolved`;
  const [x, w] = [rankedType(node.inputs[0]), rankedType(node.inputs[1])];
  if (!w || !w.shape.slice(2).every(isConst)) return "the kernel's extents are not known";
  if (isEmpty(x?.shape) || isEmpty(w.shape)) return "an operand is empty";
  if ((intsAttr(node, "pads") ?? []).some((p) => p < 0)) return "negative pads";
  return true;
}

/** Extents of the kernel, the last spatial ones of the weight. */
function kernelOf(node: Node): number[] {
  return (shapeOf(node, 1) ?? []).slice(2).map((d) => (isConst(d) ? d : 0));
}

interface Window {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** By axis: begin, end. */
  readonly pads: readonly number[];
  readonly group: number;
}

export function padsByAxis(pads: readonly number[]): number[] {
  const n = pads.length / 2;
  return pads.slice(0, n).flatMap((begin, i) => [begin, pads[n + i]]);
}

function windowOf(node: Node): Window {
  const kernel = kernelOf(node);
  const ones = kernel.map(() => 1);
  return {
    kernel,
    strides: intsAttr(node, "strides") ?? ones,
    dilations: intsAttr(node, "dilations") ?? ones,
    pads: padsByAxis(intsAttr(node, "pads") ?? [...kernel, ...kernel].map(() => 0)),
    group: intAttr(node, "group") ?? 1,
  };
}

function types(site: CallSite, x: Operand, w: Operand, y: Operand): string[] {
  return [x, w, y].map((o): string => typeName(o.dtype)).concat(gemmType(site, x.dtype));
}

const computed = { y_maxptr: "nullptr", is_nchw: "true", act: "xdnn::Activation_t::LINEAR" };

function emitConv(site: CallSite): Emitted {
  const [x, w, y] = [input(site, 0), input(site, 1), output(site)];
  const v = windowOf(site.node);
  const [n, c, ...space] = x.shape.map((d) => site.dim(d));
  const shared = {
    ...computed,
    n,
    c,
    f: site.dim(w.shape[0]),
    x: source(x),
    weight: source(w),
    y: target(y),
    x_maxptr: maximaOf(site),
    weight_maxptr: maximaOf(site),
    branch: "nullptr",
  };
  const bias = x.dtype === "i8" ? "nullptr" : optionalFloats(site.inputs[2]);
  const xre5 = hasXre5(site);
  const line = space.length === 1;
  if (line && !xre5) {
    const flat = {
      ksize_w: `${v.kernel[0]}`,
      stride_w: `${v.strides[0]}`,
      dilation_w: `${v.dilations[0]}`,
      pad: vector(v.pads),
      w: space[0],
    };
    return emitted("conv1d_fusion", xdnn("conv1d_fusion", types(site, x, w, y), { ...shared, ...flat, group: `${v.group}`, bias }));
  }
  // xpudnn is not seen to have a form of its own for one dimension: a plane of height 1.
  const plane = {
    ksize: vector(line ? [1, ...v.kernel] : v.kernel),
    stride: vector(line ? [1, ...v.strides] : v.strides),
    dilation: vector(line ? [1, ...v.dilations] : v.dilations),
    pad: vector(line ? [0, 0, ...v.pads] : v.pads),
    h: line ? "1" : space[0],
    w: space[line ? 0 : 1],
  };
  const name = xre5 ? "xpudnn::conv2d_fusion" : "conv2d_fusion";
  return emitted(name, xdnn(name, types(site, x, w, y), { ...shared, ...plane, group: `${v.group}`, bias }));
}

/** One dimension is a plane of height 1. */
function emitTranspose(site: CallSite): Emitted {
  const [x, w, y] = [input(site, 0), input(site, 1), output(site)];
  const v = windowOf(site.node);
  const line = x.shape.length === 3;
  const wide = (values: readonly number[], one: readonly number[]) => vector(line ? [...one, ...values] : values);
  const size: readonly Dim[] = line ? [1, y.shape[2]] : y.shape.slice(2);
  // XDNN names the operands of the convolution this undoes: its y is our input.
  const args = {
    ...computed,
    y: source(x),
    weight: source(w),
    x: target(y),
    n: site.dim(x.shape[0]),
    yc: site.dim(x.shape[1]),
    xh: site.dim(size[0]),
    xw: site.dim(size[1]),
    xc: site.dim(y.shape[1]),
    ksize: wide(v.kernel, [1]),
    stride: wide(v.strides, [1]),
    pad: wide(v.pads, [0, 0]),
    dilation: wide(v.dilations, [1]),
    group: `${v.group}`,
    x_maxptr: "nullptr",
    w_maxptr: "nullptr",
    bias: optionalFloats(site.inputs[2]),
  };
  const name = hasXre5(site) ? "xpudnn::conv2d_transpose_fusion_v2" : "conv2d_transpose_fusion_v2";
  return emitted(name, xdnn(name, types(site, x, w, y), args));
}

const floatBias: ClaimRow["operandTypes"] = (n) => (n.inputs[2] ? [undefined, undefined, "f32"] : undefined);

export const convolutionRows: readonly ClaimRow[] = [
  { op: "Conv", types: floatTypes, role: "library", accepts, operandTypes: floatBias, emit: emitConv },
  { op: "conv", types: floatTypes, role: "library", accepts, emit: emitConv },
  { op: "conv", name: "conv of levels", ...ofLevels, accepts: acceptsConvolutionOfLevels, emit: emitConv },
  { op: "ConvTranspose", types: floatTypes, role: "library", accepts, operandTypes: floatBias, emit: emitTranspose },
  { op: "convtranspose", types: floatTypes, role: "library", accepts, emit: emitTranspose },
];
