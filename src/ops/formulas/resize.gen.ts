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
  const width = $.mul(scale , n, "64:23");
  const half = $.sub($.div(($.add(i , 0.5, "65:19")) , scale, "65:26") , 0.5, "65:34");
  switch (mode) {
    case "half_pixel":
      return half;
    case "asymmetric":
      return $.div(i , scale, "70:16");
    case "align_corners":
      return $.div(($.mul(i , ($.sub(n , 1, "72:22")), "72:17")) , $.call("72:30", maximum, $.sub(width , 1, "72:44"), 1e-6), "72:28");
    case "pytorch_half_pixel":
      if ($.test($.call("74:11", isFixed, out), "74:11")) return $.test($.eq(out , 1, "74:36"), "74:32") ? 0 : half;
      return $.call("75:14", where, $.eq(out , 1, "75:24"), 0, half);
    case "half_pixel_symmetric":
      return $.add($.mul(($.div(n , 2, "77:17")) , ($.sub(1 , $.div(out , width, "77:33"), "77:27")), "77:22") , half, "77:42");
    case "tf_crop_and_resize":
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
  if ($.test($.eq(a.antialias , 1, "130:19"), "130:7")) return antialiasTaps(a.mode, line.scale, a.cubic_coeff_a);
  return a.mode === "linear" ? linearTaps() : cubicTaps(a.cubic_coeff_a);
}

/** A vector along one axis of a tensor of the given rank. */
function along(v: Num, axis: number, count: number): Num {
  return $.call("136:10", unsqueeze, 
    v,
    Array.from({ length: count }, (_, i) => i).filter((i) => $.ne(i , axis, "138:64")),
  );
}

function weightedConstant(x: Num, line: Line, out: number, n: number, a: ResizeAttrs): Num {
  const taps = tapsOf(line, a);
  const positions = Array.from({ length: out }, (_, i) => coordinate(i, line, a.coordinate_transformation_mode));
  const weights = positions.map((p) => {
    const low = Math.floor(p);
    const raw = taps.map((t) => ($.test($.eq(a.exclude_outside , 1, "147:52"), "147:34") && ($.test($.lt($.add(low , t.offset, "147:66") , 0, "147:77"), "147:62") || $.test($.ge($.add(low , t.offset, "147:88") , n, "147:99"), "147:84")) ? 0 : t.weight($.sub(p , low, "147:122"))));
    const sum = $.test($.eq(a.antialias , 1, "148:29"), "148:17") || $.test($.eq(a.exclude_outside , 1, "148:56"), "148:38") ? raw.reduce((u, v) => $.add(u , v, "148:87"), 0) : 1;
    return raw.map((w) => $.div(w , sum, "149:29"));
  });
  const parts = taps.flatMap((t, k) => {
    const w = weights.map((row) => row[k]);
    if ($.test($.gt(out , 0, "153:13"), "153:9") && $.test(w.every((v) => $.eq(v , 0, "153:37")), "153:20")) return [];
    const from = positions.map((p) => Math.min(Math.max($.add(Math.floor(p) , t.offset, "154:71"), 0), $.sub(n , 1, "154:89")));
    return [$.mul($.call("155:13", gather, x, $.call("155:23", vector, from, "i64"), line.axis) , along($.call("155:63", vector, w, $.call("155:73", dtype, x)), line.axis, $.call("155:95", rank, x)), "155:55")];
  });
  return parts.reduce((u, v) => $.add(u , v, "157:35"));
}

function clampIndex(p: Num, n: Num): Num {
  return $.call("161:10", cast, $.call("161:15", maximum, $.call("161:23", minimum, p, $.sub(n , 1, "161:36")), 0), "i64");
}

/** Positions of the whole axis by arithmetic in f32. */
function symbolic(line: Line, mode: string): { i: Num; at: Line } {
  if (mode === "tf_crop_and_resize") $.call("166:38", refuseOpen, "the extent that tf_crop_and_resize resizes", [line.n, line.out]);
  const at = { ...line, n: $.call("167:28", asTensor, line.n, "f32"), out: $.call("167:58", asTensor, line.out, "f32"), scale: $.call("167:92", asTensor, line.scale, "f32") };
  return { i: $.call("168:15", iota, [line.out], 0, "f32"), at };
}

