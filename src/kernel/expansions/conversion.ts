/**
 * Conversions between lane types by the ones a chip has. Computation is in f32 and i32; the other types are storage:
 * they widen first (through any chain of types that hold every value) and narrow last.
 *
 * Floats to integers: NaN gives an unspecified value; so does a value out of range, unless overflow is "saturate".
 */
import { fail } from "../../base/diagnostic.js";
import type { Caps, CastRound } from "../caps.js";
import type { Expr, LaneType } from "../tile.js";
import { type Builder } from "./build.js";
import { magic } from "./exponential.js";

type Range = readonly [lo: number, hi: number];

/** Whole numbers a type holds without gaps; halves also hold others, see `holds`. */
const wholeRange: Readonly<Partial<Record<LaneType, Range>>> = {
  u8: [0, 255],
  i8: [-128, 127],
  u16: [0, 65535],
  i16: [-32768, 32767],
  i32: [-(2 ** 31), 2 ** 31 - 1],
  u32: [0, 2 ** 32 - 1],
  f16: [-2048, 2048],
  bf16: [-256, 256],
  f32: [-(2 ** 24), 2 ** 24],
};

export function isHalf(type: LaneType): boolean {
  return type === "f16" || type === "bf16";
}

/** Whether every value of `type` is one of `inside`. */
function holds(inside: LaneType, type: LaneType): boolean {
  if (inside === type || (inside === "f32" && isHalf(type))) return true;
  const [outer, inner] = [wholeRange[inside], wholeRange[type]];
  return !isHalf(type) && type !== "f32" && !!outer && !!inner && outer[0] <= inner[0] && inner[1] <= outer[1];
}

function roundOf(e: Builder, from: LaneType, to: LaneType): CastRound | undefined {
  const offered = e.caps.casts[`${from}->${to}`];
  return offered?.includes("exact") ? "exact" : offered?.includes("rint") ? "rint" : offered?.[0];
}

/** The shortest chain of native conversions over types that hold the values at hand. */
function exactChain(caps: Caps, from: LaneType, to: LaneType, fits: (type: LaneType) => boolean): LaneType[] | undefined {
  const pairs = Object.keys(caps.casts).map((p) => p.split("->") as [LaneType, LaneType]);
  let paths: LaneType[][] = [[from]];
  for (const seen = new Set<LaneType>([from]); paths.length > 0;) {
    const found = paths.find((p) => p.at(-1) === to);
    if (found) return found.slice(1);
    paths = paths.flatMap((p) =>
      pairs.filter(([a, b]) => a === p.at(-1) && !seen.has(b) && (b === to || fits(b))).map(([, b]) => (seen.add(b), [...p, b])),
    );
  }
  return undefined;
}

/** x converted without loss by a chain of types that fit its values. */
function exactly(e: Builder, x: Expr, to: LaneType, fits: (type: LaneType) => boolean): Expr {
  const chain = exactChain(e.caps, x.type, to, fits);
  if (!chain) return noConversion(e, x.type, to);
  return chain.reduce((acc, type) => e.nativeCast(acc, type, roundOf(e, acc.type, type) ?? "exact"), x);
}

function noConversion(e: Builder, from: LaneType, to: LaneType): never {
  return fail("no-vector-form", `${e.caps.chip} has no chain of vector conversions from ${from} to ${to}.`, {
    why: "Generated vector code may use only the conversions in the chip's caps.",
    fix: "Compute in a type that it converts, or let a cast in the model do it: f32 and i32 convert to most others.",
  });
}

/** The type a storage type computes in. */
export function computeType(type: LaneType): LaneType {
  return isHalf(type) ? "f32" : type === "i8" || type === "u8" || type === "i16" || type === "u16" ? "i32" : type;
}

/** Whether the vector unit brings a narrow integer to the lanes it is computed in ("widen"), or back ("narrow"). */
export function convertsNarrow(caps: Caps, type: LaneType, way: "widen" | "narrow"): boolean {
  const wide = computeType(type);
  if (type === "f16") return caps.casts[way === "widen" ? "f16->f32" : "f32->f16"] !== undefined;
  if (wide !== "i32" || type === wide) return true;
  const [from, to] = way === "widen" ? [type, wide] : [wide, type];
  return exactChain(caps, from, to, (t) => holds(t, type)) !== undefined;
}

