/**
 * Operators of com.microsoft on quantised tensors, as onnxruntime's optimiser and quantiser write them. Where onnxruntime
 * computes with tables or with products of scales made beforehand, its levels may differ by one at ties of rounding.
 */
import {
  assumeStretches,
  cast,
  concat,
  countAlong,
  dtype,
  float,
  floor,
  formula,
  gather,
  int,
  isSingle,
  matmul,
  maybe,
  mean,
  optional,
  productOf,
  rank,
  refuse,
  required,
  reshape,
  round,
  shape,
  slice,
  squeeze,
  sum,
  text,
  transpose,
  variadic,
  where,
  type DType,
  type Num,
} from "../lang.js";
import { sigmoid } from "./activations.formula.js";
import { allAxes, positive, spatialAxes } from "./axes.formula.js";
import { averagePool } from "./pooling.formula.js";
import { dynamicLevels, quantise, spreadBlocks, unpacked } from "./quantisation.formula.js";
import { softmax } from "./softmax.formula.js";

const domain = "com.microsoft";
const level = ["i8", "u8"] as const;

const single = (p: Num): Num => reshape(p, []);

/** (x - zero) * scale, with one scale and zero point; absent zero points are 0. */
function real(x: Num, scale: Num, zero: Num | undefined): Num {
  return less(x, zero, "f32") * single(scale);
}

function less(x: Num, zero: Num | undefined, type: DType): Num {
  return zero === undefined ? cast(x, type) : cast(x, type) - cast(single(zero), type);
}

/** Reals as levels of `type`. */
function held(x: Num, scale: Num, zero: Num | undefined, type: DType): Num {
  return quantise(x, single(scale), zero === undefined ? undefined : single(zero), type, true);
}

/** Whole numbers as levels of `type`. */
function zeroAdded(levels: Num, zero: Num | undefined, type: DType): Num {
  return cast(zero === undefined ? levels : levels + cast(single(zero), "f32"), type, { saturate: true });
}

const binary = {
  a: level,
  a_scale: ["f32"],
  a_zero_point: optional(level),
  b: level,
  b_scale: ["f32"],
  b_zero_point: optional(level),
  c_scale: ["f32"],
  c_zero_point: optional(level),
} as const;

/** What is rounded is the level, zero point and all: ties go to even levels. */
function atOnce(x: Num, zero: Num | undefined, type: DType): Num {
  return cast(round(zero === undefined ? x : x + cast(single(zero), "f32")), type, { saturate: true });
}

export const QLinearAdd = formula({ domain, inputs: binary }, ({ a, a_scale, a_zero_point, b, b_scale, b_zero_point, c_scale, ...c }) =>
  atOnce((real(a, a_scale, a_zero_point) + real(b, b_scale, b_zero_point)) / single(c_scale), c.c_zero_point, dtype(a)),
);

export const QLinearMul = formula({ domain, inputs: binary }, ({ a, a_scale, a_zero_point, b, b_scale, b_zero_point, c_scale, ...c }) =>
  atOnce((real(a, a_scale, a_zero_point) * real(b, b_scale, b_zero_point)) / single(c_scale), c.c_zero_point, dtype(a)),
);

const unary = {
  x: level,
  x_scale: ["f32"],
  x_zero_point: optional(level),
  y_scale: ["f32"],
  y_zero_point: optional(level),
} as const;

export const QLinearSigmoid = formula({ domain, inputs: unary }, ({ x, x_scale, x_zero_point, y_scale, y_zero_point }) =>
  held(sigmoid(real(x, x_scale, x_zero_point)), y_scale, y_zero_point, dtype(x)),
);

export const QLinearLeakyRelu = formula(
  { domain, inputs: unary, attrs: { alpha: float(0.01) } },
  ({ x, x_scale, x_zero_point, y_scale, y_zero_point, alpha }) => {
    const r = real(x, x_scale, x_zero_point);
    return held(where(r < 0, r * alpha, r), y_scale, y_zero_point, dtype(x));
  },
);

/**
 * An older form takes the axes from `axis` on as one. What 1 is in levels is floor(1 / y_scale), as onnxruntime has it, which
 * also holds the exponentials in a table of its own precision.
 */
export const QLinearSoftmax = formula(
  { domain, inputs: unary, attrs: { axis: int(-1), opset: required("int") } },
  ({ x, x_scale, x_zero_point, y_scale, y_zero_point, axis, opset: form }) => {
    const [at, dims, isOld] = [positive(axis, rank(x)), shape(x), form < 13];
    const data = isOld ? reshape(x, [productOf(dims.slice(0, at)), productOf(dims.slice(at))]) : x;
    const levels = softmax(real(data, x_scale, x_zero_point), isOld ? 1 : at) * floor(1 / single(y_scale));
    return reshape(zeroAdded(round(levels), y_zero_point, dtype(x)), dims);
  },
);

/** A tensor whose channels come last, with them behind the batch; and back. */
function channelsFirst(x: Num, isLast: boolean): Num {
  return isLast ? transpose(x, [0, rank(x) - 1, ...spatialAxes(x).map((a) => a - 1)]) : x;
}

