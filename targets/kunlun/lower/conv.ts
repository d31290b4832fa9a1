import { isConst } from "../../../src/base/dim.js";
import { intsAttr, rankedType, textAttr, type Node } from "../../../src/ir/graph.js";
import type { CallSite, Chip, ClaimRow, Emitted, Operand } from "../../../src/claim/target.js";
import { xdnn } from "../calls.js";
import { kunlunChip, profiles } from "../caps.js";
import { groupOf, levelsAs, padsByAxis, planar, planarShape, rankOf, windowOf, type Window } from "../../kit/node.js";
import { libraryRow } from "../../kit/row.js";
import { inputOf, outputOf } from "../../kit/step.js";
import {
  emitted,
  floatTypes,
  gemmType,
  hasXre5,
  isEmpty,
  maximaOf,
  ofLevels,
  optionalFloats,
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
  const levels = levelsAs("f32", node);
  return levels === true ? acceptsWindows(node) : levels;
}

function acceptsWindows(node: Node): true | string {
  const r = rankOf(node);
  if (r !== 3 && r !== 4) return `rank ${r ?? "unknown"}: XDNN rows cover one and two spatial dimensions`;
  const auto = textAttr(node, "auto_pad");
  if (auto !== undefined && auto !== "NOTSET" && !intsAttr(node, "pads")) return `auto_pad ${auto} is not resolved`;
  const [x, w] = [rankedType(node.inputs[0]), rankedType(node.inputs[1])];
  if (!w || !w.shape.slice(2).every(isConst)) return "the kernel's extents are not known";
  if (isEmpty(x?.shape) || isEmpty(w.shape)) return "an operand is empty";
  if ((intsAttr(node, "pads") ?? []).some((p) => p < 0)) return "negative pads";
  return true;
}

function types(site: CallSite, x: Operand, w: Operand, y: Operand): string[] {
  return [x, w, y].map((o): string => typeName(o.dtype)).concat(gemmType(site, x.dtype));
}

const computed = { y_maxptr: "nullptr", is_nchw: "true", act: "xdnn::Activation_t::LINEAR" };

function emitConv(site: CallSite): Emitted {
  const [x, w, y] = [inputOf(site, 0), inputOf(site, 1), outputOf(site)];
  const v = windowOf(site.node);
  const group = `${groupOf(site.node)}`;
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
      pad: vector(padsByAxis(v)),
      w: space[0],
    };
    return emitted("conv1d_fusion", xdnn("conv1d_fusion", types(site, x, w, y), { ...shared, ...flat, group, bias }));
  }
  // xpudnn is not seen to have a form of its own for one dimension: a plane of height 1.
  const plane = {
    ...planeArguments(v),
    h: line ? "1" : space[0],
    w: space[line ? 0 : 1],
  };
  const name = xre5 ? "xpudnn::conv2d_fusion" : "conv2d_fusion";
  return emitted(name, xdnn(name, types(site, x, w, y), { ...shared, ...plane, group, bias }));
}

/** One dimension is a plane of height 1. */
function planeArguments(window: Window) {
  const { kernel, strides, dilations, ...pads } = planar(window);
  return { ksize: vector(kernel), stride: vector(strides), dilation: vector(dilations), pad: vector(padsByAxis(pads)) };
}

function emitTranspose(site: CallSite): Emitted {
  const [x, w, y] = [inputOf(site, 0), inputOf(site, 1), outputOf(site)];
  const size = planarShape(y.shape, 2).slice(2);
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
    ...planeArguments(windowOf(site.node)),
    group: `${groupOf(site.node)}`,
    x_maxptr: "nullptr",
    w_maxptr: "nullptr",
    bias: optionalFloats(site.inputs[2]),
  };
  const name = hasXre5(site) ? "xpudnn::conv2d_transpose_fusion_v2" : "conv2d_transpose_fusion_v2";
  return emitted(name, xdnn(name, types(site, x, w, y), args));
}

const floatBias: ClaimRow["operandTypes"] = (n) => (n.inputs[2] ? [undefined, undefined, "f32"] : undefined);

export const convolutionRows: readonly ClaimRow[] = [
  libraryRow("Conv", floatTypes, accepts, emitConv, { operandTypes: floatBias }),
  libraryRow("conv", floatTypes, accepts, emitConv),
  libraryRow("conv", ["i8"], acceptsConvolutionOfLevels, emitConv, { name: "conv of levels", ...ofLevels }),
  libraryRow("ConvTranspose", floatTypes, accepts, emitTranspose, { operandTypes: floatBias }),
  libraryRow("convtranspose", floatTypes, accepts, emitTranspose),
];
