/** What makes a graph of floats one of integers, in order. */
import { dropDead } from "../onnx/drop-dead.js";
import { shareCommon } from "../onnx/share-common.js";
import { dynamicRows } from "./dynamic-rows.js";
import { insertQdq } from "./insert-qdq.js";
import { packWeights } from "./pack-weights.js";
import type { QuantisePass } from "./scheme.js";
import { smooth } from "./smooth.js";

/** Floats as before, easier to hold: they ask figures by channel, and what values are changes with them. */
export const easingPasses: readonly QuantisePass[] = [smooth, dropDead];

/** From floats to levels of weights in groups, beside activations that stay floats. */
export const packingPasses: readonly QuantisePass[] = [packWeights, dropDead];

/** From floats to levels that are found when the model runs. */
export const dynamicPasses: readonly QuantisePass[] = [
  dynamicRows,
  // An activation that several layers read gets its levels once.
  shareCommon,
  dropDead,
];

/** From floats to levels: they ask how values of the eased graph are held. */
export const quantisePasses: readonly QuantisePass[] = [
  insertQdq,
  // An activation that several layers read is quantised once.
  shareCommon,
  dropDead,
];
