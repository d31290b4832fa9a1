/** What a twin's headers say of a library: each call as its record has it, so that a signature stands in one place. */
import type { SymbolRecord } from "../../src/claim/target.js";

/** First line of every file that `npm run declare` writes. */
export function generatedFrom(...files: readonly string[]): string {
  return `// Generated from ${files.join(" and ")} by \`npm run declare\`; do not edit.`;
}

/** The records' prototypes in C. A record of several functions has them apart by "; ". */
export function prototypes(records: readonly SymbolRecord[], heading: readonly string[]): string {
  const lines = records.flatMap((r) => r.signature.split("; ").map((s) => `${s};`));
  return [...heading, ...lines, ""].join("\n");
}
