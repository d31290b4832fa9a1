/** What a caller wants of the outputs, and how a noise compares with it. */
import { fail } from "../base/diagnostic.js";
import type { Figures } from "./distances.js";

/** How near outputs are to the float model's. */
interface FigureBudget {
  readonly of: "sqnr" | "cosine";
  /** In dB, or a cosine. */
  readonly least: number;
}

/** How much a metric may fall. */
interface DropBudget {
  readonly of: "drop";
  /** Share of the float model's score. */
  readonly most: number;
}

export type Budget = FigureBudget | DropBudget;

const figure = /^(sqnr|cosine)\s*>=\s*(\d+(?:\.\d+)?)\s*(dB)?$/;
const drop = /^drop\s*<=\s*(\d+(?:\.\d+)?)\s*%$/;

/** `sqnr>=30dB`, `cosine>=0.99` or `drop<=0.5%`. Throws `bad-budget`. */
export function parseBudget(text: string): Budget {
  const [found, fallen] = [figure.exec(text.trim()), drop.exec(text.trim())];
  if (fallen) return { of: "drop", most: Number(fallen[1]) / 100 };
  if (!found) return fail("bad-budget", `"${text}" is no budget`, { fix: "Write sqnr>=30dB, cosine>=0.99, or with a metric drop<=0.5%." });
  return { of: found[1] as FigureBudget["of"], least: Number(found[2]) };
}

export function budgetText(budget: Budget): string {
  if (budget.of === "drop") return `drop<=${+(100 * budget.most).toPrecision(12)}%`;
  return budget.of === "sqnr" ? `sqnr>=${budget.least}dB` : `cosine>=${budget.least}`;
}

/** Whether every output is good enough. */
export function isMet(budget: FigureBudget, outputs: Iterable<Figures>): boolean {
  return [...outputs].every((f) => (budget.of === "sqnr" ? f.sqnrDb : f.cosine) >= budget.least);
}

/** Whether a score is no more than that share of the float model's below it. */
export function isDropMet(most: number, float: number, quantised: number): boolean {
  return float - quantised <= most * Math.abs(float);
}

/** The power of the noise over that of the signal at which a budget is just met; noise that is like nothing in the signal turns it by half as much. */
export function noiseAt({ of, least }: FigureBudget): number {
  return of === "sqnr" ? 10 ** (-least / 10) : 2 * (1 - least);
}

/** Noise over signal of the worst output. */
export function noiseOf(outputs: Iterable<Figures>): number {
  return Math.max(0, ...[...outputs].map((f) => 10 ** (-f.sqnrDb / 10)));
}
