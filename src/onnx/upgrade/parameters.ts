/** Upgrades where attributes became inputs, in the shapes that the shared moves of rewrites.ts do not cover. */
import { exactNumber, extentOf } from "../../base/element.js";
import { dtypes, type DType } from "../../base/dtype.js";
import type { Draft, Maker, Rewrite } from "./draft.js";
import {
  bool,
  cannotUpgrade,
  f32Scalar,
  floatOf,
  i64,
  i64Scalar,
  int,
  intOf,
  intsOf,
  scalarLike,
  text,
  textOf,
  withInput,
  without,
} from "./rewrites.js";

/** Cast-1 named the type in text: "FLOAT". */
export const castFromText: Rewrite = (node, make) => {
  const to = node.attrs.to;
  if (to?.kind !== "text") return node;
  const aliases: Readonly<Record<string, string>> = { FLOAT: "float32", DOUBLE: "float64" };
  const wanted = aliases[to.value] ?? to.value.toLowerCase();
  const dtype = (Object.keys(dtypes) as DType[]).find((d) => dtypes[d].onnxName === wanted);
  if (!dtype)
    cannotUpgrade(node, make, `"to" is ${JSON.stringify(to.value)}, no element type`, "Cast-1 spells types as TensorProto.DataType does.");
  return { ...node, attrs: { ...node.attrs, to: int(dtypes[dtype].onnx) } };
};

/**
 * The limits were attributes. An absent one stood for the largest finite f32 and is left out, as ONNX's own version
 * converter does: only infinities tell the difference.
 */
export const clipTo11: Rewrite = (node, make) => {
  const [x] = node.inputs;
  const limit = (name: string) => (node.attrs[name] ? scalarLike(make, floatOf(node, name, 0), x) : undefined);
  const [low, high] = [limit("min"), limit("max")];
  return { ...node, inputs: withInput(withInput([x], 1, low), 2, high), attrs: without(node.attrs, "min", "max") };
};

/** Pad-1 called its amounts `paddings`. */
export const padsName: Rewrite = (node) => {
  const { paddings, ...attrs } = node.attrs;
  return { ...node, attrs: paddings ? { ...attrs, pads: paddings } : attrs };
};

export const constantPad: Rewrite = (node, make) => {
  const [x] = node.inputs;
  const value = floatOf(node, "value", 0);
  const constant = textOf(node, "mode", "constant") === "constant" && value !== 0;
  const inputs = [x, make.constant(i64(intsOf(node, "pads") ?? [])), ...(constant ? [scalarLike(make, value, x)] : [])];
  return { ...node, inputs, attrs: without(node.attrs, "pads", "value") };
};

/** Before opset 7 an attribute told training from inference; from 7 to 10 Dropout only ever infers. */
export const dropoutTo12: Rewrite = (node, make) => {
  const trains = node.attrs.is_test?.kind === "int" && node.attrs.is_test.value === 0n;
  const ratio = node.attrs.ratio ? make.constant(f32Scalar(floatOf(node, "ratio", 0.5))) : undefined;
  const inputs = withInput(withInput([node.inputs[0]], 1, ratio), 2, trains ? make.constant(bool(true)) : undefined);
  return { ...node, inputs, attrs: without(node.attrs, "ratio", "is_test") };
};

/** The axis became an input, and its default the last but one instead of 1. */
export const dftTo20: Rewrite = (node, make) => ({
  ...node,
  inputs: withInput(node.inputs, 2, make.constant(i64Scalar(intOf(node, "axis", 1)))),
  attrs: without(node.attrs, "axis"),
});

export const gridSampleTo20: Rewrite = (node) => {
  const renamed: Readonly<Record<string, string>> = { bilinear: "linear", bicubic: "cubic" };
  const mode = textOf(node, "mode", "bilinear");
  return { ...node, attrs: { ...node.attrs, mode: text(renamed[mode] ?? mode) } };
};

/** Equal parts: the count of outputs told their number, now an attribute does. */
export const splitTo18: Rewrite = (node) =>
  node.inputs[1] ? node : { ...node, attrs: { ...node.attrs, num_outputs: int(node.outputs.length) } };

export const sliceTo10: Rewrite = (node, make) => {
  const list = (name: string) => {
    const values = intsOf(node, name);
    return values && make.constant(i64(values));
  };
  const inputs = [node.inputs[0], list("starts"), list("ends")];
  return { ...node, inputs: withInput(inputs, 3, list("axes")), attrs: without(node.attrs, "starts", "ends", "axes") };
};

export const topKTo10: Rewrite = (node, make) => ({
  ...node,
  inputs: [node.inputs[0], make.constant(i64([intOf(node, "k", 1)]))],
  attrs: without(node.attrs, "k"),
});

export const reshapeTo5: Rewrite = (node, make) => ({
  ...node,
  inputs: [node.inputs[0], make.constant(i64(intsOf(node, "shape") ?? []))],
  attrs: without(node.attrs, "shape", "consumed_inputs"),
});

/** LpPool-1 and GlobalLpPool-1 took the power as a float. */
export const poolPower: Rewrite = (node) => ({ ...node, attrs: { ...node.attrs, p: int(Math.round(floatOf(node, "p", 2))) } });

/** Tile-1 repeated one axis, given as inputs; with constants it is a Tile of today. */
export const oldTile: Rewrite = (node: Draft, make: Maker) => {
  const [x, tiles, axis] = node.inputs;
  if (!axis) return node;
  const [count, at, rank] = [make.known(tiles), make.known(axis), make.rankOf(x)];
  if (!count || !at || rank === undefined)
    cannotUpgrade(node, make, "its tiles and axis are computed", "Tile-1 repeats along one axis, which has to be known to name it.");
  const repeats = Array.from({ length: rank }, (_, i) =>
    i === extentOf(at.data[0] as bigint) ? exactNumber(count.data[0] as bigint, "the number of tiles") : 1,
  );
  return { ...node, inputs: [x, make.constant(i64(repeats))] };
};
