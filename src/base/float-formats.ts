/**
 * The small float formats of the ONNX schema as bit patterns: f16, bf16, the five 8-bit formats and f4.
 *
 * Every format is one row of a table; encoding rounds a double in one step (never through f32), to nearest with ties to
 * even where nothing else is asked, so the result is the correctly rounded one. Decoding is by table, built when first asked for.
 *
 * Formats: IEEE 754 (f16), the upper half of f32 (bf16), https://arxiv.org/abs/2209.05433 (e4m3fn, e5m2),
 * https://arxiv.org/abs/2206.02915 (the fnuz pair), OCP Microscaling v1.0 (e8m0, e2m1).
 */
import type { DType } from "./dtype.js";
import { invariant } from "./diagnostic.js";
import { allocate, elementCount, type Tensor } from "./tensor.js";

/** The float types that are stored as bits in an integer array. */
export type PackedFloat = "f16" | "bf16" | "f8e4m3fn" | "f8e4m3fnuz" | "f8e5m2" | "f8e5m2fnuz" | "f8e8m0" | "f4e2m1";

interface Format {
  readonly bits: number;
  /** Bits behind the leading one. */
  readonly mantissa: number;
  readonly bias: number;
  /** Largest finite value. */
  readonly max: number;
  /** Pattern of a NaN; undefined where the format has none. */
  readonly nan: number | undefined;
  /** Pattern of +infinity; undefined where the format has none. */
  readonly inf: number | undefined;
  /** fnuz: no negative zero, its pattern is the NaN. */
  readonly unsignedZero: boolean;
}

const formats: Readonly<Record<Exclude<PackedFloat, "f8e8m0">, Format>> = {
  f16: { bits: 16, mantissa: 10, bias: 15, max: 65504, nan: 0x7e00, inf: 0x7c00, unsignedZero: false },
  bf16: { bits: 16, mantissa: 7, bias: 127, max: 3.3895313892515355e38, nan: 0x7fc0, inf: 0x7f80, unsignedZero: false },
  f8e4m3fn: { bits: 8, mantissa: 3, bias: 7, max: 448, nan: 0x7f, inf: undefined, unsignedZero: false },
  f8e4m3fnuz: { bits: 8, mantissa: 3, bias: 8, max: 240, nan: 0x80, inf: undefined, unsignedZero: true },
  f8e5m2: { bits: 8, mantissa: 2, bias: 15, max: 57344, nan: 0x7f, inf: 0x7c, unsignedZero: false },
  f8e5m2fnuz: { bits: 8, mantissa: 2, bias: 16, max: 57344, nan: 0x80, inf: undefined, unsignedZero: true },
  f4e2m1: { bits: 4, mantissa: 1, bias: 1, max: 6, nan: undefined, inf: undefined, unsignedZero: false },
};

/** How a float type with a mantissa lays out its numbers; undefined for f8e8m0 and whatever is no small float. */
export function formatOf(dtype: DType): Format | undefined {
  return Object.hasOwn(formats, dtype) ? formats[dtype as keyof typeof formats] : undefined;
}

export function isPackedFloat(dtype: DType): dtype is PackedFloat {
  return dtype === "f8e8m0" || Object.hasOwn(formats, dtype);
}

const view = new DataView(new ArrayBuffer(8));

/** floor(log2 a) for a positive normal double; -1023 for zero and subnormals. */
function exponentOf(a: number): number {
  view.setFloat64(0, a);
  return ((view.getUint32(0) >>> 20) & 0x7ff) - 1023;
}

/** Rounds to the nearest integer, ties to even. */
export function roundHalfEven(x: number): number {
  const down = Math.floor(x);
  const rest = x - down;
  if (rest < 0.5) return down === 0 && x < 0 ? -0 : down;
  if (rest > 0.5) return down + 1 === 0 ? -0 : down + 1;
  const even = down % 2 === 0 ? down : down + 1;
  return even === 0 && x < 0 ? -0 : even;
}

/** How ONNX Cast-24 rounds to f8e8m0, which has no mantissa. */
export type ScaleRounding = "up" | "down" | "nearest";

