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
  isSingle,
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
  if ($.test($.call("37:7", isSingle, p), "37:7")) return $.call("37:27", reshape, p, []);
  const at = positive(axis, $.call("38:29", rank, x));
  if ($.test($.eq($.call("39:7", rank, p) , 1, "39:15"), "39:7") && $.test($.gt($.call("39:24", rank, x) , 1, "39:32"), "39:24"))
    return $.call("40:12", unsqueeze, 
      p,
      allAxes(x).filter((a) => $.ne(a , at, "42:34")),
    );
  if ($.test($.eq($.call("44:7", rank, p) , 1, "44:15"), "44:7") || $.test($.eq(block , 0, "44:30"), "44:24")) return p;
  const dims = $.call("45:16", shape, p);
  const apart = $.call("46:17", expand, $.call("46:24", unsqueeze, p, [$.add(at , 1, "46:41")]), [...dims.slice(0, $.add(at , 1, "46:69")), block, ...dims.slice($.add(at , 1, "46:99"))]);
  const repeated = $.call("47:20", reshape, 
    apart,
    dims.map((d, i) => ($.test($.eq(i , at, "49:27"), "49:25") ? $.mul(d , block, "49:38") : d)),
  );
  return $.call("51:10", slice, repeated, [{ axis: at, start: 0, size: $.call("51:55", shape, x)[at] }]);
}

/** round(x / scale) + zero point, limited to what the type holds; small floats are rounded by their cast. */
function quantise(x: Num, scale: Num, zero: Num | undefined, type: DType, saturate: boolean): Num {
  const ratio = $.div(x , scale, "56:19");
  if (!$.test($.call("57:8", isIntegerType, type), "57:8")) return $.call("57:36", cast, zero === undefined ? ratio : $.add(ratio , $.call("57:78", cast, zero, $.call("57:89", dtype, ratio)), "57:76"), type, { saturate });
  const level = $.call("58:17", round, ratio);
  return $.call("59:10", cast, zero === undefined ? level : $.add(level , $.call("59:52", cast, zero, $.call("59:63", dtype, level)), "59:50"), type, { saturate: true });
}

export const QuantizeLinear = formula(
  {
    inputs: { x: "number", scale: "float", zero_point: optional("any") },
    attrs: { axis: int(1), block_size: int(0), output_dtype: int(0), precision: int(0), saturate: int(1) },
  },
  ({ x, scale, zero_point, axis, block_size, output_dtype, precision, saturate }) => {
    const type = $.call("68:18", typeFromCode, output_dtype) ?? (zero_point === undefined ? "u8" : $.call("68:83", dtype, zero_point));
    const wide = $.call("69:18", typeFromCode, precision) ?? $.call("69:45", dtype, scale);
    const s = $.call("70:15", cast, spread(scale, x, axis, block_size), wide);
    const zero = zero_point === undefined ? undefined : spread(zero_point, x, axis, block_size);
    return quantise($.call("72:21", cast, x, wide), s, zero, type, $.eq(saturate , 1, "72:60"));
  },
{"name":"QuantizeLinear","path":"src/ops/formulas/quantisation.formula.ts","line":62,"column":14});

/** (x - zero point) * scale. */
export const DequantizeLinear = formula(
  {
    inputs: { x: "number", scale: "float", zero_point: optional("any") },
    attrs: { axis: int(1), block_size: int(0), output_dtype: int(0) },
  },
  ({ x, scale, zero_point, axis, block_size, output_dtype }) => {
    const type = $.call("83:18", typeFromCode, output_dtype) ?? $.call("83:48", dtype, scale);
    const s = $.call("84:15", cast, spread(scale, x, axis, block_size), "f32");
    const levels = $.call("85:20", cast, x, "f32");
    const zero = zero_point === undefined ? undefined : $.call("86:57", cast, spread(zero_point, x, axis, block_size), "f32");
    return $.call("87:12", cast, $.mul((zero === undefined ? levels : $.sub(levels , zero, "87:55")) , s, "87:63"), type);
  },
{"name":"DequantizeLinear","path":"src/ops/formulas/quantisation.formula.ts","line":77,"column":14});

