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
  const width = $.mul(scale , n, "63:23");
  const half = $.sub($.div(($.add(i , 0.5, "64:19")) , scale, "64:26") , 0.5, "64:34");
  switch (mode) {
    case "half_pixel":
      return half;
    case "asymmetric":
      return $.div(i , scale, "69:16");
    case "align_corners":
      return $.div(($.mul(i , ($.sub(n , 1, "71:22")), "71:17")) , $.call("71:30", maximum, $.sub(width , 1, "71:44"), 1e-6), "71:28");
    case "pytorch_half_pixel":
      if ($.test($.call("73:11", isFixed, out), "73:11")) return $.test($.eq(out , 1, "73:36"), "73:32") ? 0 : half;
      return $.call("74:14", where, $.eq(out , 1, "74:24"), 0, half);
    case "half_pixel_symmetric":
      return $.add($.mul(($.div(n , 2, "76:17")) , ($.sub(1 , $.div(out , width, "76:33"), "76:27")), "76:22") , half, "76:42");
    case "tf_crop_and_resize":
      if (!$.test($.call("78:12", isFixed, width), "78:12")) $.call("78:28", refuseOpen, "the extent that tf_crop_and_resize resizes", [line.n, line.out]);
      return $.add($.mul(start , ($.sub(n , 1, "79:25")), "79:20") , ($.test($.eq(width , 1, "79:39"), "79:33") ? $.div(($.mul(($.sub(end , start, "79:53")) , ($.sub(n , 1, "79:67")), "79:62")) , 2, "79:73") : $.div(($.mul($.mul(i , ($.sub(end , start, "79:89")), "79:82") , ($.sub(n , 1, "79:103")), "79:98")) , ($.sub(width , 1, "79:118")), "79:109")), "79:30");
    default:
      return $.call("81:14", refuse, `Resize has no coordinate transformation mode "${mode}"`);
  }
}

function nearest(x: Num, mode: string): Num {
  if (mode === "floor") return $.call("86:32", floor, x);
  if (mode === "ceil") return $.call("87:31", ceil, x);
  return mode === "round_prefer_ceil" ? $.call("88:41", floor, $.add(x , 0.5, "88:49")) : $.call("88:58", ceil, $.sub(x , 0.5, "88:65"));
}

/** One neighbour: its offset from floor(x), and its weight as a function of x - floor(x). */
interface Tap {
  readonly offset: number;
  readonly weight: (ratio: Num) => Num;
}

function linearTaps(): Tap[] {
  return [
    { offset: 0, weight: (r) => $.sub(1 , r, "99:35") },
    { offset: 1, weight: (r) => r },
  ];
}

/** Keys' cubic convolution with parameter a. */
function cubicTaps(a: number): Tap[] {
  return [
    { offset: -1, weight: (r) => $.mul(($.add($.mul(($.sub($.mul(a , r, "107:38") , $.mul(2 , a, "107:46"), "107:42")) , r, "107:51") , a, "107:55")) , r, "107:60") },
    { offset: 0, weight: (r) => $.add($.mul($.mul(($.sub($.mul(($.add(a , 2, "108:37")) , r, "108:42") , ($.add(a , 3, "108:51")), "108:46")) , r, "108:57") , r, "108:61") , 1, "108:65") },
    { offset: 1, weight: (r) => $.mul(($.sub($.mul(($.add($.mul($.neg(($.add(a , 2, "109:39")), "109:35") , r, "109:44") , ($.add($.mul(2 , a, "109:53") , 3, "109:57")), "109:48")) , r, "109:63") , a, "109:67")) , r, "109:72") },
    { offset: 2, weight: (r) => $.mul($.mul(($.sub(a , $.mul(a , r, "110:40"), "110:36")) , r, "110:45") , r, "110:49") },
  ];
}

