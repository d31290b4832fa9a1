/**
 * The ways in which standards and hardware make an integer of a real number. `encodeFloat` takes one for the small
 * floats; integer grids and the vendors' quantisers take one by name.
 */
import { roundHalfEven } from "../../base/float-formats.js";

/** To nearest with ties to even, away from zero or upwards; or always towards zero, down or up. */
export type Rounding = "even" | "away" | "half-up" | "truncate" | "floor" | "ceil";

/** Adding and subtracting this leaves an integer, rounded to even by the double's own addition. */
const shift = 1.5 * 2 ** 52;

/** Ties to even without a branch on the fraction, for inner loops; the sign of zero is not kept. */
function even(x: number): number {
  return Math.abs(x) < 2 ** 51 ? x + shift - shift : roundHalfEven(x);
}

function halfUp(x: number): number {
  const down = Math.floor(x);
  return x - down >= 0.5 ? down + 1 : down;
}

function away(x: number): number {
  return x < 0 ? -halfUp(-x) : halfUp(x);
}

/** The function of a rounding. NaN and infinities stay what they are. */
export function rounder(rounding: Rounding): (x: number) => number {
  switch (rounding) {
    case "even":
      return even;
    case "away":
      return away;
    case "half-up":
      return halfUp;
    case "truncate":
      return Math.trunc;
    case "floor":
      return Math.floor;
    case "ceil":
      return Math.ceil;
    default:
      throw rounding satisfies never;
  }
}
