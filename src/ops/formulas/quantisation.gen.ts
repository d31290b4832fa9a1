/* Generated from quantisation.formula.ts; do not edit. */ import { dispatcher } from "../lang/dispatch.js"; const $ = dispatcher("src/ops/formulas/quantisation.formula.ts"); /** Linear quantisation, and products and convolutions of quantised tensors as integer arithmetic rescaled once. */
import {
  cast,
  conv,
  dtype,
  expand,
  formula,
  int,
  isFixed,
  isIntegerType,
  matmul,
  max,
  maximum,
  min,
  minimum,
  optional,
  rank,
  refuse,
  reshape,
  round,
  shape,
  size,
  slice,
  typeFromCode,
  unsqueeze,
  where,
  maybe,
  type DType,
  type Num,
} from "../lang.js";
import { allAxes, positive, spatialAxes } from "./axes.gen.js";
import { geometry, windowAttrs } from "./convolution.gen.js";

/** A scale or zero point shaped to meet x: one value, one along the axis, or one a block along the axis. */
function spread(p: Num, x: Num, axis: number, block: number): Num {
  if ($.test($.eq($.call("36:7", rank, p) , 0, "36:15"), "36:7") || $.test($.eq($.call("36:24", size, p) , 1, "36:32"), "36:24")) return $.call("36:46", reshape, p, []);
  const at = positive(axis, $.call("37:29", rank, x));
  if ($.test($.eq($.call("38:7", rank, p) , 1, "38:15"), "38:7") && $.test($.gt($.call("38:24", rank, x) , 1, "38:32"), "38:24"))
    return $.call("39:12", unsqueeze, 
      p,
      allAxes(x).filter((a) => $.ne(a , at, "41:34")),
    );
  if ($.test($.eq($.call("43:7", rank, p) , 1, "43:15"), "43:7") || $.test($.eq(block , 0, "43:30"), "43:24")) return p;
  const dims = $.call("44:16", shape, p);
  const apart = $.call("45:17", expand, $.call("45:24", unsqueeze, p, [$.add(at , 1, "45:41")]), [...dims.slice(0, $.add(at , 1, "45:69")), block, ...dims.slice($.add(at , 1, "45:99"))]);
  const repeated = $.call("46:20", reshape, 
    apart,
    dims.map((d, i) => ($.test($.eq(i , at, "48:27"), "48:25") ? $.mul(d , block, "48:38") : d)),
  );
  return $.call("50:10", slice, repeated, [{ axis: at, start: 0, size: $.call("50:55", shape, x)[at] }]);
}

/** round(x / scale) + zero point, limited to what the type holds; small floats are rounded by their cast. */
function quantise(x: Num, scale: Num, zero: Num | undefined, type: DType, saturate: boolean): Num {
  const ratio = $.div(x , scale, "55:19");
  if (!$.test($.call("56:8", isIntegerType, type), "56:8")) return $.call("56:36", cast, zero === undefined ? ratio : $.add(ratio , $.call("56:78", cast, zero, $.call("56:89", dtype, ratio)), "56:76"), type, { saturate });
  const level = $.call("57:17", round, ratio);
  return $.call("58:10", cast, zero === undefined ? level : $.add(level , $.call("58:52", cast, zero, $.call("58:63", dtype, level)), "58:50"), type, { saturate: true });
}

export const QuantizeLinear = formula(
  {
    inputs: { x: "number", scale: "float", zero_point: optional("any") },
    attrs: { axis: int(1), block_size: int(0), output_dtype: int(0), precision: int(0), saturate: int(1) },
  },
  ({ x, scale, zero_point, axis, block_size, output_dtype, precision, saturate }) => {
    const type = $.call("67:18", typeFromCode, output_dtype) ?? (zero_point === undefined ? "u8" : $.call("67:83", dtype, zero_point));
    const wide = $.call("68:18", typeFromCode, precision) ?? $.call("68:45", dtype, scale);
    const s = $.call("69:15", cast, spread(scale, x, axis, block_size), wide);
    const zero = zero_point === undefined ? undefined : spread(zero_point, x, axis, block_size);
    return quantise($.call("71:21", cast, x, wide), s, zero, type, $.eq(saturate , 1, "71:60"));
  },
{"name":"QuantizeLinear","path":"src/ops/formulas/quantisation.formula.ts","line":61,"column":14});

