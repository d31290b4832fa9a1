/**
 * Sizes as floats: exporters write floor(cast(shape) * 1.5) and ceil(cast(shape) / 7). A float here is a quotient of
 * extents; what is kept is what the element type computes exactly, under the assumption, left as a guard, that the whole
 * numbers involved have no more digits than its significand. Everything else is given up.
 */
import { decide } from "../base/cond.js";
import { sizeOfFactors } from "../base/dim-ask.js";
import { add, ceilDiv, divideExactly, floorDiv, isConst, mul, sub, type Dim } from "../base/dim.js";
import { truncDiv } from "../base/dim-bounds.js";
import { infoOf, type DType } from "../base/dtype.js";
import { Fraction, isDim, type Element } from "../base/element.js";
import type { Assume } from "./extents.js";
import type { PrimitiveName } from "./primitive.js";

type Real = Dim | Fraction;

/** Bits of the significand of a type that sizes may pass through. */
export function significandOf(dtype: DType): number | undefined {
  return infoOf(dtype).significand;
}

/** A factor beyond this leaves the symbols beside it too few bits: 1.1 is 9227469 over 2^23. */
function factorsFit(d: Dim, dtype: DType): boolean {
  return sizeOfFactors(d) <= 2 ** ((significandOf(dtype) ?? 0) - 10);
}

const parts = (x: Real): { num: Dim; den: Dim } => (x instanceof Fraction ? x : { num: x, den: 1 });
const isPowerOfTwo = (d: Dim): d is number => isConst(d) && d > 0 && Number.isInteger(Math.log2(d));

/** num / den in lowest terms, as an extent where that is one. */
function quotient(num: Dim, den: Dim): Real {
  const whole = divideExactly(num, den);
  if (whole !== undefined) return whole;
  if (isConst(den) && den % 2 === 0) {
    const [half] = [divideExactly(num, 2)];
    if (half !== undefined) return quotient(half, den / 2);
  }
  return new Fraction(num, den);
}

type RealPair = (a: Real, b: Real, dtype: DType) => Real | undefined;

/** Exact while both are over powers of two and the numerator stays short. */
function dyadic(f: (a: { num: Dim; den: number }, b: { num: Dim; den: number }) => { num: Dim; den: number }): RealPair {
  return (x, y, dtype) => {
    const [a, b] = [parts(x), parts(y)];
    if (!isPowerOfTwo(a.den) || !isPowerOfTwo(b.den)) return undefined;
    const { num, den } = f({ num: a.num, den: a.den }, { num: b.num, den: b.den });
    const out = quotient(num, den);
    return factorsFit(parts(out).num, dtype) ? out : undefined;
  };
}

export const realPairs: Readonly<Partial<Record<PrimitiveName, RealPair>>> = {
  add: dyadic((a, b) => ({ num: add(mul(a.num, b.den), mul(b.num, a.den)), den: a.den * b.den })),
  sub: dyadic((a, b) => ({ num: sub(mul(a.num, b.den), mul(b.num, a.den)), den: a.den * b.den })),
  mul: dyadic((a, b) => ({ num: mul(a.num, b.num), den: a.den * b.den })),
};

/** One correctly rounded division, which Floor and Ceil see as exact: dividends and divisors are far shorter than 2^24. */
export function dividedReal(a: Real, b: Real, dtype: DType, assume: Assume): Real | undefined {
  const [x, y] = [parts(a), parts(b)];
  if (!isPowerOfTwo(x.den) || !isPowerOfTwo(y.den) || y.num === 0) return undefined;
  const [num, den] = [mul(x.num, y.den), mul(x.den, y.num)];
  const out = decide({ op: "le", a: 1, b: den }) === true ? quotient(num, den) : whenPositive(num, den, assume);
  return out !== undefined && factorsFit(parts(out).num, dtype) && factorsFit(parts(out).den, dtype) ? out : undefined;
}

function whenPositive(num: Dim, den: Dim, assume: Assume): Real | undefined {
  const whole = divideExactly(num, den);
  if (whole !== undefined) return whole;
  const isSize = decide({ op: "le", a: 0, b: den }) === true;
  return isSize && assume({ op: "le", a: 1, b: den }, `a size is divided by ${String(den)}, which must not be 0`)
    ? new Fraction(num, den)
    : undefined;
}

/** a < b and the like where the denominators are numbers. */
export function realCompare(op: PrimitiveName, x: Element, y: Element): number | undefined {
  if (typeof x === "bigint" || typeof y === "bigint") return undefined;
  const [a, b] = [parts(x), parts(y)];
  if (!isConst(a.den) || !isConst(b.den)) return undefined;
  const [left, right] = [mul(a.num, b.den), mul(b.num, a.den)];
  const conds = {
    eq: { op: "eq", a: left, b: right },
    ne: { op: "ne", a: left, b: right },
    lt: { op: "lt", a: left, b: right },
    le: { op: "le", a: left, b: right },
    gt: { op: "lt", a: right, b: left },
    ge: { op: "le", a: right, b: left },
  } as const;
  const cond = Object.hasOwn(conds, op) ? conds[op as keyof typeof conds] : undefined;
  const known = cond && decide(cond);
  return known === undefined ? undefined : known ? 1 : 0;
}

type RealSingle = (a: Real, dtype: DType, assume: Assume) => Real | undefined;

/** What is rounded to a whole number must have been exact, or one division, until then. */
function rounding(f: (num: Dim, den: Dim) => Dim): RealSingle {
  return (x, dtype, assume) => {
    const { num, den } = parts(x);
    const bits = significandOf(dtype);
    if (bits === undefined) return undefined;
    const most = 2 ** bits;
    const sum = add(num, den);
    const shown = `${String(isDim(x) ? x : sum)} must be at most ${most} for ${dtype} arithmetic on sizes to be exact`;
    const fits = (d: Dim): boolean => {
      const known = decide({ op: "le", a: d, b: most });
      return known ?? assume({ op: "le", a: d, b: most }, shown);
    };
    if (bits < 53 && !(fits(isDim(x) ? num : sum) && below(num, fits))) return undefined;
    return isDim(x) ? x : f(num, den);
  };
}

/** The same limit for what may be negative. */
function below(num: Dim, fits: (d: Dim) => boolean): boolean {
  return decide({ op: "le", a: 0, b: num }) === true || fits(mul(-1, num));
}

export const realSingles: Readonly<Partial<Record<PrimitiveName, RealSingle>>> = {
  neg: (x) => (x instanceof Fraction ? new Fraction(mul(-1, x.num), x.den) : mul(-1, x)),
  floor: rounding(floorDiv),
  ceil: rounding(ceilDiv),
  trunc: rounding(truncDiv),
  round: (x, dtype, assume) => (isDim(x) ? rounding(floorDiv)(x, dtype, assume) : undefined),
};
