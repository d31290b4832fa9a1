/* Generated from resize.formula.ts; do not edit. */ import { dispatcher } from "../lang/dispatch.js"; const $ = dispatcher("src/ops/formulas/resize.formula.ts"); /**
 * Resize: every resized axis on its own, as a few gathers along it weighted and summed. Positions and weights of an
 * axis whose extents are known are constants; otherwise they are index arithmetic. Nearest resizing by a whole factor
 * is a repetition, which moves no element by index at all.
 */
import {
  asTensor,
  cast,
  ceil,
  dtype,
  expand,
  extents,
  float,
  floor,
  floorDiv,
  formula,
  gather,
  int,
  iota,
  isFixed,
  isFloatType,
  maximum,
  maybe,
  minimum,
  numbers,
  optionalShaping,
  rank,
  refuse,
  reshape,
  shape,
  table,
  text,
  unsqueeze,
  vector,
  where,
  type Num,
} from "../lang.js";
import { allAxes, positive } from "./axes.gen.js";

interface ResizeAttrs {
  readonly antialias: number;
  readonly coordinate_transformation_mode: string;
  readonly cubic_coeff_a: number;
  readonly exclude_outside: number;
  readonly mode: string;
  readonly nearest_mode: string;
}

/** One resized axis: n elements become `out`; `scale` is their ratio; start and end are the region of interest. */
interface Line {
  readonly axis: number;
  readonly n: Num;
  readonly out: Num;
  readonly scale: Num;
  readonly start: number;
  readonly end: number;
}

/** Where output position i lies among the input's positions. */
function coordinate(i: Num, line: Line, mode: string): Num {
  const { n, out, scale, start, end } = line;
  const width = $.mul(scale , n, "62:23");
  const half = $.sub($.div(($.add(i , 0.5, "63:19")) , scale, "63:26") , 0.5, "63:34");
  switch (mode) {
    case "half_pixel":
      return half;
    case "asymmetric":
      return $.div(i , scale, "68:16");
    case "align_corners":
      return $.div(($.mul(i , ($.sub(n , 1, "70:22")), "70:17")) , $.call("70:30", maximum, $.sub(width , 1, "70:44"), 1e-6), "70:28");
    case "pytorch_half_pixel":
      if ($.test($.call("72:11", isFixed, width), "72:11")) return $.test($.eq(width , 1, "72:40"), "72:34") ? -0.5 : half;
      return $.call("73:14", where, $.eq(width , 1, "73:26"), -0.5, half);
    case "half_pixel_symmetric":
      return $.add($.mul(($.div(n , 2, "75:17")) , ($.sub(1 , $.div(out , width, "75:33"), "75:27")), "75:22") , half, "75:42");
    case "tf_crop_and_resize":
      if (!$.test($.call("77:12", isFixed, width), "77:12")) $.call("77:28", refuse, "tf_crop_and_resize needs extents known when compiling", "Fix them with --dim or --shape.");
      return $.add($.mul(start , ($.sub(n , 1, "78:25")), "78:20") , ($.test($.eq(width , 1, "78:39"), "78:33") ? $.div(($.mul(($.sub(end , start, "78:53")) , ($.sub(n , 1, "78:67")), "78:62")) , 2, "78:73") : $.div(($.mul($.mul(i , ($.sub(end , start, "78:89")), "78:82") , ($.sub(n , 1, "78:103")), "78:98")) , ($.sub(width , 1, "78:118")), "78:109")), "78:30");
    default:
      return $.call("80:14", refuse, `Resize has no coordinate transformation mode "${mode}"`);
  }
}

function nearest(x: Num, mode: string): Num {
  if (mode === "floor") return $.call("85:32", floor, x);
  if (mode === "ceil") return $.call("86:31", ceil, x);
  return mode === "round_prefer_ceil" ? $.call("87:41", floor, $.add(x , 0.5, "87:49")) : $.call("87:58", ceil, $.sub(x , 0.5, "87:65"));
}

