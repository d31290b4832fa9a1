/* Generated from quantisation.formula.ts; do not edit. */ import { dispatcher } from "../lang/dispatch.js"; const $ = dispatcher("src/ops/formulas/quantisation.formula.ts"); /** Linear quantisation, and products and convolutions of quantised tensors as integer arithmetic rescaled once. */
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
import { allAxes, positive, spatialAxes } from "./axes.gen.js";
import { addBias, geometry, windowAttrs } from "./convolution.gen.js";

/** A scale or zero point shaped to meet x: one value, one along the axis, or one a block along the axis. */
function spread(p: Num, x: Num, axis: number, block: number): Num {
  const at = positive(axis, $.call("45:29", rank, x));
  if ($.test($.gt($.call("46:7", rank, p) , 1, "46:15"), "46:7") && $.test($.gt(block , 0, "46:28"), "46:22")) return spreadBlocks(p, x, at, block);
  if ($.test($.call("47:7", isSingle, p), "47:7")) return $.call("47:27", reshape, p, []);
  const others = $.test($.eq($.call("48:18", rank, p) , 1, "48:26"), "48:18") && $.test($.gt($.call("48:35", rank, x) , 1, "48:43"), "48:35") ? allAxes(x).filter((a) => $.ne(a , at, "48:76")) : [];
  return $.call("49:10", assumeStretches, $.call("49:26", unsqueeze, p, others), x, "a scale or zero point");
}

export function spreadBlocks(p: Num, x: Num, at: number, block: number): Num {
  const dims = $.call("53:16", shape, x).map((d, i) => ($.test($.eq(i , at, "53:42"), "53:40") ? $.call("53:51", ceilDiv, d, block) : d));
  const own = $.call("54:15", assumeShape, p, dims, `there must be one scale and zero point a block of ${block} on axis ${at}`);
  if ($.test($.call("55:7", isSingle, own), "55:7")) return $.call("55:29", reshape, own, []);
  const apart = $.call("56:17", expand, $.call("56:24", unsqueeze, own, [$.add(at , 1, "56:43")]), [block, ...dims.slice($.add(at , 1, "56:75"))]);
  const repeated = $.call("57:20", reshape, 
    apart,
    dims.map((d, i) => ($.test($.eq(i , at, "59:27"), "59:25") ? $.mul(d , block, "59:38") : d)),
  );
  return $.call("61:10", slice, repeated, [{ axis: at, start: 0, size: $.call("61:55", shape, x)[at] }], true);
}

/** round(x / scale) + zero point, limited to what the type holds; small floats are rounded by their cast. */
export function quantise(x: Num, scale: Num, zero: Num | undefined, type: DType, saturate: boolean): Num {
  const ratio = $.div(x , scale, "66:19");
  if (!$.test($.call("67:8", isIntegerType, type), "67:8")) return $.call("67:36", cast, zero === undefined ? ratio : $.add(ratio , $.call("67:78", cast, zero, $.call("67:89", dtype, ratio)), "67:76"), type, { saturate });
  const level = $.call("68:17", round, ratio);
  return $.call("69:10", cast, zero === undefined ? level : $.add(level , $.call("69:52", cast, zero, $.call("69:63", dtype, level)), "69:50"), type, { saturate: true });
}

export const QuantizeLinear = formula(
  {
    inputs: { x: "number", scale: "float", zero_point: optional("any") },
    attrs: { axis: int(1), block_size: int(0), output_dtype: int(0), precision: int(0), saturate: int(1) },
  },
  ({ x, scale, zero_point, axis, block_size, output_dtype, precision, saturate }) => {
    const type = $.call("78:18", typeFromCode, output_dtype) ?? (zero_point === undefined ? "u8" : $.call("78:83", dtype, zero_point));
    const wide = $.call("79:18", typeFromCode, precision) ?? $.call("79:45", dtype, scale);
    const s = $.call("80:15", cast, spread(scale, x, axis, block_size), wide);
    const zero = zero_point === undefined ? undefined : spread(zero_point, x, axis, block_size);
    return quantise($.call("82:21", cast, x, wide), s, zero, type, $.eq(saturate , 1, "82:60"));
  },
{"name":"QuantizeLinear","path":"src/ops/formulas/quantisation.formula.ts","line":72,"column":14});

