/* Generated from microsoft.formula.ts; do not edit. */ import { dispatcher } from "../lang/dispatch.js"; const $ = dispatcher("src/ops/formulas/microsoft.formula.ts"); /**
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
import { sigmoid } from "./activations.gen.js";
import { allAxes, positive, spatialAxes } from "./axes.gen.js";
import { averagePool } from "./pooling.gen.js";
import { dynamicLevels, quantise, spreadBlocks, unpacked } from "./quantisation.gen.js";
import { softmax } from "./softmax.gen.js";

const domain = "com.microsoft";
const level = ["i8", "u8"] as const;

const single = (p: Num): Num => $.call("47:33", reshape, p, []);

/** (x - zero) * scale, with one scale and zero point; absent zero points are 0. */
function real(x: Num, scale: Num, zero: Num | undefined): Num {
  return $.mul(less(x, zero, "f32") , single(scale), "51:31");
}

function less(x: Num, zero: Num | undefined, type: DType): Num {
  return zero === undefined ? $.call("55:31", cast, x, type) : $.sub($.call("55:47", cast, x, type) , $.call("55:63", cast, single(zero), type), "55:61");
}

/** Reals as levels of `type`. */
function held(x: Num, scale: Num, zero: Num | undefined, type: DType): Num {
  return quantise(x, single(scale), zero === undefined ? undefined : single(zero), type, true);
}

/** Whole numbers as levels of `type`. */
function zeroAdded(levels: Num, zero: Num | undefined, type: DType): Num {
  return $.call("65:10", cast, zero === undefined ? levels : $.add(levels , $.call("65:54", cast, single(zero), "f32"), "65:52"), type, { saturate: true });
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
  return $.call("81:10", cast, $.call("81:15", round, zero === undefined ? x : $.add(x , $.call("81:50", cast, single(zero), "f32"), "81:48")), type, { saturate: true });
}

export const QLinearAdd = formula({ domain, inputs: binary }, ({ a, a_scale, a_zero_point, b, b_scale, b_zero_point, c_scale, ...c }) =>
  atOnce($.div(($.add(real(a, a_scale, a_zero_point) , real(b, b_scale, b_zero_point), "85:42")) , single(c_scale), "85:76"), c.c_zero_point, $.call("85:111", dtype, a)),
{"name":"QLinearAdd","path":"src/ops/formulas/microsoft.formula.ts","line":84,"column":14});

export const QLinearMul = formula({ domain, inputs: binary }, ({ a, a_scale, a_zero_point, b, b_scale, b_zero_point, c_scale, ...c }) =>
  atOnce($.div(($.mul(real(a, a_scale, a_zero_point) , real(b, b_scale, b_zero_point), "89:42")) , single(c_scale), "89:76"), c.c_zero_point, $.call("89:111", dtype, a)),
{"name":"QLinearMul","path":"src/ops/formulas/microsoft.formula.ts","line":88,"column":14});

const unary = {
  x: level,
  x_scale: ["f32"],
  x_zero_point: optional(level),
  y_scale: ["f32"],
  y_zero_point: optional(level),
} as const;

export const QLinearSigmoid = formula({ domain, inputs: unary }, ({ x, x_scale, x_zero_point, y_scale, y_zero_point }) =>
  held(sigmoid(real(x, x_scale, x_zero_point)), y_scale, y_zero_point, $.call("101:72", dtype, x)),
{"name":"QLinearSigmoid","path":"src/ops/formulas/microsoft.formula.ts","line":100,"column":14});

export const QLinearLeakyRelu = formula(
  { domain, inputs: unary, attrs: { alpha: float(0.01) } },
  ({ x, x_scale, x_zero_point, y_scale, y_zero_point, alpha }) => {
    const r = real(x, x_scale, x_zero_point);
    return held($.call("108:17", where, $.lt(r , 0, "108:25"), $.mul(r , alpha, "108:32"), r), y_scale, y_zero_point, $.call("108:68", dtype, x));
  },
{"name":"QLinearLeakyRelu","path":"src/ops/formulas/microsoft.formula.ts","line":104,"column":14});

/**
 * An older form takes the axes from `axis` on as one. What 1 is in levels is floor(1 / y_scale), as onnxruntime has it, which
 * also holds the exponentials in a table of its own precision.
 */
