/** How fast a chip is, from what is claimed of it; where nothing is, from its relatives; where those say nothing, from all cards on the market. */
import { chipRows } from "../chips/chips.js";
import type { FieldKey } from "../chips/fields.js";
import type { ChipRow } from "../chips/row.js";
import type { Interval } from "./interval.js";

interface Rate {
  readonly value: Interval;
  /** "relatives" have its architecture; "market" is the span of all shipping cards that do the same work. */
  readonly from: "claims" | "relatives" | "market";
}

/** In the field's unit. Undefined where the field is no number, or no shipping card has one. */
export function rateOf(row: ChipRow, key: FieldKey): Rate | undefined {
  const own = spanOf([row], key);
  if (own) return { value: own, from: "claims" };
  const relatives = spanOf(relativesOf(row), key);
  if (relatives) return { value: relatives, from: "relatives" };
  const market = spanOf(
    chipRows.filter((r) => r.status === "shipping" && r.role === row.role && r.generator !== undefined),
    key,
  );
  const span =
    market ??
    spanOf(
      chipRows.filter((r) => r.status === "shipping"),
      key,
    );
  return span && { value: span, from: "market" };
}

/** Chips of one vendor with the same kind of cores, whose figures are of the same thing. */
function relativesOf({ arch: cores, vendor, per }: ChipRow): readonly ChipRow[] {
  return cores === undefined ? [] : chipRows.filter((r) => [r.arch, r.vendor, r.per].join() === [cores, vendor, per].join());
}

/** From the least to the greatest value claimed: who contradicts whom is not settled here. */
function spanOf(rows: readonly ChipRow[], key: FieldKey): Interval | undefined {
  const values = rows.flatMap((r) => (r.figures[key] ?? []).flatMap(({ value }) => (typeof value === "number" ? [value] : [])));
  return values.length === 0 ? undefined : { lo: Math.min(...values), hi: Math.max(...values) };
}
