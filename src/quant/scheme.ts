/** The ways to hold a model in integers, and what a caller asks of them. */
import { packingPasses, quantisePasses } from "../../passes/quantise/pipeline.js";
import type { Budget } from "./budget.js";
import type { Calibrating } from "./calibrate/observe.js";
import type { RangeRule } from "./observe/range.js";

export type Scheme = "w8a8" | "w8a16" | "w4a16";

/** What each scheme holds: activations or not, weights in how many bits, and by which passes. */
export const schemes = {
  w8a8: { held: "w8a8", activations: true, weights: { bits: 8 }, passes: quantisePasses },
  w8a16: { held: "w8", activations: false, weights: { bits: 8 }, passes: quantisePasses },
  w4a16: { held: "w4", activations: false, weights: { bits: 4 }, passes: packingPasses },
} as const;

export interface QuantiseOptions extends Calibrating {
  readonly scheme: Scheme;
  /** How the range of an activation is chosen. */
  readonly ranges: RangeRule;
  /** Neighbours along what is summed that share a scale, where weights are held in groups. */
  readonly group: number;
  /** Layers are left in float until the outputs are as good as this; absent holds all. */
  readonly budget?: Budget;
  /** Names of nodes that stay in float; * stands for any text. */
  readonly skip: readonly string[];
}