/** (x - zero point) * scale. */
export const DequantizeLinear = formula(
  {
    inputs: { x: "number", scale: "float", zero_point: optional("any") },
    attrs: { axis: int(1), block_size: int(0), output_dtype: int(0) },
  },
  ({ x, scale, zero_point, axis, block_size, output_dtype }) => {
    const type = $.call("93:18", typeFromCode, output_dtype) ?? $.call("93:48", dtype, scale);
    const s = $.call("94:15", cast, spread(scale, x, axis, block_size), "f32");
    const levels = $.call("95:20", cast, x, "f32");
    const zero = zero_point === undefined ? undefined : $.call("96:57", cast, spread(zero_point, x, axis, block_size), "f32");
    return $.call("97:12", cast, $.mul((zero === undefined ? levels : $.sub(levels , zero, "97:55")) , s, "97:63"), type);
  },
{"name":"DequantizeLinear","path":"src/ops/formulas/quantisation.formula.ts","line":87,"column":14});

/** 8-bit levels over the range of the data itself, which always includes 0. */
export function dynamicLevels(x: Num) {
  const flat = $.call("103:16", reshape, x, [$.call("103:28", size, x)]);
  const low = $.call("104:15", reshape, $.call("104:23", minimum, $.call("104:31", min, flat, 0), 0), []);
  const high = $.call("105:16", reshape, $.call("105:24", maximum, $.call("105:32", max, flat, 0), 0), []);
  const raw = $.div(($.sub(high , low, "106:21")) , 255, "106:28");
  const scale = $.call("107:17", where, $.eq(raw , 0, "107:27"), 1, raw);
  const zero = $.call("108:16", cast, $.call("108:21", round, $.call("108:27", maximum, $.call("108:35", minimum, $.div($.neg(low, "108:43") , scale, "108:48"), 255), 0)), "u8");
  return { levels: quantise(x, scale, zero, "u8", true), scale, zero };
}

export const DynamicQuantizeLinear = formula({ inputs: { x: ["f32"] }, outputs: 3 }, ({ x }) => {
  const { levels, scale, zero } = dynamicLevels(x);
  return [levels, scale, zero];
}, {"name":"DynamicQuantizeLinear","path":"src/ops/formulas/quantisation.formula.ts","line":112,"column":14});

/** Levels of an accumulated integer product, rescaled to the result's quantisation. */
function requantise(sum: Num, factor: Num, zero: Num): Num {
  return $.call("119:10", cast, $.add($.call("119:15", round, $.mul($.call("119:21", cast, sum, "f32") , factor, "119:38")) , $.call("119:50", cast, zero, "f32"), "119:48"), $.call("119:69", dtype, zero), { saturate: true });
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
    if ($.test($.gt($.call("138:9", rank, y_scale) , 1, "138:23"), "138:9")) $.call("138:28", refuse, "QLinearMatMul is described for one scale of the result, or one a row");
    const column = (p: Num) => ($.test($.call("139:33", isSingle, p), "139:33") ? $.call("139:47", reshape, p, []) : $.test($.eq($.call("139:64", rank, p) , 1, "139:72"), "139:64") ? $.call("139:80", unsqueeze, p, [1]) : p);
    const row = (p: Num) => ($.test($.call("140:30", isSingle, p), "140:30") ? $.call("140:44", reshape, p, []) : p);
    const sum = $.call("141:17", matmul, a, b, { acc: "i32", zeroA: column(a_zero_point), zeroB: row(b_zero_point) });
    const ofRows = (p: Num, what: string) => $.call("142:46", assumeStretches, column(p), sum, what);
    const factor =
      $.div(($.mul($.call("144:8", cast, ofRows(a_scale, "a_scale"), "f32") , $.call("144:50", cast, $.call("144:55", assumeStretches, row(b_scale), sum, "b_scale"), "f32"), "144:48")) ,
      $.call("145:7", cast, ofRows(y_scale, "y_scale"), "f32"), "144:110");
    return requantise(sum, factor, ofRows(y_zero_point, "y_zero_point"));
  },
{"name":"QLinearMatMul","path":"src/ops/formulas/quantisation.formula.ts","line":124,"column":14});

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
    const g = geometry(x, $.call("166:27", shape, w).slice(2), a);
    if (!$.test([...g.low, ...g.high].every(isFixed), "167:10")) $.call("167:48", refuseOpen, "the automatic padding of QLinearConv", [...g.low, ...g.high]);
    const sum = $.call("168:17", conv, x, w, {
      strides: g.strides,
      dilations: g.dilations,
      group: a.group,
      pads: [...g.low, ...g.high],
      acc: "i32",
      zeroX: $.call("174:14", reshape, x_zero_point, []),
      zeroW: $.test($.call("175:14", isSingle, w_zero_point), "175:14") ? $.call("175:39", reshape, w_zero_point, []) : w_zero_point,
    });
    const channel = $.test($.call("177:21", isSingle, w_scale), "177:21") ? $.call("177:41", reshape, w_scale, []) : $.call("177:64", assumeStretches, $.call("177:80", unsqueeze, w_scale, [0, ...spatialAxes(x)]), sum, "w_scale");
    return requantise(addBias(sum, b), $.div(($.mul($.call("178:41", reshape, x_scale, []) , channel, "178:62")) , $.call("178:75", reshape, y_scale, []), "178:73"), $.call("178:97", reshape, y_zero_point, []));
  },
{"name":"QLinearConv","path":"src/ops/formulas/quantisation.formula.ts","line":150,"column":14});

