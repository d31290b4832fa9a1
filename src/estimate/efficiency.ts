/** What share of its claimed peaks a chip reaches, and what it costs to start something on it. */
import type { ChipRow } from "../chips/row.js";
import type { Interval } from "./interval.js";

export interface Efficiency {
  /** Shares of the claimed peak, in 0..1. */
  readonly bandwidth: Interval;
  readonly compute: Interval;
  /** Of one kernel or library call. */
  readonly launchSeconds: Interval;
  readonly basis: "measured" | "relatives" | "none";
  readonly measurements: number;
  readonly sources: readonly string[];
}

/** Until measurements are fitted: bounds that hold for any accelerator whose kernels are in order. */
export function efficiencyOf(_: ChipRow): Efficiency {
  return {
    bandwidth: { lo: 0.2, hi: 0.9 },
    compute: { lo: 0.15, hi: 0.9 },
    launchSeconds: { lo: 3e-6, hi: 3e-5 },
    basis: "none",
    measurements: 0,
    sources: [],
  };
}
