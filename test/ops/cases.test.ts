/**
 * Every operator of the catalogue against numbers that this repository carries (`cases/`, written by bench/op-cases.mjs
 * from the standard's own cases and onnxruntime): these tests run in any clone.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "../../src/ir/text/parse.js";
import { catalogue } from "../../src/ops/catalogue.js";
import { faultOf } from "./case-run.js";
import { readCases, writeCase } from "./case-text.js";
import { signatureOf } from "./signatures.js";

const folder = join(import.meta.dirname, "cases");
const files = readdirSync(folder).filter((f) => f.endsWith(".txt"));
const texts = new Map(files.map((file) => [file, readFileSync(join(folder, file), "utf8")]));
const cases = new Map([...texts].map(([file, text]) => [file, readCases(text)]));

test.each([...cases])("%s", (_, list) => {
  const wrong = list.flatMap((c) => {
    const fault = faultOf(c, catalogue);
    return fault === undefined ? [] : [`${c.name}: ${fault}`];
  });
  expect(wrong).toEqual([]);
});

test("no operator is without a case that gives numbers", () => {
  const covered = new Set([...cases.values()].flat().flatMap((c) => (c.fails === undefined ? parse(c.text).nodes.map((n) => n.op) : [])));
  expect([...catalogue.keys()].filter((op) => !covered.has(op))).toEqual([]);
});

test("operands, defaults and outputs are those that were held against the standard", () => {
  const written = readFileSync(join(import.meta.dirname, "signatures.txt"), "utf8")
    .trimEnd()
    .split("\n");
  expect([...catalogue.values()].map(signatureOf).sort()).toEqual(written);
});

test("cases read back as they are written", () => {
  for (const [file, text] of texts) expect(text.slice(text.indexOf("case "))).toBe(cases.get(file)?.map(writeCase).join("\n"));
});
