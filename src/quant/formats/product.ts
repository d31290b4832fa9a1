/** A call that multiplies activations by a packed weight: its weight in its own tensors, and back. Each target names its own. */
import type { Tensor } from "../../base/tensor.js";
import type { QuantisedWeight } from "./weight.js";

export interface PackedWeight {
  /** By the name of the call's parameter. */
  readonly tensors: Readonly<Record<string, Tensor>>;
  /** What the call is told beside them; with the tensors it says all of the weight. */
  readonly numbers: Readonly<Record<string, number>>;
}

export interface WeightProduct {
  /** As its owners write it. */
  readonly call: string;
  /** How the tensors lie and what they mean. */
  readonly layout: string;
  /** Where that was read. */
  readonly source: string;
  /** Widths of a level that it takes. */
  readonly bits: readonly number[];
  /** Nothing is changed to make a weight fit. Errors: layout-*, scale-not-exact. */
  readonly pack: (w: QuantisedWeight) => PackedWeight;
  readonly unpack: (packed: PackedWeight) => QuantisedWeight;
}
