/* Generated from pooling.formula.ts; do not edit. */ import { dispatcher } from "../lang/dispatch.js"; const $ = dispatcher("src/ops/formulas/pooling.formula.ts"); /** Pooling as padding, sliding windows and a reduction. */
import {
  abs,
  argMax,
  ceilDiv,
  decided,
  dtype,
  formula,
  full,
  gather,
  int,
  iota,
  isFloatType,
  max,
  maximum,
  mean,
  minimum,
  pad,
  power,
  rank,
  required,
  reshape,
  shape,
  squeeze,
  sum,
  total,
  vector,
  windows,
  type DType,
  type Num,
} from "../lang.js";
import { spatialAxes } from "./axes.gen.js";
import { geometry, windowAttrs, type WindowAttrs } from "./convolution.gen.js";

interface Pool {
  readonly kernel: number[];
  readonly strides: number[];
  readonly dilations: number[];
  readonly low: Num[];
  /** Padding after, as declared. */
  readonly high: Num[];
  /** Further padding after that ceil_mode asks for; it never counts as padding of an average. */
  readonly extra: Num[];
}

interface PoolAttrs extends WindowAttrs {
  readonly kernel_shape: number[];
  readonly ceil_mode: number;
}

const poolAttrs = { ...windowAttrs, kernel_shape: required("ints"), ceil_mode: int(0) };

/** ceil_mode rounds the count of windows up, but no window may start in the padding after the data. */
function poolOf(x: Num, a: PoolAttrs): Pool {
  const g = geometry(x, a.kernel_shape, a);
  const extra = $.call("56:17", shape, x)
    .slice(2)
    .map((extent, i) => {
      if ($.test($.eq(a.ceil_mode , 0, "59:23"), "59:11") || a.auto_pad !== "NOTSET") return 0;
      const span = $.add($.mul(($.sub(a.kernel_shape[i] , 1, "60:39")) , g.dilations[i], "60:44") , 1, "60:61");
      const padded = $.add($.add(extent , g.low[i], "61:29") , g.high[i], "61:40");
      const count = $.call("62:21", minimum, $.add($.call("62:29", ceilDiv, $.sub(padded , span, "62:44"), g.strides[i]) , 1, "62:66"), $.call("62:71", ceilDiv, $.add(extent , g.low[i], "62:86"), g.strides[i]));
      return $.call("63:14", maximum, $.sub($.add($.mul(($.sub(count , 1, "63:29")) , g.strides[i], "63:34") , span, "63:49") , padded, "63:56"), 0);
    });
  return { kernel: a.kernel_shape, ...g, extra };
}

function isZero(d: Num): boolean {
  return $.eq($.call("69:10", decided, d, "==", 0) , true, "69:30");
}

/** N C out... K...: every window's elements on trailing axes, padding filled with `value`. */
function poolWindows(x: Num, p: Pool, value: Num): Num {
  const after = p.high.map((h, i) => $.call("74:38", total, [h, p.extra[i]]));
  const bare = [...p.low, ...after].every(isZero);
  const padded = $.test(bare, "76:18") ? x : $.call("76:29", pad, x, [0, 0, ...p.low], [0, 0, ...after], value);
  return $.call("77:10", windows, padded, spatialAxes(x), p.kernel, p.strides, p.dilations);
}

function tapAxes(x: Num): number[] {
  return spatialAxes(x).map((a) => $.add($.sub(a , 2, "81:38") , $.call("81:44", rank, x), "81:42"));
}

function reduceTaps(x: Num, w: Num, fold: (w: Num, axes: number[]) => Num): Num {
  return $.call("85:10", squeeze, fold(w, tapAxes(x)), tapAxes(x));
}

/** The least value of an element type. */
function lowest(type: DType): number {
  if ($.test($.call("90:7", isFloatType, type), "90:7")) return $.neg(Infinity, "90:33");
  return type === "u8" || type === "u16" || type === "u32" ? 0 : type === "i8" ? -128 : type === "i16" ? -32768 : $.neg(($.pow(2 , 31, "91:119")), "91:115");
}

interface AverageAttrs extends PoolAttrs {
  readonly count_include_pad: number;
}

/** Means of windows; padding counts where `count_include_pad` says so, and with `overhang` what ceil_mode adds too. */
export function averagePool(x: Num, { count_include_pad, ...a }: AverageAttrs, overhang = false): Num {
  const p = poolOf(x, a);
  const totals = reduceTaps(x, poolWindows(x, p, 0), sum);
  const added = $.test(overhang, "102:17") ? [] : p.extra;
  const counted = $.test($.eq(count_include_pad , 1, "103:37"), "103:19") ? added : [...p.low, ...p.high, ...p.extra];
  if ($.test(counted.every(isZero), "104:7")) return $.div(totals , p.kernel.reduce((k, n) => $.mul(k , n, "104:74"), 1), "104:44");
  const one = $.call("105:15", full, [1, 1, ...$.call("105:30", shape, x).slice(2)], 1, $.call("105:53", dtype, x));
  const inside = $.test($.eq(count_include_pad , 1, "106:36"), "106:18") ? $.call("106:44", pad, one, [0, 0, ...p.low], [0, 0, ...p.high], 1) : one;
  const rest = $.test($.eq(count_include_pad , 1, "107:34"), "107:16") ? { ...p, low: p.low.map(() => 0), high: p.high.map(() => 0) } : p;
  return $.div(totals , reduceTaps(one, poolWindows(inside, rest, 0), sum), "108:17");
}

