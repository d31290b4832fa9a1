import type { Value } from "../../src/ir/graph.js";
import type { Growing } from "./growing.js";

/** Puts one operator, or a short chain of them, behind a value; undefined where it does not fit. */
export type Step = (g: Growing, x: Value) => Value | readonly Value[] | undefined;