/** One neighbour: its offset from floor(x), and its weight as a function of x - floor(x). */
interface Tap {
  readonly offset: number;
  readonly weight: (ratio: Num) => Num;
}

function linearTaps(): Tap[] {
  return [
    { offset: 0, weight: (r) => $.sub(1 , r, "98:35") },
    { offset: 1, weight: (r) => r },
  ];
}

/** Keys' cubic convolution with parameter a. */
function cubicTaps(a: number): Tap[] {
  return [
    { offset: -1, weight: (r) => $.mul(($.add($.mul(($.sub($.mul(a , r, "106:38") , $.mul(2 , a, "106:46"), "106:42")) , r, "106:51") , a, "106:55")) , r, "106:60") },
    { offset: 0, weight: (r) => $.add($.mul($.mul(($.sub($.mul(($.add(a , 2, "107:37")) , r, "107:42") , ($.add(a , 3, "107:51")), "107:46")) , r, "107:57") , r, "107:61") , 1, "107:65") },
    { offset: 1, weight: (r) => $.mul(($.sub($.mul(($.add($.mul($.neg(($.add(a , 2, "108:39")), "108:35") , r, "108:44") , ($.add($.mul(2 , a, "108:53") , 3, "108:57")), "108:48")) , r, "108:63") , a, "108:67")) , r, "108:72") },
    { offset: 2, weight: (r) => $.mul($.mul(($.sub(a , $.mul(a , r, "109:40"), "109:36")) , r, "109:45") , r, "109:49") },
  ];
}

function cubicKernel(x: number, a: number): number {
  const d = Math.abs(x);
  if ($.test($.le(d , 1, "115:9"), "115:7")) return $.add($.mul($.mul(($.sub($.mul(($.add(a , 2, "115:26")) , d, "115:31") , ($.add(a , 3, "115:40")), "115:35")) , d, "115:46") , d, "115:50") , 1, "115:54");
  return $.test($.lt(d , 2, "116:12"), "116:10") ? $.sub($.mul(($.add($.mul(($.sub($.mul(a , d, "116:22") , $.mul(5 , a, "116:30"), "116:26")) , d, "116:35") , $.mul(8 , a, "116:43"), "116:39")) , d, "116:48") , $.mul(4 , a, "116:56"), "116:52") : 0;
}

/** Neighbours of a filter stretched by 1 / scale when shrinking; weights still need normalising. */
function antialiasTaps(mode: string, scale: number, a: number): Tap[] {
  const s = Math.min(scale, 1);
  const reach = mode === "linear" ? 1 : 2;
  const first = $.add(Math.floor($.div($.neg(reach, "123:28") , s, "123:35")) , 1, "123:40");
  const kernel = (x: number) => (mode === "linear" ? Math.max($.sub(1 , Math.abs(x), "124:65"), 0) : cubicKernel(x, a));
  return Array.from({ length: $.sub(2 , $.mul(2 , first, "125:37"), "125:33") }, (_, k) => ({ offset: $.add(first , k, "125:75"), weight: (r: Num) => kernel($.mul(($.sub($.add(first , k, "125:114") , r, "125:118")) , s, "125:123")) }));
}

function tapsOf(line: Line, a: ResizeAttrs): Tap[] {
  if ($.test($.eq(a.antialias , 1, "129:19"), "129:7")) {
    if (!$.test($.call("130:10", isFixed, line.scale), "130:10")) $.call("130:31", refuse, "antialiased Resize needs a scale known when compiling", "Fix the extents with --dim or --shape.");
    return antialiasTaps(a.mode, line.scale, a.cubic_coeff_a);
  }
  return a.mode === "linear" ? linearTaps() : cubicTaps(a.cubic_coeff_a);
}

/** A vector along one axis of a tensor of the given rank. */
function along(v: Num, axis: number, count: number): Num {
  return $.call("138:10", unsqueeze, 
    v,
    Array.from({ length: count }, (_, i) => i).filter((i) => $.ne(i , axis, "140:64")),
  );
}

