/** What the parts of a checkpoint's page ask of an assessment: the best answer of a chip, its plan, its speed. */
import type { Interval } from "../../estimate/interval.js";
import { html, type Markup } from "../../report/markup.js";
import type { ChipAssessment, CheckpointAssessment } from "../../serve/assess.js";
import { answerOf, basisKey, sizeOf } from "../../serve/best.js";
import type { Answer } from "../../serve/engines.js";
import type { Plan } from "../../serve/plans.js";
import type { EngineVerdict } from "../../serve/verdict.js";
import { both, spanOf, told } from "../page/both.js";

/** From what serves to what does not. */
export const answerOrder: readonly Answer[] = ["accepted", "converted", "unknown", "refused"];

/** A mark beside each word, so that colour is never alone. */
export const answerMarks: Readonly<Record<Answer, string>> = { accepted: "✓", converted: "✎", unknown: "?", refused: "✕" };

/** The colours of verdicts on models. */
export const answerKinds: Readonly<Record<Answer, string>> = {
  ...{ accepted: "v-ready", converted: "v-rewrites", unknown: "v-unknown", refused: "v-blocked" },
};

export const answerBadge = (answer: Answer, count?: number): Markup =>
  html`<span class="badge ${answerKinds[answer]}">${count === undefined ? undefined : `${count} `}${answerMarks[answer]} ${both(`answer.${answer}`)}</span>`;

export const withAnswer = ({ chips }: CheckpointAssessment, answer: Answer): ChipAssessment[] =>
  chips.filter((c) => answerOf(c) === answer);

/** The engine has no say on this model: it does not run on the chip. */
export const isElsewhere = ({ reason }: EngineVerdict): boolean => reason.key === "engine.other-chip";

export const sizeText = (c: ChipAssessment, plan: Plan | undefined): Markup => (plan ? told(sizeOf(c, plan)) : both("unit.unknown"));

/** In short; the basis itself counts the measurements. */
export const basisText = (c: ChipAssessment): Markup => both(basisKey(c));

const gib = (bytes: number): string => (bytes / 2 ** 30).toFixed(1);
export const gibOf = (bytes: Interval): string => spanOf(bytes, gib);
export const rateOf = (rate: Interval): string => spanOf(rate, (x) => `${Number(x.toPrecision(2))}`);

/** Things under what they share, in the order in which each is met first. */
export function groupedBy<T>(list: readonly T[], of: (t: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const t of list) groups.set(of(t), [...(groups.get(of(t)) ?? []), t]);
  return [...groups.values()];
}

export const chipNames = (chips: readonly ChipAssessment[]): string => chips.map((c) => c.chip).join(", ");
