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
  const rows = [...text.matchAll(/^\| (\d+) +\| ([a-z]+) +\|.*\|(.*)\|$/gm)];

  test("lists every exit code under its name", () => {
    expect(Object.fromEntries(rows.map(([, code, name]) => [name, Number(code)]))).toEqual(exitCodes);
  });

  test("puts each diagnostic it names under the exit code that it gives", () => {
    for (const [, exit, , named] of rows)
      for (const [, code] of named.matchAll(/`([a-z-]+)`/g)) expect([code, exitCodeOf(code)]).toEqual([code, Number(exit)]);
  });

  test("names every diagnostic that does not mean the model itself", () => {
    const others = codes.filter((c) => exitCodeOf(c) !== exitCodes.model && !c.startsWith("twin-") && !c.startsWith("formula-"));
    expect(others.filter((c) => !text.includes(`\`${c}\``))).toEqual([]);
  });
});
