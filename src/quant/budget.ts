/** What a caller wants of the outputs, and how a noise compares with it. */
import { fail } from "../base/diagnostic.js";
import type { Figures } from "./distances.js";

export interface Budget {
  readonly of: "sqnr" | "cosine";
  /** In dB, or a cosine. */
  readonly least: number;
}

const form = /^(sqnr|cosine)\s*>=\s*(\d+(?:\.\d+)?)\s*(dB)?$/;

/** `sqnr>=30dB` or `cosine>=0.99`. Throws `bad-budget`. */
export function parseBudget(text: string): Budget {
  const match = form.exec(text.trim());
  if (!match) return fail("bad-budget", `"${text}" is no budget`, { fix: "Write sqnr>=30dB, or cosine>=0.99." });
  return { of: match[1] as Budget["of"], least: Number(match[2]) };
}

export function budgetText({ of, least }: Budget): string {
  return of === "sqnr" ? `sqnr>=${least}dB` : `cosine>=${least}`;
}

/** Whether every output is good enough. */
export function isMet(budget: Budget, outputs: Iterable<Figures>): boolean {
  return [...outputs].every((f) => (budget.of === "sqnr" ? f.sqnrDb : f.cosine) >= budget.least);
}

/** The power of the noise over that of the signal at which a budget is just met; noise that is like nothing in the signal turns it by half as much. */
export function noiseAt({ of, least }: Budget): number {
  return of === "sqnr" ? 10 ** (-least / 10) : 2 * (1 - least);
}

/** Noise over signal of the worst output. */
export function noiseOf(outputs: Iterable<Figures>): number {
  return Math.max(0, ...[...outputs].map((f) => 10 ** (-f.sqnrDb / 10)));
}