function encodeScale(x: number, saturate: boolean, rounding: ScaleRounding): number {
  if (Number.isNaN(x) || x < 0) return 0xff;
  if (x === Infinity) return saturate ? 0xfe : 0xff;
  const down = exponentOf(x);
  const exact = x === 2 ** down;
  const up = rounding === "up" ? !exact : rounding === "nearest" && x >= 1.5 * 2 ** down;
  const e = (up ? down + 1 : down) + 127;
  if (e > 0xfe) return saturate ? 0xfe : 0xff;
  return Math.max(e, 0);
}

function overflow(f: Format, sign: number, saturate: boolean): number {
  const top = maxPattern(f);
  if (saturate || (f.inf === undefined && f.nan === undefined)) return sign | top;
  if (f.inf !== undefined) return sign | f.inf;
  return f.unsignedZero ? f.nan! : sign | f.nan!;
}

function maxPattern(f: Format): number {
  const e = exponentOf(f.max);
  return ((e + f.bias) << f.mantissa) | (f.max / 2 ** (e - f.mantissa) - 2 ** f.mantissa);
}

const single = new Float32Array(1);
const word = new Uint32Array(single.buffer);
/** By the exponent bits of an f32: what, added to a double and taken away again, leaves a multiple of the f16's last digit, ties to even. */
const halfDigits = Float64Array.from({ length: 256 }, (_, e) => 1.5 * 2 ** (Math.max(e - 127, -14) + 42));

/** The f16 nearest to x, which lies within the format's range: weights by the billion pass here. */
function encodeHalf(x: number): number {
  single[0] = x;
  const sign = (word[0] >>> 16) & 0x8000;
  const digits = halfDigits[(word[0] >>> 23) & 0xff];
  const a = Math.abs(x + digits - digits);
  if (a < 2 ** -14) return sign | (a * 2 ** 24);
  single[0] = a;
  return sign | ((word[0] >>> 13) - (112 << 10));
}

/**
 * The bit pattern nearest to x, ties to even, or the one that `round` chooses. Beyond the largest finite value: that value
 * when `saturate`, else infinity, else NaN, as the format has them (f4 always saturates, and sends NaN to zero).
 */
export function encodeFloat(
  dtype: PackedFloat,
  x: number,
  saturate = false,
  scaleRounding: ScaleRounding = "nearest",
  round: (x: number) => number = roundHalfEven,
): number {
  if (dtype === "f8e8m0") return encodeScale(x, saturate, scaleRounding);
  const f = formats[dtype];
  if (dtype === "f16" && round === roundHalfEven && Math.abs(x) <= f.max) return encodeHalf(x);
  // f4 has no NaN; the standard's casts make it a zero.
  if (x !== x) return f.nan ?? 0;
  const sign = x < 0 || Object.is(x, -0) ? 1 << (f.bits - 1) : 0;
  const a = Math.abs(x);
  if (a === Infinity) return overflow(f, sign, saturate);
  const lowest = 1 - f.bias;
  const quantum = 2 ** (Math.max(exponentOf(a), lowest) - f.mantissa);
  const rounded = Math.abs(round(x / quantum)) * quantum;
  if (rounded > f.max) return overflow(f, sign, saturate);
  if (rounded === 0) return f.unsignedZero ? 0 : sign;
  const e = exponentOf(rounded);
  if (e < lowest) return sign | (rounded / quantum);
  return sign | ((e + f.bias) << f.mantissa) | (rounded / 2 ** (e - f.mantissa) - 2 ** f.mantissa);
}

function decode(dtype: PackedFloat, bits: number): number {
  if (dtype === "f8e8m0") return bits === 0xff ? NaN : 2 ** (bits - 127);
  const f = formats[dtype];
  if (f.unsignedZero && bits === 0x80) return NaN;
  const sign = bits >> (f.bits - 1) ? -1 : 1;
  const body = bits & ((1 << (f.bits - 1)) - 1);
  if (f.inf !== undefined && body >= f.inf) return body === f.inf ? sign * Infinity : NaN;
  if (!f.unsignedZero && body === f.nan) return NaN;
  const e = body >> f.mantissa;
  const m = body & ((1 << f.mantissa) - 1);
  return sign * (e === 0 ? m * 2 ** (1 - f.bias - f.mantissa) : (2 ** f.mantissa + m) * 2 ** (e - f.bias - f.mantissa));
}

