/** Scratch a map needs beyond its operands, in f32 tiles, until the lowering is asked: none in registers. */
import type { Caps } from "../caps.js";
import type { Expr } from "../tile.js";

/** Live temporaries of an average expansion (tanh, erf, a division) on a machine that computes memory to memory. */
const usual = 6;

export function scratchEstimate(value: Expr, caps: Caps): number {
  if (caps.compute === "register") return 0;
  return value.op === "tile" || value.op === "const" ? 0 : usual;
}
