/** The ways to hold a model in integers, and what a caller asks of them. */
import { dynamicPasses, packingPasses, quantisePasses } from "../../passes/quantise/pipeline.js";
import type { QuantisePass } from "../../passes/quantise/scheme.js";
import type { Scratch } from "../host/scratch.js";
import type { Graph } from "../ir/graph.js";
import type { Budget } from "./budget.js";
import type { Calibrating } from "./calibrate/observe.js";
import type { Metric } from "./calibrate/metric.js";
import { macsOf } from "./macs.js";
import type { RangeRule } from "./observe/range.js";
import type { Shelf } from "./shelf.js";

export type Scheme = "w8a8" | "w8a8-dynamic" | "w8a16" | "w4a16";

/** What takes more multiplications in a model: for `auto`, an open extent counts as so many. */
const openExtent = 64;

/**
 * What `auto` stands for: levels found when the model runs where most multiplications are of matrices, since an outlier in one row of
 * a transformer costs the others nothing then, or where no samples say where activations lie; else levels fixed from samples.
 */
export function usualScheme(graph: Graph, hasSamples: boolean): Scheme {
  const extents = new Map(graph.symbols.map((s) => [s.name, openExtent]));
  const macs = (ops: readonly string[]): number =>
    graph.nodes.filter((n) => ops.includes(n.op)).reduce((sum, n) => sum + (macsOf(n, extents) ?? 0), 0);
  return !hasSamples || macs(["MatMul", "Gemm"]) > macs(["Conv", "ConvTranspose"]) ? "w8a8-dynamic" : "w8a8";
}

/** What a layer is called that is held so. */
export type Held = "w8a8" | "w8" | "w4";

interface Recipe {
  readonly held: Held;
  /** Levels of activations are fixed from samples, found when the model runs, or there are none. */
  readonly activations: "static" | "dynamic" | "none";
  readonly weights: { readonly bits: 4 | 8 };
  /** Whether weights are packed in groups: in the levels that samples choose, or the nearest. */
  readonly packs: boolean;
  /** Whether layers are fitted one after the other to the float model's results, where there are samples. */
  readonly corrects: boolean;
  /** Options that not every scheme has a use for. */
  readonly reads: readonly SchemeOption[];
  readonly passes: readonly QuantisePass[];
}

/** Each with what it is of. */
export const schemeOptions = {
  group: "groups of neighbours that share a scale are of weights in four bits",
  ranges: "ranges are of activations whose levels are fixed from samples",
} as const;
export type SchemeOption = keyof typeof schemeOptions;

export const schemes: Readonly<Record<Scheme, Recipe>> = {
  w8a8: {
    ...{ held: "w8a8", activations: "static", weights: { bits: 8 }, packs: false, corrects: true },
    ...{ reads: ["ranges"], passes: quantisePasses },
  },
  "w8a8-dynamic": {
    ...{ held: "w8a8", activations: "dynamic", weights: { bits: 8 }, packs: false, corrects: false },
    ...{ reads: [], passes: dynamicPasses },
  },
  w8a16: {
    ...{ held: "w8", activations: "none", weights: { bits: 8 }, packs: false, corrects: true },
    ...{ reads: [], passes: quantisePasses },
  },
  w4a16: {
    ...{ held: "w4", activations: "none", weights: { bits: 4 }, packs: true, corrects: false },
    ...{ reads: ["group"], passes: packingPasses },
  },
};

export interface QuantiseOptions extends Calibrating {
  readonly scheme: Scheme;
  /** How the range of an activation is chosen. */
  readonly ranges: RangeRule;
  /** Neighbours along what is summed that share a scale, where weights are held in groups. */
  readonly group: number;
  /** For packed weights until they are written. */
  readonly shelf: Shelf;
  /** Room for values of samples between two layers. */
  readonly scratch: () => Scratch;
  /** Threads that pack weights; one a core unless told. */
  readonly threads?: number | undefined;
  /** Layers are left in float until the outputs are as good as this; absent holds all. */
  readonly budget?: Budget;
  /** What a budget of a drop is of. */
  readonly metric?: Metric;
  /** Names of nodes that stay in float; * stands for any text. */
  readonly skip: readonly string[];
}
