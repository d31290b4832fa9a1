/** The contract primitive: batched matrix products with double accumulators, four rows at a time. */
import { fromNumbers, toNumbers } from "../../base/float-formats.js";
import { isInteger, type DType } from "../../base/dtype.js";
import { elementCount, type Tensor } from "../../base/tensor.js";
import { evaluateCast } from "./cast.js";
import { transposeTensor } from "./movement.js";

export type Reals = Float32Array | Float64Array;

/** f32 tensors as they lie; everything else as doubles. */
export function realsOf(t: Tensor): Reals {
  return t.data instanceof Float32Array || t.data instanceof Float64Array ? t.data : toNumbers(t);
}

/** Columns done at once, so that four accumulator rows stay in the first-level cache. */
const block = 512;

type Rows = readonly [Float64Array, Float64Array, Float64Array, Float64Array];

/** Four rows of a[.., k] times columns j0..j0+width of b, added to the accumulators, two products a step. */
function fourRows(a: Reals, row: number, b: Reals, k: number, n: number, j0: number, width: number, [r0, r1, r2, r3]: Rows): void {
  let p = 0;
  for (; p + 1 < k; p += 2) {
    const q = row * k + p;
    const [a0, a1, a2, a3] = [a[q], a[q + k], a[q + 2 * k], a[q + 3 * k]];
    const [c0, c1, c2, c3] = [a[q + 1], a[q + k + 1], a[q + 2 * k + 1], a[q + 3 * k + 1]];
    for (let j = 0, f = p * n + j0, g = f + n; j < width; j++, f++, g++) {
      const v = b[f];
      const w = b[g];
      r0[j] += a0 * v + c0 * w;
      r1[j] += a1 * v + c1 * w;
      r2[j] += a2 * v + c2 * w;
      r3[j] += a3 * v + c3 * w;
    }
  }
  const rows = [r0, r1, r2, r3];
  if (p < k) for (let t = 0; t < 4; t++) oneRow(rows[t], a[(row + t) * k + p], b, p * n + j0, width);
}

function oneRow(r: Float64Array, s: number, b: Reals, from: number, width: number): void {
  for (let j = 0; j < width; j++) r[j] += s * b[from + j];
}

/** out[m, n] += a[m, k] * b[k, n], all row-major. */
export function multiply(a: Reals, b: Reals, m: number, k: number, n: number, out: Reals): void {
  const fresh = () => new Float64Array(Math.min(block, n));
  const rows: Rows = [fresh(), fresh(), fresh(), fresh()];
  for (let j0 = 0; j0 < n; j0 += block) {
    const width = Math.min(block, n - j0);
    for (let i = 0; i < m; i += 4) {
      for (const r of rows) r.fill(0);
      const tall = Math.min(4, m - i);
      if (tall === 4) fourRows(a, i, b, k, n, j0, width, rows);
      else for (let t = 0; t < tall; t++) for (let p = 0; p < k; p++) oneRow(rows[t], a[(i + t) * k + p], b, p * n + j0, width);
      for (let t = 0; t < tall; t++) for (let j = 0; j < width; j++) out[(i + t) * n + j0 + j] += rows[t][j];
    }
  }
}

/** Subtracts a zero point: one value, or one a row or column as its shape says. */
function centred(t: Tensor, zero: Tensor | undefined, axis: "row" | "col"): Reals {
  const values = realsOf(t);
  if (!zero) return values;
  const z = toNumbers(zero);
  const cols = t.shape.at(-1)!;
  const rows = t.shape.at(-2)!;
  return Float64Array.from(values, (v, i) => v - z[z.length === 1 ? 0 : axis === "row" ? Math.floor(i / cols) % rows : i % cols]);
}

function swapLast(t: Tensor): Tensor {
  const perm = t.shape.map((_, i) => i);
  const rank = perm.length;
  return transposeTensor(t, [...perm.slice(0, -2), rank - 1, rank - 2]);
}

/** A result array that holds the accumulation type without rounding twice. */
export function accumulator(acc: DType, count: number): Reals {
  return acc === "f32" ? new Float32Array(count) : new Float64Array(count);
}

export function finish(acc: DType, shape: readonly number[], data: Reals): Tensor {
  return acc === "f32" || acc === "f64" ? { dtype: acc, shape, data } : fromNumbers(acc, shape, data);
}

/** Whether every sum of `count` products of the two is a double's own integer. */
function fitsDouble(a: Tensor, b: Tensor, count: number): boolean {
  const largest = (t: Tensor): number => toNumbers(t).reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  return largest(a) * largest(b) * count <= Number.MAX_SAFE_INTEGER;
}

/** Products that wrap as 64-bit integers do. [.., m, k] times [.., k, n], or times one [k, n]. */
function exactProducts(a: Tensor, b: Tensor, acc: DType): Tensor {
  const [m, k, n] = [a.shape.at(-2)!, a.shape.at(-1)!, b.shape.at(-1)!];
  const [left, right] = [a, b].map((t) => Array.from(t.data as ArrayLike<number | bigint>, BigInt));
  const shape = [...a.shape.slice(0, -1), n];
  const sums = new BigInt64Array(elementCount(shape));
  for (let at = 0; at < sums.length; at++) {
    const row = Math.floor(at / n);
    const plane = b.shape.length === 2 ? 0 : Math.floor(row / m) * k * n;
    for (let p = 0; p < k; p++) sums[at] += left[row * k + p] * right[plane + p * n + (at % n)];
  }
  return evaluateCast({ dtype: "i64", shape, data: sums }, acc, { round: "trunc", overflow: "wrap" });
}

export function evaluateContract(inputs: readonly Tensor[], transA: boolean, transB: boolean, acc: DType): Tensor {
  const a = transA ? swapLast(inputs[0]) : inputs[0];
  const b = transB ? swapLast(inputs[1]) : inputs[1];
  const [m, k, n] = [a.shape.at(-2)!, a.shape.at(-1)!, b.shape.at(-1)!];
  if (isInteger(acc) && !inputs[2] && !inputs[3] && !fitsDouble(a, b, k)) return exactProducts(a, b, acc);
  const [left, right] = [centred(a, inputs[2], "row"), centred(b, inputs[3], "col")];
  const batch = elementCount(a.shape.slice(0, -2));
  const out = accumulator(acc, batch * m * n);
  for (let i = 0; i < batch; i++) {
    const plane = b.shape.length === 2 ? right : right.subarray(i * k * n, (i + 1) * k * n);
    multiply(left.subarray(i * m * k, (i + 1) * m * k), plane, m, k, n, out.subarray(i * m * n, (i + 1) * m * n));
  }
  return finish(acc, [...a.shape.slice(0, -2), m, n], out);
}
