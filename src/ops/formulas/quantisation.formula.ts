/** Linear quantisation, and products and convolutions of quantised tensors as integer arithmetic rescaled once. */
import {
  assumeShape,
  assumeStretches,
  bitAnd,
  cast,
  ceilDiv,
  conv,
  dtype,
  expand,
  formula,
  int,
  isFixed,
  isIntegerType,
  isSingle,
  matmul,
  max,
  maximum,
  min,
  minimum,
  optional,
  rank,
  refuse,
  refuseOpen,
  required,
  reshape,
  round,
  shape,
  shiftRight,
  size,
  slice,
  stack,
  typeFromCode,
  unsqueeze,
  where,
  maybe,
  type DType,
  type Num,
} from "../lang.js";
import { allAxes, positive, spatialAxes } from "./axes.formula.js";
import { addBias, geometry, windowAttrs } from "./convolution.formula.js";

/** A scale or zero point shaped to meet x: one value, one along the axis, or one a block along the axis. */
function spread(p: Num, x: Num, axis: number, block: number): Num {
  const at = positive(axis, rank(x));
  if (rank(p) > 1 && block > 0) return spreadBlocks(p, x, at, block);
  if (isSingle(p)) return reshape(p, []);
  const others = rank(p) === 1 && rank(x) > 1 ? allAxes(x).filter((a) => a !== at) : [];
  return assumeStretches(unsqueeze(p, others), x, "a scale or zero point");
}

export function spreadBlocks(p: Num, x: Num, at: number, block: number): Num {
  const dims = shape(x).map((d, i) => (i === at ? ceilDiv(d, block) : d));
  const own = assumeShape(p, dims, `there must be one scale and zero point a block of ${block} on axis ${at}`);
  if (isSingle(own)) return reshape(own, []);
  const apart = expand(unsqueeze(own, [at + 1]), [block, ...dims.slice(at + 1)]);
  const repeated = reshape(
    apart,
    dims.map((d, i) => (i === at ? d * block : d)),
  );
  return slice(repeated, [{ axis: at, start: 0, size: shape(x)[at] }], true);
}

/** round(x / scale) + zero point, limited to what the type holds; small floats are rounded by their cast. */
export function quantise(x: Num, scale: Num, zero: Num | undefined, type: DType, saturate: boolean): Num {
  const ratio = x / scale;
  if (!isIntegerType(type)) return cast(zero === undefined ? ratio : ratio + cast(zero, dtype(ratio)), type, { saturate });
  const level = round(ratio);
  return cast(zero === undefined ? level : level + cast(zero, dtype(level)), type, { saturate: true });
}

export const QuantizeLinear = formula(
  {
    inputs: { x: "number", scale: "float", zero_point: optional("any") },
    attrs: { axis: int(1), block_size: int(0), output_dtype: int(0), precision: int(0), saturate: int(1) },
  },
  ({ x, scale, zero_point, axis, block_size, output_dtype, precision, saturate }) => {
    const type = typeFromCode(output_dtype) ?? (zero_point === undefined ? "u8" : dtype(zero_point));
    const wide = typeFromCode(precision) ?? dtype(scale);
    const s = cast(spread(scale, x, axis, block_size), wide);
    const zero = zero_point === undefined ? undefined : spread(zero_point, x, axis, block_size);
    return quantise(cast(x, wide), s, zero, type, saturate === 1);
  },
);

/** (x - zero point) * scale. */
export const DequantizeLinear = formula(
  {
    inputs: { x: "number", scale: "float", zero_point: optional("any") },
    attrs: { axis: int(1), block_size: int(0), output_dtype: int(0) },
  },
  ({ x, scale, zero_point, axis, block_size, output_dtype }) => {
    const type = typeFromCode(output_dtype) ?? dtype(scale);
    const s = cast(spread(scale, x, axis, block_size), "f32");
    const levels = cast(x, "f32");
    const zero = zero_point === undefined ? undefined : cast(spread(zero_point, x, axis, block_size), "f32");
    return cast((zero === undefined ? levels : levels - zero) * s, type);
  },
);

/** 8-bit levels over the range of the data itself, which always includes 0. */
export function dynamicLevels(x: Num) {
  const flat = reshape(x, [size(x)]);
  const low = reshape(minimum(min(flat, 0), 0), []);
  const high = reshape(maximum(max(flat, 0), 0), []);
  const raw = (high - low) / 255;
  const scale = where(raw === 0, 1, raw);
  const zero = cast(round(maximum(minimum(-low / scale, 255), 0)), "u8");
  return { levels: quantise(x, scale, zero, "u8", true), scale, zero };
}

export const DynamicQuantizeLinear = formula({ inputs: { x: ["f32"] }, outputs: 3 }, ({ x }) => {
  const { levels, scale, zero } = dynamicLevels(x);
  return [levels, scale, zero];
});

/** Levels of an accumulated integer product, rescaled to the result's quantisation. */
function requantise(sum: Num, factor: Num, zero: Num): Num {
  return cast(round(cast(sum, "f32") * factor) + cast(zero, "f32"), dtype(zero), { saturate: true });
}

const quantised = ["i8", "u8"] as const;

