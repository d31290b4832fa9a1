import { add, isConst, max, mul, sameDim, sub, type Dim } from "../../../src/base/dim.js";
import { floatAttr, intAttr, intsAttr, textAttr, type Node } from "../../../src/ir/graph.js";
import type { CallSite, ClaimRow, Emitted } from "../../../src/claim/target.js";
import { xdnn } from "../calls.js";
import { isDilated, outputShape, planar, planarShape, rankOf, resizingOf, shapeOf, windowOf } from "../../kit/node.js";
import { libraryRow } from "../../kit/row.js";
import { inputOf, outputOf } from "../../kit/step.js";
import { emitted, floatTypes, isEmpty, source, target, typeName, vector } from "./step.js";

function acceptsPool(node: Node): true | string {
  const r = rankOf(node);
  if (r !== 3 && r !== 4) return `rank ${r ?? "unknown"}: XDNN rows cover one and two spatial dimensions`;
  if (node.outputs[1]) return "the convention of XDNN's indices is not documented";
  if (isDilated(node)) return "dilation";
  const auto = textAttr(node, "auto_pad");
  if (auto !== undefined && auto !== "NOTSET" && !intsAttr(node, "pads")) return `auto_pad ${auto} is not resolved`;
  if (!intsAttr(node, "kernel_shape")) return "no kernel_shape";
  if (isEmpty(shapeOf(node, 0)) || isEmpty(outputShape(node))) return "an operand is empty";
  const grown = (intAttr(node, "ceil_mode") ?? 0) !== 0;
  if (grown && node.op === "AveragePool" && (intAttr(node, "count_include_pad") ?? 0) !== 0)
    return "ceil_mode with count_include_pad: grown pads would change the divisor";
  return true;
}

/** Height and width; one dimension is a plane of height 1. */
function plane(site: CallSite, shape: readonly Dim[]): string[] {
  const flat = planarShape(shape, 2);
  return flat.slice(2).map((d) => site.dim(d));
}

function poolArguments(site: CallSite) {
  const { node } = site;
  const [x, y] = [inputOf(site, 0), outputOf(site)];
  const window = windowOf(node);
  const grown = (intAttr(node, "ceil_mode") ?? 0) !== 0;
  const all = window.kernel.flatMap((k, i): Dim[] => {
    const begin = window.begins[i];
    const reach = sub(add(mul(sub(y.shape[2 + i], 1), window.strides[i]), k), add(x.shape[2 + i], begin));
    return [begin, grown ? max(0, reach) : window.ends[i]];
  });
  const [h, w] = plane(site, x.shape);
  const { kernel, strides } = planar(window);
  return {
    x: source(x),
    y: target(y),
    n: site.dim(x.shape[0]),
    c: site.dim(x.shape[1]),
    h,
    w,
    ksize: vector(kernel),
    stride: vector(strides),
    pad: vector([...(x.shape.length === 3 ? ["0", "0"] : []), ...all.map((d) => site.dim(d))]),
    is_nchw: "true",
  };
}

function emitMax(site: CallSite): Emitted {
  const t = typeName(inputOf(site, 0).dtype);
  return emitted("max_pool2d", xdnn("max_pool2d", [t], { ...poolArguments(site), indices: "static_cast<int*>(nullptr)" }));
}

function emitAverage(site: CallSite): Emitted {
  const t = typeName(inputOf(site, 0).dtype);
  const counted = `${(intAttr(site.node, "count_include_pad") ?? 0) !== 0}`;
  return emitted("avg_pool2d", xdnn("avg_pool2d", [t], { ...poolArguments(site), count_include_pad: counted }));
}

function acceptsGlobal(node: Node): true | string {
  const r = rankOf(node);
  if (r !== 3 && r !== 4) return `rank ${r ?? "unknown"}: XDNN rows cover one and two spatial dimensions`;
  return isEmpty(shapeOf(node, 0)) ? "an operand is empty" : true;
}

const emitGlobal =
  (kind: "average" | "max") =>
  (site: CallSite): Emitted => {
    const [x, y] = [inputOf(site, 0), outputOf(site)];
    const [xh, xw] = plane(site, x.shape);
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
function scalesAgree(x: readonly Dim[], scales: readonly number[] | undefined): boolean {
  if (!scales || scales.length === 0) return true;
  const gives = (s: number, d: Dim) => Number.isInteger(s) || (isConst(d) && Number.isInteger(d * s));
  return scales.length === x.length && scales.every((s, i) => gives(s, x[i]));
}

function acceptsResize(node: Node): true | string {
  const [x, y] = [shapeOf(node), outputShape(node)];
  if (x?.length !== 4 || y?.length !== 4) return "rank other than 4";
  if (!sameDim(x[0], y[0]) || !sameDim(x[1], y[1])) return "batch or channels are resized";
  const { mode, coordinates, nearest, antialias, scales } = resizingOf(node);
  if (antialias) return "antialias";
  if ((textAttr(node, "keep_aspect_ratio_policy") ?? "stretch") !== "stretch") return "keep_aspect_ratio_policy";
  if ((floatAttr(node, "exclude_outside") ?? intAttr(node, "exclude_outside") ?? 0) !== 0) return "exclude_outside";
  if (mode === "nearest" && (coordinates !== "asymmetric" || nearest !== "floor"))
    return `nearest with ${coordinates} and ${nearest}: XDNN's rounding is not documented`;
  if (mode !== "nearest" && mode !== "linear") return `mode ${mode}`;
  if (transModes[coordinates] === undefined) return `coordinate_transformation_mode ${coordinates}`;
  if (isEmpty(x) || isEmpty(y)) return "an operand is empty";
  return scalesAgree(x, scales) ? true : "scales that sizes do not give back";
}

function emitResize(site: CallSite): Emitted {
  const [x, y] = [inputOf(site, 0), outputOf(site)];
  const [n, c, xh, xw] = x.shape.map((d) => site.dim(d));
  const [yh, yw] = plane(site, y.shape);
  const { mode, coordinates } = resizingOf(site.node);
  const line = xdnn("interpolate2d", [typeName(x.dtype)], {
    x: source(x),
    y: target(y),
    n,
    c,
    xh,
    xw,
    yh,
    yw,
    is_nearest: `${mode === "nearest"}`,
    trans_mode: `${transModes[coordinates]}`,
    is_nchw: "true",
  });
  return emitted("interpolate2d", line);
}

export const poolingRows: readonly ClaimRow[] = [
  libraryRow("MaxPool", floatTypes, acceptsPool, emitMax),
  libraryRow("AveragePool", floatTypes, acceptsPool, emitAverage),
  libraryRow("GlobalAveragePool", floatTypes, acceptsGlobal, emitGlobal("average")),
  libraryRow("GlobalMaxPool", floatTypes, acceptsGlobal, emitGlobal("max")),
  libraryRow("Resize", floatTypes, acceptsResize, emitResize),
];
