/** The mutation engine by itself, and a small seeded sample of mutants on every twin; all of them run in `npm run acceptance -- 6`. */
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { equivalence } from "./equivalents.js";
import { mutantsOf, sample, splitArguments } from "./mutate.js";
import { bangOperators } from "./operators-bang.js";
import { cannOperators } from "./operators-cann.js";
import { countByClass, teethOf } from "./teeth.js";

const root = resolve(import.meta.dirname, "../../..");

test("arguments are split at their own level only", () => {
  expect(splitArguments("a[f(1, 2)], {1, n, 0}, 3")).toEqual(["a[f(1, 2)]", "{1, n, 0}", "3"]);
  expect(splitArguments("a); b(c")).toBeUndefined();
});

test("a barrier is dropped, and comments are left alone", () => {
  const text = "  // PipeBarrier<PIPE_V>();\n  PipeBarrier<PIPE_V>();\n";
  const found = mutantsOf(text, cannOperators);
  expect(found.map((m) => [m.kind, m.line, m.text])).toEqual([["sync", 2, "  // PipeBarrier<PIPE_V>();\n  ;\n"]]);
});

test("every class of mistake has a site in a copy and an instruction", () => {
  const text = [
    "__nram__ float x[64];",
    "__memcpy(x, y + i, n * 4, GDRAM2NRAM);",
    "__bang_sub(x, x, z, n);",
    "__sync();",
    "for (int t = taskId; t < n; t += taskDim) {",
  ].join("\n");
  const kinds = new Set(mutantsOf(text, bangOperators).map((m) => m.kind));
  expect([...kinds].sort()).toEqual([
    "capacity",
    "direction",
    "length",
    "misalign",
    "off-by-one",
    "operands",
    "overlap",
    "read-before-write",
    "shrink",
    "sync",
  ]);
});

test("a sample keeps the order and depends on its seed alone", () => {
  const items = Array.from({ length: 100 }, (_, i) => i);
  const drawn = sample(items, 10, 7);
  expect(drawn).toHaveLength(10);
  expect(drawn).toEqual([...drawn].sort((a, b) => a - b));
  expect(sample(items, 10, 7)).toEqual(drawn);
  expect(sample(items, 10, 8)).not.toEqual(drawn);
});

test("a fence before a fence is no mistake to drop, one before a store is", () => {
  const drop = (text: string) => mutantsOf(text, [{ kind: "sync", what: "drop a fence", find: /mfence_lm\(\);/g, replace: () => ";" }])[0];
  const doubled = "{\n  mfence_lm();\n}\nmfence();\n";
  const needed = "{\n  mfence_lm();\n  LM2GM(a, b, 4);\n}\nmfence();\n";
  expect(equivalence(doubled, drop(doubled))).toMatch(/another fence/);
  expect(equivalence(needed, drop(needed))).toBeUndefined();
});

describe("a sample on the twins", () => {
  test.each([
    ["cann", "add"],
    ["bang", "broadcast-add"],
    ["kunlun", "where_positive"],
  ] as const)("%s: mutants of the probe %s are noticed", { timeout: 120_000 }, async (target, probe) => {
    const verdicts = await teethOf(target, { root, only: [probe], most: 6, seed: 2 });
    const all = countByClass(verdicts).at(-1);
    expect(all?.mutants).toBeGreaterThanOrEqual(4);
    expect(all?.killed, JSON.stringify(verdicts.filter((v) => v.fate === "survived").map((v) => v.mutant.after))).toBeGreaterThanOrEqual(
      (all?.mutants ?? 0) - 1,
    );
  });
});