function weightedSymbolic(x: Num, line: Line, a: ResizeAttrs): Num {
  if ($.test($.eq(a.antialias , 1, "172:19"), "172:7")) $.call("172:26", refuseOpen, "the extents of an antialiased Resize", [line.n, line.out]);
  if ($.test($.eq(a.exclude_outside , 1, "173:25"), "173:7")) $.call("173:32", refuseOpen, "the extents of a Resize with exclude_outside", [line.n, line.out]);
  const { i, at } = symbolic(line, a.coordinate_transformation_mode);
  const p = coordinate(i, at, a.coordinate_transformation_mode);
  const low = $.call("176:15", floor, p);
  const parts = tapsOf(line, a).map((t) => {
    const from = clampIndex($.add(low , t.offset, "178:33"), at.n);
    return $.mul($.call("179:12", gather, x, from, line.axis, true) , along($.call("179:53", cast, t.weight($.sub(p , low, "179:69")), $.call("179:77", dtype, x)), line.axis, $.call("179:99", rank, x)), "179:45");
  });
  return parts.reduce((u, v) => $.add(u , v, "181:35"));
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
  const dims = $.call("197:16", shape, x);
  const spread = [factor, ...dims.slice($.add(axis , 1, "198:46"))];
  return $.call("199:10", reshape, 
    $.call("200:5", expand, $.call("200:12", unsqueeze, x, [$.add(axis , 1, "200:31")]), spread),
    dims.map((d, i) => ($.test($.eq(i , axis, "201:27"), "201:25") ? $.mul(d , factor, "201:40") : d)),
  );
}

/** The factor by which an axis grows when it is whole, else undefined. */
function wholeFactor(line: Line): number | undefined {
  return $.test($.call("207:10", isFixed, line.scale), "207:10") && $.test($.eq(line.scale , Math.round(line.scale), "207:44"), "207:33") ? line.scale : undefined;
}

function resizeLine(x: Num, line: Line, a: ResizeAttrs): Num {
  const fixed = $.test($.call("211:17", isFixed, line.n), "211:17") && $.test($.call("211:36", isFixed, line.out), "211:36") && $.call("211:57", isFixed, line.scale);
  if (a.mode !== "nearest") return $.test(fixed, "212:36") ? weightedConstant(x, line, line.out, line.n, a) : weightedSymbolic(x, line, a);
  const factor = wholeFactor(line);
  if (factor !== undefined && $.test(repeats(a), "214:31")) return repeat(x, line.axis, factor);
  if (!$.test(fixed, "215:8")) {
    const { i, at } = symbolic(line, a.coordinate_transformation_mode);
    return $.call("217:12", gather, x, clampIndex(nearest(coordinate(i, at, a.coordinate_transformation_mode), a.nearest_mode), at.n), line.axis, true);
  }
  const from = Array.from({ length: line.out }, (_, i) => {
    const p = nearest(coordinate(i, line, a.coordinate_transformation_mode), a.nearest_mode);
    return Math.min(Math.max(p, 0), $.sub(line.n , 1, "221:44"));
  });
  return $.call("223:10", gather, x, $.call("223:20", vector, from, "i64"), line.axis);
}

/** An extent times a scale, as onnxruntime has it: the product is an f32, so that 10 * 0.7 is 7, and then cut. */
function product(n: number, scale: number): number {
  return Math.floor(Math.fround($.mul(Math.fround(n) , scale, "228:48")));
}

/** floor((n * p - less) / q): 1 is less where the scale lies below its fraction, as 0.71428567 does below 5 / 7. */
interface Fraction {
  readonly p: number;
  readonly q: number;
  readonly less: number;
  /** Up to which extent it is the product. */
  readonly until: number;
}

