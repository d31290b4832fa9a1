/** What passes of this folder are told: which values are held as integers, and over which grid. */
import type { DType } from "../../src/base/dtype.js";
import type { Node, Value } from "../../src/ir/graph.js";
import type { ChannelFigures } from "../../src/quant/observe/channels.js";
import type { Pass, PassContext } from "../pass.js";

/** Integers that stand for (level - zero) * scale. */
export interface Grid {
  readonly dtype: Extract<DType, "i8" | "u8" | "i16" | "u16">;
  readonly scale: number;
  readonly zero: number;
}

export interface QuantiseContext extends PassContext {
  /** The grid of an activation; undefined leaves it a float. */
  readonly gridOf: (v: Value) => Grid | undefined;
  /** Figures of an activation by channel, along the axis that its reader's weight has too. */
  readonly channelsOf: (v: Value) => ChannelFigures | undefined;
  /** Whether a product or convolution stays in float. */
  readonly isSkipped: (node: Node) => boolean;
  /** Activations too, or weights alone. */
  readonly activations: boolean;
}

export type QuantisePass = Pass<QuantiseContext>;
