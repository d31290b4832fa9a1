/** Whole-number arithmetic over the extremes of every type, and what it must give, by BigInt. */
import { dtypes, type DType } from "../../src/base/dtype.js";
import { allocate, type Tensor, type TensorData } from "../../src/base/tensor.js";
import type { BinaryFn, CompareFn, UnaryFn } from "../../src/ops/primitive.js";

export const wholeTypes = ["i8", "u8", "i16", "u16", "i32", "u32", "i64"] as const;
export type WholeType = (typeof wholeTypes)[number];

export const signed = (t: WholeType): boolean => dtypes[t].kind === "int";
const bits = (t: WholeType): number => dtypes[t].bits;
export const lowest = (t: WholeType): bigint => (signed(t) ? -(1n << BigInt(bits(t) - 1)) : 0n);
export const highest = (t: WholeType): bigint => (1n << BigInt(bits(t) - (signed(t) ? 1 : 0))) - 1n;

export function wrapped(t: WholeType, x: bigint): bigint {
  return signed(t) ? BigInt.asIntN(bits(t), x) : BigInt.asUintN(bits(t), x);
}

/** The ends, their neighbours, halves and small numbers of either sign. */
export function extremes(t: WholeType): bigint[] {
  const [lo, hi] = [lowest(t), highest(t)];
  const all = [lo, lo + 1n, lo / 2n - 1n, -100n, -7n, -3n, -1n, 0n, 1n, 2n, 3n, 7n, 10n, 100n, hi / 2n, hi / 2n + 1n, hi - 1n, hi];
  return [...new Set(all.filter((x) => lo <= x && x <= hi))];
}

const floorMod = (a: bigint, b: bigint): bigint => {
  const r = a % b;
  return r !== 0n && r < 0n !== b < 0n ? r + b : r;
};

/** Before wrapping. Divisors are never 0. */
export const binaryTruth: Readonly<Partial<Record<BinaryFn, (a: bigint, b: bigint) => bigint>>> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  truncdiv: (a, b) => a / b,
  floordiv: (a, b) => (a - floorMod(a, b)) / b,
  mod: floorMod,
  fmod: (a, b) => a % b,
  min: (a, b) => (a < b ? a : b),
  max: (a, b) => (a > b ? a : b),
  bitand: (a, b) => a & b,
  bitor: (a, b) => a | b,
  bitxor: (a, b) => a ^ b,
};

export const unaryTruth: Readonly<Partial<Record<UnaryFn, (a: bigint) => bigint>>> = {
  neg: (a) => -a,
  abs: (a) => (a < 0n ? -a : a),
  sign: (a) => (a > 0n ? 1n : a < 0n ? -1n : 0n),
  bitnot: (a) => ~a,
};

export const compareTruth: Readonly<Record<CompareFn, (a: bigint, b: bigint) => boolean>> = {
  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
  lt: (a, b) => a < b,
  le: (a, b) => a <= b,
  gt: (a, b) => a > b,
  ge: (a, b) => a >= b,
};

/** Unsigned, by 0 to one bit more than there are: what is shifted out is gone. */
export const shiftTruth = { shl: (a: bigint, n: bigint) => a << n, shr: (a: bigint, n: bigint) => a >> n } as const;

export function wholeTensor(t: DType, values: readonly bigint[]): Tensor {
  const data = allocate(t, values.length) as TensorData & { [i: number]: number | bigint };
  values.forEach((v, i) => (data[i] = t === "i64" ? v : Number(v)));
  return { dtype: t, shape: [values.length], data };
}

/** Every extreme with every other, the second not 0. */
export function pairsOf(t: WholeType): { readonly a: readonly bigint[]; readonly b: readonly bigint[] } {
  const pairs = extremes(t).flatMap((a) =>
    extremes(t)
      .filter((b) => b !== 0n)
      .map((b) => [a, b] as const),
  );
  return { a: pairs.map((p) => p[0]), b: pairs.map((p) => p[1]) };
}

export function shiftsOf(t: WholeType): { readonly a: readonly bigint[]; readonly n: readonly bigint[] } {
  const amounts = [0, 1, 2, 3, 7, bits(t) - 1, bits(t), bits(t) + 1].map(BigInt);
  const pairs = extremes(t).flatMap((a) => amounts.map((n) => [a, n] as const));
  return { a: pairs.map((p) => p[0]), n: pairs.map((p) => p[1]) };
}