/** 8-bit quantisation with the range of the data itself, which always includes 0. */
export const DynamicQuantizeLinear = formula({ inputs: { x: ["f32"] }, outputs: 3 }, ({ x }) => {
  const flat = $.call("93:16", reshape, x, [$.call("93:28", size, x)]);
  const low = $.call("94:15", reshape, $.call("94:23", minimum, $.call("94:31", min, flat, 0), 0), []);
  const high = $.call("95:16", reshape, $.call("95:24", maximum, $.call("95:32", max, flat, 0), 0), []);
  const raw = $.div(($.sub(high , low, "96:21")) , 255, "96:28");
  const scale = $.call("97:17", where, $.eq(raw , 0, "97:27"), 1, raw);
  const zero = $.call("98:16", cast, $.call("98:21", round, $.call("98:27", maximum, $.call("98:35", minimum, $.div($.neg(low, "98:43") , scale, "98:48"), 255), 0)), "u8");
  return [quantise(x, scale, zero, "u8", true), scale, zero];
}, {"name":"DynamicQuantizeLinear","path":"src/ops/formulas/quantisation.formula.ts","line":92,"column":14});

/** Levels of an accumulated integer product, rescaled to the result's quantisation. */
function requantise(sum: Num, factor: Num, zero: Num): Num {
  return $.call("104:10", cast, $.add($.call("104:15", round, $.mul($.call("104:21", cast, sum, "f32") , factor, "104:38")) , $.call("104:50", cast, zero, "f32"), "104:48"), $.call("104:69", dtype, zero), { saturate: true });
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
    if ($.test($.gt($.call("123:9", rank, y_scale) , 1, "123:23"), "123:9")) $.call("123:28", refuse, "QLinearMatMul is described for one scale of the result, or one a row");
    const column = (p: Num) => ($.test($.call("124:33", isSingle, p), "124:33") ? $.call("124:47", reshape, p, []) : $.test($.eq($.call("124:64", rank, p) , 1, "124:72"), "124:64") ? $.call("124:80", unsqueeze, p, [1]) : p);
    const row = (p: Num) => ($.test($.call("125:30", isSingle, p), "125:30") ? $.call("125:44", reshape, p, []) : p);
    const sum = $.call("126:17", matmul, a, b, { acc: "i32", zeroA: column(a_zero_point), zeroB: row(b_zero_point) });
    const factor = $.div(($.mul($.call("127:21", cast, column(a_scale), "f32") , $.call("127:52", cast, row(b_scale), "f32"), "127:50")) , $.call("127:81", cast, column(y_scale), "f32"), "127:79");
    return requantise(sum, factor, column(y_zero_point));
  },
{"name":"QLinearMatMul","path":"src/ops/formulas/quantisation.formula.ts","line":109,"column":14});

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
    const g = geometry(x, $.call("148:27", shape, w).slice(2), a);
    if (!$.test([...g.low, ...g.high].every(isFixed), "149:10")) $.call("149:48", refuse, "QLinearConv with automatic padding needs extents known when compiling");
    const sum = $.call("150:17", conv, x, w, {
      strides: g.strides,
      dilations: g.dilations,
      group: a.group,
      pads: [...g.low, ...g.high],
      acc: "i32",
      zeroX: $.call("156:14", reshape, x_zero_point, []),
      zeroW: $.test($.call("157:14", isSingle, w_zero_point), "157:14") ? $.call("157:39", reshape, w_zero_point, []) : w_zero_point,
    });
    const channel = (p: Num) => ($.test($.call("159:34", isSingle, p), "159:34") ? $.call("159:48", reshape, p, []) : $.call("159:65", unsqueeze, p, [0, ...spatialAxes(x)]));
    const biased = b === undefined ? sum : $.add(sum , $.call("160:50", unsqueeze, b, [0, ...spatialAxes(x)]), "160:48");
    return requantise(biased, $.div(($.mul($.call("161:32", reshape, x_scale, []) , channel(w_scale), "161:53")) , $.call("161:75", reshape, y_scale, []), "161:73"), $.call("161:97", reshape, y_zero_point, []));
  },
{"name":"QLinearConv","path":"src/ops/formulas/quantisation.formula.ts","line":132,"column":14});
