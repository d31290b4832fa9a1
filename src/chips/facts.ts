/** What rows say in words: under which names documents speak of a chip, and what it lacks. Nobody else compares a chip's name. */
import { chipRows } from "./chips.js";
import type { ChipRow } from "./row.js";

/** Whether documents that speak of one of these mean the chip: its own name, an alias, or its series. */
export function goesBy({ name, aliases, figures }: ChipRow, names: readonly string[]): boolean {
  const own = [name, ...aliases, ...(figures.series ?? []).map((c) => c.value)];
  return own.some((n) => names.includes(`${n}`));
}

/** A claim that a chip computes no bf16; where nobody says so, it is taken to. */
export const lacksBf16 = ({ figures }: ChipRow): boolean => figures.bf16?.[0].value === "none";

/** Whether code is generated for chips of its maker, so that a port may go there; all others are beside them to compare. */
export const isPortedTo = ({ vendor }: ChipRow): boolean => chipRows.some((r) => r.vendor === vendor && r.generator !== undefined);
