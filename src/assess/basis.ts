/** What a time rests on, in a word or two, and whether it is that of a part. */
import type { Said } from "../base/said.js";
import { said } from "../words/words.js";
import type { PerformanceReport } from "./report.js";

export function basisOf({ basis, notes }: PerformanceReport): Said {
  const text = said(`timed.${basis}`);
  return notes.some((n) => n.key === "performance.part") ? said("timed.part", { basis: text }) : text;
}
