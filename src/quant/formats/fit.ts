/**
 * Scales of the least squared error: the range of each group of elements, or a part of it where what is clipped costs less than
 * what the finer steps save.
 */
import { elementCount } from "../../base/tensor.js";
import type { Grid } from "./grid.js";
import { parametersOf, type Parameters } from "./quantise.js";
import { forEachRun, parameterShape, type Spread } from "./spread.js";

/** Parts of the range that are tried. */
const parts = [1, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.65];

/** Symmetric scales; all zeros are 0. The float32 product of a level and its scale is what a reader gets. */
export function fittedParameters(x: Float32Array, spread: Spread, grid: Grid): Parameters {
  const whole = parametersOf(x, spread, grid, "symmetric").scales;
  const best = whole.slice();
  const least = new Float64Array(elementCount(parameterShape(spread))).fill(Infinity);
  const errors = new Float64Array(whole.length);
  for (const part of parts) {
    const scales = whole.map((s) => s * part);
    addErrors(x, spread, scales, grid, errors.fill(0));
    for (let j = 0; j < errors.length; j++)
      if (errors[j] < least[j]) {
        least[j] = errors[j];
        best[j] = scales[j];
      }
  }
  return { scales: best };
}

/** Adding and subtracting this rounds a double to an integer, ties to even; what is far out is clipped all the same. */
const shift = 1.5 * 2 ** 52;

/** Adds squared differences between elements and their levels, by scale. */
function addErrors(x: Float32Array, spread: Spread, scales: Float32Array, { low, high }: Grid, sums: Float64Array): void {
  const inverses = Float64Array.from(scales, (s) => 1 / s);
  forEachRun(spread, (at, length, param, step) => {
    if (step === 0) sums[param] += runError(x, at, at + length, scales[param], inverses[param], low, high);
    else acrossErrors(x, at, length, param, scales, inverses, low, high, sums);
  });
}

/** Of a run that shares a scale. */
function runError(x: Float32Array, at: number, end: number, scale: number, inverse: number, low: number, high: number): number {
  let sum = 0;
  for (let i = at; i < end; i++) {
    const level = x[i] * inverse + shift - shift;
    const error = (level < low ? low : level > high ? high : level) * scale - x[i];
    sum += error * error;
  }
  return sum;
}

/** Of a run in which every element has a scale of its own. */
function acrossErrors(
  x: Float32Array,
  at: number,
  length: number,
  param: number,
  scales: Float32Array,
  inverses: Float64Array,
  low: number,
  high: number,
  sums: Float64Array,
): void {
  for (let i = 0; i < length; i++) {
    const j = param + i;
    const level = x[at + i] * inverses[j] + shift - shift;
    const error = (level < low ? low : level > high ? high : level) * scales[j] - x[at + i];
    sums[j] += error * error;
  }
}