/** (x - zero point) * scale. */
export const DequantizeLinear = formula(
  {
    inputs: { x: "number", scale: "float", zero_point: optional("any") },
    attrs: { axis: int(1), block_size: int(0), output_dtype: int(0) },
  },
  ({ x, scale, zero_point, axis, block_size, output_dtype }) => {
    const type = $.call("82:18", typeFromCode, output_dtype) ?? $.call("82:48", dtype, scale);
    const s = $.call("83:15", cast, spread(scale, x, axis, block_size), "f32");
    const levels = $.call("84:20", cast, x, "f32");
    const zero = zero_point === undefined ? undefined : $.call("85:57", cast, spread(zero_point, x, axis, block_size), "f32");
    return $.call("86:12", cast, $.mul((zero === undefined ? levels : $.sub(levels , zero, "86:55")) , s, "86:63"), type);
  },
{"name":"DequantizeLinear","path":"src/ops/formulas/quantisation.formula.ts","line":76,"column":14});

/** 8-bit quantisation with the range of the data itself, which always includes 0. */
export const DynamicQuantizeLinear = formula({ inputs: { x: ["f32"] }, outputs: 3 }, ({ x }) => {
  const flat = $.call("92:16", reshape, x, [$.call("92:28", size, x)]);
  const low = $.call("93:15", reshape, $.call("93:23", minimum, $.call("93:31", min, flat, 0), 0), []);
  const high = $.call("94:16", reshape, $.call("94:24", maximum, $.call("94:32", max, flat, 0), 0), []);
  const raw = $.div(($.sub(high , low, "95:21")) , 255, "95:28");
  const scale = $.call("96:17", where, $.eq(raw , 0, "96:27"), 1, raw);
  const zero = $.call("97:16", cast, $.call("97:21", round, $.call("97:27", maximum, $.call("97:35", minimum, $.div($.neg(low, "97:43") , scale, "97:48"), 255), 0)), "u8");
  return [quantise(x, scale, zero, "u8", true), scale, zero];
}, {"name":"DynamicQuantizeLinear","path":"src/ops/formulas/quantisation.formula.ts","line":91,"column":14});

/** Levels of an accumulated integer product, rescaled to the result's quantisation. */
function requantise(sum: Num, factor: Num, zero: Num): Num {
  return $.call("103:10", cast, $.add($.call("103:15", round, $.mul($.call("103:21", cast, sum, "f32") , factor, "103:38")) , $.call("103:50", cast, zero, "f32"), "103:48"), $.call("103:69", dtype, zero), { saturate: true });
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
    if ($.test($.gt($.call("122:9", rank, y_scale) , 1, "122:23"), "122:9")) $.call("122:28", refuse, "QLinearMatMul is described for one scale of the result, or one a row");
    const column = (p: Num) => ($.test($.eq($.call("123:33", rank, p) , 1, "123:41"), "123:33") && $.test($.ne($.call("123:50", size, p) , 1, "123:58"), "123:50") ? $.call("123:66", unsqueeze, p, [1]) : $.call("123:86", reshape, p, []));
    const row = (p: Num) => ($.test($.eq($.call("124:30", size, p) , 1, "124:38"), "124:30") ? $.call("124:46", reshape, p, []) : p);
    const sum = $.call("125:17", matmul, a, b, { acc: "i32", zeroA: column(a_zero_point), zeroB: row(b_zero_point) });
    const factor = $.div(($.mul($.call("126:21", cast, column(a_scale), "f32") , $.call("126:52", cast, row(b_scale), "f32"), "126:50")) , $.call("126:81", cast, column(y_scale), "f32"), "126:79");
    return requantise(sum, factor, column(y_zero_point));
  },
{"name":"QLinearMatMul","path":"src/ops/formulas/quantisation.formula.ts","line":108,"column":14});

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
    const g = geometry(x, $.call("147:27", shape, w).slice(2), a);
    if (!$.test([...g.low, ...g.high].every(isFixed), "148:10")) $.call("148:48", refuse, "QLinearConv with automatic padding needs extents known when compiling");
    const sum = $.call("149:17", conv, x, w, {
      strides: g.strides,
      dilations: g.dilations,
      group: a.group,
      pads: [...g.low, ...g.high],
      acc: "i32",
      zeroX: $.call("155:14", reshape, x_zero_point, []),
      zeroW: $.test($.eq($.call("156:14", size, w_zero_point) , 1, "156:33"), "156:14") ? $.call("156:41", reshape, w_zero_point, []) : w_zero_point,
    });
    const channel = (p: Num) => ($.test($.eq($.call("158:34", size, p) , 1, "158:42"), "158:34") ? $.call("158:50", reshape, p, []) : $.call("158:67", unsqueeze, p, [0, ...spatialAxes(x)]));
    const biased = b === undefined ? sum : $.add(sum , $.call("159:50", unsqueeze, b, [0, ...spatialAxes(x)]), "159:48");
    return requantise(biased, $.div(($.mul($.call("160:32", reshape, x_scale, []) , channel(w_scale), "160:53")) , $.call("160:75", reshape, y_scale, []), "160:73"), $.call("160:97", reshape, y_zero_point, []));
  },
{"name":"QLinearConv","path":"src/ops/formulas/quantisation.formula.ts","line":131,"column":14});
