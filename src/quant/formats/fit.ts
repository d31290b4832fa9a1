/**
 * Scales of the least squared error: the range of each group of elements, or a part of it where what is clipped costs less than
 * what the finer steps save.
 */
import { elementCount } from "../../base/tensor.js";
import type { Grid } from "./grid.js";
import { parametersOf, type Parameters } from "./quantise.js";
import { rounder } from "./rounding.js";
import { forEachRun, parameterShape, type Spread } from "./spread.js";

/** Parts of the range that are tried. */
const parts = [1, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.65];

/** Symmetric scales; all zeros are 0. The float32 product of a level and its scale is what a reader gets. */
export function fittedParameters(x: Float32Array, spread: Spread, grid: Grid): Parameters {
  const whole = parametersOf(x, spread, grid, "symmetric").scales;
  const best = whole.slice();
  const least = new Float64Array(elementCount(parameterShape(spread))).fill(Infinity);
  for (const part of parts) {
    const scales = whole.map((s) => s * part);
    const errors = errorsOf(x, spread, scales, grid);
    for (let j = 0; j < errors.length; j++) if (errors[j] < least[j]) [least[j], best[j]] = [errors[j], scales[j]];
  }
  return { scales: best };
}

/** Sum of squared differences between elements and their levels, by scale. */
function errorsOf(x: Float32Array, spread: Spread, scales: Float32Array, { low, high }: Grid): Float64Array {
  const out = new Float64Array(scales.length);
  const round = rounder("even");
  forEachRun(spread, (at, length, param, step) => {
    for (let i = at, j = param; i < at + length; i++, j += step) {
      const level = round(x[i] / scales[j]);
      const error = (level < low ? low : level > high ? high : level) * scales[j] - x[i];
      out[j] += error * error;
    }
  });
  return out;
}
