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