export const QLinearSoftmax = formula(
  { domain, inputs: unary, attrs: { axis: int(-1), opset: required("int") } },
  ({ x, x_scale, x_zero_point, y_scale, y_zero_point, axis, opset: form }) => {
    const [at, dims, isOld] = [positive(axis, $.call("119:47", rank, x)), $.call("119:57", shape, x), $.lt(form , 13, "119:72")];
    const data = $.test(isOld, "120:18") ? $.call("120:26", reshape, x, [$.call("120:38", productOf, dims.slice(0, at)), $.call("120:68", productOf, dims.slice(at))]) : x;
    const levels = $.mul(softmax(real(data, x_scale, x_zero_point), $.test(isOld, "121:63") ? 1 : at) , $.call("121:81", floor, $.div(1 , single(y_scale), "121:89")), "121:79");
    return $.call("122:12", reshape, zeroAdded($.call("122:30", round, levels), y_zero_point, $.call("122:59", dtype, x)), dims);
  },
{"name":"QLinearSoftmax","path":"src/ops/formulas/microsoft.formula.ts","line":116,"column":14});

/** A tensor whose channels come last, with them behind the batch; and back. */
function channelsFirst(x: Num, isLast: boolean): Num {
  return $.test(isLast, "128:10") ? $.call("128:19", transpose, x, [0, $.sub($.call("128:36", rank, x) , 1, "128:44"), ...spatialAxes(x).map((a) => $.sub(a , 1, "128:80"))]) : x;
}

function channelsBack(x: Num, isLast: boolean): Num {
  return $.test(isLast, "132:10") ? $.call("132:19", transpose, x, [0, ...spatialAxes(x), 1]) : x;
}

/** Whole sums of each channel's levels, scaled once. */
export const QLinearGlobalAveragePool = formula(
  { domain, inputs: unary, attrs: { channels_last: int(0) } },
  ({ x, x_scale, x_zero_point, y_scale, y_zero_point, channels_last }) => {
    const data = channelsFirst(x, $.eq(channels_last , 1, "139:49"));
    const total = $.call("140:19", sum, less(data, x_zero_point, "i32"), spatialAxes(data));
    const factor = $.div(single(x_scale) , ($.mul(single(y_scale) , $.call("141:57", countAlong, data, spatialAxes(data)), "141:55")), "141:36");
    const levels = zeroAdded($.call("142:30", round, $.mul($.call("142:36", cast, total, "f32") , factor, "142:55")), y_zero_point, $.call("142:80", dtype, x));
    return channelsBack(levels, $.eq(channels_last , 1, "143:47"));
  },
{"name":"QLinearGlobalAveragePool","path":"src/ops/formulas/microsoft.formula.ts","line":136,"column":14});

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
    const data = channelsFirst(real(x, x_scale, x_zero_point), $.eq(channels_last , 1, "162:78"));
    const y = averagePool(data, { ...a, dilations: undefined }, true);
    return held(channelsBack(y, $.eq(channels_last , 1, "164:47")), y_scale, y_zero_point, $.call("164:78", dtype, x));
  },
{"name":"QLinearAveragePool","path":"src/ops/formulas/microsoft.formula.ts","line":147,"column":14});

export const QLinearReduceMean = formula(
  { domain, inputs: unary, attrs: { axes: maybe("ints"), keepdims: int(1) } },
  ({ x, x_scale, x_zero_point, y_scale, y_zero_point, axes, keepdims }) => {
    const over = axes === undefined || $.test($.eq(axes.length , 0, "171:52"), "171:40") ? allAxes(x) : axes;
    const y = $.call("172:15", mean, real(x, x_scale, x_zero_point), over);
    return held($.test($.eq(keepdims , 1, "173:26"), "173:17") ? y : $.call("173:38", squeeze, y, over), y_scale, y_zero_point, $.call("173:79", dtype, x));
  },
{"name":"QLinearReduceMean","path":"src/ops/formulas/microsoft.formula.ts","line":168,"column":14});