const tables = new Map<PackedFloat, Float32Array>();

function tableOf(dtype: PackedFloat): Float32Array {
  const had = tables.get(dtype);
  if (had) return had;
  const bits = dtype === "f8e8m0" ? 8 : formats[dtype].bits;
  const table = Float32Array.from({ length: 1 << bits }, (_, i) => decode(dtype, i));
  tables.set(dtype, table);
  return table;
}

/** The value of a bit pattern; every such value is an f32 (2^-127 of f8e8m0 as an f32 subnormal). */
export function decodeFloat(dtype: PackedFloat, bits: number): number {
  return tableOf(dtype)[bits];
}

/** Widens packed floats to f32, exactly. */
export function decodeFloats(dtype: PackedFloat, bits: ArrayLike<number>): Float32Array {
  const table = tableOf(dtype);
  const out = new Float32Array(bits.length);
  for (let i = 0; i < out.length; i++) out[i] = table[bits[i]];
  return out;
}

/** Rounds f32 or f64 values to packed floats, ties to even; overflow as in `encodeFloat`. */
export function encodeFloats(dtype: PackedFloat, values: ArrayLike<number>, saturate = false): Uint16Array | Uint8Array {
  const out = allocate(dtype, values.length) as Uint16Array | Uint8Array;
  for (let i = 0; i < out.length; i++) out[i] = encodeFloat(dtype, values[i], saturate);
  return out;
}

/** The nearest value that `dtype` can hold, as a number; integers wrap as in C. */
export function roundTo(dtype: DType, x: number): number {
  if (dtype === "f64") return x;
  if (dtype === "f32") return Math.fround(x);
  if (isPackedFloat(dtype)) return decodeFloat(dtype, encodeFloat(dtype, x));
  return toNumbers(fromNumbers(dtype, [], [x]))[0];
}

/** Element values as doubles; i64 and u64 beyond 2^53 round. Strings and complex numbers have no such form. */
export function toNumbers(t: Tensor): Float64Array {
  invariant(t.dtype !== "string" && t.dtype !== "c64" && t.dtype !== "c128", `toNumbers of ${t.dtype}`);
  if (isPackedFloat(t.dtype)) return Float64Array.from(decodeFloats(t.dtype, t.data as Uint16Array));
  if (t.data instanceof BigInt64Array || t.data instanceof BigUint64Array) return Float64Array.from(t.data, Number);
  return Float64Array.from(t.data as Float32Array);
}

/** Wraps an integer to the sub-byte types, whose array slots are wider than they are. */
export function wrapSmall(dtype: DType, data: Tensor["data"]): Tensor["data"] {
  const bits = dtype === "i4" || dtype === "u4" ? 4 : dtype === "i2" || dtype === "u2" ? 2 : 0;
  if (bits === 0) return data;
  const a = data as Int8Array;
  const shift = 32 - bits;
  const signed = dtype === "i4" || dtype === "i2";
  for (let i = 0; i < a.length; i++) a[i] = signed ? (a[i] << shift) >> shift : (a[i] << shift) >>> shift;
  return data;
}

/** A tensor of `dtype` from doubles: floats round to nearest even, integers truncate and wrap, bool is != 0. */
export function fromNumbers(dtype: DType, shape: readonly number[], numbers: ArrayLike<number>): Tensor {
  const count = elementCount(shape);
  invariant(numbers.length === count, `${dtype}[${shape.join(",")}] needs ${count} numbers, got ${numbers.length}`);
  invariant(dtype !== "string" && dtype !== "c64" && dtype !== "c128", `fromNumbers of ${dtype}`);
  if (isPackedFloat(dtype)) return { dtype, shape, data: encodeFloats(dtype, numbers) };
  const data = allocate(dtype, count);
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
    for (let i = 0; i < count; i++) data[i] = BigInt(Number.isFinite(numbers[i]) ? Math.trunc(numbers[i]) : 0);
  } else {
    const out = data as Float64Array;
    for (let i = 0; i < count; i++) out[i] = dtype === "bool" ? Number(numbers[i] !== 0) : numbers[i];
  }
  return { dtype, shape, data: wrapSmall(dtype, data) };
}