function cubicKernel(x: number, a: number): number {
  const d = Math.abs(x);
  if ($.test($.le(d , 1, "116:9"), "116:7")) return $.add($.mul($.mul(($.sub($.mul(($.add(a , 2, "116:26")) , d, "116:31") , ($.add(a , 3, "116:40")), "116:35")) , d, "116:46") , d, "116:50") , 1, "116:54");
  return $.test($.lt(d , 2, "117:12"), "117:10") ? $.sub($.mul(($.add($.mul(($.sub($.mul(a , d, "117:22") , $.mul(5 , a, "117:30"), "117:26")) , d, "117:35") , $.mul(8 , a, "117:43"), "117:39")) , d, "117:48") , $.mul(4 , a, "117:56"), "117:52") : 0;
}

/** Neighbours of a filter stretched by 1 / scale when shrinking; weights still need normalising. */
function antialiasTaps(mode: string, scale: number, a: number): Tap[] {
  const s = Math.min(scale, 1);
  const reach = mode === "linear" ? 1 : 2;
  const first = $.add(Math.floor($.div($.neg(reach, "124:28") , s, "124:35")) , 1, "124:40");
  const kernel = (x: number) => (mode === "linear" ? Math.max($.sub(1 , Math.abs(x), "125:65"), 0) : cubicKernel(x, a));
  return Array.from({ length: $.sub(2 , $.mul(2 , first, "126:37"), "126:33") }, (_, k) => ({ offset: $.add(first , k, "126:75"), weight: (r: Num) => kernel($.mul(($.sub($.add(first , k, "126:114") , r, "126:118")) , s, "126:123")) }));
}

function tapsOf(line: Line, a: ResizeAttrs): Tap[] {
  if ($.test($.eq(a.antialias , 1, "130:19"), "130:7")) {
    if (!$.test($.call("131:10", isFixed, line.scale), "131:10")) $.call("131:31", refuseOpen, "the scale of an antialiased Resize", [line.n, line.out]);
    return antialiasTaps(a.mode, line.scale, a.cubic_coeff_a);
  }
  return a.mode === "linear" ? linearTaps() : cubicTaps(a.cubic_coeff_a);
}

/** A vector along one axis of a tensor of the given rank. */
function along(v: Num, axis: number, count: number): Num {
  return $.call("139:10", unsqueeze, 
    v,
    Array.from({ length: count }, (_, i) => i).filter((i) => $.ne(i , axis, "141:64")),
  );
}

function weightedConstant(x: Num, line: Line, out: number, n: number, a: ResizeAttrs): Num {
  const taps = tapsOf(line, a);
  const positions = Array.from({ length: out }, (_, i) => coordinate(i, line, a.coordinate_transformation_mode));
  const weights = positions.map((p) => {
    const low = Math.floor(p);
    const raw = taps.map((t) => ($.test($.eq(a.exclude_outside , 1, "150:52"), "150:34") && ($.test($.lt($.add(low , t.offset, "150:66") , 0, "150:77"), "150:62") || $.test($.ge($.add(low , t.offset, "150:88") , n, "150:99"), "150:84")) ? 0 : t.weight($.sub(p , low, "150:122"))));
    const sum = $.test($.eq(a.antialias , 1, "151:29"), "151:17") || $.test($.eq(a.exclude_outside , 1, "151:56"), "151:38") ? raw.reduce((u, v) => $.add(u , v, "151:87"), 0) : 1;
    return raw.map((w) => $.div(w , sum, "152:29"));
  });
  const parts = taps.flatMap((t, k) => {
    const w = weights.map((row) => row[k]);
    if ($.test($.gt(out , 0, "156:13"), "156:9") && $.test(w.every((v) => $.eq(v , 0, "156:37")), "156:20")) return [];
    const from = positions.map((p) => Math.min(Math.max($.add(Math.floor(p) , t.offset, "157:71"), 0), $.sub(n , 1, "157:89")));
    return [$.mul($.call("158:13", gather, x, $.call("158:23", vector, from, "i64"), line.axis) , along($.call("158:63", vector, w, $.call("158:73", dtype, x)), line.axis, $.call("158:95", rank, x)), "158:55")];
  });
  return parts.reduce((u, v) => $.add(u , v, "160:35"));
}

