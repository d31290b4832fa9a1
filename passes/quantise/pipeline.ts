/** What makes a graph of floats one of integers, in order. */
import { dropDead } from "../onnx/drop-dead.js";
import { shareCommon } from "../onnx/share-common.js";
import { insertQdq } from "./insert-qdq.js";
import type { QuantisePass } from "./scheme.js";

export const quantisePasses: readonly QuantisePass[] = [
  insertQdq,
  // An activation that several layers read is quantised once.
  shareCommon,
  dropDead,
];
