/**
 * Levels of a weight that change least what it computes, not what it is: each input's error is made up for by the inputs whose
 * levels are still to be chosen, as far as samples show that they go together. This is GPTQ (https://arxiv.org/abs/2210.17323),
 * in the order of strength and with scales fixed beforehand, written with a factor of the sums of products themselves instead
 * of one of their inverse: the error of a result is the length of e * L, and one element of it hangs on each level in turn.
 */
import type { Grid } from "../formats/grid.js";
import type { Factor } from "./factor.js";

/** Rows of a weight that are in the fastest cache together. */
const rowsTogether = 16;

/** Parts of the range that are tried. */
const parts = [1, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.65, 0.6];

/** Columns of a weight that share one factor. */
export interface Block {
  /** [n, count]. */
  readonly values: Float32Array;
  readonly n: number;
  readonly count: number;
  /** Neighbours that share a scale. */
  readonly group: number;
}

interface Levelled {
  /** [n, count]. */
  readonly levels: Int8Array;
  /** [n, ceil(count / group)]. */
  readonly scales: Float32Array;
  /** [n]: squared error of each result, summed over the samples. */
  readonly errors: Float64Array;
}

/**
 * Scales of the least error in each group alone, each input counting by its own power: [n, groups], each as
 * `kept` leaves it in the file.
 */
export function weighedScales(
  { values, n, count, group }: Block,
  { lower, channels }: Factor,
  { low, high }: Grid,
  kept: (scale: number) => number,
): Float32Array {
  const power = new Float64Array(count);
  channels.forEach((channel, row) => {
    for (let m = 0; m <= row; m++) power[channel] += lower[row * count + m] ** 2;
  });
  const groups = Math.ceil(count / group);
  const scales = new Float32Array(n * groups);
  for (let row = 0; row < n; row++)
    for (let g = 0; g < groups; g++) {
      const [from, to] = [g * group, Math.min(count, (g + 1) * group)];
      let most = 0;
      for (let k = from; k < to; k++) most = Math.max(most, Math.abs(values[row * count + k]));
      let [best, least] = [1, Infinity];
      for (const part of most === 0 ? [] : parts) {
        const scale = kept((most * part) / high);
        let error = 0;
        for (let k = from; k < to; k++) {
          const x = values[row * count + k];
          const level = Math.max(low, Math.min(high, Math.round(x / scale)));
          error += power[k] * (level * scale - x) ** 2;
        }
        if (error < least) [best, least] = [scale, error];
      }
      scales[row * groups + g] = best || 1;
    }
  return scales;
}

/** Levels of one row's channel, `target` being what would make up for all errors before it. */
type Pick = (row: number, channel: number, target: number, scale: number) => number;

/** Nearest levels to what makes up for the errors of those before. */
export function compensated(block: Block, factor: Factor, { low, high }: Grid, scales: Float32Array): Levelled {
  const levels = new Int8Array(block.n * block.count);
  const errors = walk(block, factor, scales, (row, channel, target, scale) => {
    const level = Math.round(target / scale);
    return (levels[row * block.count + channel] = level < low ? low : level > high ? high : level);
  });
  return { levels, scales, errors };
}

/** Errors of levels that are given. */
export function withErrors(block: Block, factor: Factor, levels: Int8Array, scales: Float32Array): Levelled {
  return { levels, scales, errors: walk(block, factor, scales, (row, channel) => levels[row * block.count + channel]) };
}

/** Each row from whichever is better. */
export function betterRows(a: Levelled, b: Levelled): Levelled {
  const out = { levels: a.levels.slice(), scales: a.scales.slice(), errors: a.errors.slice() };
  const n = a.errors.length;
  const [count, groups] = [a.levels.length / n, a.scales.length / n];
  for (let row = 0; row < n; row++)
    if (!(a.errors[row] <= b.errors[row])) {
      out.levels.set(b.levels.subarray(row * count, (row + 1) * count), row * count);
      out.scales.set(b.scales.subarray(row * groups, (row + 1) * groups), row * groups);
      out.errors[row] = b.errors[row];
    }
  return out;
}

/** Squared errors of each row when levels are picked from the strongest channel to the weakest. */
function walk({ values, n, count, group }: Block, { lower, channels }: Factor, scales: Float32Array, pick: Pick): Float64Array {
  const errors = new Float64Array(n);
  const groups = Math.ceil(count / group);
  // What errors so far add to each element of e * L, of a few rows at a time.
  const passed = Array.from({ length: Math.min(n, rowsTogether) }, () => new Float64Array(count));
  for (let first = 0; first < n; first += rowsTogether) {
    const end = Math.min(n, first + rowsTogether);
    passed.forEach((p) => p.fill(0));
    for (let m = count - 1; m >= 0; m--) {
      const [channel, at] = [channels[m], m * count];
      const own = lower[at + m];
      for (let row = first; row < end; row++) {
        const p = passed[row - first];
        const w = values[row * count + channel];
        const scale = scales[row * groups + Math.floor(channel / group)];
        const e = w - pick(row, channel, w + p[m] / own, scale) * scale;
        errors[row] += (e * own + p[m]) ** 2;
        for (let j = 0; j < m; j++) p[j] += e * lower[at + j];
      }
    }
  }
  return errors;
}
