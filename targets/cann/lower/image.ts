import { mul, type Dim } from "../../../src/base/dim.js";
import { intAttr, intsAttr, rankedType, textAttr, type Node } from "../../../src/ir/graph.js";
import type { Chip, ClaimRow } from "../../../src/claim/target.js";
import type { CallName } from "../calls.js";
import { step, taken } from "./step.js";

const ones = (list: readonly number[] | undefined) => (list ?? []).every((x) => x === 1);

function spatialOf(node: Node): number {
  return (rankedType(node.inputs[0])?.shape.length ?? 2) - 2;
}

function padsOf(node: Node): readonly number[] {
  return intsAttr(node, "pads") ?? new Array<number>(2 * spatialOf(node)).fill(0);
}

/** kernelShape and the like for two dimensions; one dimension gets a height of one in front. */
function planar(values: readonly number[], fill: number): readonly number[] {
  return values.length === 1 ? [fill, ...values] : values;
}

function planarShape(shape: readonly Dim[]): readonly Dim[] {
  return shape.length === 3 ? [shape[0], shape[1], 1, shape[2]] : shape;
}

/** Pads of aclnnMaxPool are {top, left, bottom, right}, as ONNX has them. */
const maxPool = step((s) => {
  const { node } = s.site;
  const [x, y] = [s.input(0), s.output()];
  const pads = padsOf(node);
  const half = pads.length / 2;
  const spatial = x.shape.length - 2;
  const all = [...planar(pads.slice(0, half), 0), ...planar(pads.slice(half), 0)];
  s.call("aclnnMaxPool", [
    s.tensor("x", x, "NCHW", planarShape(x.shape)),
    s.ints("kernel", planar(intsAttr(node, "kernel_shape") ?? [], 1)),
    s.ints("strides", planar(intsAttr(node, "strides") ?? new Array<number>(spatial).fill(1), 1)),
    "0",
    s.ints("pads", all),
    s.ints("dilations", [1, 1]),
    `${intAttr(node, "ceil_mode") ?? 0}`,
    s.tensor("y", y, "NCHW", planarShape(y.shape)),
  ]);
});

function acceptsPool(node: Node): true | string {
  const rank = rankedType(node.inputs[0])?.shape.length;
  if (rank !== 3 && rank !== 4) return "one or two spatial dimensions are offered";
  if (node.outputs[1]) return "the indices count inside a plane here, over the tensor in ONNX";
  if (!ones(intsAttr(node, "dilations"))) return "dilations";
  if ((textAttr(node, "auto_pad") ?? "NOTSET") !== "NOTSET") return "auto_pad was not resolved";
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
  const [x, y] = [s.input(0), s.output()];
  const spatial = x.shape.length - 2;
  s.call("aclnnAvgPool2d", [
    s.tensor("x", x, "NCHW", planarShape(x.shape)),
    s.ints("kernel", planar(intsAttr(node, "kernel_shape") ?? [], 1)),
    s.ints("strides", planar(intsAttr(node, "strides") ?? new Array<number>(spatial).fill(1), 1)),
    s.ints("paddings", planar(padsOf(node).slice(0, spatial), 0)),
    "false",
    intAttr(node, "count_include_pad") === 1 ? "true" : "false",
    "0",
    "0",
    s.tensor("y", y, "NCHW", planarShape(y.shape)),
  ]);
});

function acceptsAverage(node: Node): true | string {
  const pads = padsOf(node);
  const half = pads.length / 2;
  if (!pads.slice(0, half).every((p, i) => p === pads[half + i])) return "paddings must be alike on both sides";
  const kernel = intsAttr(node, "kernel_shape") ?? [];
  if (pads.slice(0, half).some((p, i) => 2 * p > kernel[i])) return "a padding of more than half the kernel";
  return acceptsPool(node);
}

const globalAverage = step((s) => {
  const [x, y] = [s.input(0), s.output()];
  const axes = s.ints(
    "dims",
    x.shape.slice(2).map((_, i) => i + 2),
  );
  s.call("aclnnMean", [
    s.tensor("x", x),
    axes,
    "true",
    x.dtype === "f32" ? "ACL_FLOAT" : x.dtype === "f16" ? "ACL_FLOAT16" : "ACL_BF16",
    s.tensor("y", y),
  ]);
});

