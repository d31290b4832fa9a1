/** The cast primitive between every pair of element types, strings included. */
import { fail } from "../../base/diagnostic.js";
import { dtypes, isFloat, type DType } from "../../base/dtype.js";
import {
  encodeFloat,
  isPackedFloat,
  decodeFloats,
  fromNumbers,
  roundHalfEven,
  toNumbers,
  wrapSmall,
  type ScaleRounding,
} from "../../base/float-formats.js";
import { allocate, type Tensor } from "../../base/tensor.js";
import { isBig, type BigArray } from "./pointwise.js";

interface CastMode {
  /** How a float becomes an integer; for f8e8m0 "up", "down" or "nearest". */
  readonly round: string;
  readonly overflow: string;
}

function integerRange(dtype: DType): { lo: number; hi: number } {
  const { bits, kind } = dtypes[dtype];
  return kind === "int" ? { lo: -(2 ** (bits - 1)), hi: 2 ** (bits - 1) - 1 } : { lo: 0, hi: 2 ** bits - 1 };
}

function toInteger(x: Tensor, to: DType, mode: CastMode): Tensor {
  const round = mode.round === "rint" ? roundHalfEven : Math.trunc;
  const { lo, hi } = integerRange(to);
  const clamp = mode.overflow === "saturate";
  const values = toNumbers(x).map((v) => {
    const r = v !== v ? 0 : round(v);
    return clamp ? Math.min(Math.max(r, lo), hi) : r;
  });
  return fromNumbers(to, x.shape, values);
}

/** Integers to 64-bit integers, and the other way round, without passing through a double. */
function exactInteger(x: Tensor, to: DType, clamp: boolean): Tensor {
  const source = x.data as ArrayLike<number | bigint>;
  const out = allocate(to, source.length);
  const bits = BigInt(dtypes[to].bits);
  const [lo, hi] = dtypes[to].kind === "int" ? [-(1n << (bits - 1n)), (1n << (bits - 1n)) - 1n] : [0n, (1n << bits) - 1n];
  for (let i = 0; i < source.length; i++) {
    let v = BigInt(source[i]);
    if (clamp) v = v < lo ? lo : v > hi ? hi : v;
    if (isBig(out)) out[i] = v;
    else (out as Int32Array)[i] = Number(BigInt.asIntN(64, v) & 0xffffffffn) | 0;
  }
  return { dtype: to, shape: x.shape, data: wrapSmall(to, out) };
}

function parseNumber(text: string): number {
  const named: Record<string, number> = { inf: Infinity, "+inf": Infinity, "-inf": -Infinity, infinity: Infinity, nan: NaN };
  return named[text.trim().toLowerCase()] ?? Number(text);
}

function printNumber(v: number | bigint, dtype: DType): string {
  if (typeof v === "bigint" || !isFloat(dtype)) return `${v}`;
  if (v !== v) return "NaN";
  if (!Number.isFinite(v)) return v > 0 ? "INF" : "-INF";
  if (dtype === "f64") return `${v}`;
  for (let digits = 1; digits < 17; digits++) {
    const text = Number(v.toPrecision(digits));
    if (Math.fround(text) === v) return `${text}`;
  }
  return `${v}`;
}

function toText(x: Tensor): Tensor {
  const values = isBig(x.data) ? Array.from(x.data as BigArray) : Array.from(toNumbers(x));
  return { dtype: "string", shape: x.shape, data: (values as (number | bigint)[]).map((v) => printNumber(v, x.dtype)) };
}

function toPacked(x: Tensor, to: DType, mode: CastMode): Tensor {
  if (!isPackedFloat(to)) return fromNumbers(to, x.shape, toNumbers(x));
  const scale = (["up", "down", "nearest"].includes(mode.round) ? mode.round : "nearest") as ScaleRounding;
  const data = allocate(to, x.data.length) as Uint8Array;
  const values = toNumbers(x);
  for (let i = 0; i < data.length; i++) data[i] = encodeFloat(to, values[i], mode.overflow === "saturate", scale);
  return { dtype: to, shape: x.shape, data };
}

export function evaluateCast(x: Tensor, to: DType, mode: CastMode): Tensor {
  if (x.dtype === to) return x;
  if (dtypes[x.dtype].kind === "complex" || dtypes[to].kind === "complex") fail("unsupported-type", `cast from ${x.dtype} to ${to}`);
  if (x.dtype === "string") {
    return evaluateCast({ dtype: "f64", shape: x.shape, data: Float64Array.from(x.data as string[], parseNumber) }, to, mode);
  }
  if (to === "string") return toText(x);
  if (isFloat(to)) return isPackedFloat(to) ? toPacked(x, to, mode) : fromNumbers(to, x.shape, toNumbers(x));
  if (to === "bool") return fromNumbers(to, x.shape, toNumbers(x));
  return isFloat(x.dtype) ? toInteger(x, to, mode) : exactInteger(x, to, mode.overflow === "saturate");
}

/** A packed float as the f32 tensor it means; anything else as it is. */
export function widen(t: Tensor): Tensor {
  return isPackedFloat(t.dtype) ? { dtype: "f32", shape: t.shape, data: decodeFloats(t.dtype, t.data as Uint16Array) } : t;
}
