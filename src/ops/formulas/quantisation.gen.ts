/* Generated from quantisation.formula.ts; do not edit. */ import { dispatcher } from "../lang/dispatch.js"; const $ = dispatcher("src/ops/formulas/quantisation.formula.ts"); /** Linear quantisation, and products and convolutions of quantised tensors as integer arithmetic rescaled once. */
import {
  assumeShape,
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
import { addBias, geometry, windowAttrs } from "./convolution.gen.js";

/** A scale or zero point shaped to meet x: one value, one along the axis, or one a block along the axis. */
function spread(p: Num, x: Num, axis: number, block: number): Num {
  const at = positive(axis, $.call("41:29", rank, x));
  if ($.test($.gt($.call("42:7", rank, p) , 1, "42:15"), "42:7") && $.test($.gt(block , 0, "42:28"), "42:22")) return spreadBlocks(p, x, at, block);
  if ($.test($.call("43:7", isSingle, p), "43:7")) return $.call("43:27", reshape, p, []);
  const others = $.test($.eq($.call("44:18", rank, p) , 1, "44:26"), "44:18") && $.test($.gt($.call("44:35", rank, x) , 1, "44:43"), "44:35") ? allAxes(x).filter((a) => $.ne(a , at, "44:76")) : [];
  return $.call("45:10", assumeStretches, $.call("45:26", unsqueeze, p, others), x, "a scale or zero point");
}

function spreadBlocks(p: Num, x: Num, at: number, block: number): Num {
  const dims = $.call("49:16", shape, x).map((d, i) => ($.test($.eq(i , at, "49:42"), "49:40") ? $.call("49:51", ceilDiv, d, block) : d));
  const own = $.call("50:15", assumeShape, p, dims, `there must be one scale and zero point a block of ${block} on axis ${at}`);
  if ($.test($.call("51:7", isSingle, own), "51:7")) return $.call("51:29", reshape, own, []);
  const apart = $.call("52:17", expand, $.call("52:24", unsqueeze, own, [$.add(at , 1, "52:43")]), [block, ...dims.slice($.add(at , 1, "52:75"))]);
  const repeated = $.call("53:20", reshape, 
    apart,
    dims.map((d, i) => ($.test($.eq(i , at, "55:27"), "55:25") ? $.mul(d , block, "55:38") : d)),
  );
  return $.call("57:10", slice, repeated, [{ axis: at, start: 0, size: $.call("57:55", shape, x)[at] }], true);
}

/** round(x / scale) + zero point, limited to what the type holds; small floats are rounded by their cast. */
function quantise(x: Num, scale: Num, zero: Num | undefined, type: DType, saturate: boolean): Num {
  const ratio = $.div(x , scale, "62:19");
  if (!$.test($.call("63:8", isIntegerType, type), "63:8")) return $.call("63:36", cast, zero === undefined ? ratio : $.add(ratio , $.call("63:78", cast, zero, $.call("63:89", dtype, ratio)), "63:76"), type, { saturate });
  const level = $.call("64:17", round, ratio);
  return $.call("65:10", cast, zero === undefined ? level : $.add(level , $.call("65:52", cast, zero, $.call("65:63", dtype, level)), "65:50"), type, { saturate: true });
}

export const QuantizeLinear = formula(
  {
    inputs: { x: "number", scale: "float", zero_point: optional("any") },
    attrs: { axis: int(1), block_size: int(0), output_dtype: int(0), precision: int(0), saturate: int(1) },
  },
  ({ x, scale, zero_point, axis, block_size, output_dtype, precision, saturate }) => {
    const type = $.call("74:18", typeFromCode, output_dtype) ?? (zero_point === undefined ? "u8" : $.call("74:83", dtype, zero_point));
    const wide = $.call("75:18", typeFromCode, precision) ?? $.call("75:45", dtype, scale);
    const s = $.call("76:15", cast, spread(scale, x, axis, block_size), wide);
    const zero = zero_point === undefined ? undefined : spread(zero_point, x, axis, block_size);
    return quantise($.call("78:21", cast, x, wide), s, zero, type, $.eq(saturate , 1, "78:60"));
  },
{"name":"QuantizeLinear","path":"src/ops/formulas/quantisation.formula.ts","line":68,"column":14});

/** (x - zero point) * scale. */
export const DequantizeLinear = formula(
  {
    inputs: { x: "number", scale: "float", zero_point: optional("any") },
    attrs: { axis: int(1), block_size: int(0), output_dtype: int(0) },
  },
  ({ x, scale, zero_point, axis, block_size, output_dtype }) => {
    const type = $.call("89:18", typeFromCode, output_dtype) ?? $.call("89:48", dtype, scale);
    const s = $.call("90:15", cast, spread(scale, x, axis, block_size), "f32");
    const levels = $.call("91:20", cast, x, "f32");
    const zero = zero_point === undefined ? undefined : $.call("92:57", cast, spread(zero_point, x, axis, block_size), "f32");
    return $.call("93:12", cast, $.mul((zero === undefined ? levels : $.sub(levels , zero, "93:55")) , s, "93:63"), type);
  },
{"name":"DequantizeLinear","path":"src/ops/formulas/quantisation.formula.ts","line":83,"column":14});

/** 8-bit quantisation with the range of the data itself, which always includes 0. */
export const DynamicQuantizeLinear = formula({ inputs: { x: ["f32"] }, outputs: 3 }, ({ x }) => {
  const flat = $.call("99:16", reshape, x, [$.call("99:28", size, x)]);
  const low = $.call("100:15", reshape, $.call("100:23", minimum, $.call("100:31", min, flat, 0), 0), []);
  const high = $.call("101:16", reshape, $.call("101:24", maximum, $.call("101:32", max, flat, 0), 0), []);
  const raw = $.div(($.sub(high , low, "102:21")) , 255, "102:28");
  const scale = $.call("103:17", where, $.eq(raw , 0, "103:27"), 1, raw);
  const zero = $.call("104:16", cast, $.call("104:21", round, $.call("104:27", maximum, $.call("104:35", minimum, $.div($.neg(low, "104:43") , scale, "104:48"), 255), 0)), "u8");
  return [quantise(x, scale, zero, "u8", true), scale, zero];
}, {"name":"DynamicQuantizeLinear","path":"src/ops/formulas/quantisation.formula.ts","line":98,"column":14});

/** Levels of an accumulated integer product, rescaled to the result's quantisation. */
function requantise(sum: Num, factor: Num, zero: Num): Num {
  return $.call("110:10", cast, $.add($.call("110:15", round, $.mul($.call("110:21", cast, sum, "f32") , factor, "110:38")) , $.call("110:50", cast, zero, "f32"), "110:48"), $.call("110:69", dtype, zero), { saturate: true });
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
    if ($.test($.gt($.call("129:9", rank, y_scale) , 1, "129:23"), "129:9")) $.call("129:28", refuse, "QLinearMatMul is described for one scale of the result, or one a row");
    const column = (p: Num) => ($.test($.call("130:33", isSingle, p), "130:33") ? $.call("130:47", reshape, p, []) : $.test($.eq($.call("130:64", rank, p) , 1, "130:72"), "130:64") ? $.call("130:80", unsqueeze, p, [1]) : p);
    const row = (p: Num) => ($.test($.call("131:30", isSingle, p), "131:30") ? $.call("131:44", reshape, p, []) : p);
    const sum = $.call("132:17", matmul, a, b, { acc: "i32", zeroA: column(a_zero_point), zeroB: row(b_zero_point) });
    const ofRows = (p: Num, what: string) => $.call("133:46", assumeStretches, column(p), sum, what);
    const factor =
      $.div(($.mul($.call("135:8", cast, ofRows(a_scale, "a_scale"), "f32") , $.call("135:50", cast, $.call("135:55", assumeStretches, row(b_scale), sum, "b_scale"), "f32"), "135:48")) ,
      $.call("136:7", cast, ofRows(y_scale, "y_scale"), "f32"), "135:110");
    return requantise(sum, factor, ofRows(y_zero_point, "y_zero_point"));
  },
{"name":"QLinearMatMul","path":"src/ops/formulas/quantisation.formula.ts","line":115,"column":14});

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
    const g = geometry(x, $.call("157:27", shape, w).slice(2), a);
    if (!$.test([...g.low, ...g.high].every(isFixed), "158:10")) $.call("158:48", refuseOpen, "the automatic padding of QLinearConv", [...g.low, ...g.high]);
    const sum = $.call("159:17", conv, x, w, {
      strides: g.strides,
      dilations: g.dilations,
      group: a.group,
      pads: [...g.low, ...g.high],
      acc: "i32",
      zeroX: $.call("165:14", reshape, x_zero_point, []),
      zeroW: $.test($.call("166:14", isSingle, w_zero_point), "166:14") ? $.call("166:39", reshape, w_zero_point, []) : w_zero_point,
    });
    const channel = $.test($.call("168:21", isSingle, w_scale), "168:21") ? $.call("168:41", reshape, w_scale, []) : $.call("168:64", assumeStretches, $.call("168:80", unsqueeze, w_scale, [0, ...spatialAxes(x)]), sum, "w_scale");
    return requantise(addBias(sum, b), $.div(($.mul($.call("169:41", reshape, x_scale, []) , channel, "169:62")) , $.call("169:75", reshape, y_scale, []), "169:73"), $.call("169:97", reshape, y_zero_point, []));
  },
{"name":"QLinearConv","path":"src/ops/formulas/quantisation.formula.ts","line":141,"column":14});
