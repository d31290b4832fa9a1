/**
 * Exponentials and logarithms. Polynomials are those of the Cephes library (expf, logf), good to about one ulp; results
 * below 2^-126 round as the chip's multiplication does (flushed to zero or not).
 */
import type { Expr } from "../tile.js";
import { bitsConst, type Builder, type Rules } from "./build.js";

/** 1.5 * 2^23: adding it leaves a number's nearest integer in the low bits. */
export const magic = 12582912;

/** ln 2 in two parts, the first of ten bits, so that its product with an exponent is exact. */
const ln2High = 0.693359375;
const ln2Low = -2.12194440054690581e-4;
const expPoly = [1.98756915e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1];

/** e^r for |r| <= 0.35: 1 + r + r^2 * P(r). */
export function expSmall(e: Builder, r: Expr): Expr {
  return e.add(e.fma(e.mul(r, r), e.poly(r, expPoly), r), e.num(1));
}

/** 2^k for an i32 k in [-126, 127]. */
function powerOfTwo(e: Builder, k: Expr): Expr {
  return e.float(e.fn("shl", e.add(k, e.int(127)), e.int(23)));
}

/** p * 2^k for an i32 k in [-252, 254], in two steps so that neither factor over- or underflows early. */
export function scaleByPowerOfTwo(e: Builder, p: Expr, k: Expr): Expr {
  const half = e.sub(shiftRight(e, e.add(k, e.int(512)), 1), e.int(256));
  return e.mul(e.mul(p, powerOfTwo(e, half)), powerOfTwo(e, e.sub(k, half)));
}

/** x >> n of an i32 that is not negative, by whichever shift the chip has. */
export function shiftRight(e: Builder, x: Expr, n: number): Expr {
  if (e.has("shr", "i32")) return e.fn("shr", x, e.int(n));
  return e.bitcast(e.fn("shr", e.bitcast(x, "u32"), e.constant("u32", n)), "i32");
}

/** The nearest integer of t, |t| < 2^22, as a float and as an i32. */
export function nearest(e: Builder, t: Expr): { readonly whole: Expr; readonly k: Expr } {
  const shifted = e.add(t, e.num(magic));
  const k = e.sub(e.bits(shifted), e.bits(e.num(magic)));
  return { whole: e.sub(shifted, e.num(magic)), k };
}

function reduceByLn2(e: Builder, x: Expr, n: Expr): Expr {
  return e.fma(n, e.num(-ln2Low), e.fma(n, e.num(-ln2High), x));
}

/** e^x = 2^n * e^(x - n ln 2). NaN in, NaN out: the clamp may lose it, the last selection restores it. */
function exp(e: Builder, x: Expr): Expr {
  const inRange = e.clampLoose(x, -105, 89);
  const result = e.has("exp2", "f32") ? expByExp2(e, inRange) : expByBits(e, inRange);
  return e.caps.nanMinMax ? result : e.select(e.isNan(x), x, result);
}

function expByBits(e: Builder, x: Expr): Expr {
  const { whole, k } = nearest(e, e.mul(x, e.num(Math.LOG2E)));
  return scaleByPowerOfTwo(e, expSmall(e, reduceByLn2(e, x, whole)), k);
}

/** With a native 2^x: the whole part by it in two factors (so that e^88.7 does not overflow on the way), the rest as a polynomial. */
function expByExp2(e: Builder, x: Expr): Expr {
  const n = e.fn("floor", e.mul(x, e.num(Math.LOG2E)));
  const rest = e.fn("exp2", e.mul(reduceByLn2(e, x, n), e.num(Math.LOG2E)));
  return e.mul(rest, e.fn("exp2", n));
}

function exp2(e: Builder, x: Expr): Expr {
  const { whole, k } = nearest(e, e.clampLoose(x, -151, 129));
  const rest = e.sub(e.clampLoose(x, -151, 129), whole);
  const result = scaleByPowerOfTwo(e, expSmall(e, e.mul(rest, e.num(Math.LN2))), k);
  return e.caps.nanMinMax ? result : e.select(e.isNan(x), x, result);
}

