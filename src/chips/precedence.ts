/** A chip's row with a user's sets laid over it: theirs come first, under their labels, and what is published stays behind them. */
import type { FieldKey } from "./fields.js";
import type { ChipRow, Claim, Measurement } from "./row.js";
import type { UserSet } from "./user-set.js";

type UserChip = UserSet["chips"][number];

interface Labelled {
  readonly label: string;
  readonly chip: UserChip;
}

/** The newest of the user's claims comes first. */
export function withUserSets(row: ChipRow, sets: readonly UserSet[]): ChipRow {
  const mine = sets
    .flatMap(({ label, chips }) => chips.filter((c) => c.chip === row.name).map((chip): Labelled => ({ label, chip })))
    .sort((a, b) => (a.chip.date < b.chip.date ? 1 : -1));
  if (mine.length === 0) return row;
  const figures: Partial<Record<FieldKey, readonly Claim[]>> = { ...row.figures };
  const claims = mine.flatMap(claimsOf);
  for (const key of new Set(claims.map(([k]) => k)))
    figures[key] = [...claims.filter(([k]) => k === key).map(([, c]) => c), ...(row.figures[key] ?? [])];
  return { ...row, figures, measurements: mine.flatMap(measurementsOf) };
}

function claimsOf({ label, chip }: Labelled): [FieldKey, Claim][] {
  const of = ({ value, note }: { value: number; note?: string }): Claim => {
    return { value, confidence: "yours", source: chip.source ?? label, date: chip.date, label, ...(note !== undefined && { note }) };
  };
  const figures = Object.entries(chip.figures ?? {}).flatMap(([key, f]): [FieldKey, Claim][] => (f ? [[key as FieldKey, of(f)]] : []));
  return chip.price ? [...figures, ["price", { ...of(chip.price), currency: chip.price.currency }]] : figures;
}

const measurementsOf = ({ label, chip }: Labelled): Measurement[] =>
  (chip.measurements ?? []).map((m) => ({ ...m, date: chip.date, label }));
