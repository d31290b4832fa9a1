/** What makes a graph of floats one of integers, in order. */
import { dropDead } from "../onnx/drop-dead.js";
import { shareCommon } from "../onnx/share-common.js";
import { insertQdq } from "./insert-qdq.js";
import type { QuantisePass } from "./scheme.js";
import { smooth } from "./smooth.js";

/** Floats as before, easier to hold: they ask figures by channel, and what values are changes with them. */
export const easingPasses: readonly QuantisePass[] = [smooth, dropDead];

/** From floats to levels: they ask the grids of the eased graph. */
export const quantisePasses: readonly QuantisePass[] = [
  insertQdq,
  // An activation that several layers read is quantised once.
  shareCommon,
  dropDead,
];