/** How far a fraction is held against the product, and how far it must be the same. */
const [mostHeld, leastHeld] = [$.pow(2 , 22, "241:34"), $.pow(2 , 12, "241:43")];
const fractions = new Map<number, Fraction | undefined>();

function heldUntil(scale: number, p: number, q: number, less: number): number {
  for (let n = 1; $.test($.le(n , mostHeld, "245:21"), "245:19"); n++) if ($.test($.ne(Math.floor($.div(($.sub($.mul(n , p, "245:57") , less, "245:61")) , q, "245:69")) , product(n, scale), "245:74"), "245:43")) return $.sub(n , 1, "245:106");
  return mostHeld;
}

function fractionOf(scale: number): Fraction | undefined {
  for (let q = 1; $.test($.le(q , 64, "250:21"), "250:19"); q++) {
    const p = Math.round($.mul(scale , q, "251:32"));
    if ($.test($.eq($.mul(scale , q, "252:15") , p, "252:19"), "252:9")) return { p, q, less: 0, until: Infinity };
    if ($.test($.ge(Math.abs($.sub($.mul(scale , q, "253:24") , p, "253:28")) , $.mul(1e-6 , q, "253:41"), "253:33"), "253:9")) continue;
    const found = [0, 1].map((less): Fraction => ({ p, q, less, until: heldUntil(scale, p, q, less) })).find((f) => $.ge(f.until , leastHeld, "254:125"));
    if ($.test(found, "255:9")) return found;
  }
  return undefined;
}

/** A scale with a small denominator keeps symbolic extents exact. */
function scaled(n: Num, scale: number): Num {
  if ($.test($.call("262:7", isFixed, n), "262:7")) return product(n, scale);
  if (!$.test(fractions.has(scale), "263:8")) fractions.set(scale, fractionOf(scale));
  const fraction = fractions.get(scale) ?? $.call("264:44", refuseOpen, `an extent resized by ${scale}, no simple fraction,`, [n]);
  const { p, q, less, until } = fraction;
  if ($.test($.lt(until , Infinity, "266:13"), "266:7")) $.call("266:25", assumeAtMost, n, until, `an extent resized by ${scale} must be at most ${until}`);
  return $.test($.eq(less , 0, "267:15"), "267:10") ? $.call("267:23", floorDiv, $.mul(n , p, "267:34"), q) : $.call("267:44", maximum, $.call("267:52", floorDiv, $.sub($.mul(n , p, "267:63") , less, "267:67"), q), 0);
}

/** out / n as a number where it follows, else as an f32 scalar. */
function ratio(out: Num, n: Num): Num {
  if ($.test($.call("272:7", isFixed, out), "272:7") && $.test($.call("272:23", isFixed, n), "272:23")) return $.div(out , n, "272:46");
  const factor = $.call("273:18", floorDiv, out, n);
  if ($.test($.call("274:7", isFixed, factor), "274:7")) return factor;
  return $.div($.call("275:10", asTensor, out, "f32") , $.call("275:33", asTensor, n, "f32"), "275:31");
}

function linesBySizes(dims: readonly Num[], on: readonly number[], sizes: readonly Num[], policy: string, roi: readonly number[]): Line[] {
  const lines = on.map((axis, k) => ({
    axis,
    n: dims[axis],
    out: sizes[k],
    scale: ratio(sizes[k], dims[axis]),
    start: roi[k],
    end: roi[$.add(k , on.length, "285:16")],
  }));
  if (policy === "stretch") return lines;
  if (!$.test(lines.every((l) => $.call("288:27", isFixed, l.scale)), "288:8"))
    $.call("289:5", refuseOpen, 
      "the extents of a Resize that keeps the aspect ratio",
      lines.flatMap((l) => [l.n, l.out]),
    );
  const factors = lines.map((l) => l.scale);
  const scale = policy === "not_larger" ? Math.min(...factors) : Math.max(...factors);
  return lines.map((l) => ({ ...l, scale, out: Math.floor($.add($.mul(l.n , scale, "295:63") , 0.5, "295:71")) }));
}