function clampIndex(p: Num, n: Num): Num {
  return $.call("164:10", cast, $.call("164:15", maximum, $.call("164:23", minimum, p, $.sub(n , 1, "164:36")), 0), "i64");
}

/** Positions of the whole axis by arithmetic in f32. */
function symbolic(line: Line): { i: Num; at: Line } {
  const at = { ...line, n: $.call("169:28", asTensor, line.n, "f32"), out: $.call("169:58", asTensor, line.out, "f32"), scale: $.call("169:92", asTensor, line.scale, "f32") };
  return { i: $.call("170:15", iota, [line.out], 0, "f32"), at };
}

function weightedSymbolic(x: Num, line: Line, a: ResizeAttrs): Num {
  if ($.test($.eq(a.exclude_outside , 1, "174:25"), "174:7")) $.call("174:32", refuseOpen, "the extents of a Resize with exclude_outside", [line.n, line.out]);
  const { i, at } = symbolic(line);
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
    const { i, at } = symbolic(line);
    return $.call("218:12", gather, x, clampIndex(nearest(coordinate(i, at, a.coordinate_transformation_mode), a.nearest_mode), at.n), line.axis, true);
  }
  const from = Array.from({ length: line.out }, (_, i) => {
    const p = nearest(coordinate(i, line, a.coordinate_transformation_mode), a.nearest_mode);
    return Math.min(Math.max(p, 0), $.sub(line.n , 1, "222:44"));
  });
  return $.call("224:10", gather, x, $.call("224:20", vector, from, "i64"), line.axis);
}

/** floor(n * scale); a scale with a small denominator keeps symbolic extents exact. */
function scaled(n: Num, scale: number): Num {
  if ($.test($.call("229:7", isFixed, n), "229:7")) return Math.floor($.mul(n , scale, "229:39"));
  for (let q = 1; $.test($.le(q , 64, "230:21"), "230:19"); q++) {
    const p = Math.round($.mul(scale , q, "231:32"));
    if ($.test($.lt(Math.abs($.sub($.mul(scale , q, "232:24") , p, "232:28")) , $.mul(1e-6 , q, "232:40"), "232:33"), "232:9")) return $.call("232:52", floorDiv, $.mul(n , p, "232:63"), q);
  }
  return $.call("234:10", refuseOpen, `an extent resized by ${scale}, no simple fraction,`, [n]);
}

/** out / n as a number where it follows, else as an f32 scalar. */
function ratio(out: Num, n: Num): Num {
  if ($.test($.call("239:7", isFixed, out), "239:7") && $.test($.call("239:23", isFixed, n), "239:23")) return $.div(out , n, "239:46");
  const factor = $.call("240:18", floorDiv, out, n);
  if ($.test($.call("241:7", isFixed, factor), "241:7")) return factor;
  return $.div($.call("242:10", asTensor, out, "f32") , $.call("242:33", asTensor, n, "f32"), "242:31");
}

function linesBySizes(dims: readonly Num[], on: readonly number[], sizes: readonly Num[], policy: string, roi: readonly number[]): Line[] {
  const lines = on.map((axis, k) => ({
    axis,
    n: dims[axis],
    out: sizes[k],
    scale: ratio(sizes[k], dims[axis]),
    start: roi[k],
    end: roi[$.add(k , on.length, "252:16")],
  }));
  if (policy === "stretch") return lines;
  if (!$.test(lines.every((l) => $.call("255:27", isFixed, l.scale)), "255:8"))
    $.call("256:5", refuseOpen, 
      "the extents of a Resize that keeps the aspect ratio",
      lines.flatMap((l) => [l.n, l.out]),
    );
  const factors = lines.map((l) => l.scale);
  const scale = policy === "not_larger" ? Math.min(...factors) : Math.max(...factors);
  return lines.map((l) => ({ ...l, scale, out: Math.floor($.add($.mul(l.n , scale, "262:63") , 0.5, "262:71")) }));
}

