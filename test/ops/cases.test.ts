/**
 * Every operator of the catalogue against numbers that this repository carries (`cases/`, written by bench/op-cases.mjs
 * from the standard's own cases and onnxruntime): these tests run in any clone.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "../../src/ir/parse.js";
import { catalogue } from "../../src/ops/catalogue.js";
import { faultOf } from "./case-run.js";
import { readCases, writeCase } from "./case-text.js";

const folder = join(import.meta.dirname, "cases");
const files = readdirSync(folder).filter((f) => f.endsWith(".txt"));
const read = (file: string) => readCases(readFileSync(join(folder, file), "utf8"));

test.each(files)("%s", (file) => {
  const wrong = read(file).flatMap((c) => {
    const fault = faultOf(c, catalogue);
    return fault === undefined ? [] : [`${c.name}: ${fault}`];
  });
  expect(wrong).toEqual([]);
});

test("no operator is without a case that gives numbers", () => {
  const covered = new Set(
    files.flatMap((f) => read(f).flatMap((c) => (c.fails === undefined ? parse(c.text).nodes.map((n) => n.op) : []))),
  );
  expect([...catalogue.keys()].filter((op) => !covered.has(op))).toEqual([]);
});

test("cases read back as they are written", () => {
  for (const file of files) {
    const text = readFileSync(join(folder, file), "utf8");
    expect(text.slice(text.indexOf("case "))).toBe(read(file).map(writeCase).join("\n"));
  }
});
