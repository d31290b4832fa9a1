/** Every diagnostic has a page and every page a diagnostic; the table of exit codes says what the code does. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { exitCodeOf, exitCodes } from "../../src/cli/exit.js";
import { readPages } from "../../src/cli/explain.js";
import { root } from "./root.js";
import { sourceCodes } from "./source-codes.js";

const codes = [...sourceCodes()].sort();
const pages = readPages();

describe("docs/diagnostics.md", () => {
  test("has a page for every code in the sources", () => {
    expect(codes.length).toBeGreaterThan(80);
    expect(codes.filter((c) => !pages.has(c))).toEqual([]);
  });

  test("has no page for a code that nothing gives", () => {
    expect([...pages.keys()].filter((c) => !codes.includes(c))).toEqual([]);
  });

  test("every page shows an example and says what to do", () => {
    for (const [code, page] of pages) expect(page, code).toMatch(new RegExp(`\`\`\`\\n${code}: [^]+What to do: .{8,}`));
  });
});

describe("docs/cli.md", () => {
  const text = readFileSync(join(root, "docs/cli.md"), "utf8");
  const rows = [...text.matchAll(/^\| (\d+) +\| ([a-z]+) +\|/gm)];
  const named = [...text.matchAll(/^- (\d+): (.*)$/gm)].map(([, exit, list]) => [exit, list] as const);

  test("lists every exit code under its name", () => {
    expect(Object.fromEntries(rows.map(([, code, name]) => [name, Number(code)]))).toEqual(exitCodes);
  });

  test("names the diagnostics of every exit code, all of them and in order; the rest mean the model", () => {
    const told = Object.fromEntries(named.map(([exit, list]) => [exit, [...list.matchAll(/`([^`]+)`/g)].map(([, code]) => code)]));
    const given: Record<string, string[]> = { [exitCodes.model]: [] };
    for (const code of codes) if (exitCodeOf(code) !== exitCodes.model) (given[exitCodeOf(code)] ??= []).push(code);
    expect(told).toEqual(given);
    expect(new Map(named).get(`${exitCodes.model}`)).toBe("every other diagnostic");
  });
});
