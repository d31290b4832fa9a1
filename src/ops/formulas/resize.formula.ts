/**
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
import { allAxes, positive } from "./axes.formula.js";

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
  const width = scale * n;
  const half = (i + 0.5) / scale - 0.5;
  switch (mode) {
    case "half_pixel":
      return half;
    case "asymmetric":
      return i / scale;
    case "align_corners":
      return (i * (n - 1)) / maximum(width - 1, 1e-6);
    case "pytorch_half_pixel":
      if (isFixed(out)) return out === 1 ? 0 : half;
      return where(out === 1, 0, half);
    case "half_pixel_symmetric":
      return (n / 2) * (1 - out / width) + half;
    case "tf_crop_and_resize":
      return start * (n - 1) + (width === 1 ? ((end - start) * (n - 1)) / 2 : (i * (end - start) * (n - 1)) / (width - 1));
    default:
      return refuse(`Resize has no coordinate transformation mode "${mode}"`);
  }
}

function nearest(x: Num, mode: string): Num {
  if (mode === "floor") return floor(x);
  if (mode === "ceil") return ceil(x);
  return mode === "round_prefer_ceil" ? floor(x + 0.5) : ceil(x - 0.5);
}

/** One neighbour: its offset from floor(x), and its weight as a function of x - floor(x). */
interface Tap {
  readonly offset: number;
  readonly weight: (ratio: Num) => Num;
}

function linearTaps(): Tap[] {
  return [
    { offset: 0, weight: (r) => 1 - r },
    { offset: 1, weight: (r) => r },
  ];
}

/** Keys' cubic convolution with parameter a. */
function cubicTaps(a: number): Tap[] {
  return [
    { offset: -1, weight: (r) => ((a * r - 2 * a) * r + a) * r },
    { offset: 0, weight: (r) => ((a + 2) * r - (a + 3)) * r * r + 1 },
    { offset: 1, weight: (r) => ((-(a + 2) * r + (2 * a + 3)) * r - a) * r },
    { offset: 2, weight: (r) => (a - a * r) * r * r },
  ];
}

function cubicKernel(x: number, a: number): number {
  const d = Math.abs(x);
  if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0;
}

/** Neighbours of a filter stretched by 1 / scale when shrinking; weights still need normalising. */
function antialiasTaps(mode: string, scale: number, a: number): Tap[] {
  const s = Math.min(scale, 1);
  const reach = mode === "linear" ? 1 : 2;
  const first = Math.floor(-reach / s) + 1;
  const kernel = (x: number) => (mode === "linear" ? Math.max(1 - Math.abs(x), 0) : cubicKernel(x, a));
  return Array.from({ length: 2 - 2 * first }, (_, k) => ({ offset: first + k, weight: (r: Num) => kernel((first + k - r) * s) }));
}

function tapsOf(line: Line, a: ResizeAttrs): Tap[] {
  if (a.antialias === 1) return antialiasTaps(a.mode, line.scale, a.cubic_coeff_a);
  return a.mode === "linear" ? linearTaps() : cubicTaps(a.cubic_coeff_a);
}

/** A vector along one axis of a tensor of the given rank. */
function along(v: Num, axis: number, count: number): Num {
  return unsqueeze(
    v,
    Array.from({ length: count }, (_, i) => i).filter((i) => i !== axis),
  );
}

function weightedConstant(x: Num, line: Line, out: number, n: number, a: ResizeAttrs): Num {
  const taps = tapsOf(line, a);
  const positions = Array.from({ length: out }, (_, i) => coordinate(i, line, a.coordinate_transformation_mode));
  const weights = positions.map((p) => {
    const low = Math.floor(p);
    const raw = taps.map((t) => (a.exclude_outside === 1 && (low + t.offset < 0 || low + t.offset >= n) ? 0 : t.weight(p - low)));
    const sum = a.antialias === 1 || a.exclude_outside === 1 ? raw.reduce((u, v) => u + v, 0) : 1;
    return raw.map((w) => w / sum);
  });
  const parts = taps.flatMap((t, k) => {
    const w = weights.map((row) => row[k]);
    if (out > 0 && w.every((v) => v === 0)) return [];
    const from = positions.map((p) => Math.min(Math.max(Math.floor(p) + t.offset, 0), n - 1));
    return [gather(x, vector(from, "i64"), line.axis) * along(vector(w, dtype(x)), line.axis, rank(x))];
  });
  return parts.reduce((u, v) => u + v);
}

