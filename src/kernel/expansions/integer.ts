/** 32-bit integers on vector units that mostly compute floats. Division by zero gives an unspecified value, never a trap. */
import type { Expr } from "../tile.js";
import { isConst, type Builder, type Rules } from "./build.js";
import { exactResidual } from "./quotient.js";

/** Quotient to nearest and remainder, |remainder| <= |b| / 2: two float quotients, the second of the first's remainder. */
function divideNearest(e: Builder, a: Expr, b: Expr): { readonly q: Expr; readonly r: Expr } {
  const divisor = e.cast(b, "f32");
  const step = (x: Expr) => e.cast(e.fn("div", e.cast(x, "f32"), divisor), "i32", "rint", "saturate");
  const first = step(a);
  const rest = e.sub(a, e.mul(first, b));
  const second = step(rest);
  return { q: e.add(first, second), r: e.sub(rest, e.mul(second, b)) };
}

/** 1 where m holds, else 0. */
function flag(e: Builder, m: Expr): Expr {
  return e.cast(m, "i32");
}

const negative = (e: Builder, x: Expr) => e.lt(x, e.int(0));
const nonZero = (e: Builder, x: Expr) => e.cmp("ne", x, e.int(0));

/** The remainder takes the divisor's sign: where it has the other, one divisor more and one quotient less. */
function floorDivide(e: Builder, a: Expr, b: Expr): { readonly q: Expr; readonly r: Expr } {
  const { q, r } = divideNearest(e, a, b);
  const off = e.fn("and", nonZero(e, r), e.fn("xor", negative(e, r), negative(e, b)));
  return { q: e.sub(q, flag(e, off)), r: e.select(off, e.add(r, b), r) };
}

/** The remainder takes the dividend's sign. */
function truncDivide(e: Builder, a: Expr, b: Expr): { readonly q: Expr; readonly r: Expr } {
  const { q, r } = divideNearest(e, a, b);
  const off = e.fn("and", nonZero(e, r), e.fn("xor", negative(e, r), negative(e, a)));
  const opposite = e.fn("xor", negative(e, a), negative(e, b));
  const step = e.select(opposite, e.int(1), e.int(-1));
  const back = e.select(opposite, b, e.neg(b));
  return { q: e.select(off, e.add(q, step), q), r: e.select(off, e.add(r, e.neg(back)), r) };
}

/** Amounts the chip's shifts take are constants below 32: others, up to 31, shift by 1, 2, 4, 8 and 16 where their bits say so. */
function barrel(e: Builder, fn: "shl" | "shr", x: Expr, n: Expr): Expr {
  let out = x;
  for (let bit = 0; bit < 5; bit++) {
    const wanted = nonZero(e, e.fn("bitand", n, e.int(1 << bit)));
    out = e.select(wanted, e.fn(fn, out, e.constant(x.type, 1 << bit)), out);
  }
  return out;
}

/** What is shifted by 32 or more is gone. */
function shiftLeft(e: Builder, x: Expr, n: Expr): Expr {
  if (!isConst(n)) return e.select(e.lt(n, e.int(32)), barrel(e, "shl", x, n), e.int(0));
  return Number(n.value) > 31 ? e.int(0) : e.mul(x, e.int(1 << Number(n.value)));
}

/** Arithmetic by a logical shift: the bits of x moved up by 2^31, shifted, and moved back down; or by division. */
function shiftRight(e: Builder, x: Expr, n: Expr): Expr {
  if (!isConst(n)) return barrel(e, "shr", x, e.fn("min", n, e.int(31)));
  const amount = Math.min(Number(n.value), 31);
  if (e.has("shr", "i32")) return e.fn("shr", x, e.int(amount));
  if (!e.has("shr", "u32")) return e.fn("floordiv", x, e.int(1 << amount));
  const raised = e.bitcast(e.fn("bitxor", x, e.int(-0x80000000)), "u32");
  const shifted = e.bitcast(e.fn("shr", raised, e.constant("u32", amount)), "i32");
  return e.sub(shifted, e.int(2 ** (31 - amount)));
}

/** x * x ** ... by the bits of the exponent; a negative exponent leaves 1 for 1, +-1 for -1, else 0. */
function power(e: Builder, x: Expr, n: Expr): Expr {
  let out: Expr = e.int(1);
  let base = x;
  for (let bit = 0; bit < 32 && !(isConst(n) && Number(n.value) >>> bit === 0); bit++) {
    const set = nonZero(e, e.fn("bitand", n, e.int(1 << bit)));
    out = e.select(set, e.mul(out, base), out);
    base = e.mul(base, base);
  }
  const parity = e.fn("bitand", n, e.int(1));
  const minusOne = e.sub(e.int(1), e.mul(parity, e.int(2)));
  const below = e.select(e.eq(x, e.int(1)), e.int(1), e.select(e.eq(x, e.int(-1)), minusOne, e.int(0)));
  return e.select(negative(e, n), below, out);
}

/** max is computed by units that compare integers for equality alone: a <= b is max(a, b) == b. */
function lessEqual(e: Builder, a: Expr, b: Expr): Expr {
  if (e.has("max", "i32")) return e.eq(e.fn("max", a, b), b);
  return e.fn("not", e.lt(b, a));
}

/** A difference that wraps is zero only for equal numbers, and no other integer converts to 0. */
function equal(e: Builder, a: Expr, b: Expr): Expr {
  return e.eq(e.cast(e.sub(a, b), "f32"), e.num(0));
}

