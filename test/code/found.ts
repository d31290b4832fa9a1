/** What one text is found to hold, as tests ask for it. */
import { scan } from "../../src/code/scan.js";
import type { Finding } from "../../src/code/match.js";

/** Findings of a text that lies at a path; none for one that does not count. */
export function findings(path: string, text: string): readonly Finding[] {
  const scanned = scan(path, text);
  return typeof scanned === "object" ? scanned.findings : [];
}

/** `line rule` of each finding. */
export function found(path: string, text: string): string[] {
  return findings(path, text).map((f) => `${f.line} ${f.rule.id}`);
}