function clampIndex(p: Num, n: Num): Num {
  return cast(maximum(minimum(p, n - 1), 0), "i64");
}

/** Positions of the whole axis by arithmetic in f32. */
function symbolic(line: Line, mode: string): { i: Num; at: Line } {
  if (mode === "tf_crop_and_resize") refuseOpen("the extent that tf_crop_and_resize resizes", [line.n, line.out]);
  const at = { ...line, n: asTensor(line.n, "f32"), out: asTensor(line.out, "f32"), scale: asTensor(line.scale, "f32") };
  return { i: iota([line.out], 0, "f32"), at };
}

function weightedSymbolic(x: Num, line: Line, a: ResizeAttrs): Num {
  if (a.antialias === 1) refuseOpen("the extents of an antialiased Resize", [line.n, line.out]);
  if (a.exclude_outside === 1) refuseOpen("the extents of a Resize with exclude_outside", [line.n, line.out]);
  const { i, at } = symbolic(line, a.coordinate_transformation_mode);
  const p = coordinate(i, at, a.coordinate_transformation_mode);
  const low = floor(p);
  const parts = tapsOf(line, a).map((t) => {
    const from = clampIndex(low + t.offset, at.n);
    return gather(x, from, line.axis, true) * along(cast(t.weight(p - low), dtype(x)), line.axis, rank(x));
  });
  return parts.reduce((u, v) => u + v);
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
  const dims = shape(x);
  const spread = [factor, ...dims.slice(axis + 1)];
  return reshape(
    expand(unsqueeze(x, [axis + 1]), spread),
    dims.map((d, i) => (i === axis ? d * factor : d)),
  );
}

/** The factor by which an axis grows when it is whole, else undefined. */
function wholeFactor(line: Line): number | undefined {
  return isFixed(line.scale) && line.scale === Math.round(line.scale) ? line.scale : undefined;
}

function resizeLine(x: Num, line: Line, a: ResizeAttrs): Num {
  const fixed = isFixed(line.n) && isFixed(line.out) && isFixed(line.scale);
  if (a.mode !== "nearest") return fixed ? weightedConstant(x, line, line.out, line.n, a) : weightedSymbolic(x, line, a);
  const factor = wholeFactor(line);
  if (factor !== undefined && repeats(a)) return repeat(x, line.axis, factor);
  if (!fixed) {
    const { i, at } = symbolic(line, a.coordinate_transformation_mode);
    return gather(x, clampIndex(nearest(coordinate(i, at, a.coordinate_transformation_mode), a.nearest_mode), at.n), line.axis, true);
  }
  const from = Array.from({ length: line.out }, (_, i) => {
    const p = nearest(coordinate(i, line, a.coordinate_transformation_mode), a.nearest_mode);
    return Math.min(Math.max(p, 0), line.n - 1);
  });
  return gather(x, vector(from, "i64"), line.axis);
}

/** A scale with a small denominator keeps symbolic extents exact. */
function scaled(n: Num, scale: number): Num {
  if (isFixed(n)) return scaledExtent(n, scale);
  const fraction = fractionOf(scale) ?? refuseOpen(`an extent resized by ${scale}, no simple fraction,`, [n]);
  const { p, q, less, until } = fraction;
  if (until < Infinity) assumeAtMost(n, until, `an extent resized by ${scale} must be at most ${until}`);
  return less === 0 ? floorDiv(n * p, q) : maximum(floorDiv(n * p - less, q), 0);
}