export const integerRules: Rules = {
  neg: (e, [x]) => e.sub(e.int(0), x),
  abs: (e, [x]) => e.fn("max", x, e.neg(x)),
  sign: (e, [x]) => e.fn("min", e.fn("max", x, e.int(-1)), e.int(1)),
  floor: (_e, [x]) => x,
  ceil: (_e, [x]) => x,
  round: (_e, [x]) => x,
  trunc: (_e, [x]) => x,
  isnan: (e) => e.mask(false),
  isinf: (e) => e.mask(false),
  fma: (e, [a, b, c]) => e.add(e.mul(a, b), c),
  truncdiv: (e, [a, b]) => truncDivide(e, a, b).q,
  fmod: (e, [a, b]) => truncDivide(e, a, b).r,
  floordiv: (e, [a, b]) => floorDivide(e, a, b).q,
  mod: (e, [a, b]) => floorDivide(e, a, b).r,
  pow: (e, [a, b]) => power(e, a, b),
  min: (e, [a, b]) => e.select(e.lt(b, a), b, a),
  max: (e, [a, b]) => e.select(e.lt(a, b), b, a),
  bitnot: (e, [x]) => e.sub(e.int(-1), x),
  bitxor: (e, [a, b]) => e.sub(e.fn("bitor", a, b), e.fn("bitand", a, b)),
  bitor: (e, [a, b]) => e.fn("bitnot", e.fn("bitand", e.fn("bitnot", a), e.fn("bitnot", b))),
  shl: (e, [x, n]) => shiftLeft(e, x, n),
  shr: (e, [x, n]) => shiftRight(e, x, n),
  eq: (e, [a, b]) => equal(e, a, b),
  le: (e, [a, b]) => lessEqual(e, a, b),
  lt: (e, [a, b]) => e.fn("not", e.cmp("le", b, a)),
};

/** Floats: x - y * (whole quotient), exact while the quotient stays below 2^22 or so, corrected by one divisor either way. */
function floatRemainder(e: Builder, a: Expr, b: Expr): Expr {
  const size = e.abs(b);
  const start = e.abs(a);
  const q = e.fn("trunc", e.fn("div", start, size));
  const r = exactResidual(e, start, q, size);
  const up = e.select(e.lt(r, e.num(0)), e.add(r, size), r);
  const inside = e.select(e.ge(up, size), e.sub(up, size), up);
  return e.withSign(e.select(e.lt(start, size), start, inside), a);
}

export const floatRemainderRules: Rules = {
  fmod: (e, [a, b]) => floatRemainder(e, a, b),
  mod: (e, [a, b]) => {
    const r = e.fn("fmod", a, b);
    const opposite = e.fn("xor", e.lt(r, e.num(0)), e.lt(b, e.num(0)));
    return e.select(e.fn("and", e.cmp("ne", r, e.num(0)), opposite), e.add(r, b), r);
  },
};

const flipped = (e: Builder, x: Expr) => e.fn("bitxor", e.bitcast(x, "i32"), e.int(-0x80000000));
const asSigned =
  (fn: "add" | "sub" | "mul" | "bitand" | "bitor" | "bitxor" | "shl") =>
  (e: Builder, [a, b]: readonly Expr[]): Expr =>
    e.bitcast(e.fn(fn, e.bitcast(a, "i32"), e.bitcast(b, "i32")), "u32");
const ordered =
  (fn: "lt" | "le") =>
  (e: Builder, [a, b]: readonly Expr[]): Expr =>
    e.cmp(fn, flipped(e, a), flipped(e, b));

/** Unsigned words through signed ones; division of unsigned words has no vector form. */
export const unsignedRules: Rules = {
  add: asSigned("add"),
  sub: asSigned("sub"),
  mul: asSigned("mul"),
  bitand: asSigned("bitand"),
  bitor: asSigned("bitor"),
  bitxor: asSigned("bitxor"),
  shl: asSigned("shl"),
  shr: (e, [x, n]) => {
    const zero = e.constant("u32", 0);
    if (!isConst(n)) return e.select(e.lt(n, e.constant("u32", 32)), barrel(e, "shr", x, e.bitcast(n, "i32")), zero);
    const amount = Number(n.value);
    if (amount === 0 || amount > 31) return amount === 0 ? x : zero;
    const down = e.fn("shr", e.bitcast(x, "i32"), e.int(amount));
    return e.bitcast(e.fn("bitand", down, e.int(0xffffffff >>> amount)), "u32");
  },
  bitnot: (e, [x]) => e.bitcast(e.fn("bitnot", e.bitcast(x, "i32")), "u32"),
  abs: (_e, [x]) => x,
  floor: (_e, [x]) => x,
  ceil: (_e, [x]) => x,
  round: (_e, [x]) => x,
  trunc: (_e, [x]) => x,
  sign: (e, [x]) => e.fn("min", x, e.constant("u32", 1)),
  isnan: (e) => e.mask(false),
  isinf: (e) => e.mask(false),
  eq: (e, [a, b]) => e.eq(e.bitcast(a, "i32"), e.bitcast(b, "i32")),
  lt: ordered("lt"),
  le: ordered("le"),
  min: (e, [a, b]) => e.select(e.lt(b, a), b, a),
  max: (e, [a, b]) => e.select(e.lt(a, b), b, a),
};
