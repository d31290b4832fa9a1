/**
 * Snippets that were labelled before the rules by somebody who had not seen them: each lies in a folder of its own and
 * is assessed as a user's would be.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { assessCode } from "../../src/api/assess-code.js";
import { DiagnosticError } from "../../src/base/diagnostic.js";
import { ruleNamed } from "../../src/code/rules.js";

interface Snippet {
  readonly id: string;
  readonly path: string;
  readonly text: string;
  readonly findings: readonly { readonly line: number; readonly category: string }[];
}

const corpus = JSON.parse(readFileSync(new URL("corpus.json", import.meta.url), "utf8")) as readonly Snippet[];
const root = mkdtempSync(join(tmpdir(), "portolan-corpus-"));
afterAll(() => rmSync(root, { recursive: true }));

/** `id line category`, notes too. */
async function foundIn({ id, path, text }: Snippet): Promise<string[]> {
  const file = join(root, id, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  try {
    const { findings } = await assessCode(join(root, id));
    return [...findings].flatMap((f) => f.findings.map(({ line, rule }) => `${id} ${line} ${ruleNamed(rule).category}`));
  } catch (error) {
    if (error instanceof DiagnosticError && error.diagnostics[0].code === "no-code") return [];
    throw error;
  }
}

test("precision and recall over the labelled snippets are at least 0.95", async () => {
  expect(corpus.length).toBeGreaterThanOrEqual(200);
  expect(corpus.filter((s) => s.findings.length === 0).length).toBeGreaterThanOrEqual(corpus.length / 3 - 1);
  const wanted = new Set(corpus.flatMap((s) => s.findings.map(({ line, category }) => `${s.id} ${line} ${category}`)));
  const given = new Set((await Promise.all(corpus.map(foundIn))).flat());
  const right = [...given].filter((g) => wanted.has(g)).length;
  const wrong = { missed: [...wanted].filter((w) => !given.has(w)), unasked: [...given].filter((g) => !wanted.has(g)) };
  expect(right / given.size, JSON.stringify(wrong)).toBeGreaterThanOrEqual(0.95);
  expect(right / wanted.size, JSON.stringify(wrong)).toBeGreaterThanOrEqual(0.95);
});