/** out / n as a number where it follows, else as an f32 scalar. */
function ratio(out: Num, n: Num): Num {
  if (isFixed(out) && isFixed(n)) return out / n;
  const factor = floorDiv(out, n);
  if (isFixed(factor)) return factor;
  return asTensor(out, "f32") / asTensor(n, "f32");
}

function linesBySizes(dims: readonly Num[], on: readonly number[], sizes: readonly Num[], policy: string, roi: readonly number[]): Line[] {
  const lines = on.map((axis, k) => ({
    axis,
    n: dims[axis],
    out: sizes[k],
    scale: ratio(sizes[k], dims[axis]),
    start: roi[k],
    end: roi[k + on.length],
  }));
  if (policy === "stretch") return lines;
  if (!lines.every((l) => isFixed(l.scale)))
    refuseOpen(
      "the extents of a Resize that keeps the aspect ratio",
      lines.flatMap((l) => [l.n, l.out]),
    );
  const factors = lines.map((l) => l.scale);
  const scale = policy === "not_larger" ? Math.min(...factors) : Math.max(...factors);
  return lines.map((l) => ({ ...l, scale, out: Math.floor(l.n * scale + 0.5) }));
}

/** Elements whose source lies outside the input, for tf_crop_and_resize. */
function outside(x: Num, line: Line, mode: string): boolean {
  const flags = Array.from({ length: line.out }, (_, i) => {
    const p = coordinate(i, line, mode);
    return p < 0 || p > line.n - 1 ? 1 : 0;
  });
  return along(cast(table(flags, [line.out], "u8"), "bool"), line.axis, rank(x)) as unknown as boolean;
}

/** One scale or one size an axis; scales are positive, sizes not negative. */
function requireTargets(scales: readonly number[], sizes: readonly Num[], axes: number): void {
  const given = scales.length > 0 ? scales.length : sizes.length;
  if (given !== axes) refuse(`Resize has ${given} scales or sizes for ${axes} axes`);
  const scale = scales.find((s) => !(s > 0 && s < Infinity));
  if (scale !== undefined) refuse(`a scale of Resize must be positive, not ${scale}`);
  const size = sizes.find((n) => isFixed(n) && n < 0);
  if (size !== undefined) refuse(`a size of Resize cannot be ${size}`);
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
    const dims = shape(x);
    const on = axes === undefined ? allAxes(x) : axes.map((axis) => positive(axis, dims.length));
    const crop = a.coordinate_transformation_mode === "tf_crop_and_resize";
    const region = crop ? numbers(roi ?? refuse("tf_crop_and_resize needs a roi")) : [];
    const factors = scales === undefined ? [] : numbers(scales);
    if (factors.length === 0 && sizes === undefined) refuse("Resize needs scales or sizes");
    requireTargets(factors, sizes === undefined ? [] : extents(sizes), on.length);
    const lines =
      factors.length > 0
        ? on.map((axis, k) => ({
            axis,
            n: dims[axis],
            out: scaled(dims[axis], factors[k]),
            scale: factors[k],
            start: region[k],
            end: region[k + on.length],
          }))
        : linesBySizes(dims, on, extents(sizes ?? x), keep_aspect_ratio_policy, region);
    const moving = lines.filter((l) => crop || !(isFixed(l.scale) && l.scale === 1));
    const integer = a.mode !== "nearest" && !isFloatType(dtype(x));
    const wide = integer ? cast(x, "f32") : x;
    const y = moving.reduce((v, line) => resizeLine(v, line, a), wide);
    // As onnxruntime: whole numbers are cut towards zero, or rounded where the filter is an antialiasing one.
    const back = integer ? cast(y, dtype(x), { round: a.antialias === 1 ? "rint" : "trunc", saturate: true }) : y;
    if (!crop) return back;
    return moving.reduce((v, line) => where(outside(v, line, a.coordinate_transformation_mode), extrapolation_value, v), back);
  },
);
