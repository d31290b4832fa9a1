/**
 * x ** y in f32. Small whole exponents multiply; the rest follows FreeBSD's e_powf.c: log2 |x| to about 40 bits in two
 * floats, times y in two floats, 2 to that, and the rules of IEEE 754 for the edges.
 */
import type { Expr } from "../tile.js";
import { isConst, type Builder, type Rules } from "./build.js";
import { expSmall, nearest, scaleByPowerOfTwo, splitExponent } from "./exponential.js";

/** An unevaluated sum; the first part has so few bits that its product with another such part is exact. */
interface Pair {
  readonly high: Expr;
  readonly low: Expr;
}

/** x without its last 12 bits. */
function head(e: Builder, x: Expr): Expr {
  return e.float(e.fn("bitand", e.bits(x), e.int(-4096)));
}

const logSeries = [0.20697501302, 0.23066075146, 0.27272811532, 0.33333334327, 0.42857143283, 0.60000002384];

/** 2 / (3 ln 2) and its two parts. */
const scale = { all: 0.96179670095, high: 0.9619140625, low: -1.1736857402e-4 };

/** log2 m for m in [0.70, 1.42] : (2/ln 2) * atanh(s), s = (m - 1) / (m + 1). */
function log2Mantissa(e: Builder, m: Expr): Pair {
  const u = e.sub(m, e.num(1));
  const below = e.add(m, e.num(1));
  const s = e.fn("div", u, below);
  const sHigh = head(e, s);
  const tHigh = head(e, below);
  const tLow = e.sub(m, e.sub(tHigh, e.num(1)));
  const residual = e.sub(e.sub(u, e.mul(sHigh, tHigh)), e.mul(sHigh, tLow));
  const sLow = e.fn("div", residual, below);
  const square = e.mul(s, s);
  const series = e.mul(e.mul(square, square), e.poly(square, logSeries));
  const r = e.add(series, e.mul(sLow, e.add(sHigh, s)));
  const squareHigh = e.mul(sHigh, sHigh);
  const factorHigh = head(e, e.add(e.add(e.num(3), squareHigh), r));
  const factorLow = e.sub(r, e.sub(e.sub(factorHigh, e.num(3)), squareHigh));
  const a = e.mul(sHigh, factorHigh);
  const b = e.add(e.mul(sLow, factorHigh), e.mul(factorLow, s));
  const pHigh = head(e, e.add(a, b));
  const pLow = e.sub(b, e.sub(pHigh, a));
  return {
    high: e.mul(e.num(scale.high), pHigh),
    low: e.add(e.mul(e.num(scale.low), pHigh), e.mul(pLow, e.num(scale.all))),
  };
}

function log2Pair(e: Builder, x: Expr): Pair {
  const { m, k } = splitExponent(e, x);
  const z = log2Mantissa(e, m);
  const n = e.cast(k, "f32");
  const high = head(e, e.add(e.add(z.high, z.low), n));
  return { high, low: e.sub(z.low, e.sub(e.sub(high, n), z.high)) };
}

/** a ** y for finite a > 0 and finite y. */
function powerOfPositive(e: Builder, a: Expr, y: Expr): Expr {
  const log = log2Pair(e, a);
  const yHigh = head(e, y);
  const high = e.mul(yHigh, log.high);
  const low = e.add(e.mul(e.sub(y, yHigh), log.high), e.mul(y, log.low));
  const bounded = e.clampLoose(e.add(high, low), -151, 129);
  const { whole, k } = nearest(e, bounded);
  const rest = e.add(e.sub(high, whole), low);
  const r = e.select(e.lt(e.abs(rest), e.num(1)), e.mul(rest, e.num(Math.LN2)), e.num(0));
  return scaleByPowerOfTwo(e, expSmall(e, r), k);
}

function power(e: Builder, x: Expr, y: Expr): Expr {
  if (isConst(y)) {
    const simple = constantPower(e, x, Number(y.value));
    if (simple) return simple;
  }
  const a = e.abs(x);
  const whole = e.eq(e.fn("trunc", y), y);
  const half = e.mul(y, e.num(0.5));
  const odd = e.fn("and", whole, e.cmp("ne", e.fn("trunc", half), half));
  const inside = powerOfPositive(e, a, y);
  const magnitude = powerEdges(e, a, y, inside);
  const signed = e.select(odd, e.withSign(magnitude, x), magnitude);
  const noReal = e.fn("and", e.fn("and", e.lt(x, e.num(0)), e.fn("not", whole)), e.lt(a, e.num(Infinity)));
  const real = e.select(noReal, e.num(NaN), signed);
  const one = e.fn("or", e.eq(x, e.num(1)), e.eq(y, e.num(0)));
  const nan = e.fn("or", e.isNan(x), e.isNan(y));
  return e.select(one, e.num(1), e.select(nan, e.num(NaN), real));
}

/** a is 0 or inf, or y is infinite: the result is 0, 1 or inf, by whether a is above 1 and y positive. */
function powerEdges(e: Builder, a: Expr, y: Expr, inside: Expr): Expr {
  const edge = e.fn("or", e.fn("or", e.eq(a, e.num(0)), e.eq(a, e.num(Infinity))), e.eq(e.abs(y), e.num(Infinity)));
  const grows = e.fn("not", e.fn("xor", e.gt(a, e.num(1)), e.gt(y, e.num(0))));
  const limit = e.select(e.eq(a, e.num(1)), e.num(1), e.select(grows, e.num(Infinity), e.num(0)));
  return e.select(edge, limit, inside);
}

/** Whole exponents up to 16 in magnitude by squaring; 0.5 as a root, with the edges of `pow`. */
function constantPower(e: Builder, x: Expr, y: number): Expr | undefined {
  if (y === 0) return e.num(1);
  if (y === 0.5) return e.select(e.eq(x, e.num(-Infinity)), e.num(Infinity), e.add(e.fn("sqrt", x), e.num(0)));
  if (!Number.isInteger(y) || Math.abs(y) > 16) return undefined;
  const positive = squaring(e, x, Math.abs(y));
  return y > 0 ? positive : e.fn("div", e.num(1), positive);
}

function squaring(e: Builder, x: Expr, n: number): Expr {
  if (n === 1) return x;
  const half = squaring(e, x, Math.floor(n / 2));
  const square = e.mul(half, half);
  return n % 2 === 0 ? square : e.mul(square, x);
}

export const powerRules: Rules = { pow: (e, [x, y]) => power(e, x, y) };
