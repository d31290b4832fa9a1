import { mul } from "../../../src/base/dim.js";
import type { DType } from "../../../src/base/dtype.js";
import { intAttr, type Node } from "../../../src/ir/graph.js";
import type { Chip, ClaimRow } from "../../../src/claim/target.js";
import type { CallName } from "../calls.js";
import {
  hasEvenPads,
  isDilated,
  outputShape,
  padsItself,
  planar,
  planarShape,
  rankOf,
  resizingOf,
  shapeOf,
  windowOf,
} from "../../kit/node.js";
import { libraryRow } from "../../kit/row.js";
import { step, taken, type Step } from "./step.js";

/** Pads of aclnnMaxPool are {top, left, bottom, right}, as ONNX has them. */
const maxPool = step((s) => {
  const [x, y] = [s.input(0), s.output];
  const { kernel, strides, begins, ends } = planar(windowOf(s.site.node));
  s.call("aclnnMaxPool", [
    s.tensor("x", x, "NCHW", planarShape(x.shape, 2)),
    s.ints("kernel", kernel),
    s.ints("strides", strides),
    "0",
    s.ints("pads", [...begins, ...ends]),
    s.ints("dilations", [1, 1]),
    `${intAttr(s.site.node, "ceil_mode") ?? 0}`,
    s.tensor("y", y, "NCHW", planarShape(y.shape, 2)),
  ]);
});

function acceptsPool(node: Node): true | string {
  const rank = rankOf(node);
  if (rank !== 3 && rank !== 4) return "one or two spatial dimensions are offered";
  if (node.outputs[1]) return "the indices count inside a plane here, over the tensor in ONNX";
  if (isDilated(node)) return "dilations";
  if (padsItself(node)) return "auto_pad was not resolved";
  if ((intAttr(node, "ceil_mode") ?? 0) !== 0) return "ceil_mode: which partial windows count is not documented alike";
  return true;
}

/** What the call takes on the chip, and then what it can say. */
const within =
  (name: CallName, more: (node: Node) => true | string) =>
  (node: Node, chip: Chip): true | string => {
    const offered = taken(name, node, chip, { self: node.inputs[0], out: node.outputs[0] });
    return offered === true ? more(node) : offered;
  };

const averagePool = step((s) => {
  const { node } = s.site;
  const [x, y] = [s.input(0), s.output];
  const { kernel, strides, begins } = planar(windowOf(node));
  s.call("aclnnAvgPool2d", [
    s.tensor("x", x, "NCHW", planarShape(x.shape, 2)),
    s.ints("kernel", kernel),
    s.ints("strides", strides),
    s.ints("paddings", begins),
    "false",
    intAttr(node, "count_include_pad") === 1 ? "true" : "false",
    "0",
    "0",
    s.tensor("y", y, "NCHW", planarShape(y.shape, 2)),
  ]);
});

function acceptsAverage(node: Node): true | string {
  const window = windowOf(node);
  if (!hasEvenPads(window)) return "paddings must be alike on both sides";
  if (window.begins.some((p, i) => 2 * p > window.kernel[i])) return "a padding of more than half the kernel";
  return acceptsPool(node);
}

/** All but batch and channels. */
function spatialAxes(s: Step): string {
  return s.ints("dims", [...s.input(0).shape.keys()].slice(2));
}

const meanTypes: Readonly<Partial<Record<DType, string>>> = { f32: "ACL_FLOAT", f16: "ACL_FLOAT16" };

const globalAverage = step((s) => {
  const [x, axes] = [s.input(0), spatialAxes(s)];
  s.call("aclnnMean", [s.tensor("x", x), axes, "true", meanTypes[x.dtype] ?? "ACL_BF16", s.tensor("y", s.output)]);
});

const globalMax = step((s) => {
  const axes = spatialAxes(s);
  s.call("aclnnAmax", [s.tensor("x", s.input(0)), axes, "true", s.tensor("y", s.output)]);
});

function acceptsGlobal(node: Node): true | string {
  const rank = rankOf(node) ?? 0;
  return rank >= 3 && rank <= 8 ? true : `rank ${rank}`;
}

/** The last two dims resized, everything in front kept. */
const resize = step((s) => {
  const { node } = s.site;
  const [x, y] = [s.input(0), s.output];
  const size = s.ints("size", y.shape.slice(2));
  const [from, to] = [s.tensor("x", x, "NCHW"), s.tensor("y", y, "NCHW")];
  const { mode, coordinates } = resizingOf(node);
  if (mode === "nearest") return void s.call("aclnnUpsampleNearest2d", [from, size, to]);
  const align = coordinates === "align_corners";
  s.call("aclnnUpsampleBilinear2d", [from, size, align ? "true" : "false", "0.0", "0.0", to]);
});

/**
 * Nearest: floor(i / scale), which is ONNX's asymmetric with floor; for whole scale factors half_pixel with
 * round_prefer_floor picks the same pixels. Bilinear: half_pixel and align_corners, only upwards, where no scale is passed on.
 */
function acceptsResize(node: Node, chip: Chip): true | string {
  const [x, y] = [shapeOf(node), outputShape(node)];
  const { mode, coordinates, scales, antialias } = resizingOf(node);
  if (x?.length !== 4 || scales?.length !== 4) return "four dims, scales known";
  if (scales[0] !== 1 || scales[1] !== 1) return "batch or channels are resized";
  if (antialias) return "antialias";
  const exact = y?.length === 4 && [2, 3].every((i) => Number.isInteger(scales[i]) && String(y[i]) === String(mul(x[i], scales[i])));
  if (!exact) return "a scale that is no whole number";
  if (mode === "nearest") return within("aclnnUpsampleNearest2d", acceptsNearest)(node, chip);
  if (mode !== "linear") return `mode ${mode}`;
  if (coordinates !== "half_pixel" && coordinates !== "align_corners") return `coordinates ${coordinates}`;
  return taken("aclnnUpsampleBilinear2d", node, chip, { self: node.inputs[0], out: node.outputs[0] });
}

function acceptsNearest(node: Node): true | string {
  const { coordinates, nearest } = resizingOf(node);
  if (coordinates === "asymmetric" && nearest === "floor") return true;
  return coordinates === "half_pixel" && nearest === "round_prefer_floor" ? true : `coordinates ${coordinates} with ${nearest}`;
}

const floats = ["f32", "f16"] as const;

export const imageRows: readonly ClaimRow[] = [
  libraryRow("MaxPool", floats, within("aclnnMaxPool", acceptsPool), maxPool),
  libraryRow("AveragePool", floats, within("aclnnAvgPool2d", acceptsAverage), averagePool),
  libraryRow("GlobalAveragePool", floats, within("aclnnMean", acceptsGlobal), globalAverage),
  libraryRow("GlobalMaxPool", floats, within("aclnnAmax", acceptsGlobal), globalMax),
  libraryRow("Resize", floats, acceptsResize, resize),
];
