/* Generated from resize.formula.ts; do not edit. */ import { dispatcher } from "../lang/dispatch.js"; const $ = dispatcher("src/ops/formulas/resize.formula.ts"); /**
 * Resize: every resized axis on its own, as a few gathers along it weighted and summed. Positions and weights of an
 * axis whose extents are known are constants; otherwise they are index arithmetic. Nearest resizing by a whole factor
 * is a repetition, which moves no element by index at all.
 */
import {
  asTensor,
  assumeAtMost,
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
  refuseOpen,
  reshape,
  shape,
  table,
  text,
  unsqueeze,
  vector,
  where,
  type Num,
} from "../lang.js";
import { fractionOf, scaledExtent } from "../scaled-extent.js";
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
  const width = $.mul(scale , n, "65:23");
  const half = $.sub($.div(($.add(i , 0.5, "66:19")) , scale, "66:26") , 0.5, "66:34");
  switch (mode) {
    case "half_pixel":
      return half;
    case "asymmetric":
      return $.div(i , scale, "71:16");
    case "align_corners":
      return $.div(($.mul(i , ($.sub(n , 1, "73:22")), "73:17")) , $.call("73:30", maximum, $.sub(width , 1, "73:44"), 1e-6), "73:28");
    case "pytorch_half_pixel":
      if ($.test($.call("75:11", isFixed, out), "75:11")) return $.test($.eq(out , 1, "75:36"), "75:32") ? 0 : half;
      return $.call("76:14", where, $.eq(out , 1, "76:24"), 0, half);
    case "half_pixel_symmetric":
      return $.add($.mul(($.div(n , 2, "78:17")) , ($.sub(1 , $.div(out , width, "78:33"), "78:27")), "78:22") , half, "78:42");
    case "tf_crop_and_resize":
      return $.add($.mul(start , ($.sub(n , 1, "80:25")), "80:20") , ($.test($.eq(width , 1, "80:39"), "80:33") ? $.div(($.mul(($.sub(end , start, "80:53")) , ($.sub(n , 1, "80:67")), "80:62")) , 2, "80:73") : $.div(($.mul($.mul(i , ($.sub(end , start, "80:89")), "80:82") , ($.sub(n , 1, "80:103")), "80:98")) , ($.sub(width , 1, "80:118")), "80:109")), "80:30");
    default:
      return $.call("82:14", refuse, `Resize has no coordinate transformation mode "${mode}"`);
  }
}

function nearest(x: Num, mode: string): Num {
  if (mode === "floor") return $.call("87:32", floor, x);
  if (mode === "ceil") return $.call("88:31", ceil, x);
  return mode === "round_prefer_ceil" ? $.call("89:41", floor, $.add(x , 0.5, "89:49")) : $.call("89:58", ceil, $.sub(x , 0.5, "89:65"));
}

/** One neighbour: its offset from floor(x), and its weight as a function of x - floor(x). */
interface Tap {
  readonly offset: number;
  readonly weight: (ratio: Num) => Num;
}

function linearTaps(): Tap[] {
  return [
    { offset: 0, weight: (r) => $.sub(1 , r, "100:35") },
    { offset: 1, weight: (r) => r },
  ];
}

/** Keys' cubic convolution with parameter a. */
function cubicTaps(a: number): Tap[] {
  return [
    { offset: -1, weight: (r) => $.mul(($.add($.mul(($.sub($.mul(a , r, "108:38") , $.mul(2 , a, "108:46"), "108:42")) , r, "108:51") , a, "108:55")) , r, "108:60") },
    { offset: 0, weight: (r) => $.add($.mul($.mul(($.sub($.mul(($.add(a , 2, "109:37")) , r, "109:42") , ($.add(a , 3, "109:51")), "109:46")) , r, "109:57") , r, "109:61") , 1, "109:65") },
    { offset: 1, weight: (r) => $.mul(($.sub($.mul(($.add($.mul($.neg(($.add(a , 2, "110:39")), "110:35") , r, "110:44") , ($.add($.mul(2 , a, "110:53") , 3, "110:57")), "110:48")) , r, "110:63") , a, "110:67")) , r, "110:72") },
    { offset: 2, weight: (r) => $.mul($.mul(($.sub(a , $.mul(a , r, "111:40"), "111:36")) , r, "111:45") , r, "111:49") },
  ];
}