export function convert(e: Builder, x: Expr, cast: Extract<Expr, { op: "cast" }>): Expr {
  const { type: to, round, overflow } = cast;
  const from = x.type;
  if (from === to) return x;
  if (e.caps.casts[`${from}->${to}`] && holds(to, from)) return e.nativeCast(x, to, roundOf(e, from, to) ?? "exact");
  if (to === "mask") return nonZero(e, x);
  if (from === "mask") return fromMask(e, x, to);
  if (from === "i64" || to === "i64") return wide(e, x, to);
  const fits = (type: LaneType) => holds(type, from);
  if (fits(to) && (to === "f32" || to === "i32") && exactChain(e.caps, from, to, fits)) return exactly(e, x, to, fits);
  const compute = computeType(from);
  if (compute === to) return noConversion(e, from, to);
  if (compute !== from) return e.cast(e.cast(x, compute), to, round, overflow);
  if (from === "f32") return fromFloat(e, x, to, round, overflow);
  return fromInteger(e, x, to, round, overflow);
}

function nonZero(e: Builder, x: Expr): Expr {
  const { casts } = e.caps;
  const byFloat = casts[`${x.type}->f32`] && !casts[`${x.type}->i32`] && computeType(x.type) === "i32" && x.type !== "i32";
  const wide = e.cast(x, x.type === "i64" ? "i32" : byFloat ? "f32" : computeType(x.type));
  return e.cmp("ne", wide, e.constant(wide.type, 0));
}

/** 1 or 0: natively, by selection, or, for storage types, from whichever computing type converts to it. */
function fromMask(e: Builder, x: Expr, to: LaneType): Expr {
  if (e.caps.casts[`mask->${to}`]) return e.nativeCast(x, to, "exact");
  if (to === "f32" || to === "i32") {
    const other = to === "f32" ? "i32" : "f32";
    if (e.caps.casts[`mask->${other}`] && !e.has("select", "f32")) return e.cast(e.cast(x, other), to);
    return e.select(x, e.constant(to, 1), e.constant(to, 0));
  }
  if (to === "u32") return e.bitcast(e.cast(x, "i32"), to);
  const anyType = () => true;
  const start = (["f32", "i32"] as const).find((type) => exactChain(e.caps, type, to, anyType));
  return start ? exactly(e, e.cast(x, start), to, anyType) : noConversion(e, "mask", to);
}

/** i64 is storage: directly where the chip converts, else through i32 (legalisation has proven the range). */
function wide(e: Builder, x: Expr, to: LaneType): Expr {
  const round = roundOf(e, x.type, to);
  if (round) return e.nativeCast(x, to, round);
  const other = to === "i64" ? x.type : to;
  return other === "i32" ? noConversion(e, x.type, to) : e.cast(e.cast(x, "i32"), to);
}

function fromFloat(e: Builder, x: Expr, to: LaneType, round: "trunc" | "rint", overflow: "wrap" | "saturate"): Expr {
  if (isHalf(to)) return narrowFloat(e, x, to, overflow);
  if (to === "i32") return floatToInt(e, x, round, overflow);
  const range = wholeRange[to];
  if (!range || to === "u32") return to === "u32" ? floatToUnsigned(e, x, round) : noConversion(e, "f32", to);
  const bounded = overflow === "saturate" ? e.fn("min", e.fn("max", x, e.num(range[0])), e.num(range[1])) : x;
  return e.cast(floatToInt(e, bounded, round, "wrap"), to, "trunc", "wrap");
}

const halfMax = { f16: 65504, bf16: 3.3895313892515355e38 };

function narrowFloat(e: Builder, x: Expr, to: LaneType, overflow: "wrap" | "saturate"): Expr {
  const offered = e.caps.casts[`f32->${to}`];
  if (!offered?.includes("rint")) return noConversion(e, "f32", to);
  if (overflow === "wrap") return e.nativeCast(x, to, "rint");
  const most = to === "f16" ? halfMax.f16 : halfMax.bf16;
  return e.nativeCast(e.fn("min", e.fn("max", x, e.num(-most)), e.num(most)), to, "rint");
}

/** The largest f32 below 2^31. */
const belowLimit = 2 ** 31 - 128;

