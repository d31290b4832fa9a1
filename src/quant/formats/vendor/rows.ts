/** Ranges of the rows of a matrix, which every quantiser that finds its scale at run time begins with. */

/** Levels of a quantiser with a scale for each row. */
export interface QuantisedRows {
  /** [rows, columns]. */
  readonly levels: Int8Array;
  /** [rows]. */
  readonly scales: Float32Array;
}

/** The greatest absolute value of `count` elements from `at` on; NaN counts for nothing. */
export function absMax(x: Float32Array, at: number, count: number): number {
  let max = 0;
  for (let i = at; i < at + count; i++) {
    const a = Math.abs(x[i]);
    if (a > max) max = a;
  }
  return max;
}

/** The least and the greatest. */
export function extremes(x: Float32Array, at: number, count: number): readonly [min: number, max: number] {
  let [min, max] = [x[at], x[at]];
  for (let i = at + 1; i < at + count; i++) {
    if (x[i] < min) min = x[i];
    if (x[i] > max) max = x[i];
  }
  return [min, max];
}

/** A level in `bits` bits with a sign; NaN is 0. */
export function clampLevel(x: number, bits: 4 | 8): number {
  const high = 2 ** (bits - 1) - 1;
  if (x !== x) return 0;
  return x > high ? high : x < -high - 1 ? -high - 1 : x;
}