function cubicKernel(x: number, a: number): number {
  const d = Math.abs(x);
  if ($.test($.le(d , 1, "117:9"), "117:7")) return $.add($.mul($.mul(($.sub($.mul(($.add(a , 2, "117:26")) , d, "117:31") , ($.add(a , 3, "117:40")), "117:35")) , d, "117:46") , d, "117:50") , 1, "117:54");
  return $.test($.lt(d , 2, "118:12"), "118:10") ? $.sub($.mul(($.add($.mul(($.sub($.mul(a , d, "118:22") , $.mul(5 , a, "118:30"), "118:26")) , d, "118:35") , $.mul(8 , a, "118:43"), "118:39")) , d, "118:48") , $.mul(4 , a, "118:56"), "118:52") : 0;
}

/** Neighbours of a filter stretched by 1 / scale when shrinking; weights still need normalising. */
function antialiasTaps(mode: string, scale: number, a: number): Tap[] {
  const s = Math.min(scale, 1);
  const reach = mode === "linear" ? 1 : 2;
  const first = $.add(Math.floor($.div($.neg(reach, "125:28") , s, "125:35")) , 1, "125:40");
  const kernel = (x: number) => (mode === "linear" ? Math.max($.sub(1 , Math.abs(x), "126:65"), 0) : cubicKernel(x, a));
  return Array.from({ length: $.sub(2 , $.mul(2 , first, "127:37"), "127:33") }, (_, k) => ({ offset: $.add(first , k, "127:75"), weight: (r: Num) => kernel($.mul(($.sub($.add(first , k, "127:114") , r, "127:118")) , s, "127:123")) }));
}

function tapsOf(line: Line, a: ResizeAttrs): Tap[] {
  if ($.test($.eq(a.antialias , 1, "131:19"), "131:7")) return antialiasTaps(a.mode, line.scale, a.cubic_coeff_a);
  return a.mode === "linear" ? linearTaps() : cubicTaps(a.cubic_coeff_a);
}

/** A vector along one axis of a tensor of the given rank. */
function along(v: Num, axis: number, count: number): Num {
  return $.call("137:10", unsqueeze, 
    v,
    Array.from({ length: count }, (_, i) => i).filter((i) => $.ne(i , axis, "139:64")),
  );
}

function weightedConstant(x: Num, line: Line, out: number, n: number, a: ResizeAttrs): Num {
  const taps = tapsOf(line, a);
  const positions = Array.from({ length: out }, (_, i) => coordinate(i, line, a.coordinate_transformation_mode));
  const weights = positions.map((p) => {
    const low = Math.floor(p);
    const raw = taps.map((t) => ($.test($.eq(a.exclude_outside , 1, "148:52"), "148:34") && ($.test($.lt($.add(low , t.offset, "148:66") , 0, "148:77"), "148:62") || $.test($.ge($.add(low , t.offset, "148:88") , n, "148:99"), "148:84")) ? 0 : t.weight($.sub(p , low, "148:122"))));
    const sum = $.test($.eq(a.antialias , 1, "149:29"), "149:17") || $.test($.eq(a.exclude_outside , 1, "149:56"), "149:38") ? raw.reduce((u, v) => $.add(u , v, "149:87"), 0) : 1;
    return raw.map((w) => $.div(w , sum, "150:29"));
  });
  const parts = taps.flatMap((t, k) => {
    const w = weights.map((row) => row[k]);
    if ($.test($.gt(out , 0, "154:13"), "154:9") && $.test(w.every((v) => $.eq(v , 0, "154:37")), "154:20")) return [];
    const from = positions.map((p) => Math.min(Math.max($.add(Math.floor(p) , t.offset, "155:71"), 0), $.sub(n , 1, "155:89")));
    return [$.mul($.call("156:13", gather, x, $.call("156:23", vector, from, "i64"), line.axis) , along($.call("156:63", vector, w, $.call("156:73", dtype, x)), line.axis, $.call("156:95", rank, x)), "156:55")];
  });
  return parts.reduce((u, v) => $.add(u , v, "158:35"));
}

