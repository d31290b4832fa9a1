/** What compile's own words mean, in either language, with those words beside it. */
import type { Said } from "../base/said.js";
import { refusals } from "../words/refusals.js";
import { said, type WordKey } from "../words/words.js";
import type { WayReport } from "./report.js";

/** What a code of compile means in a sentence; absent where the catalogue has none. `op` is the operator that it speaks of. */
export function meaningOf(code: string | undefined, op?: string): Said | undefined {
  const key = `refusal.${code}`;
  if (!Object.hasOwn(refusals, key)) return undefined;
  return said(key as WordKey, { op: op ?? said("refusal.the-model") });
}

/** A refusal as a work list has it: its meaning, and compile's message as a quotation. */
export function refusalSaid({ code, why = "" }: Pick<WayReport, "code" | "why">, op?: string): Said | string {
  const meaning = meaningOf(code, op);
  return meaning ? said("refusal.quoted", { meaning, why }) : why;
}
