import { add, isConst, max, mul, sameDim, sub, type Dim } from "../../../src/base/dim.js";
import { floatAttr, intAttr, intsAttr, rankedType, textAttr, type Node } from "../../../src/ir/graph.js";
import type { CallSite, ClaimRow, Emitted } from "../../../src/claim/target.js";
import { xdnn } from "../calls.js";
import { padsByAxis } from "./conv.js";
import { emitted, floatTypes, input, isEmpty, output, outputShape, rank, shapeOf, source, target, typeName, vector } from "./step.js";

function acceptsPool(node: Node): true | string {
  const r = rank(node);
  if (r !== 3 && r !== 4) return `rank ${r ?? "unknown"}: XDNN rows cover one and two spatial dimensions`;
  if (node.outputs[1]) return "the convention of XDNN's indices is not documented";
  if ((intsAttr(node, "dilations") ?? []).some((d) => d !== 1)) return "dilation";
  const auto = textAttr(node, "auto_pad");
  if (auto !== undefined && auto !== "NOTSET" && !intsAttr(node, "pads")) return `auto_pad ${auto} is not resolved`;
  if (!intsAttr(node, "kernel_shape")) return "no kernel_shape";
  if (isEmpty(shapeOf(node, 0)) || isEmpty(outputShape(node))) return "an operand is empty";
  const grown = (intAttr(node, "ceil_mode") ?? 0) !== 0;
  if (grown && node.op === "AveragePool" && (intAttr(node, "count_include_pad") ?? 0) !== 0)
    return "ceil_mode with count_include_pad: grown pads would change the divisor";
  return true;
}

/** One dimension is a plane of height 1. */
function plane(shape: readonly Dim[]): readonly [Dim, Dim] {
  return shape.length === 3 ? [1, shape[2]] : [shape[2], shape[3]];
}

function poolArguments(site: CallSite) {
  const { node } = site;
  const [x, y] = [input(site, 0), output(site)];
  const line = x.shape.length === 3;
  const kernel = intsAttr(node, "kernel_shape") ?? [];
  const strides = intsAttr(node, "strides") ?? kernel.map(() => 1);
  const pads = padsByAxis(intsAttr(node, "pads") ?? [...kernel, ...kernel].map(() => 0));
  const grown = (intAttr(node, "ceil_mode") ?? 0) !== 0;
  const spread = (list: readonly number[], one: number) => (line ? [one, ...list] : list);
  const all = kernel.flatMap((k, i): Dim[] => {
    const [begin, end] = [pads[2 * i], pads[2 * i + 1]];
    const reach = sub(add(mul(sub(y.shape[2 + i], 1), strides[i]), k), add(x.shape[2 + i], begin));
    return [begin, grown ? max(0, reach) : end];
  });
  const [h, w] = plane(x.shape).map((d) => site.dim(d));
  return {
    x: source(x),
    y: target(y),
    n: site.dim(x.shape[0]),
    c: site.dim(x.shape[1]),
    h,
    w,
    ksize: vector(spread(kernel, 1)),
    stride: vector(spread(strides, 1)),
    pad: vector([...(line ? ["0", "0"] : []), ...all.map((d) => site.dim(d))]),
    is_nchw: "true",
  };
}

function emitMax(site: CallSite): Emitted {
  const t = typeName(input(site, 0).dtype);
  return emitted("max_pool2d", xdnn("max_pool2d", [t], { ...poolArguments(site), indices: "static_cast<int*>(nullptr)" }));
}

function emitAverage(site: CallSite): Emitted {
  const t = typeName(input(site, 0).dtype);
  const counted = `${(intAttr(site.node, "count_include_pad") ?? 0) !== 0}`;
  return emitted("avg_pool2d", xdnn("avg_pool2d", [t], { ...poolArguments(site), count_include_pad: counted }));
}

function acceptsGlobal(node: Node): true | string {
  const r = rank(node);
  if (r !== 3 && r !== 4) return `rank ${r ?? "unknown"}: XDNN rows cover one and two spatial dimensions`;
  return isEmpty(shapeOf(node, 0)) ? "an operand is empty" : true;
}

