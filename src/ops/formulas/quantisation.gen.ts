/* Generated from quantisation.formula.ts; do not edit. */ import { dispatcher } from "../lang/dispatch.js"; const $ = dispatcher("src/ops/formulas/quantisation.formula.ts"); /** Linear quantisation, and products and convolutions of quantised tensors as integer arithmetic rescaled once. */
import {
  assumeEqual,
  assumeStretches,
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
  if ($.test($.call("41:7", isSingle, p), "41:7")) return $.call("41:27", reshape, p, []);
  const at = positive(axis, $.call("42:29", rank, x));
  if ($.test($.eq($.call("43:7", rank, p) , 1, "43:15"), "43:7") || $.test($.eq(block , 0, "43:30"), "43:24")) {
    const others = $.test($.eq($.call("44:20", rank, p) , 1, "44:28"), "44:20") && $.test($.gt($.call("44:37", rank, x) , 1, "44:45"), "44:37") ? allAxes(x).filter((a) => $.ne(a , at, "44:78")) : [];
    return $.call("45:12", assumeStretches, $.call("45:28", unsqueeze, p, others), x, "a scale or zero point");
  }
  const dims = $.call("47:16", shape, p);
  $.call("48:3", assumeEqual, dims[at], $.call("48:25", ceilDiv, $.call("48:33", shape, x)[at], block), `there must be one scale and zero point a block of ${block} on axis ${at}`);
  const apart = $.call("49:17", expand, $.call("49:24", unsqueeze, p, [$.add(at , 1, "49:41")]), [block, ...dims.slice($.add(at , 1, "49:73"))]);
  const repeated = $.call("50:20", reshape, 
    apart,
    dims.map((d, i) => ($.test($.eq(i , at, "52:27"), "52:25") ? $.mul(d , block, "52:38") : d)),
  );
  return $.call("54:10", slice, repeated, [{ axis: at, start: 0, size: $.call("54:55", shape, x)[at] }]);
}

/** round(x / scale) + zero point, limited to what the type holds; small floats are rounded by their cast. */
function quantise(x: Num, scale: Num, zero: Num | undefined, type: DType, saturate: boolean): Num {
  const ratio = $.div(x , scale, "59:19");
  if (!$.test($.call("60:8", isIntegerType, type), "60:8")) return $.call("60:36", cast, zero === undefined ? ratio : $.add(ratio , $.call("60:78", cast, zero, $.call("60:89", dtype, ratio)), "60:76"), type, { saturate });
  const level = $.call("61:17", round, ratio);
  return $.call("62:10", cast, zero === undefined ? level : $.add(level , $.call("62:52", cast, zero, $.call("62:63", dtype, level)), "62:50"), type, { saturate: true });
}

export const QuantizeLinear = formula(
  {
    inputs: { x: "number", scale: "float", zero_point: optional("any") },
    attrs: { axis: int(1), block_size: int(0), output_dtype: int(0), precision: int(0), saturate: int(1) },
  },
  ({ x, scale, zero_point, axis, block_size, output_dtype, precision, saturate }) => {
    const type = $.call("71:18", typeFromCode, output_dtype) ?? (zero_point === undefined ? "u8" : $.call("71:83", dtype, zero_point));
    const wide = $.call("72:18", typeFromCode, precision) ?? $.call("72:45", dtype, scale);
    const s = $.call("73:15", cast, spread(scale, x, axis, block_size), wide);
    const zero = zero_point === undefined ? undefined : spread(zero_point, x, axis, block_size);
    return quantise($.call("75:21", cast, x, wide), s, zero, type, $.eq(saturate , 1, "75:60"));
  },
{"name":"QuantizeLinear","path":"src/ops/formulas/quantisation.formula.ts","line":65,"column":14});

/** (x - zero point) * scale. */
export const DequantizeLinear = formula(
  {
    inputs: { x: "number", scale: "float", zero_point: optional("any") },
    attrs: { axis: int(1), block_size: int(0), output_dtype: int(0) },
  },
  ({ x, scale, zero_point, axis, block_size, output_dtype }) => {
    const type = $.call("86:18", typeFromCode, output_dtype) ?? $.call("86:48", dtype, scale);
    const s = $.call("87:15", cast, spread(scale, x, axis, block_size), "f32");
    const levels = $.call("88:20", cast, x, "f32");
    const zero = zero_point === undefined ? undefined : $.call("89:57", cast, spread(zero_point, x, axis, block_size), "f32");
    return $.call("90:12", cast, $.mul((zero === undefined ? levels : $.sub(levels , zero, "90:55")) , s, "90:63"), type);
  },
{"name":"DequantizeLinear","path":"src/ops/formulas/quantisation.formula.ts","line":80,"column":14});

