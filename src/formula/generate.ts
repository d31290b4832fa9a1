/**
 * Compiles the repository's own formulas ahead of time: every `src/ops/formulas/NAME.formula.ts` becomes
 * `NAME.gen.ts` beside it, which is committed; a test proves it current. Run as
 * `node dist/src/formula/generate.js` after a build.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { DiagnosticError } from "../base/diagnostic.js";
import { rewriteFormulas } from "./rewrite.js";

const language = "../lang.js";

/** The text of NAME.gen.ts. The header shares the first line, so line numbers stay the author's. */
export function generateFormulas(source: string, name: string): string {
  const path = `src/ops/formulas/${name}.formula.ts`;
  const { text, problems } = rewriteFormulas(source, { path, language: [language], user: false });
  if (problems.length > 0) throw new DiagnosticError(problems);
  return `/* Generated from ${name}.formula.ts; do not edit. */ import { dispatcher } from "../lang/dispatch.js"; const $ = dispatcher(${JSON.stringify(path)}); ${text}`;
}

/** The formula files of a folder, by name without suffix. */
export function formulaNames(folder: string): string[] {
  return readdirSync(folder)
    .filter((f) => f.endsWith(".formula.ts"))
    .map((f) => f.slice(0, -".formula.ts".length))
    .sort();
}

/** Writes every generated file of the folder. */
function generateAll(folder: string): void {
  for (const name of formulaNames(folder)) {
    const source = readFileSync(join(folder, `${name}.formula.ts`), "utf8");
    writeFileSync(join(folder, `${name}.gen.ts`), generateFormulas(source, name));
  }
}

const script = process.argv[1];
if (script && import.meta.url === pathToFileURL(script).href) generateAll(join("src", "ops", "formulas"));
