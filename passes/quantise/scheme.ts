/** What passes of this folder are told: which values are held as integers, and over which grid. */
import type { ConstData, Node, Value } from "../../src/ir/graph.js";
import type { Affine, GridType } from "../../src/quant/formats/grid.js";
import type { ChannelFigures } from "../../src/quant/observe/channels.js";
import type { Pass, PassContext } from "../pass.js";
import type { GroupedProduct } from "./grouped.js";

/** The levels that a value is held in: (level - zero) * scale. */
export interface HeldAs extends Affine {
  readonly dtype: GridType;
}

/** Weights as integers of that many bits, one scale a channel; or in groups of neighbours along what is summed. */
interface WeightLevels {
  readonly bits: 4 | 8;
  readonly group?: number;
}

/** A weight of a product in levels of 4 bits, packed as com.microsoft MatMulNBits reads them. */
export interface PackedWeight {
  /** Results, and what each sums over. */
  readonly n: number;
  readonly k: number;
  readonly levels: ConstData;
  /** [n, groups]. */
  readonly scales: ConstData;
}

/** What samples chose for a layer; one number a channel of the result. */
export interface Correction {
  /** Of the weight, over the scales of the nearest ones, in its order; absent takes those. */
  readonly levels?: Int8Array | undefined;
  /** The weights of a channel times this. */
  readonly gains: Float64Array;
  /** Added to the bias; absent where no bias can take it. */
  readonly shifts?: Float64Array;
}

export interface QuantiseContext extends PassContext {
  /** How an activation is held; undefined leaves it a float. */
  readonly heldAs: (v: Value) => HeldAs | undefined;
  /** What brings the results of a held layer back to the float model's; undefined leaves them as its levels have them. */
  readonly correctionOf: (node: Node) => Correction | undefined;
  /** Figures of an activation by channel, along the axis that its reader's weight has too. */
  readonly channelsOf: (v: Value) => ChannelFigures | undefined;
  /** Whether a product or convolution stays in float. */
  readonly isSkipped: (node: Node) => boolean;
  /** Activations too, or weights alone. */
  readonly activations: boolean;
  readonly weights: WeightLevels;
  /** The weight of a product in levels in groups; undefined leaves it in float. */
  readonly packed: (product: GroupedProduct) => PackedWeight | undefined;
}

export type QuantisePass = Pass<QuantiseContext>;