function weightedConstant(x: Num, line: Line, out: number, n: number, a: ResizeAttrs): Num {
  const taps = tapsOf(line, a);
  const positions = Array.from({ length: out }, (_, i) => coordinate(i, line, a.coordinate_transformation_mode));
  const weights = positions.map((p) => {
    const low = Math.floor(p);
    const raw = taps.map((t) => ($.test($.eq(a.exclude_outside , 1, "149:52"), "149:34") && ($.test($.lt($.add(low , t.offset, "149:66") , 0, "149:77"), "149:62") || $.test($.ge($.add(low , t.offset, "149:88") , n, "149:99"), "149:84")) ? 0 : t.weight($.sub(p , low, "149:122"))));
    const sum = $.test($.eq(a.antialias , 1, "150:29"), "150:17") || $.test($.eq(a.exclude_outside , 1, "150:56"), "150:38") ? raw.reduce((u, v) => $.add(u , v, "150:87"), 0) : 1;
    return raw.map((w) => $.div(w , sum, "151:29"));
  });
  const parts = taps.flatMap((t, k) => {
    const w = weights.map((row) => row[k]);
    if ($.test(w.every((v) => $.eq(v , 0, "155:26")), "155:9")) return [];
    const from = positions.map((p) => Math.min(Math.max($.add(Math.floor(p) , t.offset, "156:71"), 0), $.sub(n , 1, "156:89")));
    return [$.mul($.call("157:13", gather, x, $.call("157:23", vector, from, "i64"), line.axis, true) , along($.call("157:69", vector, w, $.call("157:79", dtype, x)), line.axis, $.call("157:101", rank, x)), "157:61")];
  });
  return parts.reduce((u, v) => $.add(u , v, "159:35"));
}

function clampIndex(p: Num, n: Num): Num {
  return $.call("163:10", cast, $.call("163:15", maximum, $.call("163:23", minimum, p, $.sub(n , 1, "163:36")), 0), "i64");
}

/** Positions of the whole axis by arithmetic in f32. */
function symbolic(line: Line): { i: Num; at: Line } {
  const at = { ...line, n: $.call("168:28", asTensor, line.n, "f32"), out: $.call("168:58", asTensor, line.out, "f32"), scale: $.call("168:92", asTensor, line.scale, "f32") };
  return { i: $.call("169:15", iota, [line.out], 0, "f32"), at };
}

function weightedSymbolic(x: Num, line: Line, a: ResizeAttrs): Num {
  if ($.test($.eq(a.exclude_outside , 1, "173:25"), "173:7")) $.call("173:32", refuse, "Resize with exclude_outside needs extents known when compiling", "Fix them with --dim or --shape.");
  const { i, at } = symbolic(line);
  const p = coordinate(i, at, a.coordinate_transformation_mode);
  const low = $.call("176:15", floor, p);
  const parts = tapsOf(line, a).map((t) => {
    const from = clampIndex($.add(low , t.offset, "178:33"), at.n);
    return $.mul($.call("179:12", gather, x, from, line.axis, true) , along($.call("179:53", cast, t.weight($.sub(p , low, "179:69")), $.call("179:77", dtype, x)), line.axis, $.call("179:99", rank, x)), "179:45");
  });
  return parts.reduce((u, v) => $.add(u , v, "181:35"));
}

/** Whether nearest positions by a whole factor are just 0 0 .. 1 1 .. */
function repeats(factor: number, a: ResizeAttrs): boolean {
  const periodic = ["half_pixel", "asymmetric", "pytorch_half_pixel"].includes(a.coordinate_transformation_mode);
  if (!$.test(periodic, "187:8")) return false;
  const probe = { axis: 0, n: 8, out: $.mul(8 , factor, "188:41"), scale: factor, start: 0, end: 1 };
  const position = (i: number) => Math.max(nearest(coordinate(i, probe, a.coordinate_transformation_mode), a.nearest_mode), 0);
  return Array.from({ length: $.mul(4 , factor, "190:33") }, (_, i) => $.eq(position(i) , Math.floor($.div(i , factor, "190:84")), "190:67")).every((ok) => ok);
}

