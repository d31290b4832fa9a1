import { isCall } from "../../src/ir/call.js";
import { decompose } from "../../src/ir/rewrite/decompose.js";
import type { Pass } from "../pass.js";

/**
 * Op(x, ...)  =>  the primitives that its formula is made of
 * If and Loop become `if` and `loop`, their bodies decomposed.
 *
 * Skipped for calls, primitives, operators that nobody described and operands of unknown rank.
 */
export const decomposeOperators: Pass = {
  name: "decompose",
  run: (graph, { catalogue }) => decompose(graph, catalogue, isCall),
};
