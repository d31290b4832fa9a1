/** Division, reciprocal and roots on chips without them: a guess from the bits, Newton steps, then the exponent. */
import type { Expr } from "../tile.js";
import { bitsConst, isConst, type Builder, type Rules } from "./build.js";
import { scaleByPowerOfTwo, shiftRight } from "./exponential.js";
import { corrected } from "./quotient.js";

const smallestNormal = bitsConst(0x00800000);

/** A power of two whose reciprocal is exact and normal. */
function isExactDivisor(x: number): boolean {
  const a = Math.abs(x);
  return a >= 2 ** -126 && a <= 2 ** 126 && Number.isInteger(Math.log2(a));
}

function div(e: Builder, a: Expr, b: Expr): Expr {
  if (isConst(b) && isExactDivisor(Number(b.value))) return e.mul(a, e.num(1 / Number(b.value)));
  if (isConst(b) && Math.abs(Number(b.value)) >= 2 ** -40 && Math.abs(Number(b.value)) <= 2 ** 40)
    return quotientByConstant(e, a, Number(b.value));
  return e.has("reciprocal", "f32") ? divByReciprocal(e, a, b) : divByBits(e, a, b);
}

/** a / c as a times the reciprocal, corrected; one product alone for infinities and small numbers. */
function quotientByConstant(e: Builder, a: Expr, c: number): Expr {
  const inverse = e.num(1 / c);
  return corrected(e, a, e.num(c), e.mul(a, inverse), inverse);
}

/** a * (1 / b), with b brought near one first, so that neither a large nor a small divisor loses its reciprocal. */
function divByReciprocal(e: Builder, a: Expr, b: Expr): Expr {
  const size = e.abs(b);
  const tiny = e.select(e.lt(size, e.num(2 ** -64)), e.num(2 ** 64), e.num(1));
  const scale = e.select(e.gt(size, e.num(2 ** 64)), e.num(2 ** -64), tiny);
  return e.mul(e.mul(a, scale), e.fn("reciprocal", e.mul(b, scale)));
}

/** 1 / m for m in [1, 2): 48/17 - 32/17 * m/2, then three Newton steps. */
function reciprocalOfMantissa(e: Builder, m: Expr): Expr {
  let r = e.fma(m, e.num(-8 / 17), e.num(24 / 17));
  for (let i = 0; i < 3; i++) r = e.fma(r, e.fma(e.mul(m, r), e.num(-1), e.num(1)), r);
  return r;
}

/** Divisors of zero, infinity and NaN go past the bits: a * (inf, 0 or NaN); those below 2^-126 give a large number. */
function divByBits(e: Builder, a: Expr, b: Expr): Expr {
  const size = e.abs(b);
  const field = shiftRight(e, e.bits(size), 23);
  const mantissa = e.float(e.fn("bitor", e.fn("bitand", e.bits(b), e.int(0x007fffff)), e.int(0x3f800000)));
  const magnitude = e.mul(a, reciprocalOfMantissa(e, mantissa));
  const signed = e.float(e.fn("bitxor", e.bits(magnitude), e.signBits(b)));
  const quotient = scaleByPowerOfTwo(e, signed, e.sub(e.int(127), field));
  // inf - |b| by their bits: infinity for 0, 0 for infinity, a NaN for a NaN.
  const edge = e.withSign(e.float(e.sub(e.int(0x7f800000), e.bits(size))), b);
  const inside = e.fn("and", e.ge(size, e.num(smallestNormal)), e.lt(size, e.num(Infinity)));
  return e.select(inside, quotient, e.mul(a, edge));
}

function sqrt(e: Builder, x: Expr): Expr {
  const y = inverseRoot(e, x);
  const s = e.mul(x, y);
  const refined = e.fma(e.mul(e.num(0.5), y), e.fma(s, e.neg(s), x), s);
  return rootEdges(e, x, e.select(e.eq(x, e.num(Infinity)), x, refined));
}

/** 1 / sqrt(x): the well-known guess from the bits, then three Newton steps. */
function inverseRoot(e: Builder, x: Expr): Expr {
  const half = e.mul(x, e.num(0.5));
  let y = e.float(e.sub(e.int(0x5f375a86), shiftRight(e, e.fn("bitand", e.bits(x), e.int(0x7fffffff)), 1)));
  for (let i = 0; i < 3; i++) y = e.mul(y, e.fma(e.mul(half, y), e.neg(y), e.num(1.5)));
  return y;
}

/** Negative numbers and NaN give NaN; the two zeros pass. */
function rootEdges(e: Builder, x: Expr, inside: Expr): Expr {
  return e.select(e.ge(x, e.num(0)), inside, e.num(NaN));
}

function rsqrt(e: Builder, x: Expr): Expr {
  if (e.has("sqrt", "f32")) return e.fn("reciprocal", e.fn("sqrt", x));
  const y = inverseRoot(e, x);
  const residual = e.fma(e.mul(x, y), e.neg(y), e.num(1));
  const refined = e.fma(e.mul(e.num(0.5), y), residual, y);
  const finite = e.select(e.eq(x, e.num(Infinity)), e.num(0), refined);
  return rootEdges(e, x, e.select(e.lt(e.abs(x), e.num(smallestNormal)), e.withSign(e.num(Infinity), x), finite));
}

export const divisionRules: Rules = {
  div: (e, [a, b]) => div(e, a, b),
  reciprocal: (e, [x]) => e.fn("div", e.num(1), x),
  sqrt: (e, [x]) => sqrt(e, x),
  rsqrt: (e, [x]) => rsqrt(e, x),
};
