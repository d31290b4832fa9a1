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

const single = (p: Num): Num => $.call("46:33", reshape, p, []);

/** (x - zero) * scale, with one scale and zero point; absent zero points are 0. */
function real(x: Num, scale: Num, zero: Num | undefined): Num {
  return $.mul(less(x, zero, "f32") , single(scale), "50:31");
}

function less(x: Num, zero: Num | undefined, type: DType): Num {
  return zero === undefined ? $.call("54:31", cast, x, type) : $.sub($.call("54:47", cast, x, type) , $.call("54:63", cast, single(zero), type), "54:61");
}

/** Reals as levels of `type`. */
function held(x: Num, scale: Num, zero: Num | undefined, type: DType): Num {
  return quantise(x, single(scale), zero === undefined ? undefined : single(zero), type, true);
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
  return $.call("75:10", cast, $.call("75:15", round, zero === undefined ? x : $.add(x , $.call("75:50", cast, single(zero), "f32"), "75:48")), type, { saturate: true });
}

export const QLinearAdd = formula({ domain, inputs: binary }, ({ a, a_scale, a_zero_point, b, b_scale, b_zero_point, c_scale, ...c }) =>
  atOnce($.div(($.add(real(a, a_scale, a_zero_point) , real(b, b_scale, b_zero_point), "79:42")) , single(c_scale), "79:76"), c.c_zero_point, $.call("79:111", dtype, a)),
{"name":"QLinearAdd","path":"src/ops/formulas/microsoft.formula.ts","line":78,"column":14});

export const QLinearMul = formula({ domain, inputs: binary }, ({ a, a_scale, a_zero_point, b, b_scale, b_zero_point, c_scale, ...c }) =>
  atOnce($.div(($.mul(real(a, a_scale, a_zero_point) , real(b, b_scale, b_zero_point), "83:42")) , single(c_scale), "83:76"), c.c_zero_point, $.call("83:111", dtype, a)),
{"name":"QLinearMul","path":"src/ops/formulas/microsoft.formula.ts","line":82,"column":14});

const unary = {
  x: level,
  x_scale: ["f32"],
  x_zero_point: optional(level),
  y_scale: ["f32"],
  y_zero_point: optional(level),
} as const;

export const QLinearSigmoid = formula({ domain, inputs: unary }, ({ x, x_scale, x_zero_point, y_scale, y_zero_point }) =>
  held(sigmoid(real(x, x_scale, x_zero_point)), y_scale, y_zero_point, $.call("95:72", dtype, x)),
{"name":"QLinearSigmoid","path":"src/ops/formulas/microsoft.formula.ts","line":94,"column":14});

export const QLinearLeakyRelu = formula(
  { domain, inputs: unary, attrs: { alpha: float(0.01) } },
  ({ x, x_scale, x_zero_point, y_scale, y_zero_point, alpha }) => {
    const r = real(x, x_scale, x_zero_point);
    return held($.call("102:17", where, $.lt(r , 0, "102:25"), $.mul(r , alpha, "102:32"), r), y_scale, y_zero_point, $.call("102:68", dtype, x));
  },
{"name":"QLinearLeakyRelu","path":"src/ops/formulas/microsoft.formula.ts","line":98,"column":14});

/** An older form takes the axes from `axis` on as one. onnxruntime holds the exponentials in a table of its own precision. */
export const QLinearSoftmax = formula(
  { domain, inputs: unary, attrs: { axis: int(-1), opset: required("int") } },
  ({ x, x_scale, x_zero_point, y_scale, y_zero_point, axis, opset: form }) => {
    const [at, dims, isOld] = [positive(axis, $.call("110:47", rank, x)), $.call("110:57", shape, x), $.lt(form , 13, "110:72")];
    const data = $.test(isOld, "111:18") ? $.call("111:26", reshape, x, [$.call("111:38", productOf, dims.slice(0, at)), $.call("111:68", productOf, dims.slice(at))]) : x;
    const y = softmax(real(data, x_scale, x_zero_point), $.test(isOld, "112:58") ? 1 : at);
    return $.call("113:12", reshape, held(y, y_scale, y_zero_point, $.call("113:51", dtype, x)), dims);
  },
{"name":"QLinearSoftmax","path":"src/ops/formulas/microsoft.formula.ts","line":107,"column":14});

