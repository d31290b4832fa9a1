/**
 * Sine, cosine, tangent and their inverses, after Cephes (sinf, atanf, asinf). Angles are reduced by pi/2 in four parts
 * of eight bits, exact up to about 1e5; beyond that results stay within [-1, 1] and lose accuracy with the angle.
 */
import type { Expr } from "../tile.js";
import type { Builder, Rules } from "./build.js";
import { magic } from "./exponential.js";

/** pi/2 as the sum of three numbers of eight bits and a rest. */
const halfPiParts: readonly number[] = (() => {
  const parts: number[] = [];
  let rest = Math.PI / 2;
  for (let i = 0; i < 3; i++) {
    const unit = 2 ** (Math.floor(Math.log2(rest)) - 7);
    parts.push(Math.floor(rest / unit) * unit);
    rest -= parts[i];
  }
  return [...parts, rest];
})();

/** The angle within a quarter turn, and the number of quarter turns in the low bits of an i32. */
function reduceAngle(e: Builder, x: Expr): { readonly r: Expr; readonly quarter: Expr } {
  const shifted = e.add(e.mul(x, e.num(2 / Math.PI)), e.num(magic));
  const n = e.sub(shifted, e.num(magic));
  const r = halfPiParts.reduce((acc, part) => e.sub(acc, e.mul(n, e.num(part))), x);
  return { r: e.select(e.gt(e.abs(r), e.num(1)), e.num(0), r), quarter: e.bits(shifted) };
}

function sineOfQuarter(e: Builder, r: Expr): Expr {
  const z = e.mul(r, r);
  return e.mul(r, e.poly(z, [-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1, 1]));
}

function cosineOfQuarter(e: Builder, r: Expr): Expr {
  const z = e.mul(r, r);
  const tail = e.poly(z, [2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2]);
  return e.add(e.fma(e.mul(z, z), tail, e.mul(z, e.num(-0.5))), e.num(1));
}

function isOdd(e: Builder, quarter: Expr): Expr {
  return e.cmp("ne", e.fn("bitand", quarter, e.int(1)), e.int(0));
}

/** sin(x + turns * pi/2). */
function sine(e: Builder, x: Expr, turns: number): Expr {
  const { r, quarter } = reduceAngle(e, x);
  const q = turns === 0 ? quarter : e.add(quarter, e.int(turns));
  const value = e.select(isOdd(e, q), cosineOfQuarter(e, r), sineOfQuarter(e, r));
  const sign = e.fn("shl", e.fn("bitand", q, e.int(2)), e.int(30));
  return e.float(e.fn("bitxor", e.bits(value), sign));
}

function tangent(e: Builder, x: Expr): Expr {
  const { r, quarter } = reduceAngle(e, x);
  const [s, c, odd] = [sineOfQuarter(e, r), cosineOfQuarter(e, r), isOdd(e, quarter)];
  return e.fn("div", e.select(odd, e.neg(c), s), e.select(odd, s, c));
}

/** Above tan(3 pi/8): pi/2 - atan(1/a). Above tan(pi/8): pi/4 + atan((a-1)/(a+1)). One division serves all three. */
function arctangent(e: Builder, x: Expr): Expr {
  const a = e.abs(x);
  const [large, middle] = [e.gt(a, e.num(2.414213562373095)), e.gt(a, e.num(0.4142135623730951))];
  const top = e.select(large, e.num(-1), e.select(middle, e.sub(a, e.num(1)), a));
  const bottom = e.select(large, a, e.select(middle, e.add(a, e.num(1)), e.num(1)));
  const base = e.select(large, e.num(Math.PI / 2), e.select(middle, e.num(Math.PI / 4), e.num(0)));
  const t = e.fn("div", top, bottom);
  const z = e.mul(t, t);
  const p = e.poly(z, [8.05374449538e-2, -1.38776856032e-1, 1.99777106478e-1, -3.33329491539e-1]);
  const value = e.add(base, e.fma(e.mul(z, t), p, t));
  return e.withSign(value, x);
}

const asinPoly = [4.2163199048e-2, 2.4181311049e-2, 4.5470025998e-2, 7.4953002686e-2, 1.6666752422e-1];

/** asin t for t in [0, 0.5], given z = t * t. */
function arcsineSmall(e: Builder, t: Expr, z: Expr): Expr {
  return e.fma(e.mul(t, z), e.poly(z, asinPoly), t);
}

/** The half-angle form above 0.5: asin a = pi/2 - 2 asin(sqrt((1 - a) / 2)). */
function arcsineParts(e: Builder, x: Expr): { readonly a: Expr; readonly large: Expr; readonly part: Expr } {
  const a = e.abs(x);
  const large = e.gt(a, e.num(0.5));
  const half = e.mul(e.sub(e.num(1), a), e.num(0.5));
  const z = e.select(large, half, e.mul(a, a));
  const part = arcsineSmall(e, e.select(large, e.fn("sqrt", half), a), z);
  return { a, large, part };
}

function arcsine(e: Builder, x: Expr): Expr {
  const { large, part } = arcsineParts(e, x);
  const value = e.select(large, e.sub(e.num(Math.PI / 2), e.mul(part, e.num(2))), part);
  return e.withSign(value, x);
}

/** Above 0.5: 2 part; below -0.5: pi - 2 part; between: pi/2 - asin x. */
function arccosine(e: Builder, x: Expr): Expr {
  const { large, part } = arcsineParts(e, x);
  const twice = e.mul(part, e.num(2));
  const outer = e.select(e.lt(x, e.num(0)), e.sub(e.num(Math.PI), twice), twice);
  const low = e.num(Math.PI / 2 - Math.fround(Math.PI / 2));
  const inner = e.add(e.num(Math.PI / 2), e.sub(low, e.float(e.fn("bitor", e.bits(part), e.signBits(x)))));
  return e.select(large, outer, inner);
}

export const trigonometricRules: Rules = {
  sin: (e, [x]) => sine(e, x, 0),
  cos: (e, [x]) => sine(e, x, 1),
  tan: (e, [x]) => tangent(e, x),
  asin: (e, [x]) => arcsine(e, x),
  acos: (e, [x]) => arccosine(e, x),
  atan: (e, [x]) => arctangent(e, x),
};
