/** Pooling as padding, sliding windows and a reduction. */
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
import { spatialAxes } from "./axes.formula.js";
import { geometry, windowAttrs, type WindowAttrs } from "./convolution.formula.js";

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
  const extra = shape(x)
    .slice(2)
    .map((extent, i) => {
      if (a.ceil_mode === 0 || a.auto_pad !== "NOTSET") return 0;
      const span = (a.kernel_shape[i] - 1) * g.dilations[i] + 1;
      const padded = extent + g.low[i] + g.high[i];
      const count = minimum(ceilDiv(padded - span, g.strides[i]) + 1, ceilDiv(extent + g.low[i], g.strides[i]));
      return maximum((count - 1) * g.strides[i] + span - padded, 0);
    });
  return { kernel: a.kernel_shape, ...g, extra };
}

function isZero(d: Num): boolean {
  return decided(d, "==", 0) === true;
}

/** N C out... K...: every window's elements on trailing axes, padding filled with `value`. */
function poolWindows(x: Num, p: Pool, value: Num): Num {
  const after = p.high.map((h, i) => total([h, p.extra[i]]));
  const bare = [...p.low, ...after].every(isZero);
  const padded = bare ? x : pad(x, [0, 0, ...p.low], [0, 0, ...after], value);
  return windows(padded, spatialAxes(x), p.kernel, p.strides, p.dilations);
}

function tapAxes(x: Num): number[] {
  return spatialAxes(x).map((a) => a - 2 + rank(x));
}

function reduceTaps(x: Num, w: Num, fold: (w: Num, axes: number[]) => Num): Num {
  return squeeze(fold(w, tapAxes(x)), tapAxes(x));
}

/** The least value of an element type. */
function lowest(type: DType): number {
  if (isFloatType(type)) return -Infinity;
  return type === "u8" || type === "u16" || type === "u32" ? 0 : type === "i8" ? -128 : type === "i16" ? -32768 : -(2 ** 31);
}

interface AverageAttrs extends PoolAttrs {
  readonly count_include_pad: number;
}

/** Means of windows; padding counts where `count_include_pad` says so, and with `overhang` what ceil_mode adds too. */
export function averagePool(x: Num, { count_include_pad, ...a }: AverageAttrs, overhang = false): Num {
  const p = poolOf(x, a);
  const totals = reduceTaps(x, poolWindows(x, p, 0), sum);
  const added = overhang ? [] : p.extra;
  const counted = count_include_pad === 1 ? added : [...p.low, ...p.high, ...p.extra];
  if (counted.every(isZero)) return totals / p.kernel.reduce((k, n) => k * n, 1);
  const one = full([1, 1, ...shape(x).slice(2)], 1, dtype(x));
  const inside = count_include_pad === 1 ? pad(one, [0, 0, ...p.low], [0, 0, ...p.high], 1) : one;
  const rest = count_include_pad === 1 ? { ...p, low: p.low.map(() => 0), high: p.high.map(() => 0) } : p;
  return totals / reduceTaps(one, poolWindows(inside, rest, 0), sum);
}

export const AveragePool = formula({ inputs: { x: "float" }, attrs: { ...poolAttrs, count_include_pad: int(0) } }, ({ x, ...a }) =>
  averagePool(x, a),
);

export const LpPool = formula({ inputs: { x: "float" }, attrs: { ...poolAttrs, p: int(2) } }, ({ x, p: order, ...a }) => {
  const p = poolOf(x, a);
  return power(reduceTaps(x, poolWindows(power(abs(x), order), p, 0), sum), 1 / order);
});

/** Flat positions in x of each window's maximum. */
function maxPositions(x: Num, w: Num, p: Pool, columnMajor: boolean): Num {
  const dims = shape(x);
  const n = p.kernel.length;
  const taps = p.kernel.reduce((a, b) => a * b, 1);
  const flat = reshape(w, [...shape(w).slice(0, n + 2), taps]);
  const best = squeeze(argMax(flat, -1), [-1]);
  const out = shape(best);
  let position = iota(out, 0, "i64") * dims[1] + iota(out, 1, "i64");
  const along = p.kernel.map((_, i) => {
    const inner = p.kernel.slice(i + 1).reduce((a, b) => a * b, 1);
    const tap = Array.from({ length: taps }, (_, t) => (Math.floor(t / inner) % p.kernel[i]) * p.dilations[i]);
    return iota(out, i + 2, "i64") * p.strides[i] - p.low[i] + gather(vector(tap, "i64"), best, 0, true);
  });
  const order = columnMajor ? along.map((_, i) => n - 1 - i) : along.map((_, i) => i);
  for (const i of order) position = position * dims[i + 2] + along[i];
  return position;
}

export const MaxPool = formula(
  { inputs: { x: "number" }, attrs: { ...poolAttrs, storage_order: int(0) }, outputs: 2 },
  ({ x, storage_order, ...a }, { outputs }) => {
    const p = poolOf(x, a);
    const w = poolWindows(x, p, lowest(dtype(x)));
    const y = reduceTaps(x, w, max);
    return outputs > 1 ? [y, maxPositions(x, w, p, storage_order === 1)] : y;
  },
);

export const GlobalAveragePool = formula({ inputs: { x: "float" } }, ({ x }) => mean(x, spatialAxes(x)));
export const GlobalMaxPool = formula({ inputs: { x: "float" } }, ({ x }) => max(x, spatialAxes(x)));
export const GlobalLpPool = formula({ inputs: { x: "float" }, attrs: { p: int(2) } }, ({ x, p }) =>
  power(sum(power(abs(x), p), spatialAxes(x)), 1 / p),
);