/** Elements whose source lies outside the input, for tf_crop_and_resize. */
function outside(x: Num, line: Line, mode: string): boolean {
  const flags = Array.from({ length: line.out }, (_, i) => {
    const p = coordinate(i, line, mode);
    return $.test($.lt(p , 0, "269:14"), "269:12") || $.test($.gt(p , $.sub(line.n , 1, "269:32"), "269:23"), "269:21") ? 1 : 0;
  });
  return along($.call("271:16", cast, $.call("271:21", table, flags, [line.out], "u8"), "bool"), line.axis, $.call("271:73", rank, x)) as unknown as boolean;
}

/** One scale or one size an axis; scales are positive, sizes not negative. */
function requireTargets(scales: readonly number[], sizes: readonly Num[], axes: number): void {
  const given = $.test($.gt(scales.length , 0, "276:31"), "276:17") ? scales.length : sizes.length;
  if ($.test($.ne(given , axes, "277:13"), "277:7")) $.call("277:23", refuse, `Resize has ${given} scales or sizes for ${axes} axes`);
  const scale = scales.find((s) => !($.test($.gt(s , 0, "278:40"), "278:38") && $.test($.lt(s , Infinity, "278:49"), "278:47")));
  if (scale !== undefined) $.call("279:28", refuse, `a scale of Resize must be positive, not ${scale}`);
  const size = sizes.find((n) => $.test($.call("280:34", isFixed, n), "280:34") && $.lt(n , 0, "280:50"));
  if (size !== undefined) $.call("281:27", refuse, `a size of Resize cannot be ${size}`);
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
    const dims = $.call("300:18", shape, x);
    const on = axes === undefined ? allAxes(x) : axes.map((axis) => positive(axis, dims.length));
    const crop = a.coordinate_transformation_mode === "tf_crop_and_resize";
    const region = $.test(crop, "303:20") ? $.call("303:27", numbers, roi ?? $.call("303:42", refuse, "tf_crop_and_resize needs a roi")) : [];
    const factors = scales === undefined ? [] : $.call("304:49", numbers, scales);
    if ($.test($.eq(factors.length , 0, "305:24"), "305:9") && sizes === undefined) $.call("305:54", refuse, "Resize needs scales or sizes");
    requireTargets(factors, sizes === undefined ? [] : $.call("306:56", extents, sizes), on.length);
    const lines =
      $.test($.gt(factors.length , 0, "308:22"), "308:7")
        ? on.map((axis, k) => ({
            axis,
            n: dims[axis],
            out: scaled(dims[axis], factors[k]),
            scale: factors[k],
            start: region[k],
            end: region[$.add(k , on.length, "315:27")],
          }))
        : linesBySizes(dims, on, $.call("317:34", extents, sizes ?? x), keep_aspect_ratio_policy, region);
    const moving = lines.filter((l) => $.test(crop, "318:40") || !($.test($.call("318:50", isFixed, l.scale), "318:50") && $.test($.eq(l.scale , 1, "318:78"), "318:70")));
    const integer = a.mode !== "nearest" && !$.test($.call("319:46", isFloatType, $.call("319:58", dtype, x)), "319:46");
    const wide = $.test(integer, "320:18") ? $.call("320:28", cast, x, "f32") : x;
    const y = moving.reduce((v, line) => resizeLine(v, line, a), wide);
    // As onnxruntime: whole numbers are cut towards zero, or rounded where the filter is an antialiasing one.
    const back = $.test(integer, "323:18") ? $.call("323:28", cast, y, $.call("323:36", dtype, x), { round: $.test($.eq(a.antialias , 1, "323:67"), "323:55") ? "rint" : "trunc", saturate: true }) : y;
    if (!$.test(crop, "324:10")) return back;
    return moving.reduce((v, line) => $.call("325:39", where, outside(v, line, a.coordinate_transformation_mode), extrapolation_value, v), back);
  },
{"name":"Resize","path":"src/ops/formulas/resize.formula.ts","line":284,"column":14});
