import type { Diagnostic } from "../../base/diagnostic.js";

/**
 * Diagnostics that say "this cannot be known, or done, while compiling" rather than "this model is wrong". Inference
 * passes them on as notes; whoever needs the node's meaning (decomposition) stops at them.
 */
export const undecided: ReadonlySet<string> = new Set([
  "shaping-operand-unknown",
  "dynamic-extent",
  "formula-condition",
  "unsupported-op",
  "unsupported-type",
]);

/** What is left to say once a program is there: it has decided what inference could not. */
export function settled(said: readonly Diagnostic[]): readonly Diagnostic[] {
  return said.filter((d) => d.severity !== "note" || !undecided.has(d.code));
}