function floatToInt(e: Builder, x: Expr, round: "trunc" | "rint", overflow: "wrap" | "saturate"): Expr {
  if (overflow === "wrap") return nativeFloatToInt(e, x, round);
  const bounded = e.fn("max", e.fn("min", x, e.num(belowLimit)), e.num(-(2 ** 31)));
  return e.select(e.ge(x, e.num(2 ** 31)), e.int(2 ** 31 - 1), nativeFloatToInt(e, bounded, round));
}

function nativeFloatToInt(e: Builder, x: Expr, round: "trunc" | "rint"): Expr {
  const offered = e.caps.casts["f32->i32"] ?? [];
  if (offered.includes(round)) return e.nativeCast(x, "i32", round);
  const whole = e.fn(round === "rint" ? "round" : "trunc", x);
  return offered.length > 0 ? e.nativeCast(whole, "i32", offered[0]) : wholeToInt(e, whole);
}

/** A whole float as high * 65536 + low, each read from the low bits of its sum with 1.5 * 2^23. */
function wholeToInt(e: Builder, x: Expr): Expr {
  const low16 = (v: Expr) => e.sub(e.bits(e.add(v, e.num(magic))), e.bits(e.num(magic)));
  const shifted = e.add(e.mul(x, e.num(2 ** -16)), e.num(magic));
  const high = e.sub(shifted, e.num(magic));
  const low = e.sub(x, e.mul(high, e.num(65536)));
  return e.add(e.mul(e.sub(e.bits(shifted), e.bits(e.num(magic))), e.int(65536)), low16(low));
}

function floatToUnsigned(e: Builder, x: Expr, round: "trunc" | "rint"): Expr {
  const large = e.ge(x, e.num(2 ** 31));
  const word = floatToInt(e, e.select(large, e.sub(x, e.num(2 ** 31)), x), round, "wrap");
  return e.bitcast(e.select(large, e.add(word, e.int(-(2 ** 31))), word), "u32");
}

function fromInteger(e: Builder, x: Expr, to: LaneType, round: "trunc" | "rint", overflow: "wrap" | "saturate"): Expr {
  if (x.type === "u32") return fromUnsigned(e, x, to, round, overflow);
  if (to === "u32") return e.bitcast(overflow === "saturate" ? e.fn("max", x, e.int(0)) : x, "u32");
  if (to === "f32") return intToFloat(e, x);
  if (isHalf(to)) return e.cast(e.cast(x, "f32"), to, "rint", overflow);
  const range = wholeRange[to];
  if (!range) return noConversion(e, x.type, to);
  const bounded = overflow === "saturate" ? e.fn("min", e.fn("max", x, e.int(range[0])), e.int(range[1])) : wrapTo(e, x, range);
  return exactly(e, bounded, to, (type) => holds(type, to));
}

function intToFloat(e: Builder, x: Expr): Expr {
  const round = roundOf(e, "i32", "f32");
  return round ? e.nativeCast(x, "f32", round) : noConversion(e, "i32", "f32");
}

/** The low bits, sign-extended for signed types. */
function wrapTo(e: Builder, x: Expr, [lo, hi]: Range): Expr {
  const low = (v: Expr) => e.fn("bitand", v, e.int(hi - lo));
  return lo === 0 ? low(x) : e.add(low(e.add(x, e.int(-lo))), e.int(lo));
}

function fromUnsigned(e: Builder, x: Expr, to: LaneType, round: "trunc" | "rint", overflow: "wrap" | "saturate"): Expr {
  const word = e.bitcast(x, "i32");
  if (to === "i32") return overflow === "wrap" ? word : e.select(e.lt(word, e.int(0)), e.int(2 ** 31 - 1), word);
  if (to === "f32" || isHalf(to)) {
    const low = e.fn("bitand", word, e.int(65535));
    const high = e.bitcast(e.fn("shr", x, e.constant("u32", 16)), "i32");
    const sum = e.add(e.mul(e.cast(high, "f32"), e.num(65536)), e.cast(low, "f32"));
    return e.cast(sum, to, round, overflow);
  }
  const signed = e.cast(x, "i32", "trunc", overflow);
  return e.cast(signed, to, "trunc", overflow);
}
