/**
 * Integer grids and the scale and zero point that lay one over a range of reals: real = (level - zero) * scale, with
 * the scale a float32 and 0 always a level. The arithmetic is ONNX's DynamicQuantizeLinear, for every integer type.
 */
import { fail } from "../../base/diagnostic.js";
import { infoOf } from "../../base/dtype.js";
import { allocate } from "../../base/tensor.js";
import { rounder } from "./rounding.js";

export type GridType = "i16" | "u16" | "i8" | "u8" | "i4" | "u4" | "i2" | "u2";

/** Levels, one an array slot whatever their size in memory. */
export type Levels = Int16Array | Uint16Array | Int8Array | Uint8Array;

export interface Grid {
  readonly dtype: GridType;
  readonly low: number;
  readonly high: number;
}

/** All that the type holds, or a range that lies evenly about the middle: without -128, or without 0 where unsigned. */
export function gridOf(dtype: GridType, range: "full" | "narrow" = "full"): Grid {
  const { bits, kind } = infoOf(dtype);
  const lowest = kind === "int" ? -(2 ** (bits - 1)) : 0;
  return { dtype, low: range === "narrow" ? lowest + 1 : lowest, high: lowest + 2 ** bits - 1 };
}

export function allocateLevels(grid: Grid, count: number): Levels {
  return allocate(grid.dtype, count) as Levels;
}

/** The nearest level of an integer; NaN is 0, as casts have it. */
export function saturate({ low, high }: Grid, x: number): number {
  if (x !== x) return 0;
  return x < low ? low : x > high ? high : x;
}

export interface Affine {
  readonly scale: number;
  readonly zero: number;
}

function checkRange(min: number, max: number): void {
  if (Number.isFinite(min) && Number.isFinite(max)) return;
  fail("range-not-finite", `a scale cannot span ${min} to ${max}`, {
    why: "A grid has finitely many levels of equal width.",
    fix: "Leave infinities and NaN out of the calibration data, or clip the range.",
  });
}

/** A float32 scale; 1 where the range is empty, or so small that float32 has no such scale. */
function scaleOf(span: number, steps: number): number {
  const single = Math.fround(span);
  // A span beyond float32 still has a float32 scale.
  const scale = Math.fround((Number.isFinite(single) ? single : span) / steps);
  return scale === 0 ? 1 : scale;
}

/** The middle of a grid: 0, or 128 of u8. */
function middle({ dtype }: Grid): number {
  const { bits, kind } = infoOf(dtype);
  return kind === "int" ? 0 : 2 ** (bits - 1);
}

/** `absmax` becomes the highest level and 0 the middle one. */
export function symmetricAffine(absmax: number, grid: Grid): Affine {
  checkRange(0, absmax);
  const zero = middle(grid);
  return { scale: scaleOf(Math.abs(absmax), grid.high - zero), zero };
}

/** The range, widened to hold 0, becomes the whole grid; for u8 the numbers of DynamicQuantizeLinear. */
export function asymmetricAffine(min: number, max: number, grid: Grid): Affine {
  checkRange(min, max);
  const least = Math.min(min, 0);
  const scale = scaleOf(Math.max(max, 0) - least, grid.high - grid.low);
  const zero = rounder("even")(saturate(grid, Math.fround(grid.low - Math.fround(least / scale))));
  return { scale, zero };
}
