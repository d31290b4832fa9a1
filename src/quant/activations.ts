/** What a held activation loses by its range, in the figures that people and machines are shown. */
import type { HeldAs } from "../../passes/quantise/scheme.js";
import { gridOf } from "./formats/grid.js";
import type { Histogram } from "./observe/histogram.js";

export interface ActivationFigures {
  readonly tensor: string;
  readonly scale: number;
  readonly zero: number;
  /** Least and greatest value seen. */
  readonly lo: number;
  readonly hi: number;
  /** Least and greatest value that has a level. */
  readonly kept: readonly [number, number];
  /** Share of the values seen that lie outside. */
  readonly clipped: number;
  /** Values seen in bins of equal width from `lo` to `hi`. */
  readonly counts: readonly number[];
}

const binsShown = 60;

export function activationFigures(tensor: string, seen: Histogram, { dtype, scale, zero }: HeldAs): ActivationFigures {
  const grid = gridOf(dtype);
  const kept = [(grid.low - zero) * scale, (grid.high - zero) * scale] as const;
  const { lo, hi } = seen;
  const { middle, count, zeros } = seen.bins();
  const counts = new Array<number>(binsShown).fill(0);
  const place = (x: number): number => Math.max(0, Math.min(binsShown - 1, Math.floor(((x - lo) / (hi - lo || 1)) * binsShown)));
  if (zeros > 0) counts[place(0)] += zeros;
  let outside = 0;
  middle.forEach((x, i) => {
    counts[place(x)] += count[i];
    // Half a step beyond the last level still rounds to it.
    if (x < kept[0] - scale / 2 || x > kept[1] + scale / 2) outside += count[i];
  });
  return { tensor, scale, zero, lo, hi, kept, clipped: seen.seen === 0 ? 0 : outside / seen.seen, counts };
}