export const QLinearMatMul = formula(
  {
    inputs: {
      a: quantised,
      a_scale: "float",
      a_zero_point: quantised,
      b: quantised,
      b_scale: "float",
      b_zero_point: quantised,
      y_scale: "float",
      y_zero_point: quantised,
    },
  },
  ({ a, a_scale, a_zero_point, b, b_scale, b_zero_point, y_scale, y_zero_point }) => {
    if (rank(y_scale) > 1) refuse("QLinearMatMul is described for one scale of the result, or one a row");
    const column = (p: Num) => (isSingle(p) ? reshape(p, []) : rank(p) === 1 ? unsqueeze(p, [1]) : p);
    const row = (p: Num) => (isSingle(p) ? reshape(p, []) : p);
    const sum = matmul(a, b, { acc: "i32", zeroA: column(a_zero_point), zeroB: row(b_zero_point) });
    const ofRows = (p: Num, what: string) => assumeStretches(column(p), sum, what);
    const factor =
      (cast(ofRows(a_scale, "a_scale"), "f32") * cast(assumeStretches(row(b_scale), sum, "b_scale"), "f32")) /
      cast(ofRows(y_scale, "y_scale"), "f32");
    return requantise(sum, factor, ofRows(y_zero_point, "y_zero_point"));
  },
);

export const QLinearConv = formula(
  {
    inputs: {
      x: quantised,
      x_scale: ["f32"],
      x_zero_point: quantised,
      w: quantised,
      w_scale: ["f32"],
      w_zero_point: quantised,
      y_scale: ["f32"],
      y_zero_point: quantised,
      b: optional(["i32"]),
    },
    attrs: { ...windowAttrs, group: int(1), kernel_shape: maybe("ints") },
  },
  ({ x, x_scale, x_zero_point, w, w_scale, w_zero_point, y_scale, y_zero_point, b, ...a }) => {
    const g = geometry(x, shape(w).slice(2), a);
    if (![...g.low, ...g.high].every(isFixed)) refuseOpen("the automatic padding of QLinearConv", [...g.low, ...g.high]);
    const sum = conv(x, w, {
      strides: g.strides,
      dilations: g.dilations,
      group: a.group,
      pads: [...g.low, ...g.high],
      acc: "i32",
      zeroX: reshape(x_zero_point, []),
      zeroW: isSingle(w_zero_point) ? reshape(w_zero_point, []) : w_zero_point,
    });
    const channel = isSingle(w_scale) ? reshape(w_scale, []) : assumeStretches(unsqueeze(w_scale, [0, ...spatialAxes(x)]), sum, "w_scale");
    return requantise(addBias(sum, b), (reshape(x_scale, []) * channel) / reshape(y_scale, []), reshape(y_zero_point, []));
  },
);

/** The levels in packed bytes along a new last axis, the first in the lowest bits. */
export function unpacked(bytes: Num, bits: number): Num {
  if (bits === 8) return unsqueeze(bytes, [rank(bytes)]);
  const mask = 2 ** bits - 1;
  const parts = Array.from({ length: 8 / bits }, (_, i) => bitAnd(i === 0 ? bytes : shiftRight(bytes, i * bits), mask));
  return stack(parts, rank(bytes));
}

/**
 * com.microsoft MatMulNBits: A times the transpose of a weight [N, K] whose levels are packed in blocks along K, each block
 * with a scale and a zero point, 2^(bits - 1) where there is none.
 */
export const MatMulNBits = formula(
  {
    domain: "com.microsoft",
    inputs: {
      a: "float",
      b: ["u8"],
      scales: "float",
      zero_points: optional("number"),
      g_idx: optional(["i32"]),
      bias: optional("float"),
    },
    attrs: { K: required("int"), N: required("int"), bits: int(4), block_size: required("int"), accuracy_level: int(0) },
  },
  ({ a, b, scales, zero_points, g_idx, bias, K, N, bits, block_size }) => {
    if (![2, 4, 8].includes(bits)) refuse(`bits is ${bits}, and MatMulNBits has 2, 4 or 8`);
    if (g_idx !== undefined) refuse("g_idx is deprecated: onnxruntime does not read it");
    const blocks = ceilDiv(K, block_size);
    const bytes = assumeShape(b, [N, blocks, (block_size * bits) / 8], "B holds the levels of N rows in blocks");
    const levels = cast(reshape(unpacked(bytes, bits), [N, blocks, block_size]), "f32");
    const zero = zeroOf(zero_points, N, blocks, bits);
    const spread = reshape(cast(scales, "f32"), [N, blocks, 1]);
    const rows = reshape((levels - zero) * spread, [N, blocks * block_size]);
    const weight = slice(rows, [{ axis: 1, start: 0, size: K }], true);
    const product = matmul(cast(a, "f32"), weight, { transB: true });
    return cast(bias === undefined ? product : product + cast(bias, "f32"), dtype(a));
  },
);

function zeroOf(zeros: Num | undefined, n: number, blocks: number, bits: number): Num {
  if (zeros === undefined) return 2 ** (bits - 1);
  if (!isIntegerType(dtype(zeros))) return reshape(cast(zeros, "f32"), [n, blocks, 1]);
  const each = ceilDiv(blocks * bits, 8);
  const rows = reshape(unpacked(reshape(zeros, [n, each]), bits), [n, (each * 8) / bits]);
  return cast(unsqueeze(slice(rows, [{ axis: 1, start: 0, size: blocks }], true), [2]), "f32");
}