/** A tensor whose channels come last, with them behind the batch; and back. */
function channelsFirst(x: Num, isLast: boolean): Num {
  return $.test(isLast, "119:10") ? $.call("119:19", transpose, x, [0, $.sub($.call("119:36", rank, x) , 1, "119:44"), ...spatialAxes(x).map((a) => $.sub(a , 1, "119:80"))]) : x;
}

function channelsBack(x: Num, isLast: boolean): Num {
  return $.test(isLast, "123:10") ? $.call("123:19", transpose, x, [0, ...spatialAxes(x), 1]) : x;
}

/** Whole sums of each channel's levels, scaled once. */
export const QLinearGlobalAveragePool = formula(
  { domain, inputs: unary, attrs: { channels_last: int(0) } },
  ({ x, x_scale, x_zero_point, y_scale, y_zero_point, channels_last }) => {
    const data = channelsFirst(x, $.eq(channels_last , 1, "130:49"));
    const total = $.call("131:19", sum, less(data, x_zero_point, "i32"), spatialAxes(data));
    const factor = $.div(single(x_scale) , ($.mul(single(y_scale) , $.call("132:57", countAlong, data, spatialAxes(data)), "132:55")), "132:36");
    const levels = $.call("133:20", round, $.mul($.call("133:26", cast, total, "f32") , factor, "133:45"));
    return channelsBack(held(levels, $.call("134:38", cast, 1, "f32"), y_zero_point, $.call("134:68", dtype, x)), $.eq(channels_last , 1, "134:93"));
  },
{"name":"QLinearGlobalAveragePool","path":"src/ops/formulas/microsoft.formula.ts","line":127,"column":14});

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
    const data = channelsFirst(real(x, x_scale, x_zero_point), $.eq(channels_last , 1, "153:78"));
    const y = averagePool(data, { ...a, dilations: undefined }, true);
    return held(channelsBack(y, $.eq(channels_last , 1, "155:47")), y_scale, y_zero_point, $.call("155:78", dtype, x));
  },
{"name":"QLinearAveragePool","path":"src/ops/formulas/microsoft.formula.ts","line":138,"column":14});

export const QLinearReduceMean = formula(
  { domain, inputs: unary, attrs: { axes: maybe("ints"), keepdims: int(1) } },
  ({ x, x_scale, x_zero_point, y_scale, y_zero_point, axes, keepdims }) => {
    const over = axes === undefined || $.test($.eq(axes.length , 0, "162:52"), "162:40") ? allAxes(x) : axes;
    const y = $.call("163:15", mean, real(x, x_scale, x_zero_point), over);
    return held($.test($.eq(keepdims , 1, "164:26"), "164:17") ? y : $.call("164:38", squeeze, y, over), y_scale, y_zero_point, $.call("164:79", dtype, x));
  },
{"name":"QLinearReduceMean","path":"src/ops/formulas/microsoft.formula.ts","line":159,"column":14});

/** The operands come in threes: levels, scale, zero point. */
export const QLinearConcat = formula(
  { domain, inputs: { y_scale: ["f32"], y_zero_point: level, inputs: variadic("any") }, attrs: { axis: required("int") } },
  ({ y_scale, y_zero_point, inputs, axis }) => {
    if ($.test($.ne($.rem(inputs.length , 3, "172:23") , 0, "172:27"), "172:9")) $.call("172:34", refuse, `it has ${inputs.length} operands to join, and each is levels, a scale and a zero point`);
    const parts = inputs.filter((_, i) => $.eq($.rem(i , 3, "173:45") , 0, "173:49")).map((x, i) => real(x, inputs[$.add($.mul(3 , i, "173:87") , 1, "173:91")], inputs[$.add($.mul(3 , i, "173:106") , 2, "173:110")]));
    return $.call("174:12", concat, 
      parts.map((x) => held(x, y_scale, y_zero_point, $.call("175:55", dtype, y_zero_point))),
      axis,
    );
  },
{"name":"QLinearConcat","path":"src/ops/formulas/microsoft.formula.ts","line":169,"column":14});

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
    const requantised = (r: Num): Num => held(r, z_scale, z_zero_point, $.call("197:73", dtype, x));
    return $.call("198:12", where, condition, requantised(real(x, x_scale, x_zero_point)), requantised(real(y, y_scale, y_zero_point)));
  },
{"name":"QLinearWhere","path":"src/ops/formulas/microsoft.formula.ts","line":181,"column":14});

