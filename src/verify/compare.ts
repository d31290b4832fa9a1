/** How far two results are apart: the figures `verify` prints, and the conformance rule of the standard's own runner. */
import { toNumbers } from "../base/float-formats.js";
import type { Tensor } from "../base/tensor.js";

export interface Difference {
  readonly maxAbs: number;
  /** |got - want| / |want| where want is not zero. */
  readonly maxRel: number;
  readonly cosine: number;
  /** 10 log10(signal power / error power); Infinity when equal, -Infinity when NaN or an infinity stands where it should not. */
  readonly sqnrDb: number;
  /** max - min of what was wanted. */
  readonly range: number;
  /** Standard deviation of what was wanted. */
  readonly deviation: number;
  /** Flat index of the largest absolute difference. */
  readonly worst: number;
  readonly sameShape: boolean;
}

/** Over several tensors taken together (all inputs of a model), in order. */
export function difference(got: readonly Tensor[], want: readonly Tensor[]): Difference {
  let [maxAbs, maxRel, worst, offset] = [0, 0, 0, 0];
  let [dot, gotPower, wantPower, errorPower, sum, count] = [0, 0, 0, 0, 0, 0];
  let [low, high] = [Infinity, -Infinity];
  let lost = false;
  let sameShape = got.length === want.length;
  want.forEach((w, k) => {
    const g = got[k];
    if (!g || g.shape.join() !== w.shape.join()) {
      sameShape = false;
      return;
    }
    const [a, b] = [toNumbers(g), toNumbers(w)];
    const gap = gaps(g, w, a, b);
    for (let i = 0; i < b.length; i++) {
      const error = gap(i);
      const same = error === 0;
      const size = Number.isNaN(error) ? Infinity : error;
      if (size > maxAbs) [maxAbs, worst] = [size, offset + i];
      if (b[i] !== 0 && size / Math.abs(b[i]) > maxRel) maxRel = size / Math.abs(b[i]);
      if (!Number.isFinite(b[i]) && same) continue;
      if (size === Infinity) lost = true;
      dot += a[i] * b[i];
      gotPower += a[i] * a[i];
      wantPower += b[i] * b[i];
      errorPower += size * size;
      sum += b[i];
      count++;
      low = Math.min(low, b[i]);
      high = Math.max(high, b[i]);
    }
    offset += b.length;
  });
  const mean = count > 0 ? sum / count : 0;
  return {
    maxAbs,
    maxRel,
    cosine: lost ? Number.NaN : gotPower === 0 && wantPower === 0 ? 1 : dot / Math.sqrt(gotPower * wantPower),
    sqnrDb: lost ? -Infinity : errorPower === 0 ? Infinity : 10 * Math.log10(wantPower / errorPower),
    range: count > 0 ? high - low : 0,
    deviation: count > 0 ? Math.sqrt(Math.max(0, wantPower / count - mean * mean)) : 0,
    worst,
    sameShape,
  };
}

/** |got - want| at a place, 0 for NaN beside NaN; of 64-bit integers before they are rounded to doubles. */
function gaps(got: Tensor, want: Tensor, a: Float64Array, b: Float64Array): (i: number) => number {
  const isWide = (t: Tensor): boolean => t.dtype === "i64" || t.dtype === "u64";
  if (isWide(got) && isWide(want)) {
    const [x, y] = [got.data as BigInt64Array, want.data as BigInt64Array];
    return (i) => Math.abs(Number(x[i] - y[i]));
  }
  return (i) => (a[i] === b[i] || (Number.isNaN(a[i]) && Number.isNaN(b[i])) ? 0 : Math.abs(a[i] - b[i]));
}

/** |got - want| <= atol + rtol * |want|; NaN equals NaN, infinities by sign. Undefined when they agree, else why not. */
export function disagreement(got: Tensor, want: Tensor, limits: { readonly atol: number; readonly rtol: number }): string | undefined {
  if (got.dtype !== want.dtype) return `element type ${got.dtype}, expected ${want.dtype}`;
  if (got.shape.join() !== want.shape.join()) return `shape [${got.shape.join()}], expected [${want.shape.join()}]`;
  if (want.dtype === "i64" || want.dtype === "u64") {
    const [a, b] = [got.data as BigInt64Array, want.data as BigInt64Array];
    const at = b.findIndex((x, i) => x !== a[i]);
    return at < 0 ? undefined : `element ${at} is ${a[at]}, expected ${b[at]}`;
  }
  const [a, b] = [toNumbers(got), toNumbers(want)];
  for (let i = 0; i < b.length; i++) {
    if (a[i] === b[i] || (Number.isNaN(a[i]) && Number.isNaN(b[i]))) continue;
    if (!(Math.abs(a[i] - b[i]) <= limits.atol + limits.rtol * Math.abs(b[i])) || !Number.isFinite(b[i]))
      return `element ${i} is ${a[i]}, expected ${b[i]}`;
  }
  return undefined;
}
