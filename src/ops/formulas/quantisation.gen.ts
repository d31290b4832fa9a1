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
  refuseOpen,
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
  if ($.test($.call("38:7", isSingle, p), "38:7")) return $.call("38:27", reshape, p, []);
  const at = positive(axis, $.call("39:29", rank, x));
  if ($.test($.eq($.call("40:7", rank, p) , 1, "40:15"), "40:7") && $.test($.gt($.call("40:24", rank, x) , 1, "40:32"), "40:24"))
    return $.call("41:12", unsqueeze, 
      p,
      allAxes(x).filter((a) => $.ne(a , at, "43:34")),
    );
  if ($.test($.eq($.call("45:7", rank, p) , 1, "45:15"), "45:7") || $.test($.eq(block , 0, "45:30"), "45:24")) return p;
  const dims = $.call("46:16", shape, p);
  const apart = $.call("47:17", expand, $.call("47:24", unsqueeze, p, [$.add(at , 1, "47:41")]), [block, ...dims.slice($.add(at , 1, "47:73"))]);
  const repeated = $.call("48:20", reshape, 
    apart,
    dims.map((d, i) => ($.test($.eq(i , at, "50:27"), "50:25") ? $.mul(d , block, "50:38") : d)),
  );
  return $.call("52:10", slice, repeated, [{ axis: at, start: 0, size: $.call("52:55", shape, x)[at] }]);
}

/** round(x / scale) + zero point, limited to what the type holds; small floats are rounded by their cast. */
function quantise(x: Num, scale: Num, zero: Num | undefined, type: DType, saturate: boolean): Num {
  const ratio = $.div(x , scale, "57:19");
  if (!$.test($.call("58:8", isIntegerType, type), "58:8")) return $.call("58:36", cast, zero === undefined ? ratio : $.add(ratio , $.call("58:78", cast, zero, $.call("58:89", dtype, ratio)), "58:76"), type, { saturate });
  const level = $.call("59:17", round, ratio);
  return $.call("60:10", cast, zero === undefined ? level : $.add(level , $.call("60:52", cast, zero, $.call("60:63", dtype, level)), "60:50"), type, { saturate: true });
}

export const QuantizeLinear = formula(
  {
    inputs: { x: "number", scale: "float", zero_point: optional("any") },
    attrs: { axis: int(1), block_size: int(0), output_dtype: int(0), precision: int(0), saturate: int(1) },
  },
  ({ x, scale, zero_point, axis, block_size, output_dtype, precision, saturate }) => {
    const type = $.call("69:18", typeFromCode, output_dtype) ?? (zero_point === undefined ? "u8" : $.call("69:83", dtype, zero_point));
    const wide = $.call("70:18", typeFromCode, precision) ?? $.call("70:45", dtype, scale);
    const s = $.call("71:15", cast, spread(scale, x, axis, block_size), wide);
    const zero = zero_point === undefined ? undefined : spread(zero_point, x, axis, block_size);
    return quantise($.call("73:21", cast, x, wide), s, zero, type, $.eq(saturate , 1, "73:60"));
  },
{"name":"QuantizeLinear","path":"src/ops/formulas/quantisation.formula.ts","line":63,"column":14});

/** (x - zero point) * scale. */
export const DequantizeLinear = formula(
  {
    inputs: { x: "number", scale: "float", zero_point: optional("any") },
    attrs: { axis: int(1), block_size: int(0), output_dtype: int(0) },
  },
  ({ x, scale, zero_point, axis, block_size, output_dtype }) => {
    const type = $.call("84:18", typeFromCode, output_dtype) ?? $.call("84:48", dtype, scale);
    const s = $.call("85:15", cast, spread(scale, x, axis, block_size), "f32");
    const levels = $.call("86:20", cast, x, "f32");
    const zero = zero_point === undefined ? undefined : $.call("87:57", cast, spread(zero_point, x, axis, block_size), "f32");
    return $.call("88:12", cast, $.mul((zero === undefined ? levels : $.sub(levels , zero, "88:55")) , s, "88:63"), type);
  },
{"name":"DequantizeLinear","path":"src/ops/formulas/quantisation.formula.ts","line":78,"column":14});

