/** A published measurement, as its source tells it, and how the deployment behind it is read. None was run again. */

type MeasuredMetric =
  "output-rate" | "total-rate" | "prefill-rate" | "token-time" | "step-time" | "first-token" | "diffusion-time" | "copy-rate";

/** Rates are tokens a second, times are seconds, copies are GB a second. */
export const metricUnits = {
  "output-rate": "tokens/s",
  "total-rate": "tokens/s",
  "prefill-rate": "tokens/s",
  "token-time": "s",
  "step-time": "s",
  "first-token": "s",
  "diffusion-time": "s",
  "copy-rate": "GB/s",
} as const satisfies Readonly<Record<MeasuredMetric, string>>;

export type MeasuredEngine = "vllm-ascend" | "sglang" | "mindie" | "chitu" | "cann-recipes";

export interface MeasuredRow {
  /** A chip's own name, or 910B where the source does not say which bin. */
  readonly chip: string;
  /** Physical cards; absent where the source does not say. */
  readonly cards?: number;
  readonly model: string;
  /** The model's name in the source, where it is another training of the same architecture. */
  readonly told?: string;
  readonly precision: string;
  readonly metric: MeasuredMetric;
  readonly value: number;
  /** Requests that run at the same time. */
  readonly concurrency?: number;
  /** Instead: requests that start at once, with none after them. */
  readonly prompts?: number;
  /** Tokens of a request, in and out. */
  readonly input?: number;
  readonly output?: number;
  /** More requests than fit wait all the time. */
  readonly saturated?: true;
  /** Nothing is generated. */
  readonly embedding?: true;
  readonly parallel?: string;
  /** Other devices take the prompts in. */
  readonly prefillElsewhere?: true;
  readonly engine?: MeasuredEngine;
  readonly version?: string;
  /** Devices that carry out what was measured, and how many share one layer of attention. */
  readonly devices?: number;
  readonly tp?: number;
  /** Stages that layers are dealt to. */
  readonly stages?: number;
  /** Tokens that are guessed ahead of a step. */
  readonly drafts?: number | "unknown";
  /** Guesses that held, of those of one step. */
  readonly accepted?: number;
  readonly speculation?: string;
}

export interface MeasuredDocument {
  readonly source: string;
  readonly confidence: "vendor" | "reported";
  /** When it was last looked at. */
  readonly date: string;
  readonly rows: readonly MeasuredRow[];
}

const lastRead = "2026-11-29";

/** A document whose rows have some fields in common. */
export function measured(
  source: string,
  confidence: MeasuredDocument["confidence"],
  common: Partial<MeasuredRow>,
  rows: readonly Partial<MeasuredRow>[],
): MeasuredDocument {
  return { source, confidence, date: lastRead, rows: rows.map((r) => ({ ...common, ...r }) as MeasuredRow) };
}

/** Rows that have still more in common. */
export function sharing(common: Partial<MeasuredRow>, rows: readonly Partial<MeasuredRow>[]): readonly Partial<MeasuredRow>[] {
  return rows.map((r) => ({ ...common, ...r }));
}