interface Operand {
  readonly levels: Num;
  readonly scale: Num;
  readonly zero: Num | undefined;
}

const zeroOr0 = ({ levels, zero }: Operand): Num => zero ?? $.call("208:61", cast, 0, $.call("208:69", dtype, levels));

/** Whole sums of products of levels, and the scale of each: A has one, B one or one a column. */
function product(a: Operand, b: Operand, turned: { readonly transA?: boolean; readonly transB?: boolean } = {}) {
  if (!$.test($.call("212:8", isSingle, a.scale), "212:8")) $.call("212:27", refuse, "a_scale has one value: those of columns are summed over");
  const [zeroA, zeroB] = [single(zeroOr0(a)), $.test($.call("213:47", isSingle, zeroOr0(b)), "213:47") ? single(zeroOr0(b)) : zeroOr0(b)];
  const sums = $.call("214:16", matmul, a.levels, b.levels, { ...turned, acc: "i32", zeroA, zeroB });
  const ofColumns = $.test($.call("215:21", isSingle, b.scale), "215:21") ? single(b.scale) : $.call("215:59", assumeStretches, b.scale, sums, "b_scale");
  return { sums, scale: $.mul(single(a.scale) , ofColumns, "216:41") };
}

const biased = (y: Num, bias: Num | undefined): Num => (bias === undefined ? y : $.add(y , $.call("219:86", assumeStretches, bias, y, "the bias"), "219:84"));

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
    return biased($.mul($.call("236:19", cast, sums, "f32") , scale, "236:37"), bias);
  },
{"name":"MatMulIntegerToFloat","path":"src/ops/formulas/microsoft.formula.ts","line":221,"column":14});

/** A is quantised over the range of its own data, as DynamicQuantizeLinear does. */
export const DynamicQuantizeMatMul = formula(
  {
    domain,
    inputs: { a: ["f32"], b: level, b_scale: ["f32"], b_zero_point: optional(level), bias: optional(["f32"]) },
  },
  ({ a, b, b_scale, b_zero_point, bias }) => {
    const { levels, scale: scaleA, zero } = dynamicLevels(a);
    const { sums, scale } = product({ levels, scale: scaleA, zero }, { levels: b, scale: b_scale, zero: b_zero_point });
    return biased($.mul($.call("249:19", cast, sums, "f32") , scale, "249:37"), bias);
  },
{"name":"DynamicQuantizeMatMul","path":"src/ops/formulas/microsoft.formula.ts","line":241,"column":14});

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
      { transA: $.ne(transA , 0, "274:24"), transB: $.ne(transB , 0, "274:46") },
    );
    const whole = $.call("276:19", cast, biased(sums, c), "f32");
    const scaled = $.test($.eq(alpha , 1, "277:26"), "277:20") ? scale : $.mul(scale , alpha, "277:48");
    if (y_scale === undefined) return $.mul(whole , scaled, "278:45");
    const type = y_zero_point === undefined ? $.call("279:47", dtype, a) : $.call("279:58", dtype, y_zero_point);
    return held($.call("280:17", round, $.mul(whole , ($.div(scaled , single(y_scale), "280:39")), "280:29")), $.call("280:60", cast, 1, "f32"), y_zero_point, type);
  },
{"name":"QGemm","path":"src/ops/formulas/microsoft.formula.ts","line":254,"column":14});

/** Operands of FusedMatMul with the first axis behind the others but the last where `transBatch` says so. */
function batchTurned(x: Num, isTurned: boolean): Num {
  const last = $.sub($.call("286:16", rank, x) , 1, "286:24");
  return $.test(isTurned, "287:10") && $.test($.gt(last , 0, "287:27"), "287:22") ? $.call("287:33", transpose, x, [...allAxes(x).slice(1, last), 0, last]) : x;
}