/** The levels in packed bytes along a new last axis, the first in the lowest bits. */
export function unpacked(bytes: Num, bits: number): Num {
  if ($.test($.eq(bits , 8, "184:12"), "184:7")) return $.call("184:26", unsqueeze, bytes, [$.call("184:44", rank, bytes)]);
  const mask = $.sub($.pow(2 , bits, "185:18") , 1, "185:26");
  const parts = Array.from({ length: $.div(8 , bits, "186:40") }, (_, i) => $.call("186:60", bitAnd, $.test($.eq(i , 0, "186:69"), "186:67") ? bytes : $.call("186:85", shiftRight, bytes, $.mul(i , bits, "186:105")), mask));
  return $.call("187:10", stack, parts, $.call("187:23", rank, bytes));
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
    if (!$.test([2, 4, 8].includes(bits), "208:10")) $.call("208:36", refuse, `bits is ${bits}, and MatMulNBits has 2, 4 or 8`);
    if (g_idx !== undefined) $.call("209:30", refuse, "g_idx is deprecated: onnxruntime does not read it");
    const blocks = $.call("210:20", ceilDiv, K, block_size);
    const bytes = $.call("211:19", assumeShape, b, [N, blocks, $.div(($.mul(block_size , bits, "211:58")) , 8, "211:66")], "B holds the levels of N rows in blocks");
    const levels = $.call("212:20", cast, $.call("212:25", reshape, unpacked(bytes, bits), [N, blocks, block_size]), "f32");
    const zero = zeroOf(zero_points, N, blocks, bits);
    const spread = $.call("214:20", reshape, $.call("214:28", cast, scales, "f32"), [N, blocks, 1]);
    const rows = $.call("215:18", reshape, $.mul(($.sub(levels , zero, "215:34")) , spread, "215:42"), [N, $.mul(blocks , block_size, "215:63")]);
    const weight = $.call("216:20", slice, rows, [{ axis: 1, start: 0, size: K }], true);
    const product = $.call("217:21", matmul, $.call("217:28", cast, a, "f32"), weight, { transB: true });
    return $.call("218:12", cast, bias === undefined ? product : $.add(product , $.call("218:58", cast, bias, "f32"), "218:56"), $.call("218:77", dtype, a));
  },
{"name":"MatMulNBits","path":"src/ops/formulas/quantisation.formula.ts","line":194,"column":14});

function zeroOf(zeros: Num | undefined, n: number, blocks: number, bits: number): Num {
  if (zeros === undefined) return $.pow(2 , ($.sub(bits , 1, "223:46")), "223:37");
  if (!$.test($.call("224:8", isIntegerType, $.call("224:22", dtype, zeros)), "224:8")) return $.call("224:44", reshape, $.call("224:52", cast, zeros, "f32"), [n, blocks, 1]);
  const each = $.call("225:16", ceilDiv, $.mul(blocks , bits, "225:31"), 8);
  const rows = $.call("226:16", reshape, unpacked($.call("226:33", reshape, zeros, [n, each]), bits), [n, $.div(($.mul(each , 8, "226:77")) , bits, "226:82")]);
  return $.call("227:10", cast, $.call("227:15", unsqueeze, $.call("227:25", slice, rows, [{ axis: 1, start: 0, size: blocks }], true), [2]), "f32");
}