/** 8-bit quantisation with the range of the data itself, which always includes 0. */
export const DynamicQuantizeLinear = formula({ inputs: { x: ["f32"] }, outputs: 3 }, ({ x }) => {
  const flat = $.call("96:16", reshape, x, [$.call("96:28", size, x)]);
  const low = $.call("97:15", reshape, $.call("97:23", minimum, $.call("97:31", min, flat, 0), 0), []);
  const high = $.call("98:16", reshape, $.call("98:24", maximum, $.call("98:32", max, flat, 0), 0), []);
  const raw = $.div(($.sub(high , low, "99:21")) , 255, "99:28");
  const scale = $.call("100:17", where, $.eq(raw , 0, "100:27"), 1, raw);
  const zero = $.call("101:16", cast, $.call("101:21", round, $.call("101:27", maximum, $.call("101:35", minimum, $.div($.neg(low, "101:43") , scale, "101:48"), 255), 0)), "u8");
  return [quantise(x, scale, zero, "u8", true), scale, zero];
}, {"name":"DynamicQuantizeLinear","path":"src/ops/formulas/quantisation.formula.ts","line":95,"column":14});

/** Levels of an accumulated integer product, rescaled to the result's quantisation. */
function requantise(sum: Num, factor: Num, zero: Num): Num {
  return $.call("107:10", cast, $.add($.call("107:15", round, $.mul($.call("107:21", cast, sum, "f32") , factor, "107:38")) , $.call("107:50", cast, zero, "f32"), "107:48"), $.call("107:69", dtype, zero), { saturate: true });
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
    if ($.test($.gt($.call("126:9", rank, y_scale) , 1, "126:23"), "126:9")) $.call("126:28", refuse, "QLinearMatMul is described for one scale of the result, or one a row");
    const column = (p: Num) => ($.test($.call("127:33", isSingle, p), "127:33") ? $.call("127:47", reshape, p, []) : $.test($.eq($.call("127:64", rank, p) , 1, "127:72"), "127:64") ? $.call("127:80", unsqueeze, p, [1]) : p);
    const row = (p: Num) => ($.test($.call("128:30", isSingle, p), "128:30") ? $.call("128:44", reshape, p, []) : p);
    const sum = $.call("129:17", matmul, a, b, { acc: "i32", zeroA: column(a_zero_point), zeroB: row(b_zero_point) });
    const factor = $.div(($.mul($.call("130:21", cast, column(a_scale), "f32") , $.call("130:52", cast, row(b_scale), "f32"), "130:50")) , $.call("130:81", cast, column(y_scale), "f32"), "130:79");
    return requantise(sum, factor, column(y_zero_point));
  },
{"name":"QLinearMatMul","path":"src/ops/formulas/quantisation.formula.ts","line":112,"column":14});

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
    const g = geometry(x, $.call("151:27", shape, w).slice(2), a);
    if (!$.test([...g.low, ...g.high].every(isFixed), "152:10")) $.call("152:48", refuseOpen, "the automatic padding of QLinearConv", [...g.low, ...g.high]);
    const sum = $.call("153:17", conv, x, w, {
      strides: g.strides,
      dilations: g.dilations,
      group: a.group,
      pads: [...g.low, ...g.high],
      acc: "i32",
      zeroX: $.call("159:14", reshape, x_zero_point, []),
      zeroW: $.test($.call("160:14", isSingle, w_zero_point), "160:14") ? $.call("160:39", reshape, w_zero_point, []) : w_zero_point,
    });
    const channel = (p: Num) => ($.test($.call("162:34", isSingle, p), "162:34") ? $.call("162:48", reshape, p, []) : $.call("162:65", unsqueeze, p, [0, ...spatialAxes(x)]));
    const biased = b === undefined ? sum : $.add(sum , $.call("163:50", unsqueeze, b, [0, ...spatialAxes(x)]), "163:48");
    return requantise(biased, $.div(($.mul($.call("164:32", reshape, x_scale, []) , channel(w_scale), "164:53")) , $.call("164:75", reshape, y_scale, []), "164:73"), $.call("164:97", reshape, y_zero_point, []));
  },
{"name":"QLinearConv","path":"src/ops/formulas/quantisation.formula.ts","line":135,"column":14});