/** Every element of an axis `factor` times in a row. */
function repeat(x: Num, axis: number, factor: number): Num {
  const dims = $.call("195:16", shape, x);
  const spread = [...dims.slice(0, $.add(axis , 1, "196:41")), factor, ...dims.slice($.add(axis , 1, "196:74"))];
  return $.call("197:10", reshape, 
    $.call("198:5", expand, $.call("198:12", unsqueeze, x, [$.add(axis , 1, "198:31")]), spread),
    dims.map((d, i) => ($.test($.eq(i , axis, "199:27"), "199:25") ? $.mul(d , factor, "199:40") : d)),
  );
}

/** The factor by which an axis grows when it is whole, else undefined. */
function wholeFactor(line: Line): number | undefined {
  return $.test($.call("205:10", isFixed, line.scale), "205:10") && $.test($.eq($.rem(line.scale , 1, "205:44") , 0, "205:48"), "205:33") ? line.scale : undefined;
}

function resizeLine(x: Num, line: Line, a: ResizeAttrs): Num {
  const fixed = $.test($.call("209:17", isFixed, line.n), "209:17") && $.test($.call("209:36", isFixed, line.out), "209:36") && $.call("209:57", isFixed, line.scale);
  if (a.mode !== "nearest") return $.test(fixed, "210:36") ? weightedConstant(x, line, line.out, line.n, a) : weightedSymbolic(x, line, a);
  const factor = wholeFactor(line);
  if (factor !== undefined && $.test(repeats(factor, a), "212:31")) return repeat(x, line.axis, factor);
  if (!$.test(fixed, "213:8")) {
    const { i, at } = symbolic(line);
    return $.call("215:12", gather, x, clampIndex(nearest(coordinate(i, at, a.coordinate_transformation_mode), a.nearest_mode), at.n), line.axis, true);
  }
  const from = Array.from({ length: line.out }, (_, i) => {
    const p = nearest(coordinate(i, line, a.coordinate_transformation_mode), a.nearest_mode);
    return Math.min(Math.max(p, 0), $.sub(line.n , 1, "219:44"));
  });
  return $.call("221:10", gather, x, $.call("221:20", vector, from, "i64"), line.axis, true);
}

/** floor(n * scale); a scale with a small denominator keeps symbolic extents exact. */
function scaled(n: Num, scale: number): Num {
  if ($.test($.call("226:7", isFixed, n), "226:7")) return Math.floor($.mul(n , scale, "226:39"));
  for (let q = 1; $.test($.le(q , 64, "227:21"), "227:19"); q++) {
    const p = Math.round($.mul(scale , q, "228:32"));
    if ($.test($.lt(Math.abs($.sub($.mul(scale , q, "229:24") , p, "229:28")) , $.mul(1e-6 , q, "229:40"), "229:33"), "229:9")) return $.call("229:52", floorDiv, $.mul(n , p, "229:63"), q);
  }
  return $.call("231:10", refuse, `the scale ${scale} of an extent known only at run time is no simple fraction`, "Fix the extent with --dim or --shape.");
}

/** out / n as a number where it follows, else as an f32 scalar. */
function ratio(out: Num, n: Num): Num {
  if ($.test($.call("236:7", isFixed, out), "236:7") && $.test($.call("236:23", isFixed, n), "236:23")) return $.div(out , n, "236:46");
  const factor = $.call("237:18", floorDiv, out, n);
  if ($.test($.call("238:7", isFixed, factor), "238:7")) return factor;
  return $.div($.call("239:10", asTensor, out, "f32") , $.call("239:33", asTensor, n, "f32"), "239:31");
}