const globalMax = step((s) => {
  const [x, y] = [s.input(0), s.output()];
  const axes = s.ints(
    "dims",
    x.shape.slice(2).map((_, i) => i + 2),
  );
  s.call("aclnnAmax", [s.tensor("x", x), axes, "true", s.tensor("y", y)]);
});

function acceptsGlobal(node: Node): true | string {
  const rank = rankedType(node.inputs[0])?.shape.length ?? 0;
  return rank >= 3 && rank <= 8 ? true : `rank ${rank}`;
}

/** The last two dims resized, everything in front kept. */
const resize = step((s) => {
  const { node } = s.site;
  const [x, y] = [s.input(0), s.output()];
  const size = s.ints("size", y.shape.slice(2));
  const [from, to] = [s.tensor("x", x, "NCHW"), s.tensor("y", y, "NCHW")];
  if (textAttr(node, "mode") === "nearest") return void s.call("aclnnUpsampleNearest2d", [from, size, to]);
  const align = textAttr(node, "coordinate_transformation_mode") === "align_corners";
  s.call("aclnnUpsampleBilinear2d", [from, size, align ? "true" : "false", "0.0", "0.0", to]);
});

function scalesOf(node: Node): readonly number[] | undefined {
  const a = node.attrs.scales;
  return a?.kind === "floats" ? a.value : undefined;
}

/**
 * Nearest: floor(i / scale), which is ONNX's asymmetric with floor; for whole scale factors half_pixel with
 * round_prefer_floor picks the same pixels. Bilinear: half_pixel and align_corners, only upwards, where no scale is passed on.
 */
function acceptsResize(node: Node, chip: Chip): true | string {
  const x = rankedType(node.inputs[0]);
  const scales = scalesOf(node);
  if (x?.shape.length !== 4 || scales?.length !== 4) return "four dims, scales known";
  if (scales[0] !== 1 || scales[1] !== 1) return "batch or channels are resized";
  if ((intAttr(node, "antialias") ?? 0) !== 0) return "antialias";
  const whole = scales.slice(2).every((f) => Number.isInteger(f));
  const y = rankedType(node.outputs[0]);
  const exact = y?.shape.length === 4 && [2, 3].every((i) => String(y.shape[i]) === String(mul(x.shape[i], scales[i])));
  if (!whole || !exact) return "a scale that is no whole number";
  if (textAttr(node, "mode") === "nearest") return within("aclnnUpsampleNearest2d", acceptsNearest)(node, chip);
  if (textAttr(node, "mode") !== "linear") return `mode ${textAttr(node, "mode")}`;
  const how = textAttr(node, "coordinate_transformation_mode") ?? "half_pixel";
  if (how !== "half_pixel" && how !== "align_corners") return `coordinates ${how}`;
  return taken("aclnnUpsampleBilinear2d", node, chip, { self: node.inputs[0], out: node.outputs[0] });
}

function acceptsNearest(node: Node): true | string {
  const how = textAttr(node, "coordinate_transformation_mode") ?? "half_pixel";
  const nearest = textAttr(node, "nearest_mode") ?? "round_prefer_floor";
  if (how === "asymmetric" && nearest === "floor") return true;
  return how === "half_pixel" && nearest === "round_prefer_floor" ? true : `coordinates ${how} with ${nearest}`;
}

const floats = ["f32", "f16"] as const;

export const imageRows: readonly ClaimRow[] = [
  { op: "MaxPool", types: floats, role: "library", accepts: within("aclnnMaxPool", acceptsPool), emit: maxPool },
  { op: "AveragePool", types: floats, role: "library", accepts: within("aclnnAvgPool2d", acceptsAverage), emit: averagePool },
  { op: "GlobalAveragePool", types: floats, role: "library", accepts: within("aclnnMean", acceptsGlobal), emit: globalAverage },
  { op: "GlobalMaxPool", types: floats, role: "library", accepts: within("aclnnAmax", acceptsGlobal), emit: globalMax },
  { op: "Resize", types: floats, role: "library", accepts: acceptsResize, emit: resize },
];
