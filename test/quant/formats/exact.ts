/** Arithmetic on fractions of bigints, which no rounding touches: the other way to compute what formats compute. */
import { DiagnosticError } from "../../../src/base/diagnostic.js";
import type { Rounding } from "../../../src/quant/formats/rounding.js";

/** Numerator and a positive denominator. */
export type Fraction = readonly [bigint, bigint];

export function fraction(x: number): Fraction {
  let k = 0;
  while (!Number.isInteger(x * 2 ** k)) k += 8;
  return [BigInt(x * 2 ** k), 1n << BigInt(k)];
}

export const times = ([a, b]: Fraction, [c, d]: Fraction): Fraction => [a * c, b * d];
export const over = ([a, b]: Fraction, [c, d]: Fraction): Fraction => (c < 0n ? [-a * d, b * -c] : [a * d, b * c]);
export const plus = ([a, b]: Fraction, [c, d]: Fraction): Fraction => [a * d + c * b, b * d];

/** The integer that a rounding makes of a fraction. */
export function toInteger([n, d]: Fraction, rounding: Rounding): bigint {
  const down = n >= 0n ? n / d : -((-n + d - 1n) / d);
  const rest = n - down * d;
  if (rest === 0n || rounding === "floor") return down;
  if (rounding === "ceil") return down + 1n;
  if (rounding === "truncate") return n < 0n ? down + 1n : down;
  if (2n * rest !== d) return 2n * rest < d ? down : down + 1n;
  if (rounding === "half-up") return down + 1n;
  return (rounding === "away" ? n < 0n : down % 2n === 0n) ? down : down + 1n;
}

/** To a float of `digits` binary digits whose least step is 2^lowest, ties to even; as f32 where nothing is said. */
export function toFloat(x: Fraction, digits = 24, lowest = -149): number {
  const n = x[0] < 0n ? -x[0] : x[0];
  if (n === 0n) return 0;
  let e = Math.ceil(Math.log2(Number(n)) - Math.log2(Number(x[1]))) + 1;
  const atLeast = (k: number): boolean => (k >= 0 ? n >= x[1] << BigInt(k) : n << BigInt(-k) >= x[1]);
  while (!atLeast(e)) e--;
  const q = Math.max(e - digits + 1, lowest);
  const scaled: Fraction = q >= 0 ? [x[0], x[1] << BigInt(q)] : [x[0] << BigInt(-q), x[1]];
  return Number(toInteger(scaled, "even")) * 2 ** q;
}

export const toHalf = (x: Fraction): number => {
  const h = toFloat(x, 11, -24);
  return Math.abs(h) > 65504 ? Math.sign(h) * Infinity : h;
};

/** Repeatable numbers between 0 and 1. */
export function randoms(seed: number): () => number {
  let s = seed >>> 0;
  return () => {
    s = (Math.imul(s, 1664525) + 1013904223) >>> 0;
    return s / 2 ** 32;
  };
}

/** Float32 values of many magnitudes and both signs, more of them positive. */
export function values(count: number, seed: number): Float32Array {
  const next = randoms(seed);
  return Float32Array.from({ length: count }, () => (next() - 0.4) * 2 ** (next() * 8 - 5));
}

/** The code with which something is refused. */
export function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (e) {
    if (e instanceof DiagnosticError) return e.diagnostics[0].code;
    throw e;
  }
  return "none";
}

/**
 * Float32 values that lie at ties between levels, and their neighbours: where a rounding too many or too few shows.
 * `inverse` gives the value that a real level comes from.
 */
export function nearTies(inverse: (level: number) => number): Float32Array {
  const out = Float32Array.from({ length: 254 * 9 }, (_, i) => inverse(Math.floor(i / 9) - 126.5));
  const bits = new Int32Array(out.buffer);
  for (let i = 0; i < bits.length; i++) bits[i] += (i % 9) - 4;
  return out;
}
