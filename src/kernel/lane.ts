/**
 * What every lane function means on one value: the arithmetic behind constant folding and behind the interpreters of
 * expressions and of lowered programs. f32 results are rounded once from double precision, i32 wraps, masks are 0 or 1.
 */
import type { CompareFn } from "../ops/primitive.js";
import type { LaneFn, LaneType } from "./tile.js";

/** A lane's value: f32 and integers as numbers (i32 and u32 in range), masks as 0 or 1. 64-bit integers are not lanes of vectors. */
export type LaneValue = number;

const word = new DataView(new ArrayBuffer(4));

export function f32Bits(x: number): number {
  word.setFloat32(0, x);
  return word.getInt32(0);
}

export function f32FromBits(bits: number): number {
  word.setInt32(0, bits);
  return word.getFloat32(0);
}

/** Half to even. */
export function rint(x: number): number {
  if (!Number.isFinite(x) || Math.abs(x) >= 2 ** 52) return x;
  const down = Math.floor(x);
  const rest = x - down;
  const up = rest > 0.5 || (rest === 0.5 && down % 2 !== 0);
  const out = up ? down + 1 : down;
  return out === 0 ? (x < 0 || Object.is(x, -0) ? -0 : 0) : out;
}

/** erf in double precision: Taylor series below 2, a continued fraction of erfc above. */
export function erf(x: number): number {
  const a = Math.abs(x);
  if (Number.isNaN(x) || a > 6) return Number.isNaN(x) ? NaN : Math.sign(x);
  if (a < 2.2) {
    let term = x;
    let sum = x;
    for (let n = 1; Math.abs(term) > Math.abs(sum) * 1e-18 && n < 200; n++) {
      term *= (-x * x) / n;
      sum += term / (2 * n + 1);
    }
    return (sum * 2) / Math.sqrt(Math.PI);
  }
  let tail = a;
  for (let k = 120; k >= 1; k--) tail = a + k / 2 / tail;
  return Math.sign(x) * (1 - Math.exp(-a * a) / (tail * Math.sqrt(Math.PI)));
}

type Compute = (a: number, b: number, c: number) => number;

/** Floats, before the rounding to f32. `mod` has the divisor's sign, `fmod` the dividend's. */
const floatFns: Readonly<Partial<Record<LaneFn, Compute>>> = {
  neg: (a) => -a,
  abs: Math.abs,
  sign: Math.sign,
  floor: Math.floor,
  ceil: Math.ceil,
  round: rint,
  trunc: Math.trunc,
  sqrt: Math.sqrt,
  rsqrt: (a) => 1 / Math.sqrt(a),
  reciprocal: (a) => 1 / a,
  exp: Math.exp,
  expm1: Math.expm1,
  log: Math.log,
  log1p: Math.log1p,
  exp2: (a) => 2 ** a,
  log2: Math.log2,
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
  asin: Math.asin,
  acos: Math.acos,
  atan: Math.atan,
  sinh: Math.sinh,
  cosh: Math.cosh,
  tanh: Math.tanh,
  asinh: Math.asinh,
  acosh: Math.acosh,
  atanh: Math.atanh,
  erf,
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  fma: (a, b, c) => a * b + c,
  pow: (a, b) => (a === 1 || (a === -1 && !Number.isFinite(b) && !Number.isNaN(b)) ? 1 : a ** b),
  min: (a, b) => Math.min(a, b),
  max: (a, b) => Math.max(a, b),
  mod: (a, b) => floorMod(a, b),
  fmod: (a, b) => a % b,
};

function floorMod(a: number, b: number): number {
  const r = a % b;
  return r !== 0 && r < 0 !== b < 0 ? r + b : r;
}

/** Integers, before wrapping; division by zero gives 0. */
const intFns: Readonly<Partial<Record<LaneFn, Compute>>> = {
  neg: (a) => -a,
  abs: Math.abs,
  sign: Math.sign,
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: Math.imul,
  fma: (a, b, c) => Math.imul(a, b) + c,
  truncdiv: (a, b) => (b === 0 ? 0 : Math.trunc(a / b)),
  floordiv: (a, b) => (b === 0 ? 0 : Math.floor(a / b)),
  mod: (a, b) => (b === 0 ? 0 : floorMod(a, b)),
  fmod: (a, b) => (b === 0 ? 0 : a % b),
  min: (a, b) => Math.min(a, b),
  max: (a, b) => Math.max(a, b),
  bitand: (a, b) => a & b,
  bitor: (a, b) => a | b,
  bitxor: (a, b) => a ^ b,
  bitnot: (a) => ~a,
  shl: (a, b) => (b > 31 ? 0 : a << b),
  shr: (a, b) => a >> Math.min(b, 31),
  pow: (a, b) => intPower(a, b),
};

/** Repeated squaring, wrapping; a negative exponent truncates toward zero. */
function intPower(a: number, b: number): number {
  if (b < 0) return a === 1 ? 1 : a === -1 ? (b % 2 === 0 ? 1 : -1) : 0;
  let out = 1;
  for (let base = a, n = b; n > 0; n = Math.floor(n / 2), base = Math.imul(base, base)) if (n % 2 === 1) out = Math.imul(out, base);
  return out;
}

const maskFns: Readonly<Partial<Record<LaneFn, Compute>>> = {
  and: (a, b) => a & b,
  or: (a, b) => a | b,
  xor: (a, b) => a ^ b,
  not: (a) => 1 - a,
};

/** The value as its lane type stores it. */
export function wrapLane(type: LaneType, x: number): LaneValue {
  if (type === "f32") return Math.fround(x);
  if (type === "i32") return x | 0;
  if (type === "u32") return x >>> 0;
  if (type === "mask") return x === 0 ? 0 : 1;
  return x;
}

/** fn on operands of one type, its result stored as a lane; undefined where the function has no meaning for the type. */
export function laneCompute(fn: LaneFn, type: LaneType): Compute | undefined {
  if (fn === "isnan") return (a) => (Number.isNaN(a) ? 1 : 0);
  if (fn === "isinf") return (a) => (Math.abs(a) === Infinity ? 1 : 0);
  if (type === "u32" && fn === "shr") return (a, b) => (b > 31 ? 0 : a >>> b);
  const compute = (type === "f32" ? floatFns : type === "mask" ? maskFns : intFns)[fn];
  return compute && ((a, b, c) => wrapLane(type, compute(a, b, c)));
}

export function laneFn(fn: LaneFn, type: LaneType, [a, b = 0, c = 0]: readonly LaneValue[]): LaneValue | undefined {
  return laneCompute(fn, type)?.(a, b, c);
}

export const compareLane: Readonly<Record<CompareFn, (a: LaneValue, b: LaneValue) => boolean>> = {
  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
  lt: (a, b) => a < b,
  le: (a, b) => a <= b,
  gt: (a, b) => a > b,
  ge: (a, b) => a >= b,
};

/** The bits of a 32-bit lane read as another 32-bit type. */
export function bitcastLane(from: LaneType, to: LaneType, x: LaneValue): LaneValue {
  const bits = from === "f32" ? f32Bits(x) : x | 0;
  return to === "f32" ? f32FromBits(bits) : wrapLane(to, bits);
}