/** The operands come in threes: levels, scale, zero point. */
export const QLinearConcat = formula(
  { domain, inputs: { y_scale: ["f32"], y_zero_point: level, inputs: variadic("any") }, attrs: { axis: required("int") } },
  ({ y_scale, y_zero_point, inputs, axis }) => {
    if ($.test($.ne($.rem(inputs.length , 3, "181:23") , 0, "181:27"), "181:9")) $.call("181:34", refuse, `it has ${inputs.length} operands to join, and each is levels, a scale and a zero point`);
    const parts = inputs.filter((_, i) => $.eq($.rem(i , 3, "182:45") , 0, "182:49")).map((x, i) => real(x, inputs[$.add($.mul(3 , i, "182:87") , 1, "182:91")], inputs[$.add($.mul(3 , i, "182:106") , 2, "182:110")]));
    return $.call("183:12", concat, 
      parts.map((x) => held(x, y_scale, y_zero_point, $.call("184:55", dtype, y_zero_point))),
      axis,
    );
  },
{"name":"QLinearConcat","path":"src/ops/formulas/microsoft.formula.ts","line":178,"column":14});

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
    const requantised = (r: Num): Num => held(r, z_scale, z_zero_point, $.call("206:73", dtype, x));
    return $.call("207:12", where, condition, requantised(real(x, x_scale, x_zero_point)), requantised(real(y, y_scale, y_zero_point)));
  },
{"name":"QLinearWhere","path":"src/ops/formulas/microsoft.formula.ts","line":190,"column":14});

interface Operand {
  readonly levels: Num;
  readonly scale: Num;
  readonly zero: Num | undefined;
}

const zeroOr0 = ({ levels, zero }: Operand): Num => zero ?? $.call("217:61", cast, 0, $.call("217:69", dtype, levels));

/** Whole sums of products of levels, and the scale of each: A has one, B one or one a column. */
function product(a: Operand, b: Operand, turned: { readonly transA?: boolean; readonly transB?: boolean } = {}) {
  if (!$.test($.call("221:8", isSingle, a.scale), "221:8")) $.call("221:27", refuse, "a_scale has one value: those of columns are summed over");
  const [zeroA, zeroB] = [single(zeroOr0(a)), $.test($.call("222:47", isSingle, zeroOr0(b)), "222:47") ? single(zeroOr0(b)) : zeroOr0(b)];
  const sums = $.call("223:16", matmul, a.levels, b.levels, { ...turned, acc: "i32", zeroA, zeroB });
  const ofColumns = $.test($.call("224:21", isSingle, b.scale), "224:21") ? single(b.scale) : $.call("224:59", assumeStretches, b.scale, sums, "b_scale");
  return { sums, scale: $.mul(single(a.scale) , ofColumns, "225:41") };
}

const biased = (y: Num, bias: Num | undefined): Num => (bias === undefined ? y : $.add(y , $.call("228:86", assumeStretches, bias, y, "the bias"), "228:84"));

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
    return biased($.mul($.call("245:19", cast, sums, "f32") , scale, "245:37"), bias);
  },
{"name":"MatMulIntegerToFloat","path":"src/ops/formulas/microsoft.formula.ts","line":230,"column":14});

/** A is quantised over the range of its own data, as DynamicQuantizeLinear does. */
export const DynamicQuantizeMatMul = formula(
  {
    domain,
    inputs: { a: ["f32"], b: level, b_scale: ["f32"], b_zero_point: optional(level), bias: optional(["f32"]) },
  },
  ({ a, b, b_scale, b_zero_point, bias }) => {
    const { levels, scale: scaleA, zero } = dynamicLevels(a);
    const { sums, scale } = product({ levels, scale: scaleA, zero }, { levels: b, scale: b_scale, zero: b_zero_point });
    return biased($.mul($.call("258:19", cast, sums, "f32") , scale, "258:37"), bias);
  },
{"name":"DynamicQuantizeMatMul","path":"src/ops/formulas/microsoft.formula.ts","line":250,"column":14});

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
      { transA: $.ne(transA , 0, "283:24"), transB: $.ne(transB , 0, "283:46") },
    );
    const whole = $.call("285:19", cast, biased(sums, c), "f32");
    const scaled = $.test($.eq(alpha , 1, "286:26"), "286:20") ? scale : $.mul(scale , alpha, "286:48");
    if (y_scale === undefined) return $.mul(whole , scaled, "287:45");
    const type = y_zero_point === undefined ? $.call("288:47", dtype, a) : $.call("288:58", dtype, y_zero_point);
    return zeroAdded($.call("289:22", round, $.mul(whole , ($.div(scaled , single(y_scale), "289:44")), "289:34")), y_zero_point, type);
  },
{"name":"QGemm","path":"src/ops/formulas/microsoft.formula.ts","line":263,"column":14});

