/** What a million runs cost of a card that the user has a price for. */
import type { ChipRow } from "../chips/row.js";
import { scaled } from "../estimate/interval.js";
import type { PerformanceReport } from "./report.js";

/** For how long a card earns its price. */
export const yearsOfUse = 3;
const secondsOfUse = yearsOfUse * 365 * 86_400;

/** Absent without a price, and where the time is unknown. */
export function costOfRuns({ figures }: ChipRow, { seconds }: Pick<PerformanceReport, "seconds">): PerformanceReport["cost"] {
  const price = figures.price?.[0];
  if (!price || !seconds || typeof price.value !== "number") return undefined;
  return { perMillion: scaled(seconds, (price.value * 1e6) / secondsOfUse), currency: price.currency ?? "" };
}
