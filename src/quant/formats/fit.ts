/**
 * Scales of the least squared error: the range of each group of elements, or a part of it where what is clipped costs less than
 * what the finer steps save.
 */
import { elementCount } from "../../base/tensor.js";
import { symmetricAffine, type Grid } from "./grid.js";
import { parametersOf, type Parameters } from "./quantise.js";
import { forEachRun, isOneRunEach, parameterShape, type Spread } from "./spread.js";

/** Parts of the range that are tried. */
const parts = [1, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.65];

/** Symmetric scales; all zeros are 0. The float32 product of a level and its scale is what a reader gets. */
export function fittedParameters(x: Float32Array, spread: Spread, grid: Grid): Parameters {
  return isOneRunEach(spread) ? fittedRuns(x, spread, grid) : fittedApart(x, spread, grid);
}

/** Parts in a row that may be worse than the best: the error mostly falls and then rises as the range shrinks. */
const mostWorse = 2;

/** Elements of one scale are neighbours: each scale is looked for alone, and no further than it gets better. */
function fittedRuns(x: Float32Array, spread: Spread, grid: Grid): Parameters {
  const { low, high } = grid;
  const scales = new Float32Array(elementCount(parameterShape(spread)));
  forEachRun(spread, (at, length, param) => {
    const whole = symmetricAffine(reachOf(x, at, at + length), grid).scale;
    let [best, least, worse] = [whole, Infinity, 0];
    for (const part of parts) {
      const scale = Math.fround(whole * part);
      const error = runError(x, at, at + length, scale, 1 / scale, low, high);
      if (error < least) [best, least, worse] = [scale, error, 0];
      else if (++worse === mostWorse) break;
    }
    scales[param] = best;
  });
  return { scales };
}

/** The largest magnitude; NaN counts for nothing. */
function reachOf(x: Float32Array, at: number, end: number): number {
  let [low, high] = [0, 0];
  for (let i = at; i < end; i++) {
    if (x[i] < low) low = x[i];
    if (x[i] > high) high = x[i];
  }
  return Math.max(-low, high);
}

/** Elements of one scale lie apart: all scales are tried together, in order of memory. */
function fittedApart(x: Float32Array, spread: Spread, grid: Grid): Parameters {
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
  // Two sums, so that one need not wait for the other.
  let [even, odd] = [0, 0];
  const last = at + ((end - at) & ~1);
  for (let i = at; i < last; i += 2) {
    const [a, b] = [x[i], x[i + 1]];
    const [p, q] = [a * inverse + shift - shift, b * inverse + shift - shift];
    const c = (p < low ? low : p > high ? high : p) * scale - a;
    const d = (q < low ? low : q > high ? high : q) * scale - b;
    even += c * c;
    odd += d * d;
  }
  if (last === end) return even + odd;
  const level = x[last] * inverse + shift - shift;
  const error = (level < low ? low : level > high ? high : level) * scale - x[last];
  return even + odd + error * error;
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