/** Operands of FusedMatMul with the first axis behind the others but the last where `transBatch` says so. */
function batchTurned(x: Num, isTurned: boolean): Num {
  const last = $.sub($.call("295:16", rank, x) , 1, "295:24");
  return $.test(isTurned, "296:10") && $.test($.gt(last , 0, "296:27"), "296:22") ? $.call("296:33", transpose, x, [...allAxes(x).slice(1, last), 0, last]) : x;
}

/** alpha * A' B'. A vector is not transposed. */
export const FusedMatMul = formula(
  {
    domain,
    inputs: { a: "float", b: "float" },
    attrs: { alpha: float(1), transA: int(0), transB: int(0), transBatchA: int(0), transBatchB: int(0) },
  },
  ({ a, b, alpha, transA, transB, transBatchA, transBatchB }) => {
    const [left, right] = [batchTurned(a, $.ne(transBatchA , 0, "307:55")), batchTurned(b, $.ne(transBatchB , 0, "307:90"))];
    const y = $.call("308:15", matmul, left, right, { transA: $.test($.ne(transA , 0, "308:52"), "308:45") && $.gt($.call("308:61", rank, a) , 1, "308:69"), transB: $.test($.ne(transB , 0, "308:89"), "308:82") && $.gt($.call("308:98", rank, b) , 1, "308:106") });
    return $.test($.eq(alpha , 1, "309:18"), "309:12") ? y : $.mul(y , alpha, "309:32");
  },
{"name":"FusedMatMul","path":"src/ops/formulas/microsoft.formula.ts","line":300,"column":14});

/** Levels along the last axis: each an element, or in bytes of several, of which the last may not be full. */
function levelsIn(stored: Num, bits: number): Num {
  if ($.call("315:7", dtype, stored) !== "u8") return stored;
  if (!$.test([2, 4, 8].includes(bits), "316:8")) $.call("316:34", refuse, `bits is ${bits}, and bytes hold levels of 2, 4 or 8`);
  const dims = $.call("317:16", shape, stored);
  return $.call("318:10", reshape, unpacked(stored, bits), [...dims.slice(0, -1), $.mul(dims[$.sub(dims.length , 1, "318:82")] , ($.div(8 , bits, "318:92")), "318:87")]);
}

/** Rows of a table of levels in blocks: they are gathered as levels, and no others are made floats. */
export const GatherBlockQuantized = formula(
  {
    domain,
    inputs: { data: ["i4", "u4", "u8"], indices: ["i32", "i64"], scales: "float", zero_points: optional(["i4", "u4", "u8"]) },
    attrs: { bits: int(4), block_size: int(128), gather_axis: int(0), quantize_axis: int(1) },
  },
  ({ data, indices, scales, zero_points, bits, block_size, gather_axis, quantize_axis }) => {
    const [from, along] = [positive(gather_axis, $.call("329:50", rank, data)), positive(quantize_axis, $.call("329:87", rank, data))];
    if ($.test($.eq(from , along, "330:14"), "330:9")) $.call("330:25", refuse, "it gathers along the axis of its blocks", "Dequantise the table first, or gather along another axis.");
    const rows = (t: Num): Num => $.call("331:35", gather, t, indices, from);
    const [levels, scale] = [levelsIn(rows(data), bits), rows(scales)];
    const at = $.test($.lt(from , along, "333:21"), "333:16") ? $.sub($.add(along , $.call("333:39", rank, indices), "333:37") , 1, "333:53") : along;
    const ofBlocks = (p: Num): Num => $.call("334:39", cast, spreadBlocks(p, levels, at, block_size), "f32");
    const middle = $.call("335:20", dtype, data) === "u8" ? $.pow(2 , ($.sub(bits , 1, "335:54")), "335:45") : 0;
    const zero = zero_points === undefined ? middle : ofBlocks(asMany(levelsIn(rows(zero_points), bits), scale));
    return $.call("337:12", cast, $.mul(($.sub($.call("337:18", cast, levels, "f32") , zero, "337:38")) , ofBlocks(scale), "337:46"), $.call("337:65", dtype, scales));
  },
{"name":"GatherBlockQuantized","path":"src/ops/formulas/microsoft.formula.ts","line":322,"column":14});

/** The first along the last axis, as many as `like` has. */
function asMany(x: Num, like: Num): Num {
  const axis = $.sub($.call("343:16", rank, x) , 1, "343:24");
  return $.call("344:10", slice, x, [{ axis, start: 0, size: $.call("344:44", shape, like)[axis] }], true);
}
