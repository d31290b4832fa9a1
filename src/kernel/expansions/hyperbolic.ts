/** Hyperbolic functions, their inverses, and the error function. */
import type { Expr } from "../tile.js";
import type { Builder, Rules } from "./build.js";

/** x * P(x^2): odd, so that -0 stays -0. */
function odd(e: Builder, x: Expr, coefficients: readonly number[]): Expr {
  return e.mul(x, e.poly(e.mul(x, x), coefficients));
}

/** Below 0.625 an odd polynomial (Cephes tanhf); above, 1 - 2 / (e^2a + 1), which is 1 when e^2a overflows. */
function tanh(e: Builder, x: Expr): Expr {
  const a = e.abs(x);
  const small = odd(e, x, [-5.70498872745e-3, 2.06390887954e-2, -5.37397155531e-2, 1.33314422036e-1, -3.33332819422e-1, 1]);
  const large = e.sub(e.num(1), e.fn("div", e.num(2), e.add(e.fn("exp", e.mul(a, e.num(2))), e.num(1))));
  return e.select(e.lt(a, e.num(0.625)), small, e.withSign(large, x));
}

/** e^a / 2 as h * h / 2 with h = e^(a/2), so that it overflows only where the result does. */
function halfExp(e: Builder, a: Expr): { readonly up: Expr; readonly down: Expr } {
  const h = e.fn("exp", e.mul(a, e.num(0.5)));
  const inverse = e.fn("div", e.num(1), h);
  return { up: e.mul(e.mul(h, e.num(0.5)), h), down: e.mul(e.mul(inverse, e.num(0.5)), inverse) };
}

function sinh(e: Builder, x: Expr): Expr {
  const a = e.abs(x);
  const small = odd(e, x, [2.03721912945e-4, 8.33028376239e-3, 1.66667160211e-1, 1]);
  const { up, down } = halfExp(e, a);
  return e.select(e.lt(a, e.num(1)), small, e.withSign(e.sub(up, down), x));
}

function cosh(e: Builder, x: Expr): Expr {
  const { up, down } = halfExp(e, e.abs(x));
  return e.add(up, down);
}

/** log1p(a + a^2 / (1 + sqrt(a^2 + 1))); from 1e9 on log a + log 2. */
function asinh(e: Builder, x: Expr): Expr {
  const a = e.abs(x);
  const huge = e.gt(a, e.num(1e9));
  const b = e.select(huge, e.num(1), a);
  const square = e.mul(b, b);
  const root = e.add(e.num(1), e.fn("sqrt", e.add(square, e.num(1))));
  const near = e.fn("log1p", e.add(b, e.fn("div", square, root)));
  return e.withSign(e.select(huge, e.add(e.fn("log", a), e.num(Math.LN2)), near), x);
}

/** log1p(t + sqrt(2t + t^2)) with t = x - 1; from 1e9 on log x + log 2; NaN below 1. */
function acosh(e: Builder, x: Expr): Expr {
  const huge = e.gt(x, e.num(1e9));
  const t = e.sub(e.select(huge, e.num(2), x), e.num(1));
  const near = e.fn("log1p", e.add(t, e.fn("sqrt", e.fma(t, t, e.mul(t, e.num(2))))));
  const inside = e.select(huge, e.add(e.fn("log", x), e.num(Math.LN2)), near);
  return e.select(e.ge(x, e.num(1)), inside, e.num(NaN));
}

/** log1p(2a / (1 - a)) / 2, odd. */
function atanh(e: Builder, x: Expr): Expr {
  const a = e.abs(x);
  const inside = e.mul(e.fn("log1p", e.fn("div", e.mul(a, e.num(2)), e.sub(e.num(1), a))), e.num(0.5));
  const finite = e.select(e.eq(a, e.num(1)), e.num(Infinity), inside);
  return e.withSign(finite, x);
}

const erfTop = [
  -2.72614225801306e-10, 2.77068142495902e-8, -2.10102402082508e-6, -5.69250639462346e-5, -7.34990630326855e-4, -2.95459980854025e-3,
  -1.60960333262415e-2,
];
const erfBottom = [-1.45660718464996e-5, -2.13374055278905e-4, -1.68282697438203e-3, -7.37332916720468e-3, -1.42647390514189e-2];

/** x * P(x^2) / Q(x^2) on [-4, 4], a rational minimax form. */
function erf(e: Builder, x: Expr): Expr {
  const inside = e.clampLoose(x, -4, 4);
  const z = e.mul(inside, inside);
  const value = e.mul(inside, e.fn("div", e.poly(z, erfTop), e.poly(z, erfBottom)));
  return e.caps.nanMinMax ? value : e.select(e.isNan(x), x, value);
}

export const hyperbolicRules: Rules = {
  tanh: (e, [x]) => tanh(e, x),
  sinh: (e, [x]) => sinh(e, x),
  cosh: (e, [x]) => cosh(e, x),
  asinh: (e, [x]) => asinh(e, x),
  acosh: (e, [x]) => acosh(e, x),
  atanh: (e, [x]) => atanh(e, x),
  erf: (e, [x]) => erf(e, x),
};
