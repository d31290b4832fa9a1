/** Older forms of operators that meant something a little different: normalisations, flattening softmaxes, resizing. */
import { fromNumbers, toNumbers } from "../../../base/float-formats.js";
import { sameDim, type Dim } from "../../../base/dim.js";
import { tensorType } from "../../../base/value-type.js";
import type { Value } from "../../../ir/graph.js";
import { floats, ints, text } from "../../../ir/attr.js";
import { f32, i64, int, intOf, textOf, without } from "../../upgrade/rewrites.js";
import type { Draft, Sayer, StepBack } from "./draft.js";

/** Outputs beyond Y meant training. */
export const batchNormalizationBefore14: StepBack = (node, say) => {
  if (intOf(node, "training_mode", 0) !== 0 && !node.outputs[1]) return say.cannot("it trains and gives no statistics");
  return { ...node, attrs: without(node.attrs, "training_mode") };
};

export const batchNormalizationBefore7: StepBack = (node, say) =>
  node.outputs[1] ? say.cannot("it trains") : { ...node, attrs: { ...node.attrs, is_test: int(1) } };

/**
 * GroupNormalization-18 had its scale by group, so what has it by channel is spelled out:
 * Reshape(InstanceNormalization(Reshape(x, [0, groups, -1]), 1, 0), Shape(x)) * scale[C, 1, ...] + bias[C, 1, ...].
 */
export const groupNormalizationSpelled: StepBack = (node, say) => {
  const [x, scale, bias] = node.inputs;
  const type = say.typeOf(x);
  if (!type?.shape || type.shape.length < 2) return say.cannot("the rank of its input is not known");
  const { dtype, shape } = type;
  const groups = intOf(node, "num_groups", 1);
  const grouped = tensorType(dtype, undefined);
  const flat = say.before("Reshape", [x, say.constant(i64([0, groups, -1]))], grouped);
  const one = (v: number): Value => say.constant(fromNumbers(dtype, [groups], new Array<number>(groups).fill(v)));
  const epsilon: Draft["attrs"] = node.attrs.epsilon ? { epsilon: node.attrs.epsilon } : {};
  const unit = say.before("InstanceNormalization", [flat, one(1), one(0)], grouped, epsilon);
  const back = say.before("Reshape", [unit, say.before("Shape", [x], tensorType("i64", [shape.length]))], type);
  const column = (v: Value | undefined): Value =>
    say.before("Reshape", [v, say.constant(i64([-1, ...new Array<number>(shape.length - 2).fill(1)]))], tensorType(dtype, undefined));
  say.after("Add", [say.before("Mul", [back, column(scale)], type), column(bias)], node.outputs);
  return undefined;
};

/** Softmax and its kin flattened at `axis`, so that only the last one means the same; another is turned there and back. */
export const flattening: StepBack = (node, say) => {
  const type = say.typeOf(node.inputs[0]);
  const given = intOf(node, "axis", -1);
  if (!type?.shape)
    return say.opset >= 11 && given === -1
      ? { ...node, attrs: { ...node.attrs, axis: int(-1) } }
      : say.cannot("the rank of its input is not known");
  const rank = type.shape.length;
  const axis = given < 0 ? given + rank : given;
  const attrs = { ...node.attrs, axis: int(Math.max(0, rank - 1)) };
  if (axis >= rank - 1) return { ...node, attrs };
  const perm = Array.from({ length: rank }, (_, i) => (i === axis ? rank - 1 : i === rank - 1 ? axis : i));
  const turned = tensorType(
    type.dtype,
    perm.map((p) => (type.shape as readonly Dim[])[p]),
  );
  const from = say.before("Transpose", node.inputs, turned, { perm: ints(perm) });
  const result = say.fresh(node.outputs[0], turned);
  say.after("Transpose", [result], node.outputs, { perm: ints(perm) });
  return { ...node, inputs: [from], outputs: [result], attrs };
};

/** Before opset 13 absent operands were empty tensors. */
export const resizeBefore13: StepBack = (node, say) => {
  const [x, roi, scales, sizes] = node.inputs;
  const none = (): Value => say.constant(f32([]));
  return { ...node, inputs: [x, roi ?? none(), scales ?? none(), ...(sizes ? [sizes] : [])] };
};

/** Resize-10 scales positions, and its nearest goes down where the axis grows and up where it shrinks. */
export const resizeBefore11: StepBack = (node, say) => {
  const { mode, known } = plainResize(node, say);
  const how = textOf(node, "nearest_mode", "round_prefer_floor");
  const fits = (known?.every((s) => s >= 1) && how === "floor") || (known?.every((s) => s <= 1) && how === "ceil");
  if (mode === "nearest" && !fits) return say.cannot(`nearest_mode "${how}" with these scales`);
  return { ...node, inputs: [node.inputs[0], node.inputs[2]], attrs: { mode: text(mode) } };
};

function plainResize(node: Draft, say: Sayer): { readonly mode: string; readonly known: readonly number[] | undefined } {
  const mode = textOf(node, "mode", "nearest");
  const where = textOf(node, "coordinate_transformation_mode", "half_pixel");
  if (node.inputs[3]) return say.cannot("it is given sizes, not scales");
  if (mode === "cubic") return say.cannot("its mode is cubic");
  if (where !== "asymmetric") return say.cannot(`coordinate_transformation_mode "${where}"`);
  const extra = ["antialias", "exclude_outside"].find((name) => intOf(node, name, 0) !== 0);
  if (extra !== undefined || node.attrs.axes) return say.cannot(`the attribute ${extra ?? "axes"}`);
  const scales = say.known(node.inputs[2]);
  return { mode, known: scales && [...toNumbers(scales)] };
}

