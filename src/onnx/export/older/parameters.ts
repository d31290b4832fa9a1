/** Older forms in which what is an input today was an attribute: the mirror of upgrade/parameters.ts. */
import { dtypes } from "../../../base/dtype.js";
import { exactNumber } from "../../../base/element.js";
import { toNumbers } from "../../../base/float-formats.js";
import type { Value } from "../../../ir/graph.js";
import { float, ints, text } from "../../../ir/attr.js";
import { i64, int, intOf, textOf, without } from "../../upgrade/rewrites.js";
import type { Draft, Sayer, StepBack } from "./draft.js";

/** The whole numbers of a constant operand. */
function knownInts(v: Value | undefined, what: string, say: Sayer): bigint[] {
  const known = say.known(v);
  if (!known) return say.cannot(`${what} is computed, and an attribute there`);
  return Array.from(known.data as ArrayLike<number | bigint>, BigInt);
}

function knownNumber(v: Value, what: string, say: Sayer): number {
  const known = say.known(v);
  if (!known) return say.cannot(`${what} is computed, and an attribute there`);
  return toNumbers(known)[0];
}

/** The operand at `index`, the last one, becomes the attribute `name`; an absent one says nothing. */
export function inputToInts(name: string, index: number): StepBack {
  return (node, say) => {
    const v = node.inputs[index];
    const inputs = node.inputs.slice(0, index);
    return v ? { ...node, inputs, attrs: { ...node.attrs, [name]: ints(knownInts(v, name, say)) } } : { ...node, inputs };
  };
}

const sameWithoutAxes: ReadonlySet<string> = new Set(["ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd"]);

/** No axes meant all of them; `noop_with_empty_axes` had no other word than leaving the operator out. */
export const reduceAxes: StepBack = (node, say) => {
  const axes = node.inputs[1] ? knownInts(node.inputs[1], "axes", say) : [];
  const inputs = node.inputs.slice(0, 1);
  const attrs = without(node.attrs, "noop_with_empty_axes");
  if (axes.length > 0) return { ...node, inputs, attrs: { ...attrs, axes: ints(axes) } };
  if (intOf(node, "noop_with_empty_axes", 0) === 0) return { ...node, inputs, attrs };
  return sameWithoutAxes.has(node.op) ? { ...node, op: "Identity", inputs, attrs: {} } : say.cannot("it reduces no axis");
};

export const clipLimits: StepBack = (node, say) => {
  const [x, low, high] = node.inputs;
  const limit = (name: string, v: Value | undefined) => (v ? { [name]: float(knownNumber(v, name, say)) } : {});
  return { ...node, inputs: [x], attrs: { ...node.attrs, ...limit("min", low), ...limit("max", high) } };
};

/** Amounts for some axes are spelled for all. */
export const padAmounts: StepBack = (node, say) => {
  const [x, pads, value, axes] = node.inputs;
  const given = knownInts(pads, "pads", say);
  const rank = say.rankOf(x);
  const on = axes && knownInts(axes, "axes", say).map((a) => exactNumber(a, "an axis"));
  if (on && rank === undefined) return say.cannot("it pads some axes of a tensor of unknown rank");
  const amount = (axis: number, offset: number): bigint => {
    const k = (on ?? []).findIndex((a) => (a < 0 ? a + (rank ?? 0) : a) === axis);
    return k < 0 ? 0n : given[k + offset];
  };
  const all = Array.from({ length: rank ?? 0 }, (_, axis) => axis);
  const amounts = on ? [...all.map((a) => amount(a, 0)), ...all.map((a) => amount(a, on.length))] : given;
  const fill: Draft["attrs"] =
    value && textOf(node, "mode", "constant") === "constant" ? { value: float(knownNumber(value, "value", say)) } : {};
  return { ...node, inputs: [x], attrs: { ...node.attrs, pads: ints(amounts), ...fill } };
};

/** From opset 7 to 11 Dropout only ever infers; before it an attribute told. */
export const dropoutRatio: StepBack = (node, say) => {
  const [x, ratio, training] = node.inputs;
  if (training && say.known(training)?.data[0] !== 0) return say.cannot("it may train");
  const attrs = ratio ? { ...node.attrs, ratio: float(knownNumber(ratio, "ratio", say)) } : node.attrs;
  const [y, mask] = node.outputs;
  // The mask was of the data's type before opset 10.
  if (mask && say.isRead(mask) && say.opset < 10) return say.cannot("its mask is read, which was no bool there");
  const outputs = mask && say.isRead(mask) ? [y, mask] : [y];
  return { ...node, inputs: [x], outputs, attrs: say.opset < 7 ? { ...attrs, is_test: int(1) } : attrs };
};