const emitGlobal =
  (kind: "average" | "max") =>
  (site: CallSite): Emitted => {
    const [x, y] = [input(site, 0), output(site)];
    const [xh, xw] = plane(x.shape).map((d) => site.dim(d));
    const shared = {
      x: source(x),
      y: target(y),
      n: site.dim(x.shape[0]),
      c: site.dim(x.shape[1]),
      xh,
      xw,
      yh: "1",
      yw: "1",
      is_nchw: "true",
    };
    const t = [typeName(x.dtype)];
    if (kind === "average") return emitted("adaptive_avg_pool2d", xdnn("adaptive_avg_pool2d", t, shared));
    return emitted("adaptive_max_pool2d", xdnn("adaptive_max_pool2d", t, { ...shared, indices: "static_cast<int*>(nullptr)" }));
  };

// ---- Resize -----------------------------------------------------------------------------------------------------------

/** XDNN's number of a coordinate transformation. */
const transModes: Readonly<Record<string, number>> = { align_corners: 0, half_pixel: 1, asymmetric: 2 };

/** XDNN computes scales from sizes: they must be what the node says. */
function scalesAgree(node: Node): boolean {
  const scales = node.attrs.scales;
  if (scales?.kind !== "floats" || scales.value.length === 0) return true;
  const x = shapeOf(node, 0) ?? [];
  if (scales.value.length !== x.length) return false;
  return scales.value.every((s, i) => {
    const d = x[i];
    return Number.isInteger(s) || (isConst(d) && Number.isInteger(d * s));
  });
}

function acceptsResize(node: Node): true | string {
  const [x, y] = [rankedType(node.inputs[0]), rankedType(node.outputs[0])];
  if (x?.shape.length !== 4 || y?.shape.length !== 4) return "rank other than 4";
  if (!sameDim(x.shape[0], y.shape[0]) || !sameDim(x.shape[1], y.shape[1])) return "batch or channels are resized";
  const mode = textAttr(node, "mode") ?? "nearest";
  const transform = textAttr(node, "coordinate_transformation_mode") ?? "half_pixel";
  const nearest = textAttr(node, "nearest_mode") ?? "round_prefer_floor";
  if ((intAttr(node, "antialias") ?? 0) !== 0) return "antialias";
  if ((textAttr(node, "keep_aspect_ratio_policy") ?? "stretch") !== "stretch") return "keep_aspect_ratio_policy";
  if ((floatAttr(node, "exclude_outside") ?? intAttr(node, "exclude_outside") ?? 0) !== 0) return "exclude_outside";
  if (mode === "nearest" && (transform !== "asymmetric" || nearest !== "floor"))
    return `nearest with ${transform} and ${nearest}: XDNN's rounding is not documented`;
  if (mode !== "nearest" && mode !== "linear") return `mode ${mode}`;
  if (transModes[transform] === undefined) return `coordinate_transformation_mode ${transform}`;
  if (isEmpty(x.shape) || isEmpty(y.shape)) return "an operand is empty";
  return scalesAgree(node) ? true : "scales that sizes do not give back";
}

function emitResize(site: CallSite): Emitted {
  const [x, y] = [input(site, 0), output(site)];
  const dims = (shape: readonly Dim[]) => shape.map((d) => site.dim(d));
  const [n, c, xh, xw] = dims(x.shape);
  const [, , yh, yw] = dims(y.shape);
  const transform = textAttr(site.node, "coordinate_transformation_mode") ?? "half_pixel";
  const line = xdnn("interpolate2d", [typeName(x.dtype)], {
    x: source(x),
    y: target(y),
    n,
    c,
    xh,
    xw,
    yh,
    yw,
    is_nearest: `${(textAttr(site.node, "mode") ?? "nearest") === "nearest"}`,
    trans_mode: `${transModes[transform]}`,
    is_nchw: "true",
  });
  return emitted("interpolate2d", line);
}

export const poolingRows: readonly ClaimRow[] = [
  { op: "MaxPool", types: floatTypes, role: "library", accepts: acceptsPool, emit: emitMax },
  { op: "AveragePool", types: floatTypes, role: "library", accepts: acceptsPool, emit: emitAverage },
  { op: "GlobalAveragePool", types: floatTypes, role: "library", accepts: acceptsGlobal, emit: emitGlobal("average") },
  { op: "GlobalMaxPool", types: floatTypes, role: "library", accepts: acceptsGlobal, emit: emitGlobal("max") },
  { op: "Resize", types: floatTypes, role: "library", accepts: acceptsResize, emit: emitResize },
];
