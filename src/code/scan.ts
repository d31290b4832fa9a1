/** One file's text becomes its findings, or the reason why it does not count. */
import { lexers, languageOfName, languageOfText, type Language } from "./language.js";
import { nameLeftOut, textLeftOut, type Reason } from "./left-out.js";
import { findingsOf, type Finding } from "./match.js";
import type { Mention } from "./mention.js";
import { readers } from "./read/read.js";
import { Lines } from "./token.js";

export interface Scanned {
  readonly language: Language;
  readonly lines: number;
  readonly findings: readonly Finding[];
  /** The text of each finding's line, for fingerprints. */
  readonly lineOf: (n: number) => string;
  /** Whether a script may name an execution provider, so that it is worth following. */
  readonly mayNameProviders: boolean;
}

interface ScanOptions {
  /** Packages that the tree itself is: it does not depend on them. */
  readonly ownPackages?: ReadonlySet<string>;
}

/** Undefined for a file that is written in no language that is read. */
export function scan(path: string, text: string, options: ScanOptions = {}): Scanned | Reason | undefined {
  const language = languageOfName(path) ?? languageOfText(text);
  if (!language) return undefined;
  const left = nameLeftOut(path.slice(path.lastIndexOf("/") + 1)) ?? textLeftOut(text);
  if (left) return left;
  const lines = new Lines(text);
  const mentions = readers[language](lexers[language](text));
  const findings = findingsOf(language, mentions, lines, { packages: options.ownPackages ?? new Set() });
  return {
    language,
    lines: lines.count,
    findings,
    lineOf: (n) => lines.line(text, n),
    mayNameProviders: language === "javascript" && mentions.some(provides),
  };
}

function provides({ sort, text }: Mention): boolean {
  return sort === "string"
    ? text === "cuda" || text === "tensorrt"
    : sort === "name" && (text === "executionProviders" || text === "InferenceSession");
}