function clampIndex(p: Num, n: Num): Num {
  return $.call("162:10", cast, $.call("162:15", maximum, $.call("162:23", minimum, p, $.sub(n , 1, "162:36")), 0), "i64");
}

/** Positions of the whole axis by arithmetic in f32. */
function symbolic(line: Line, mode: string): { i: Num; at: Line } {
  if (mode === "tf_crop_and_resize") $.call("167:38", refuseOpen, "the extent that tf_crop_and_resize resizes", [line.n, line.out]);
  const at = { ...line, n: $.call("168:28", asTensor, line.n, "f32"), out: $.call("168:58", asTensor, line.out, "f32"), scale: $.call("168:92", asTensor, line.scale, "f32") };
  return { i: $.call("169:15", iota, [line.out], 0, "f32"), at };
}

function weightedSymbolic(x: Num, line: Line, a: ResizeAttrs): Num {
  if ($.test($.eq(a.antialias , 1, "173:19"), "173:7")) $.call("173:26", refuseOpen, "the extents of an antialiased Resize", [line.n, line.out]);
  if ($.test($.eq(a.exclude_outside , 1, "174:25"), "174:7")) $.call("174:32", refuseOpen, "the extents of a Resize with exclude_outside", [line.n, line.out]);
  const { i, at } = symbolic(line, a.coordinate_transformation_mode);
  const p = coordinate(i, at, a.coordinate_transformation_mode);
  const low = $.call("177:15", floor, p);
  const parts = tapsOf(line, a).map((t) => {
    const from = clampIndex($.add(low , t.offset, "179:33"), at.n);
    return $.mul($.call("180:12", gather, x, from, line.axis, true) , along($.call("180:53", cast, t.weight($.sub(p , low, "180:69")), $.call("180:77", dtype, x)), line.axis, $.call("180:99", rank, x)), "180:45");
  });
  return parts.reduce((u, v) => $.add(u , v, "182:35"));
}

/** Where nearest positions by a whole factor are just 0 0 .. 1 1 .. */
const repeating: Readonly<Record<string, readonly string[]>> = {
  half_pixel: ["round_prefer_floor", "round_prefer_ceil"],
  pytorch_half_pixel: ["round_prefer_floor", "round_prefer_ceil"],
  asymmetric: ["floor"],
};

function repeats(a: ResizeAttrs): boolean {
  return (repeating[a.coordinate_transformation_mode] ?? []).includes(a.nearest_mode);
}

/** Every element of an axis `factor` times in a row. */
function repeat(x: Num, axis: number, factor: number): Num {
  const dims = $.call("198:16", shape, x);
  const spread = [factor, ...dims.slice($.add(axis , 1, "199:46"))];
  return $.call("200:10", reshape, 
    $.call("201:5", expand, $.call("201:12", unsqueeze, x, [$.add(axis , 1, "201:31")]), spread),
    dims.map((d, i) => ($.test($.eq(i , axis, "202:27"), "202:25") ? $.mul(d , factor, "202:40") : d)),
  );
}

/** The factor by which an axis grows when it is whole, else undefined. */
function wholeFactor(line: Line): number | undefined {
  return $.test($.call("208:10", isFixed, line.scale), "208:10") && $.test($.eq(line.scale , Math.round(line.scale), "208:44"), "208:33") ? line.scale : undefined;
}

