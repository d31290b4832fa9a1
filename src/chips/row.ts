/**
 * What is known of one chip. Each figure is a list of claims, the one that is taken first; claims that contradict it follow. A
 * figure without a claim is unknown, never guessed.
 */
import type { FieldKey } from "./fields.js";
import { sources, type SourceKey } from "./sources.js";

/** "vendor": its maker says so. "reported": others do. "estimated": computed from what the source says. "yours": a row of the user's. */
type Confidence = "vendor" | "reported" | "estimated" | "yours";

export interface Claim {
  /** A number in the field's unit, or a word. */
  readonly value: number | string;
  readonly confidence: Confidence;
  readonly source: string;
  /** The source's own day, else the one on which it was last looked at: a year, a month or a day, as in ISO 8601. */
  readonly date: string;
  readonly note?: string;
  /** Told from memory of the source, which was not read again. */
  readonly recalled?: true;
  /** Of a row of the user's: the label of its set. */
  readonly label?: string;
  /** Of a price: its currency. */
  readonly currency?: string;
}

/** A way to other chips or to the host; the rate in GB/s, counted as `basis` says, unknown where no claim stands. */
export interface Link {
  readonly name: string;
  readonly basis: string;
  readonly rate: readonly Claim[];
}

/** What was measured on a chip: of the user's, never ours. */
export interface Measurement {
  readonly what: string;
  readonly workload: string;
  readonly value: number;
  readonly unit: string;
  readonly date: string;
  readonly label: string;
}

export interface ChipRow {
  readonly name: string;
  readonly vendor: string;
  /** Other spellings of the same chip. Names that mean several chips stand in `traps.ts`. */
  readonly aliases: readonly string[];
  /** When it came to market, or is said to come. */
  readonly year?: number;
  readonly status: "shipping" | "announced" | "rumoured";
  readonly role: string;
  /** What the figures are of: a card or module as it is sold, or a die where a card has several. */
  readonly per: "card" | "die";
  /** The chip for which `compile` writes the code that runs there; absent where there is none. */
  readonly generator?: string;
  /** The vendor's compiler calls it so. */
  readonly arch?: string;
  readonly figures: Readonly<Partial<Record<FieldKey, readonly Claim[]>>>;
  readonly links?: readonly Link[];
  readonly note?: string;
  readonly measurements?: readonly Measurement[];
}

type Sources = SourceKey | readonly SourceKey[];

/** Several sources that say the same: titles joined, and the oldest date. */
function claimOf(confidence: Confidence, value: number | string, from: Sources, note?: string): Claim {
  const cited = (typeof from === "string" ? [from] : from).map((key) => sources[key]);
  const [date] = cited.map((s) => s.date).sort();
  return { value, confidence, source: cited.map((s) => s.title).join("; "), date, ...(note && { note }) };
}

export const vendor = (value: number | string, from: Sources, note?: string): Claim => claimOf("vendor", value, from, note);
export const reported = (value: number | string, from: Sources, note?: string): Claim => claimOf("reported", value, from, note);
export const estimated = (value: number | string, from: Sources, note?: string): Claim => claimOf("estimated", value, from, note);
export const recalled = (claim: Claim): Claim => ({ ...claim, recalled: true });