export const dftAxis: StepBack = (node, say) => {
  const [x, length, axis] = node.inputs;
  const rank = say.rankOf(x);
  if (rank === undefined) return say.cannot("its axis counts from the end of a tensor of unknown rank");
  const at = axis ? exactNumber(knownInts(axis, "axis", say)[0], "an axis") : -2;
  return { ...node, inputs: length ? [x, length] : [x], attrs: { ...node.attrs, axis: int(at < 0 ? at + rank : at) } };
};

export const gridSampleMode: StepBack = (node) => {
  const older: Readonly<Record<string, string>> = { linear: "bilinear", cubic: "bicubic" };
  const mode = textOf(node, "mode", "linear");
  return { ...node, attrs: { ...node.attrs, mode: text(older[mode] ?? mode) } };
};

/** Equal parts had no number of their own; uneven ones are spelled. */
export const splitEqually: StepBack = (node, say) => {
  if (!node.attrs.num_outputs) return node;
  const attrs = without(node.attrs, "num_outputs");
  const type = say.typeOf(node.inputs[0]);
  const axis = intOf(node, "axis", 0);
  const extent = type?.shape?.at(axis);
  const parts = node.outputs.length;
  if (typeof extent !== "number" || extent % parts === 0) return { ...node, attrs };
  const each = Math.ceil(extent / parts);
  const sizes = node.outputs.map((_, i) => Math.max(0, Math.min(each, extent - i * each)));
  return { ...node, inputs: [node.inputs[0], say.constant(i64(sizes))], attrs };
};

export const sliceBounds: StepBack = (node, say) => {
  const [x, starts, ends, axes, steps] = node.inputs;
  if (steps && knownInts(steps, "steps", say).some((s) => s !== 1n)) return say.cannot("it takes steps");
  const list = (name: string, v: Value | undefined) => (v ? { [name]: ints(knownInts(v, name, say)) } : {});
  return { ...node, inputs: [x], attrs: { ...node.attrs, ...list("starts", starts), ...list("ends", ends), ...list("axes", axes) } };
};

export const topKCount: StepBack = (node, say) => ({
  ...node,
  inputs: node.inputs.slice(0, 1),
  attrs: { ...node.attrs, k: int(knownInts(node.inputs[1], "k", say)[0]) },
});

/** A zero in a shape always copied an extent; where none can be zero nothing is lost. */
export const reshapeWithoutZeros: StepBack = (node, say) => {
  if (intOf(node, "allowzero", 0) === 0) return node;
  const shape = say.typeOf(node.outputs[0])?.shape;
  if (!shape || shape.includes(0)) return say.cannot("an extent of 0 is meant as 0");
  return { ...node, attrs: without(node.attrs, "allowzero") };
};

/** CastLike knows its type by now. */
export const castLikeByType: StepBack = (node, say) => {
  const dtype = say.typeOf(node.inputs[1])?.dtype ?? say.typeOf(node.outputs[0])?.dtype;
  if (!dtype) return say.cannot("the type it casts to is not known");
  return { ...node, op: "Cast", inputs: node.inputs.slice(0, 1), attrs: { to: int(dtypes[dtype].onnx) } };
};

/** Cast-1 named the type in text. */
export const castByText: StepBack = (node) => {
  const code = intOf(node, "to", 1);
  const name = Object.values(dtypes).find((d) => d.onnx === code)?.onnxName ?? "";
  const spelled: Readonly<Record<string, string>> = { float32: "FLOAT", float64: "DOUBLE" };
  return { ...node, attrs: { ...node.attrs, to: text(spelled[name] ?? name.toUpperCase()) } };
};

/** A part of a shape was a Shape and a Slice. */
export const shapePart: StepBack = (node, say) => {
  if (!node.attrs.start && !node.attrs.end) return node;
  const rank = say.rankOf(node.inputs[0]);
  const whole = say.fresh(node.outputs[0], { kind: "tensor", dtype: "i64", shape: rank === undefined ? undefined : [rank] });
  const bound = (name: string, otherwise: number) => say.constant(i64([intOf(node, name, otherwise)]));
  say.after("Slice", [whole, bound("start", 0), bound("end", 2 ** 31 - 1), say.constant(i64([0]))], node.outputs);
  return { ...node, outputs: [whole], attrs: {} };
};

export function renamed(op: string): (node: Draft) => Draft {
  return (node) => ({ ...node, op });
}