function resizeLine(x: Num, line: Line, a: ResizeAttrs): Num {
  const fixed = $.test($.call("212:17", isFixed, line.n), "212:17") && $.test($.call("212:36", isFixed, line.out), "212:36") && $.call("212:57", isFixed, line.scale);
  if (a.mode !== "nearest") return $.test(fixed, "213:36") ? weightedConstant(x, line, line.out, line.n, a) : weightedSymbolic(x, line, a);
  const factor = wholeFactor(line);
  if (factor !== undefined && $.test(repeats(a), "215:31")) return repeat(x, line.axis, factor);
  if (!$.test(fixed, "216:8")) {
    const { i, at } = symbolic(line, a.coordinate_transformation_mode);
    return $.call("218:12", gather, x, clampIndex(nearest(coordinate(i, at, a.coordinate_transformation_mode), a.nearest_mode), at.n), line.axis, true);
  }
  const from = Array.from({ length: line.out }, (_, i) => {
    const p = nearest(coordinate(i, line, a.coordinate_transformation_mode), a.nearest_mode);
    return Math.min(Math.max(p, 0), $.sub(line.n , 1, "222:44"));
  });
  return $.call("224:10", gather, x, $.call("224:20", vector, from, "i64"), line.axis);
}

/** A scale with a small denominator keeps symbolic extents exact. */
function scaled(n: Num, scale: number): Num {
  if ($.test($.call("229:7", isFixed, n), "229:7")) return scaledExtent(n, scale);
  const fraction = fractionOf(scale) ?? $.call("230:41", refuseOpen, `an extent resized by ${scale}, no simple fraction,`, [n]);
  const { p, q, less, until } = fraction;
  if ($.test($.lt(until , Infinity, "232:13"), "232:7")) $.call("232:25", assumeAtMost, n, until, `an extent resized by ${scale} must be at most ${until}`);
  return $.test($.eq(less , 0, "233:15"), "233:10") ? $.call("233:23", floorDiv, $.mul(n , p, "233:34"), q) : $.call("233:44", maximum, $.call("233:52", floorDiv, $.sub($.mul(n , p, "233:63") , less, "233:67"), q), 0);
}

/** out / n as a number where it follows, else as an f32 scalar. */
function ratio(out: Num, n: Num): Num {
  if ($.test($.call("238:7", isFixed, out), "238:7") && $.test($.call("238:23", isFixed, n), "238:23")) return $.div(out , n, "238:46");
  const factor = $.call("239:18", floorDiv, out, n);
  if ($.test($.call("240:7", isFixed, factor), "240:7")) return factor;
  return $.div($.call("241:10", asTensor, out, "f32") , $.call("241:33", asTensor, n, "f32"), "241:31");
}

function linesBySizes(dims: readonly Num[], on: readonly number[], sizes: readonly Num[], policy: string, roi: readonly number[]): Line[] {
  const lines = on.map((axis, k) => ({
    axis,
    n: dims[axis],
    out: sizes[k],
    scale: ratio(sizes[k], dims[axis]),
    start: roi[k],
    end: roi[$.add(k , on.length, "251:16")],
  }));
  if (policy === "stretch") return lines;
  if (!$.test(lines.every((l) => $.call("254:27", isFixed, l.scale)), "254:8"))
    $.call("255:5", refuseOpen, 
      "the extents of a Resize that keeps the aspect ratio",
      lines.flatMap((l) => [l.n, l.out]),
    );
  const factors = lines.map((l) => l.scale);
  const scale = policy === "not_larger" ? Math.min(...factors) : Math.max(...factors);
  return lines.map((l) => ({ ...l, scale, out: Math.floor($.add($.mul(l.n , scale, "261:63") , 0.5, "261:71")) }));
}