function channelsBack(x: Num, isLast: boolean): Num {
  return isLast ? transpose(x, [0, ...spatialAxes(x), 1]) : x;
}

/** Whole sums of each channel's levels, scaled once. */
export const QLinearGlobalAveragePool = formula(
  { domain, inputs: unary, attrs: { channels_last: int(0) } },
  ({ x, x_scale, x_zero_point, y_scale, y_zero_point, channels_last }) => {
    const data = channelsFirst(x, channels_last === 1);
    const total = sum(less(data, x_zero_point, "i32"), spatialAxes(data));
    const factor = single(x_scale) / (single(y_scale) * countAlong(data, spatialAxes(data)));
    const levels = zeroAdded(round(cast(total, "f32") * factor), y_zero_point, dtype(x));
    return channelsBack(levels, channels_last === 1);
  },
);

export const QLinearAveragePool = formula(
  {
    domain,
    inputs: unary,
    attrs: {
      auto_pad: text("NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID"),
      ceil_mode: int(0),
      channels_last: int(0),
      count_include_pad: int(0),
      kernel_shape: required("ints"),
      pads: maybe("ints"),
      strides: maybe("ints"),
    },
  },
  ({ x, x_scale, x_zero_point, y_scale, y_zero_point, channels_last, ...a }) => {
    const data = channelsFirst(real(x, x_scale, x_zero_point), channels_last === 1);
    const y = averagePool(data, { ...a, dilations: undefined }, true);
    return held(channelsBack(y, channels_last === 1), y_scale, y_zero_point, dtype(x));
  },
);

export const QLinearReduceMean = formula(
  { domain, inputs: unary, attrs: { axes: maybe("ints"), keepdims: int(1) } },
  ({ x, x_scale, x_zero_point, y_scale, y_zero_point, axes, keepdims }) => {
    const over = axes === undefined || axes.length === 0 ? allAxes(x) : axes;
    const y = mean(real(x, x_scale, x_zero_point), over);
    return held(keepdims === 1 ? y : squeeze(y, over), y_scale, y_zero_point, dtype(x));
  },
);

/** The operands come in threes: levels, scale, zero point. */
export const QLinearConcat = formula(
  { domain, inputs: { y_scale: ["f32"], y_zero_point: level, inputs: variadic("any") }, attrs: { axis: required("int") } },
  ({ y_scale, y_zero_point, inputs, axis }) => {
    if (inputs.length % 3 !== 0) refuse(`it has ${inputs.length} operands to join, and each is levels, a scale and a zero point`);
    const parts = inputs.filter((_, i) => i % 3 === 0).map((x, i) => real(x, inputs[3 * i + 1], inputs[3 * i + 2]));
    return concat(
      parts.map((x) => held(x, y_scale, y_zero_point, dtype(y_zero_point))),
      axis,
    );
  },
);

export const QLinearWhere = formula(
  {
    domain,
    inputs: {
      condition: ["bool"],
      x: level,
      x_scale: ["f32"],
      x_zero_point: level,
      y: level,
      y_scale: ["f32"],
      y_zero_point: level,
      z_scale: ["f32"],
      z_zero_point: level,
    },
  },
  ({ condition, x, x_scale, x_zero_point, y, y_scale, y_zero_point, z_scale, z_zero_point }) => {
    const requantised = (r: Num): Num => held(r, z_scale, z_zero_point, dtype(x));
    return where(condition, requantised(real(x, x_scale, x_zero_point)), requantised(real(y, y_scale, y_zero_point)));
  },
);

interface Operand {
  readonly levels: Num;
  readonly scale: Num;
  readonly zero: Num | undefined;
}

const zeroOr0 = ({ levels, zero }: Operand): Num => zero ?? cast(0, dtype(levels));

/** Whole sums of products of levels, and the scale of each: A has one, B one or one a column. */
function product(a: Operand, b: Operand, turned: { readonly transA?: boolean; readonly transB?: boolean } = {}) {
  if (!isSingle(a.scale)) refuse("a_scale has one value: those of columns are summed over");
  const [zeroA, zeroB] = [single(zeroOr0(a)), isSingle(zeroOr0(b)) ? single(zeroOr0(b)) : zeroOr0(b)];
  const sums = matmul(a.levels, b.levels, { ...turned, acc: "i32", zeroA, zeroB });
  const ofColumns = isSingle(b.scale) ? single(b.scale) : assumeStretches(b.scale, sums, "b_scale");
  return { sums, scale: single(a.scale) * ofColumns };
}

const biased = (y: Num, bias: Num | undefined): Num => (bias === undefined ? y : y + assumeStretches(bias, y, "the bias"));

export const MatMulIntegerToFloat = formula(
  {
    domain,
    inputs: {
      a: level,
      b: level,
      a_scale: ["f32"],
      b_scale: ["f32"],
      a_zero_point: optional(level),
      b_zero_point: optional(level),
      bias: optional(["f32"]),
    },
  },
  ({ a, b, a_scale, b_scale, a_zero_point, b_zero_point, bias }) => {
    const { sums, scale } = product({ levels: a, scale: a_scale, zero: a_zero_point }, { levels: b, scale: b_scale, zero: b_zero_point });
    return biased(cast(sums, "f32") * scale, bias);
  },
);