function linesBySizes(dims: readonly Num[], on: readonly number[], sizes: readonly Num[], policy: string, roi: readonly number[]): Line[] {
  const lines = on.map((axis, k) => ({
    axis,
    n: dims[axis],
    out: sizes[k],
    scale: ratio(sizes[k], dims[axis]),
    start: roi[k],
    end: roi[$.add(k , on.length, "249:16")],
  }));
  if (policy === "stretch") return lines;
  if (!$.test(lines.every((l) => $.call("252:27", isFixed, l.scale)), "252:8"))
    $.call("253:5", refuse, "an aspect ratio is kept only for extents known when compiling", "Fix them with --dim or --shape.");
  const factors = lines.map((l) => l.scale);
  const scale = policy === "not_larger" ? Math.min(...factors) : Math.max(...factors);
  return lines.map((l) => ({ ...l, scale, out: Math.floor($.add($.mul(l.n , scale, "256:63") , 0.5, "256:71")) }));
}

/** Elements whose source lies outside the input, for tf_crop_and_resize. */
function outside(x: Num, line: Line, mode: string): boolean {
  const flags = Array.from({ length: line.out }, (_, i) => {
    const p = coordinate(i, line, mode);
    return $.test($.lt(p , 0, "263:14"), "263:12") || $.test($.gt(p , $.sub(line.n , 1, "263:32"), "263:23"), "263:21") ? 1 : 0;
  });
  return along($.call("265:16", cast, $.call("265:21", table, flags, [line.out], "u8"), "bool"), line.axis, $.call("265:73", rank, x)) as unknown as boolean;
}

export const Resize = formula(
  {
    inputs: { x: "any", roi: optionalShaping("float"), scales: optionalShaping("float"), sizes: optionalShaping(["i64"]) },
    attrs: {
      antialias: int(0),
      axes: maybe("ints"),
      coordinate_transformation_mode: text("half_pixel"),
      cubic_coeff_a: float(-0.75),
      exclude_outside: int(0),
      extrapolation_value: float(0),
      keep_aspect_ratio_policy: text("stretch", "not_larger", "not_smaller"),
      mode: text("nearest", "linear", "cubic"),
      nearest_mode: text("round_prefer_floor", "round_prefer_ceil", "floor", "ceil"),
    },
  },
  ({ x, roi, scales, sizes, axes, extrapolation_value, keep_aspect_ratio_policy, ...a }) => {
    const dims = $.call("284:18", shape, x);
    const on = axes === undefined ? allAxes(x) : axes.map((axis) => positive(axis, dims.length));
    const crop = a.coordinate_transformation_mode === "tf_crop_and_resize";
    const region = $.test(crop, "287:20") && roi !== undefined ? $.call("287:48", numbers, roi) : on.flatMap(() => [0]).concat(on.map(() => 1));
    const factors = scales === undefined ? [] : $.call("288:49", numbers, scales);
    if ($.test($.eq(factors.length , 0, "289:24"), "289:9") && sizes === undefined) $.call("289:54", refuse, "Resize needs scales or sizes");
    const lines =
      $.test($.gt(factors.length , 0, "291:22"), "291:7")
        ? on.map((axis, k) => ({
            axis,
            n: dims[axis],
            out: scaled(dims[axis], factors[k]),
            scale: factors[k],
            start: region[k],
            end: region[$.add(k , on.length, "298:27")],
          }))
        : linesBySizes(dims, on, $.call("300:34", extents, sizes ?? x), keep_aspect_ratio_policy, region);
    const moving = lines.filter((l) => $.test(crop, "301:40") || !($.test($.call("301:50", isFixed, l.scale), "301:50") && $.test($.eq(l.scale , 1, "301:78"), "301:70")));
    const integer = a.mode !== "nearest" && !$.test($.call("302:46", isFloatType, $.call("302:58", dtype, x)), "302:46");
    const wide = $.test(integer, "303:18") ? $.call("303:28", cast, x, "f32") : x;
    const y = moving.reduce((v, line) => resizeLine(v, line, a), wide);
    const back = $.test(integer, "305:18") ? $.call("305:28", cast, y, $.call("305:36", dtype, x), { round: "rint", saturate: true }) : y;
    if (!$.test(crop, "306:10")) return back;
    return moving.reduce((v, line) => $.call("307:39", where, outside(v, line, a.coordinate_transformation_mode), extrapolation_value, v), back);
  },
{"name":"Resize","path":"src/ops/formulas/resize.formula.ts","line":268,"column":14});