/** Elements whose source lies outside the input, for tf_crop_and_resize. */
function outside(x: Num, line: Line, mode: string): boolean {
  const flags = Array.from({ length: line.out }, (_, i) => {
    const p = coordinate(i, line, mode);
    return $.test($.lt(p , 0, "268:14"), "268:12") || $.test($.gt(p , $.sub(line.n , 1, "268:32"), "268:23"), "268:21") ? 1 : 0;
  });
  return along($.call("270:16", cast, $.call("270:21", table, flags, [line.out], "u8"), "bool"), line.axis, $.call("270:73", rank, x)) as unknown as boolean;
}

/** One scale or one size an axis; scales are positive, sizes not negative. */
function requireTargets(scales: readonly number[], sizes: readonly Num[], axes: number): void {
  const given = $.test($.gt(scales.length , 0, "275:31"), "275:17") ? scales.length : sizes.length;
  if ($.test($.ne(given , axes, "276:13"), "276:7")) $.call("276:23", refuse, `Resize has ${given} scales or sizes for ${axes} axes`);
  const scale = scales.find((s) => !($.test($.gt(s , 0, "277:40"), "277:38") && $.test($.lt(s , Infinity, "277:49"), "277:47")));
  if (scale !== undefined) $.call("278:28", refuse, `a scale of Resize must be positive, not ${scale}`);
  const size = sizes.find((n) => $.test($.call("279:34", isFixed, n), "279:34") && $.lt(n , 0, "279:50"));
  if (size !== undefined) $.call("280:27", refuse, `a size of Resize cannot be ${size}`);
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
    const dims = $.call("299:18", shape, x);
    const on = axes === undefined ? allAxes(x) : axes.map((axis) => positive(axis, dims.length));
    const crop = a.coordinate_transformation_mode === "tf_crop_and_resize";
    const region = $.test(crop, "302:20") ? $.call("302:27", numbers, roi ?? $.call("302:42", refuse, "tf_crop_and_resize needs a roi")) : [];
    const factors = scales === undefined ? [] : $.call("303:49", numbers, scales);
    if ($.test($.eq(factors.length , 0, "304:24"), "304:9") && sizes === undefined) $.call("304:54", refuse, "Resize needs scales or sizes");
    requireTargets(factors, sizes === undefined ? [] : $.call("305:56", extents, sizes), on.length);
    const lines =
      $.test($.gt(factors.length , 0, "307:22"), "307:7")
        ? on.map((axis, k) => ({
            axis,
            n: dims[axis],
            out: scaled(dims[axis], factors[k]),
            scale: factors[k],
            start: region[k],
            end: region[$.add(k , on.length, "314:27")],
          }))
        : linesBySizes(dims, on, $.call("316:34", extents, sizes ?? x), keep_aspect_ratio_policy, region);
    const moving = lines.filter((l) => $.test(crop, "317:40") || !($.test($.call("317:50", isFixed, l.scale), "317:50") && $.test($.eq(l.scale , 1, "317:78"), "317:70")));
    const integer = a.mode !== "nearest" && !$.test($.call("318:46", isFloatType, $.call("318:58", dtype, x)), "318:46");
    const wide = $.test(integer, "319:18") ? $.call("319:28", cast, x, "f32") : x;
    const y = moving.reduce((v, line) => resizeLine(v, line, a), wide);
    // As onnxruntime: whole numbers are cut towards zero, or rounded where the filter is an antialiasing one.
    const back = $.test(integer, "322:18") ? $.call("322:28", cast, y, $.call("322:36", dtype, x), { round: $.test($.eq(a.antialias , 1, "322:67"), "322:55") ? "rint" : "trunc", saturate: true }) : y;
    if (!$.test(crop, "323:10")) return back;
    return moving.reduce((v, line) => $.call("324:39", where, outside(v, line, a.coordinate_transformation_mode), extrapolation_value, v), back);
  },
{"name":"Resize","path":"src/ops/formulas/resize.formula.ts","line":283,"column":14});