/** A is quantised over the range of its own data, as DynamicQuantizeLinear does. */
export const DynamicQuantizeMatMul = formula(
  {
    domain,
    inputs: { a: ["f32"], b: level, b_scale: ["f32"], b_zero_point: optional(level), bias: optional(["f32"]) },
  },
  ({ a, b, b_scale, b_zero_point, bias }) => {
    const { levels, scale: scaleA, zero } = dynamicLevels(a);
    const { sums, scale } = product({ levels, scale: scaleA, zero }, { levels: b, scale: b_scale, zero: b_zero_point });
    return biased(cast(sums, "f32") * scale, bias);
  },
);

/** C lies on the scale of the sums. Without a scale of its own the result is float. */
export const QGemm = formula(
  {
    domain,
    inputs: {
      a: level,
      a_scale: ["f32"],
      a_zero_point: level,
      b: level,
      b_scale: ["f32"],
      b_zero_point: level,
      c: optional(["i32"]),
      y_scale: optional(["f32"]),
      y_zero_point: optional(level),
    },
    attrs: { transA: int(0), transB: int(0), alpha: float(1) },
  },
  ({ a, a_scale, a_zero_point, b, b_scale, b_zero_point, c, y_scale, y_zero_point, transA, transB, alpha }) => {
    const { sums, scale } = product(
      { levels: a, scale: a_scale, zero: a_zero_point },
      { levels: b, scale: b_scale, zero: b_zero_point },
      { transA: transA !== 0, transB: transB !== 0 },
    );
    const whole = cast(biased(sums, c), "f32");
    const scaled = alpha === 1 ? scale : scale * alpha;
    if (y_scale === undefined) return whole * scaled;
    const type = y_zero_point === undefined ? dtype(a) : dtype(y_zero_point);
    return zeroAdded(round(whole * (scaled / single(y_scale))), y_zero_point, type);
  },
);

/** Operands of FusedMatMul with the first axis behind the others but the last where `transBatch` says so. */
function batchTurned(x: Num, isTurned: boolean): Num {
  const last = rank(x) - 1;
  return isTurned && last > 0 ? transpose(x, [...allAxes(x).slice(1, last), 0, last]) : x;
}

/** alpha * A' B'. A vector is not transposed. */
export const FusedMatMul = formula(
  {
    domain,
    inputs: { a: "float", b: "float" },
    attrs: { alpha: float(1), transA: int(0), transB: int(0), transBatchA: int(0), transBatchB: int(0) },
  },
  ({ a, b, alpha, transA, transB, transBatchA, transBatchB }) => {
    const [left, right] = [batchTurned(a, transBatchA !== 0), batchTurned(b, transBatchB !== 0)];
    const y = matmul(left, right, { transA: transA !== 0 && rank(a) > 1, transB: transB !== 0 && rank(b) > 1 });
    return alpha === 1 ? y : y * alpha;
  },
);

/** Levels along the last axis: each an element, or in bytes of several, of which the last may not be full. */
function levelsIn(stored: Num, bits: number): Num {
  if (dtype(stored) !== "u8") return stored;
  if (![2, 4, 8].includes(bits)) refuse(`bits is ${bits}, and bytes hold levels of 2, 4 or 8`);
  const dims = shape(stored);
  return reshape(unpacked(stored, bits), [...dims.slice(0, -1), dims[dims.length - 1] * (8 / bits)]);
}

/** Rows of a table of levels in blocks: they are gathered as levels, and no others are made floats. */
export const GatherBlockQuantized = formula(
  {
    domain,
    inputs: { data: ["i4", "u4", "u8"], indices: ["i32", "i64"], scales: "float", zero_points: optional(["i4", "u4", "u8"]) },
    attrs: { bits: int(4), block_size: int(128), gather_axis: int(0), quantize_axis: int(1) },
  },
  ({ data, indices, scales, zero_points, bits, block_size, gather_axis, quantize_axis }) => {
    const [from, along] = [positive(gather_axis, rank(data)), positive(quantize_axis, rank(data))];
    if (from === along) refuse("it gathers along the axis of its blocks", "Dequantise the table first, or gather along another axis.");
    const rows = (t: Num): Num => gather(t, indices, from);
    const [levels, scale] = [levelsIn(rows(data), bits), rows(scales)];
    const at = from < along ? along + rank(indices) - 1 : along;
    const ofBlocks = (p: Num): Num => cast(spreadBlocks(p, levels, at, block_size), "f32");
    const middle = dtype(data) === "u8" ? 2 ** (bits - 1) : 0;
    const zero = zero_points === undefined ? middle : ofBlocks(asMany(levelsIn(rows(zero_points), bits), scale));
    return cast((cast(levels, "f32") - zero) * ofBlocks(scale), dtype(scales));
  },
);

/** The first along the last axis, as many as `like` has. */
function asMany(x: Num, like: Num): Num {
  const axis = rank(x) - 1;
  return slice(x, [{ axis, start: 0, size: shape(like)[axis] }], true);
}
