/** Rounding to whole numbers within f32, and the other functions of sign and magnitude. */
import type { Expr } from "../tile.js";
import type { Builder, Rules } from "./build.js";

/** From here on every f32 is a whole number. */
const whole = 2 ** 23;

/** Half to even: adding and taking away 2^23 leaves no room for a fraction. Keeps -0, infinities and NaN. */
function round(e: Builder, x: Expr): Expr {
  const a = e.abs(x);
  const rounded = e.sub(e.add(a, e.num(whole)), e.num(whole));
  return e.select(e.lt(a, e.num(whole)), e.withSign(rounded, x), x);
}

/** floor of a value that is not negative. */
function floorMagnitude(e: Builder, a: Expr): Expr {
  const near = e.sub(e.add(a, e.num(whole)), e.num(whole));
  return e.select(e.gt(near, a), e.sub(near, e.num(1)), near);
}

function trunc(e: Builder, x: Expr): Expr {
  if (e.has("floor", "f32")) return e.withSign(e.fn("floor", e.abs(x)), x);
  const a = e.abs(x);
  return e.select(e.lt(a, e.num(whole)), e.withSign(floorMagnitude(e, a), x), x);
}

/** The nearest whole number, one down where that was above; subtracting 0 keeps -0. */
function floor(e: Builder, x: Expr): Expr {
  const near = e.fn("round", x);
  return e.select(e.gt(near, x), e.sub(near, e.num(1)), near);
}

/** ceil x = -floor(-x), which also gives -0 above -1. */
function ceil(e: Builder, x: Expr): Expr {
  return e.neg(e.fn("floor", e.neg(x)));
}

/** The larger or smaller, or NaN when either is, from a native one that may drop NaN, or from a comparison. */
const extreme =
  (fn: "min" | "max") =>
  (e: Builder, [a, b]: readonly Expr[]): Expr => {
    const other = e.has(fn, "f32") ? e.native(fn, a, b) : e.select(e.cmp(fn === "max" ? "lt" : "gt", a, b), b, a);
    return [b, a].filter((x) => x.op !== "const" && x.op !== "int").reduce((acc, x) => e.select(e.isNan(x), x, acc), other);
  };

export const roundingRules: Rules = {
  round: (e, [x]) => round(e, x),
  trunc: (e, [x]) => trunc(e, x),
  floor: (e, [x]) => floor(e, x),
  ceil: (e, [x]) => ceil(e, x),
  abs: (e, [x]) => e.float(e.fn("bitand", e.bits(x), e.int(0x7fffffff))),
  neg: (e, [x]) => e.mul(x, e.num(-1)),
  sign: (e, [x]) => e.select(e.gt(x, e.num(0)), e.num(1), e.select(e.lt(x, e.num(0)), e.num(-1), x)),
  min: extreme("min"),
  max: extreme("max"),
  fma: (e, [a, b, c]) => e.add(e.mul(a, b), c),
  isnan: (e, [x]) => e.isNan(x),
  isinf: (e, [x]) => e.eq(e.abs(x), e.num(Infinity)),
};
