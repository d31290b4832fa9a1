/** All published measurements, by document, and which documents the fit never sees. */
import { benchmarks } from "./benchmarks.js";
import { engines } from "./engines.js";
import { recipes } from "./recipes.js";
import type { MeasuredDocument } from "./row.js";

export const documents: readonly MeasuredDocument[] = [...benchmarks, ...engines, ...recipes];

interface Halves {
  readonly fitted: readonly MeasuredDocument[];
  readonly heldOut: readonly MeasuredDocument[];
}

/**
 * Documents are dealt out in turn, the one with most rows first and those with as many by name: the first to the fit, the
 * second is held out, and so on. No measured value has a part in it.
 */
export function halves(all: readonly MeasuredDocument[] = documents): Halves {
  const dealt = [...all].sort((a, b) => b.rows.length - a.rows.length || (a.source < b.source ? -1 : 1));
  return { fitted: dealt.filter((_, i) => i % 2 === 0), heldOut: dealt.filter((_, i) => i % 2 === 1) };
}