const logPoly = [
  7.0376836292e-2, -1.151461031e-1, 1.167699874e-1, -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1, 2.0000714765e-1, -2.4999993993e-1,
  3.3333331174e-1,
];

/** x = m * 2^k with m in [0.70, 1.42], for positive x; subnormal numbers are scaled first. */
export function splitExponent(e: Builder, x: Expr): { readonly m: Expr; readonly k: Expr } {
  const tiny = e.lt(x, e.num(bitsConst(0x00800000)));
  const normal = e.select(tiny, e.mul(x, e.num(whole)), x);
  const bits = e.bits(normal);
  const root = 0x3f3504f3;
  const k = e.sub(shiftRight(e, e.add(bits, e.int(0x3f800000 - root)), 23), e.int(127));
  const m = e.float(e.sub(bits, e.fn("shl", k, e.int(23))));
  return { m, k: e.select(tiny, e.sub(k, e.int(23)), k) };
}

const whole = 2 ** 23;

/** Zero gives -inf, negative numbers and NaN give NaN, inf gives inf. */
function logEdges(e: Builder, x: Expr, inside: Expr): Expr {
  const upper = e.select(e.eq(x, e.num(Infinity)), x, inside);
  return e.select(e.gt(x, e.num(0)), upper, e.select(e.eq(x, e.num(0)), e.num(-Infinity), e.num(NaN)));
}

function log(e: Builder, x: Expr): Expr {
  if (e.has("log2", "f32")) return e.mul(e.fn("log2", x), e.num(Math.LN2));
  const { m, k } = splitExponent(e, x);
  const n = e.cast(k, "f32");
  const f = e.sub(m, e.num(1));
  const z = e.mul(f, f);
  const tail = e.fma(n, e.num(ln2Low), e.mul(e.mul(f, z), e.poly(f, logPoly)));
  const low = e.fma(z, e.num(-0.5), tail);
  return logEdges(e, x, e.fma(n, e.num(ln2High), e.add(f, low)));
}

/** log(1 + u) for u > -1, by what the rounding of 1 + u lost (Kahan); small u is itself. */
function log1p(e: Builder, u: Expr): Expr {
  const w = e.add(e.num(1), u);
  const lost = e.sub(w, e.num(1));
  const same = e.fn("or", e.eq(lost, e.num(0)), e.eq(w, e.num(Infinity)));
  const corrected = e.mul(e.fn("log", w), e.fn("div", u, e.select(same, e.num(1), lost)));
  return e.select(e.eq(lost, e.num(0)), u, e.select(e.eq(w, e.num(Infinity)), w, corrected));
}

/** Taylor's series of (e^x - 1) / x, whose next term is below 2^-26 for |x| <= 1/2. */
const expm1Poly = [1 / 40320, 1 / 5040, 1 / 720, 1 / 120, 1 / 24, 1 / 6, 1 / 2, 1];

/** e^x - 1: beyond 1/2 the subtraction is exact and e^x has digits to spare; within, a series that keeps -0. */
function expm1(e: Builder, x: Expr): Expr {
  const far = e.sub(e.fn("exp", x), e.num(1));
  return e.select(e.lt(e.abs(x), e.num(0.5)), e.mul(x, e.poly(x, expm1Poly)), far);
}

/** log2 by the exponent plus log2 of the mantissa, so that powers of two are exact. */
function log2(e: Builder, x: Expr): Expr {
  const { m, k } = splitExponent(e, x);
  return logEdges(e, x, e.fma(e.fn("log", m), e.num(Math.LOG2E), e.cast(k, "f32")));
}

export const exponentialRules: Rules = {
  exp: (e, [x]) => exp(e, x),
  exp2: (e, [x]) => exp2(e, x),
  expm1: (e, [x]) => expm1(e, x),
  log: (e, [x]) => log(e, x),
  log1p: (e, [u]) => log1p(e, u),
  log2: (e, [x]) => log2(e, x),
};