/** alpha * A' B'. A vector is not transposed. */
export const FusedMatMul = formula(
  {
    domain,
    inputs: { a: "float", b: "float" },
    attrs: { alpha: float(1), transA: int(0), transB: int(0), transBatchA: int(0), transBatchB: int(0) },
  },
  ({ a, b, alpha, transA, transB, transBatchA, transBatchB }) => {
    const [left, right] = [batchTurned(a, $.ne(transBatchA , 0, "298:55")), batchTurned(b, $.ne(transBatchB , 0, "298:90"))];
    const y = $.call("299:15", matmul, left, right, { transA: $.test($.ne(transA , 0, "299:52"), "299:45") && $.gt($.call("299:61", rank, a) , 1, "299:69"), transB: $.test($.ne(transB , 0, "299:89"), "299:82") && $.gt($.call("299:98", rank, b) , 1, "299:106") });
    return $.test($.eq(alpha , 1, "300:18"), "300:12") ? y : $.mul(y , alpha, "300:32");
  },
{"name":"FusedMatMul","path":"src/ops/formulas/microsoft.formula.ts","line":291,"column":14});

/** Levels along the last axis: each an element, or in bytes of several, of which the last may not be full. */
function levelsIn(stored: Num, bits: number): Num {
  if ($.call("306:7", dtype, stored) !== "u8") return stored;
  if (!$.test([2, 4, 8].includes(bits), "307:8")) $.call("307:34", refuse, `bits is ${bits}, and bytes hold levels of 2, 4 or 8`);
  const dims = $.call("308:16", shape, stored);
  return $.call("309:10", reshape, unpacked(stored, bits), [...dims.slice(0, -1), $.mul(dims[$.sub(dims.length , 1, "309:82")] , ($.div(8 , bits, "309:92")), "309:87")]);
}

/** Rows of a table of levels in blocks: they are gathered as levels, and no others are made floats. */
export const GatherBlockQuantized = formula(
  {
    domain,
    inputs: { data: ["i4", "u4", "u8"], indices: ["i32", "i64"], scales: "float", zero_points: optional(["i4", "u4", "u8"]) },
    attrs: { bits: int(4), block_size: int(128), gather_axis: int(0), quantize_axis: int(1) },
  },
  ({ data, indices, scales, zero_points, bits, block_size, gather_axis, quantize_axis }) => {
    const [from, along] = [positive(gather_axis, $.call("320:50", rank, data)), positive(quantize_axis, $.call("320:87", rank, data))];
    if ($.test($.eq(from , along, "321:14"), "321:9")) $.call("321:25", refuse, "it gathers along the axis of its blocks", "Dequantise the table first, or gather along another axis.");
    const rows = (t: Num): Num => $.call("322:35", gather, t, indices, from);
    const [levels, scale] = [levelsIn(rows(data), bits), rows(scales)];
    const at = $.test($.lt(from , along, "324:21"), "324:16") ? $.sub($.add(along , $.call("324:39", rank, indices), "324:37") , 1, "324:53") : along;
    const ofBlocks = (p: Num): Num => $.call("325:39", cast, spreadBlocks(p, levels, at, block_size), "f32");
    const middle = $.call("326:20", dtype, data) === "u8" ? $.pow(2 , ($.sub(bits , 1, "326:54")), "326:45") : 0;
    const zero = zero_points === undefined ? middle : ofBlocks(asMany(levelsIn(rows(zero_points), bits), scale));
    return $.call("328:12", cast, $.mul(($.sub($.call("328:18", cast, levels, "f32") , zero, "328:38")) , ofBlocks(scale), "328:46"), $.call("328:65", dtype, scales));
  },
{"name":"GatherBlockQuantized","path":"src/ops/formulas/microsoft.formula.ts","line":313,"column":14});

/** The first along the last axis, as many as `like` has. */
function asMany(x: Num, like: Num): Num {
  const axis = $.sub($.call("334:16", rank, x) , 1, "334:24");
  return $.call("335:10", slice, x, [{ axis, start: 0, size: $.call("335:44", shape, like)[axis] }], true);
}
