/** What work costs of cards that the user has a price for: one rule for runs of models and for tokens. */
import type { Said } from "../base/said.js";
import type { ChipRow } from "../chips/row.js";
import { said } from "../words/words.js";
import { scaled, type Interval } from "./interval.js";

interface Cost {
  readonly interval: Interval;
  readonly currency: string;
  /** What the rule is, in words. */
  readonly basis: Said;
}

/** For how long a card earns its price, and in what share of that time it works. */
const years = 3;
const worked = 0.5;
const secondsOfWork = years * 365.25 * 86_400 * worked;

/** Of cards, or a part of one, that work for so long. A price is that of a card as it is sold. Absent without one. */
export function costOf({ figures }: ChipRow, cards: number, seconds: Interval): Cost | undefined {
  const price = figures.price?.[0];
  if (price === undefined || typeof price.value !== "number") return undefined;
  return {
    interval: scaled(seconds, (price.value * cards) / secondsOfWork),
    currency: price.currency ?? "",
    basis: said("cost.basis", { years, share: 100 * worked }),
  };
}
