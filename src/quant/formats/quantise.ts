/**
 * QuantizeLinear and DequantizeLinear over typed arrays, in float32 as ONNX states them (the formulas stand in
 * src/ops/formulas/quantisation.formula.ts), and the scales that a tensor's own range asks for.
 */
import { invariant } from "../../base/diagnostic.js";
import { decodeFloats, encodeFloat, type PackedFloat } from "../../base/float-formats.js";
import { allocate, elementCount } from "../../base/tensor.js";
import { allocateLevels, asymmetricAffine, symmetricAffine, type Grid, type Levels } from "./grid.js";
import { rounder, type Rounding } from "./rounding.js";
import { forEachRun, parameterShape, type Spread } from "./spread.js";

/** In the order of `parameterShape`. Without zeros all are 0. */
export interface Parameters {
  readonly scales: Float32Array;
  readonly zeros?: Int32Array;
}

function checkCount(spread: Spread, p: Parameters): Int32Array {
  const count = elementCount(parameterShape(spread));
  const zeros = p.zeros ?? new Int32Array(count);
  invariant(p.scales.length === count && zeros.length === count, `${count} scales, not ${p.scales.length}`);
  return zeros;
}

/** saturate(round(x / scale) + zero); NaN becomes level 0, as our casts have it, an infinity the last level. */
export function quantise(x: Float32Array, spread: Spread, p: Parameters, grid: Grid, rounding: Rounding = "even"): Levels {
  const { scales } = p;
  const zeros = checkCount(spread, p);
  const round = rounder(rounding);
  const { low, high } = grid;
  const out = allocateLevels(grid, x.length);
  if (rounding === "even" && p.zeros === undefined) {
    plainLevels(x, spread, scales, grid, out);
    return out;
  }
  forEachRun(spread, (at, length, param, step) => {
    for (let i = at, j = param; i < at + length; i++, j += step) {
      const level = round(Math.fround(x[i] / scales[j])) + zeros[j];
      out[i] = level < low ? low : level > high ? high : level;
    }
  });
  return out;
}

/** Adding and subtracting this rounds a double to an integer, ties to even; what is far out saturates all the same. */
const shift = 1.5 * 2 ** 52;

/** Of zeros in the middle: what most weights are, without a call an element. */
function plainLevels(x: Float32Array, spread: Spread, scales: Float32Array, grid: Grid, out: Levels): void {
  forEachRun(spread, (at, length, param, step) => {
    if (step === 0) runLevels(x, at, at + length, scales[param], grid, out);
    else acrossLevels(x, at, length, scales, param, grid, out);
  });
}

/** Where every element has a scale of its own. */
function acrossLevels(
  x: Float32Array,
  at: number,
  length: number,
  scales: Float32Array,
  param: number,
  { low, high }: Grid,
  out: Levels,
): void {
  for (let i = 0; i < length; i++) {
    let level = Math.fround(x[at + i] / scales[param + i]) + shift - shift;
    if (level < low) level = low;
    else if (level > high) level = high;
    out[at + i] = level;
  }
}

/** Where all share one. */
function runLevels(x: Float32Array, at: number, end: number, scale: number, { low, high }: Grid, out: Levels): void {
  for (let i = at; i < end; i++) {
    let level = Math.fround(x[i] / scale) + shift - shift;
    if (level < low) level = low;
    else if (level > high) level = high;
    out[i] = level;
  }
}

/** (level - zero) * scale. */
export function dequantise(levels: Levels, spread: Spread, p: Parameters): Float32Array {
  const { scales } = p;
  const zeros = checkCount(spread, p);
  const out = new Float32Array(levels.length);
  forEachRun(spread, (at, length, param, step) => {
    for (let i = at, j = param; i < at + length; i++, j += step) out[i] = (levels[i] - zeros[j]) * scales[j];
  });
  return out;
}

/** QuantizeLinear to a small float, which has no zero point: cast(x / scale), kept within the largest finite value. */
export function quantiseFloats(
  x: Float32Array,
  spread: Spread,
  scales: Float32Array,
  dtype: PackedFloat,
  rounding: Rounding = "even",
): Uint8Array | Uint16Array {
  checkCount(spread, { scales });
  const round = rounder(rounding);
  const out = allocate(dtype, x.length) as Uint8Array | Uint16Array;
  forEachRun(spread, (at, length, param, step) => {
    for (let i = at, j = param; i < at + length; i++, j += step)
      out[i] = encodeFloat(dtype, Math.fround(x[i] / scales[j]), true, "nearest", round);
  });
  return out;
}

/** value * scale. */
export function dequantiseFloats(bits: Uint8Array | Uint16Array, spread: Spread, scales: Float32Array, dtype: PackedFloat): Float32Array {
  checkCount(spread, { scales });
  const out = decodeFloats(dtype, bits);
  forEachRun(spread, (at, length, param, step) => {
    for (let i = at, j = param; i < at + length; i++, j += step) out[i] *= scales[j];
  });
  return out;
}

interface Ranges {
  readonly min: Float32Array;
  readonly max: Float32Array;
}

/** Least and greatest value under each scale, 0 always among them; NaN counts for nothing. */
function rangesOf(x: Float32Array, spread: Spread): Ranges {
  const count = elementCount(parameterShape(spread));
  const [min, max] = [new Float32Array(count), new Float32Array(count)];
  forEachRun(spread, (at, length, param, step) => {
    for (let i = at, j = param; i < at + length; i++, j += step) {
      if (x[i] < min[j]) min[j] = x[i];
      if (x[i] > max[j]) max[j] = x[i];
    }
  });
  return { min, max };
}

/** Scales and zero points that cover a tensor without clipping. */
export function parametersOf(x: Float32Array, spread: Spread, grid: Grid, how: "symmetric" | "asymmetric"): Parameters {
  const { min, max } = rangesOf(x, spread);
  const scales = new Float32Array(min.length);
  const zeros = new Int32Array(min.length);
  for (let j = 0; j < min.length; j++) {
    const affine = how === "symmetric" ? symmetricAffine(Math.max(-min[j], max[j]), grid) : asymmetricAffine(min[j], max[j], grid);
    scales[j] = affine.scale;
    zeros[j] = affine.zero;
  }
  return { scales, zeros };
}