export const AveragePool = formula({ inputs: { x: "float" }, attrs: { ...poolAttrs, count_include_pad: int(0) } }, ({ x, ...a }) =>
  averagePool(x, a),
{"name":"AveragePool","path":"src/ops/formulas/pooling.formula.ts","line":111,"column":14});

export const LpPool = formula({ inputs: { x: "float" }, attrs: { ...poolAttrs, p: int(2) } }, ({ x, p: order, ...a }) => {
  const p = poolOf(x, a);
  return $.call("117:10", power, reduceTaps(x, poolWindows($.call("117:42", power, $.call("117:48", abs, x), order), p, 0), sum), $.div(1 , order, "117:79"));
}, {"name":"LpPool","path":"src/ops/formulas/pooling.formula.ts","line":115,"column":14});

/** Flat positions in x of each window's maximum. */
function maxPositions(x: Num, w: Num, p: Pool, columnMajor: boolean): Num {
  const dims = $.call("122:16", shape, x);
  const n = p.kernel.length;
  const taps = p.kernel.reduce((a, b) => $.mul(a , b, "124:44"), 1);
  const flat = $.call("125:16", reshape, w, [...$.call("125:31", shape, w).slice(0, $.add(n , 2, "125:51")), taps]);
  const best = $.call("126:16", squeeze, $.call("126:24", argMax, flat, -1), [-1]);
  const out = $.call("127:15", shape, best);
  let position = $.add($.mul($.call("128:18", iota, out, 0, "i64") , dims[1], "128:38") , $.call("128:50", iota, out, 1, "i64"), "128:48");
  const along = p.kernel.map((_, i) => {
    const inner = p.kernel.slice($.add(i , 1, "130:36")).reduce((a, b) => $.mul(a , b, "130:60"), 1);
    const tap = Array.from({ length: taps }, (_, t) => $.mul(($.rem(Math.floor($.div(t , inner, "131:70")) , p.kernel[i], "131:79")) , p.dilations[i], "131:94"));
    return $.add($.sub($.mul($.call("132:12", iota, out, $.add(i , 2, "132:24"), "i64") , p.strides[i], "132:36") , p.low[i], "132:51") , $.call("132:64", gather, $.call("132:71", vector, tap, "i64"), best, 0, true), "132:62");
  });
  const order = $.test(columnMajor, "134:17") ? along.map((_, i) => $.sub($.sub(n , 1, "134:53") , i, "134:57")) : along.map((_, i) => i);
  for (const i of order) position = $.add($.mul(position , dims[$.add(i , 2, "135:55")], "135:46") , along[i], "135:60");
  return position;
}

export const MaxPool = formula(
  { inputs: { x: "number" }, attrs: { ...poolAttrs, storage_order: int(0) }, outputs: 2 },
  ({ x, storage_order, ...a }, { outputs }) => {
    const p = poolOf(x, a);
    const w = poolWindows(x, p, lowest($.call("143:40", dtype, x)));
    const y = reduceTaps(x, w, max);
    return $.test($.gt(outputs , 1, "145:20"), "145:12") ? [y, maxPositions(x, w, p, $.eq(storage_order , 1, "145:66"))] : y;
  },
{"name":"MaxPool","path":"src/ops/formulas/pooling.formula.ts","line":139,"column":14});

export const GlobalAveragePool = formula({ inputs: { x: "float" } }, ({ x }) => $.call("149:81", mean, x, spatialAxes(x)), {"name":"GlobalAveragePool","path":"src/ops/formulas/pooling.formula.ts","line":149,"column":14});
export const GlobalMaxPool = formula({ inputs: { x: "float" } }, ({ x }) => $.call("150:77", max, x, spatialAxes(x)), {"name":"GlobalMaxPool","path":"src/ops/formulas/pooling.formula.ts","line":150,"column":14});
export const GlobalLpPool = formula({ inputs: { x: "float" }, attrs: { p: int(2) } }, ({ x, p }) =>
  $.call("152:3", power, $.call("152:9", sum, $.call("152:13", power, $.call("152:19", abs, x), p), spatialAxes(x)), $.div(1 , p, "152:50")),
{"name":"GlobalLpPool","path":"src/ops/formulas/pooling.formula.ts","line":151,"column":14});
