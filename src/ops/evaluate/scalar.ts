/**
 * What a scalar function means: on JavaScript numbers, on 32-bit integers where that is something else, and on bigints for
 * 64-bit integers. Evaluation of tensors and the lanes of a kernel (src/kernel/lane.ts) both take it from here; results are
 * rounded, wrapped or cut by whoever stores them.
 */
import { roundHalfEven } from "../../base/float-formats.js";
import type { DType } from "../../base/dtype.js";
import type { BinaryFn, CompareFn, UnaryFn } from "../primitive.js";
import { erf } from "./erf.js";

type NumberUnary = (a: number) => number;
type NumberBinary = (a: number, b: number) => number;

/** C's pow: 1 to any power is 1, and -1 to an infinite power is 1, where JavaScript says NaN. */
function pow(a: number, b: number): number {
  if (a === 1 || (a === -1 && (b === Infinity || b === -Infinity))) return 1;
  return Math.pow(a, b);
}

function floorMod(a: number, b: number): number {
  const r = a % b;
  return r !== 0 && r < 0 !== b < 0 ? r + b : r;
}

export const unaryNumber: Readonly<Record<UnaryFn, NumberUnary>> = {
  neg: (a) => -a,
  abs: Math.abs,
  sign: Math.sign,
  floor: Math.floor,
  ceil: Math.ceil,
  round: roundHalfEven,
  trunc: Math.trunc,
  sqrt: Math.sqrt,
  rsqrt: (a) => 1 / Math.sqrt(a),
  reciprocal: (a) => 1 / a,
  exp: Math.exp,
  expm1: Math.expm1,
  log: Math.log,
  log1p: Math.log1p,
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
  bitnot: (a) => ~a,
  not: (a) => (a === 0 ? 1 : 0),
  isnan: (a) => (a !== a ? 1 : 0),
  isinf: (a) => (a === Infinity || a === -Infinity ? 1 : 0),
};

/** Functions that float and integer tensors share. */
export const binaryNumber: Readonly<Record<BinaryFn, NumberBinary>> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  truncdiv: (a, b) => Math.trunc(a / b),
  floordiv: (a, b) => Math.floor(a / b),
  mod: floorMod,
  fmod: (a, b) => a % b,
  pow,
  min: (a, b) => Math.min(a, b),
  max: (a, b) => Math.max(a, b),
  and: (a, b) => a & b,
  or: (a, b) => a | b,
  xor: (a, b) => a ^ b,
  bitand: (a, b) => a & b,
  bitor: (a, b) => a | b,
  bitxor: (a, b) => a ^ b,
  shl: (a, b) => (b >= 32 ? 0 : a << b),
  shr: (a, b) => (a < 0 ? a >> Math.min(b, 31) : b >= 32 ? 0 : a >>> b),
};

/** Repeated squaring, wrapping; a negative exponent truncates towards zero. */
function intPower(a: number, b: number): number {
  if (b < 0) return a === 1 ? 1 : a === -1 ? (b % 2 === 0 ? 1 : -1) : 0;
  let out = 1;
  for (let base = a, n = b; n > 0; n = Math.floor(n / 2), base = Math.imul(base, base)) if (n % 2 === 1) out = Math.imul(out, base);
  return out;
}

/** 32-bit integers keep the low bits of what a double would round away. */
const wrapping: Readonly<Partial<Record<BinaryFn, NumberBinary>>> = { mul: Math.imul, pow: intPower };

/** A function of two elements that are JavaScript numbers. */
export function numberFn(fn: BinaryFn, dtype: DType): NumberBinary {
  return ((dtype === "i32" || dtype === "u32") && wrapping[fn]) || binaryNumber[fn];
}

export const compareNumber: Readonly<Record<CompareFn, (a: number, b: number) => boolean>> = {
  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
  lt: (a, b) => a < b,
  le: (a, b) => a <= b,
  gt: (a, b) => a > b,
  ge: (a, b) => a >= b,
};

type BigUnary = (a: bigint) => bigint;
type BigBinary = (a: bigint, b: bigint) => bigint;

const bigSign = (a: bigint) => (a > 0n ? 1n : a < 0n ? -1n : 0n);

function bigPow(a: bigint, b: bigint): bigint {
  if (b >= 0n) return a ** b;
  return a === 1n ? 1n : a === -1n ? (b % 2n === 0n ? 1n : -1n) : 0n;
}

function bigFloorDiv(a: bigint, b: bigint): bigint {
  if (b === 0n) return 0n;
  const q = a / b;
  return a % b !== 0n && a < 0n !== b < 0n ? q - 1n : q;
}

export const unaryBig: Readonly<Partial<Record<UnaryFn, BigUnary>>> = {
  neg: (a) => -a,
  abs: (a) => (a < 0n ? -a : a),
  sign: bigSign,
  floor: (a) => a,
  ceil: (a) => a,
  round: (a) => a,
  trunc: (a) => a,
  bitnot: (a) => ~a,
};

/** Division by zero gives 0: what the chips do differs, and C leaves it undefined. */
export const binaryBig: Readonly<Partial<Record<BinaryFn, BigBinary>>> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  truncdiv: (a, b) => (b === 0n ? 0n : a / b),
  floordiv: bigFloorDiv,
  mod: (a, b) => (b === 0n ? 0n : a - b * bigFloorDiv(a, b)),
  fmod: (a, b) => (b === 0n ? 0n : a % b),
  pow: bigPow,
  min: (a, b) => (a < b ? a : b),
  max: (a, b) => (a > b ? a : b),
  bitand: (a, b) => a & b,
  bitor: (a, b) => a | b,
  bitxor: (a, b) => a ^ b,
  shl: (a, b) => (b >= 64n ? 0n : a << b),
  shr: (a, b) => (b >= 64n ? (a < 0n ? -1n : 0n) : a >> b),
};
