/** What the names of quantised forms say: bytes of weights and caches, and which peak multiplies them. */
import { cacheOf, type CacheBytes } from "./cache.js";
import type { DeviceFigures, Peak } from "./figures.js";
import type { WeightBytes } from "./step.js";

export interface Precision {
  readonly weights: WeightBytes;
  readonly cache: CacheBytes;
  /** Products of weights, and of queries with keys. */
  readonly products: Peak;
  readonly attention: Peak;
}

const halves: Precision = { weights: { dense: 2, experts: 2, ends: 2 }, cache: cacheOf(2), products: "f16", attention: "f16" };
const bytes: Precision = { ...halves, weights: { dense: 1, experts: 1, ends: 2 }, products: "i8" };
/** A scale of one byte to 32 weights. */
const scaled: Precision = {
  ...{ weights: { dense: 33 / 32, experts: 17 / 32, ends: 2 }, cache: { ...cacheOf(2), index: 1 } },
  ...{ products: "f8", attention: "f16" },
};

export const precisions: Readonly<Record<string, Precision>> = {
  bf16: halves,
  f16: halves,
  w8a8: bytes,
  w8a8c8: { ...bytes, cache: cacheOf(1), attention: "i8" },
  w4a8: { ...bytes, weights: { dense: 1, experts: 0.5, ends: 2 } },
  "mxfp8-mxfp4": scaled,
  "mxfp8-mxfp4-c8": { ...scaled, cache: cacheOf(1), attention: "f8" },
  mxfp8: { ...halves, products: "f8", attention: "f8" },
  "mxfp8-products": { ...halves, products: "f8" },
  "mxfp8-attention": { ...halves, attention: "f8" },
};

/** Operations a second; a chip without the narrow form is taken to widen its operands. */
export function peakOf(figures: DeviceFigures, peak: Peak): number | undefined {
  return figures.peaks[peak] ?? (peak === "f4" ? figures.peaks.f8 : undefined) ?? figures.peaks.f16 ?? figures.peaks.i8;
}
