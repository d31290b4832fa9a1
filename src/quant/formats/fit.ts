/**
 * Scales of the least squared error: the range of each group of elements, or a part of it where what is clipped costs less than
 * what the finer steps save.
 */
import { elementCount } from "../../base/tensor.js";
import { symmetricAffine, type Grid } from "./grid.js";
import { parametersOf, type Parameters } from "./quantise.js";
import { roomWith, type Room } from "./runs.js";
import { forEachRun, isOneRunEach, parameterShape, type Spread } from "./spread.js";

/** Parts of the range that are tried. */
const parts = [1, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.65];

/** Symmetric scales; all zeros are 0. The float32 product of a level and its scale is what a reader gets. */
export function fittedParameters(x: Float32Array, spread: Spread, grid: Grid): Parameters {
  return isOneRunEach(spread) ? fittedRuns(x, spread, grid) : fittedApart(x, spread, grid);
}

/** Parts in a row that may be worse than the best: the error mostly falls and then rises as the range shrinks. */
const mostWorse = 2;

/** Elements of one scale are neighbours: each scale is looked for alone. */
function fittedRuns(x: Float32Array, spread: Spread, grid: Grid): Parameters {
  const scales = new Float32Array(elementCount(parameterShape(spread)));
  forEachRun(spread, (at, length, param) => {
    const [room, end] = roomWith(x, at, length);
    scales[param] = fittedScale(room, 0, end, grid);
  });
  return { scales };
}

/** Of elements `at` to `end` of a room, looked for no further than it gets better; NaN where one of them is a NaN or an infinity. */
export function fittedScale(room: Room, at: number, end: number, grid: Grid): number {
  const reach = room.reach(at, end);
  if (reach === Infinity) return NaN;
  const whole = symmetricAffine(reach, grid).scale;
  let best = NaN;
  let least = Infinity;
  let worse = 0;
  for (let i = 0; i < parts.length && worse < mostWorse; i++) {
    const scale = Math.fround(whole * parts[i]);
    const error = room.error(at, end, scale, grid);
    if (error < least) {
      best = scale;
      least = error;
      worse = 0;
    } else worse++;
  }
  return best;
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
function addErrors(x: Float32Array, spread: Spread, scales: Float32Array, grid: Grid, sums: Float64Array): void {
  const inverses = Float64Array.from(scales, (s) => 1 / s);
  forEachRun(spread, (at, length, param, step) => {
    if (step !== 0) return acrossErrors(x, at, length, param, scales, inverses, grid, sums);
    const [room, end] = roomWith(x, at, length);
    sums[param] += room.error(0, end, scales[param], grid);
  });
}

/** Of a run in which every element has a scale of its own. */
function acrossErrors(
  x: Float32Array,
  at: number,
  length: number,
  param: number,
  scales: Float32Array,
  inverses: Float64Array,
  { low, high }: Grid,
  sums: Float64Array,
): void {
  for (let i = 0; i < length; i++) {
    const j = param + i;
    const level = x[at + i] * inverses[j] + shift - shift;
    const error = (level < low ? low : level > high ? high : level) * scales[j] - x[at + i];
    sums[j] += error * error;
  }
}