/** Upsample only grows. */
export const resizeToUpsample: StepBack = (node, say) => {
  const scales = say.known(node.inputs[1]);
  if (!scales || toNumbers(scales).some((s) => s < 1)) return say.cannot("it may shrink, and Upsample only grows");
  return { ...node, op: "Upsample" };
};

export const upsampleScales: StepBack = (node, say) => {
  const scales = say.known(node.inputs[1]);
  if (!scales) return say.cannot("its scales are computed, and an attribute there");
  return { ...node, inputs: node.inputs.slice(0, 1), attrs: { ...node.attrs, scales: floats([...toNumbers(scales)]) } };
};

/** The default of later opsets has another name than the only mode of earlier ones. */
export const roiAlignMode: StepBack = (node, say) =>
  textOf(node, "coordinate_transformation_mode", "half_pixel") === "output_half_pixel"
    ? { ...node, attrs: without(node.attrs, "coordinate_transformation_mode") }
    : say.cannot("its positions are shifted by half a pixel");

export const scatterByOldName: StepBack = (node, say) =>
  textOf(node, "reduction", "none") === "none"
    ? { ...node, op: "Scatter", attrs: without(node.attrs, "reduction") }
    : say.cannot("it adds up what meets");

/** Gemm needed its C before opset 11, and to be told that it broadcasts before opset 7. */
export const gemmAddend: StepBack = (node, say) => {
  const [a, b, c] = node.inputs;
  const dtype = say.typeOf(a)?.dtype ?? "f32";
  return { ...node, inputs: [a, b, c ?? say.constant(fromNumbers(dtype, [1], [0]))] };
};

export const gemmBroadcast: StepBack = (node) => ({ ...node, attrs: { ...node.attrs, broadcast: int(1) } });

/** The slope was one number, or one a channel. */
export const preluSlope: StepBack = (node, say) => {
  const [x, slope] = node.inputs;
  const type = say.typeOf(slope);
  if (!type?.shape) return say.cannot("the rank of its slope is not known");
  if (type.shape.slice(1).some((d) => d !== 1)) return say.cannot("its slope differs within a channel");
  if (type.shape.length <= 1) return node;
  return { ...node, inputs: [x, say.before("Reshape", [slope, say.constant(i64([-1]))], tensorType(type.dtype, type.shape.slice(0, 1)))] };
};

const commutes: ReadonlySet<string> = new Set(["Add", "Mul", "And", "Or", "Xor", "Equal"]);

/** Before opset 7 B was aligned with A from an axis on, and never the other way round. */
export const alignedOperands: StepBack = (node, say) => {
  const [a, b] = node.inputs;
  const [big, small] = [say.typeOf(a)?.shape, say.typeOf(b)?.shape];
  if (!big || !small) return say.cannot("the ranks of its operands are not known");
  if (same(big, small)) return node;
  const lead = small.findIndex((d) => d !== 1);
  const end = small.findLastIndex((d) => d !== 1) + 1;
  const core = lead < 0 ? [] : small.slice(lead, end);
  const axis = big.length - small.length + Math.max(0, lead);
  if (small.length <= big.length && same(core, big.slice(axis, axis + core.length))) {
    const dtype = say.typeOf(b)?.dtype ?? "f32";
    const target = core.length > 0 ? core : [1 as Dim];
    const shape = target.every((d) => typeof d === "number") ? target : undefined;
    if (!shape && !same(core, small)) return say.cannot("its second operand has open extents and needs another shape");
    const plain = same(target, small) ? b : say.before("Reshape", [b, say.constant(i64(shape as number[]))], tensorType(dtype, target));
    return { ...node, inputs: [a, plain], attrs: { ...node.attrs, broadcast: int(1), ...(core.length > 0 ? { axis: int(axis) } : {}) } };
  }
  if (!commutes.has(node.op) || say.opset >= 7) return say.cannot("its first operand broadcasts");
  return turned(node, say);
};

/** The operands exchanged, where the other one fits within the first. */
function turned(node: Draft, say: Sayer): Draft | undefined {
  const [a, b] = node.inputs;
  const [x, y] = [say.typeOf(a)?.shape ?? [], say.typeOf(b)?.shape ?? []];
  if (x.length > y.length || x.some((d, i) => d !== 1 && !sameDim(d, y[y.length - x.length + i])))
    return say.cannot("both operands broadcast");
  return alignedOperands({ ...node, inputs: [b, a] }, say);
}

function same(a: readonly Dim[], b: readonly Dim[]): boolean {
  return a.length === b.length && a.every((d, i) => sameDim(d, b[i]));
}

/** Before opset 8 these took operands of one shape. */
export const sameShapes: StepBack = (node, say) => {
  const shapes = node.inputs.map((v) => say.typeOf(v)?.shape);
  const [first] = shapes;
  if (first && shapes.every((s) => s && same(s, first))) return node;
  return node.op === "Sum" && node.inputs.length === 2 ? { ...node, op: "Add" } : say.cannot("its operands broadcast");
};