/** Elements whose source lies outside the input, for tf_crop_and_resize. */
function outside(x: Num, line: Line, mode: string): boolean {
  const flags = Array.from({ length: line.out }, (_, i) => {
    const p = coordinate(i, line, mode);
    return $.test($.lt(p , 0, "302:14"), "302:12") || $.test($.gt(p , $.sub(line.n , 1, "302:32"), "302:23"), "302:21") ? 1 : 0;
  });
  return along($.call("304:16", cast, $.call("304:21", table, flags, [line.out], "u8"), "bool"), line.axis, $.call("304:73", rank, x)) as unknown as boolean;
}

/** One scale or one size an axis; scales are positive, sizes not negative. */
function requireTargets(scales: readonly number[], sizes: readonly Num[], axes: number): void {
  const given = $.test($.gt(scales.length , 0, "309:31"), "309:17") ? scales.length : sizes.length;
  if ($.test($.ne(given , axes, "310:13"), "310:7")) $.call("310:23", refuse, `Resize has ${given} scales or sizes for ${axes} axes`);
  const scale = scales.find((s) => !($.test($.gt(s , 0, "311:40"), "311:38") && $.test($.lt(s , Infinity, "311:49"), "311:47")));
  if (scale !== undefined) $.call("312:28", refuse, `a scale of Resize must be positive, not ${scale}`);
  const size = sizes.find((n) => $.test($.call("313:34", isFixed, n), "313:34") && $.lt(n , 0, "313:50"));
  if (size !== undefined) $.call("314:27", refuse, `a size of Resize cannot be ${size}`);
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
    const dims = $.call("333:18", shape, x);
    const on = axes === undefined ? allAxes(x) : axes.map((axis) => positive(axis, dims.length));
    const crop = a.coordinate_transformation_mode === "tf_crop_and_resize";
    const region = $.test(crop, "336:20") ? $.call("336:27", numbers, roi ?? $.call("336:42", refuse, "tf_crop_and_resize needs a roi")) : [];
    const factors = scales === undefined ? [] : $.call("337:49", numbers, scales);
    if ($.test($.eq(factors.length , 0, "338:24"), "338:9") && sizes === undefined) $.call("338:54", refuse, "Resize needs scales or sizes");
    requireTargets(factors, sizes === undefined ? [] : $.call("339:56", extents, sizes), on.length);
    const lines =
      $.test($.gt(factors.length , 0, "341:22"), "341:7")
        ? on.map((axis, k) => ({
            axis,
            n: dims[axis],
            out: scaled(dims[axis], factors[k]),
            scale: factors[k],
            start: region[k],
            end: region[$.add(k , on.length, "348:27")],
          }))
        : linesBySizes(dims, on, $.call("350:34", extents, sizes ?? x), keep_aspect_ratio_policy, region);
    const moving = lines.filter((l) => $.test(crop, "351:40") || !($.test($.call("351:50", isFixed, l.scale), "351:50") && $.test($.eq(l.scale , 1, "351:78"), "351:70")));
    const integer = a.mode !== "nearest" && !$.test($.call("352:46", isFloatType, $.call("352:58", dtype, x)), "352:46");
    const wide = $.test(integer, "353:18") ? $.call("353:28", cast, x, "f32") : x;
    const y = moving.reduce((v, line) => resizeLine(v, line, a), wide);
    // As onnxruntime: whole numbers are cut towards zero, or rounded where the filter is an antialiasing one.
    const back = $.test(integer, "356:18") ? $.call("356:28", cast, y, $.call("356:36", dtype, x), { round: $.test($.eq(a.antialias , 1, "356:67"), "356:55") ? "rint" : "trunc", saturate: true }) : y;
    if (!$.test(crop, "357:10")) return back;
    return moving.reduce((v, line) => $.call("358:39", where, outside(v, line, a.coordinate_transformation_mode), extrapolation_value, v), back);
  },
{"name":"Resize","path":"src/ops/formulas/resize.formula.ts","line":317,"column":14});