/** 8-bit quantisation with the range of the data itself, which always includes 0. */
export const DynamicQuantizeLinear = formula({ inputs: { x: ["f32"] }, outputs: 3 }, ({ x }) => {
  const flat = $.call("94:16", reshape, x, [$.call("94:28", size, x)]);
  const low = $.call("95:15", reshape, $.call("95:23", minimum, $.call("95:31", min, flat, 0), 0), []);
  const high = $.call("96:16", reshape, $.call("96:24", maximum, $.call("96:32", max, flat, 0), 0), []);
  const raw = $.div(($.sub(high , low, "97:21")) , 255, "97:28");
  const scale = $.call("98:17", where, $.eq(raw , 0, "98:27"), 1, raw);
  const zero = $.call("99:16", cast, $.call("99:21", round, $.call("99:27", maximum, $.call("99:35", minimum, $.div($.neg(low, "99:43") , scale, "99:48"), 255), 0)), "u8");
  return [quantise(x, scale, zero, "u8", true), scale, zero];
}, {"name":"DynamicQuantizeLinear","path":"src/ops/formulas/quantisation.formula.ts","line":93,"column":14});

/** Levels of an accumulated integer product, rescaled to the result's quantisation. */
function requantise(sum: Num, factor: Num, zero: Num): Num {
  return $.call("105:10", cast, $.add($.call("105:15", round, $.mul($.call("105:21", cast, sum, "f32") , factor, "105:38")) , $.call("105:50", cast, zero, "f32"), "105:48"), $.call("105:69", dtype, zero), { saturate: true });
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
    if ($.test($.gt($.call("124:9", rank, y_scale) , 1, "124:23"), "124:9")) $.call("124:28", refuse, "QLinearMatMul is described for one scale of the result, or one a row");
    const column = (p: Num) => ($.test($.call("125:33", isSingle, p), "125:33") ? $.call("125:47", reshape, p, []) : $.test($.eq($.call("125:64", rank, p) , 1, "125:72"), "125:64") ? $.call("125:80", unsqueeze, p, [1]) : p);
    const row = (p: Num) => ($.test($.call("126:30", isSingle, p), "126:30") ? $.call("126:44", reshape, p, []) : p);
    const sum = $.call("127:17", matmul, a, b, { acc: "i32", zeroA: column(a_zero_point), zeroB: row(b_zero_point) });
    const factor = $.div(($.mul($.call("128:21", cast, column(a_scale), "f32") , $.call("128:52", cast, row(b_scale), "f32"), "128:50")) , $.call("128:81", cast, column(y_scale), "f32"), "128:79");
    return requantise(sum, factor, column(y_zero_point));
  },
{"name":"QLinearMatMul","path":"src/ops/formulas/quantisation.formula.ts","line":110,"column":14});

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
    const g = geometry(x, $.call("149:27", shape, w).slice(2), a);
    if (!$.test([...g.low, ...g.high].every(isFixed), "150:10")) $.call("150:48", refuseOpen, "the automatic padding of QLinearConv", [...g.low, ...g.high]);
    const sum = $.call("151:17", conv, x, w, {
      strides: g.strides,
      dilations: g.dilations,
      group: a.group,
      pads: [...g.low, ...g.high],
      acc: "i32",
      zeroX: $.call("157:14", reshape, x_zero_point, []),
      zeroW: $.test($.call("158:14", isSingle, w_zero_point), "158:14") ? $.call("158:39", reshape, w_zero_point, []) : w_zero_point,
    });
    const channel = (p: Num) => ($.test($.call("160:34", isSingle, p), "160:34") ? $.call("160:48", reshape, p, []) : $.call("160:65", unsqueeze, p, [0, ...spatialAxes(x)]));
    const biased = b === undefined ? sum : $.add(sum , $.call("161:50", unsqueeze, b, [0, ...spatialAxes(x)]), "161:48");
    return requantise(biased, $.div(($.mul($.call("162:32", reshape, x_scale, []) , channel(w_scale), "162:53")) , $.call("162:75", reshape, y_scale, []), "162:73"), $.call("162:97", reshape, y_zero_point, []));
  },
{"name":"QLinearConv","path":"src/ops/formulas/quantisation.formula.ts","line":133,"column":14});
