import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { catalogue } from "../../src/ops/catalogue.js";
import { readPack, runCase, runShadow, type IndexEntry } from "./operators.js";

const folder = join(import.meta.dirname, "..", "..", "..", "shared", "onnx-tests");
const present = existsSync(join(folder, "index.json"));

function entries(): IndexEntry[] {
  return (JSON.parse(readFileSync(join(folder, "index.json"), "utf8")) as { tests: IndexEntry[] }).tests;
}

/** Runs cases and returns the failures as "name: reason". */
function failures(cases: readonly IndexEntry[]): string[] {
  const packs = new Map<string, Map<string, Uint8Array>>();
  return cases.flatMap((entry) => {
    if (!packs.has(entry.pack)) packs.set(entry.pack, readPack(join(folder, entry.pack)));
    const why = runCase(entry, packs.get(entry.pack)!, catalogue);
    return why === undefined ? [] : [`${entry.name}: ${why}`];
  });
}

function report(what: string, total: number, failed: readonly string[]): void {
  console.log(`${what}: ${total - failed.length} of ${total} (${((100 * (total - failed.length)) / total).toFixed(1)} %)`);
  if (process.env["CONFORMANCE_LIST"]) console.log(failed.join("\n"));
}

describe.skipIf(!present)("conformance set through the reference semantics", () => {
  test("easy core", () => {
    const core = new Set(readFileSync(join(folder, "easy-core.txt"), "utf8").split(/\s+/).filter(Boolean));
    const cases = entries().filter((e) => core.has(e.name));
    const failed = failures(cases);
    report("easy core", cases.length, failed);
    expect(failed.length).toBeLessThanOrEqual(0.03 * cases.length);
  });

  test("symbolic extents decide nothing that real sizes would decide otherwise", () => {
    const packs = new Map<string, Map<string, Uint8Array>>();
    const cases = entries().filter((e) => e.suite === "node" && !e.name.includes("_expanded") && !e.tags?.includes("random"));
    const results = cases.map((e) => {
      if (!packs.has(e.pack)) packs.set(e.pack, readPack(join(folder, e.pack)));
      return { name: e.name, result: runShadow(e, packs.get(e.pack)!, catalogue) };
    });
    const count = (r: unknown) => results.filter((x) => x.result === r).length;
    const wrong = results.flatMap((x) => (typeof x.result === "object" ? [`${x.name}: ${x.result.wrong}`] : []));
    console.log(`symbolic extents: ${count("same")} same, ${count("declined")} declined, ${wrong.length} wrong`);
    if (process.env["CONFORMANCE_LIST"])
      console.log(
        results
          .filter((x) => x.result === "declined")
          .map((x) => x.name)
          .join(" "),
      );
    expect(wrong).toEqual([]);
  });

  test("all single operators", () => {
    const cases = entries().filter((e) => e.suite === "node");
    const failed = failures(cases);
    report("operators", cases.length, failed);
    expect(failed.length).toBeLessThanOrEqual(0.1 * cases.length);
  });

  test("small exported graphs", () => {
    const cases = entries().filter((e) => e.suite.startsWith("pytorch") || e.suite === "simple");
    const failed = failures(cases);
    report("exported graphs", cases.length, failed);
    expect(failed.length).toBeLessThanOrEqual(0.15 * cases.length);
  });
});
