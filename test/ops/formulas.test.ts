import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { formulaNames, generateFormulas } from "../../src/formula/generate.js";

const folder = join(import.meta.dirname, "..", "..", "src", "ops", "formulas");

test.each(formulaNames(folder))("%s.gen.ts is what its formulas compile to", (name) => {
  const source = readFileSync(join(folder, `${name}.formula.ts`), "utf8");
  expect(readFileSync(join(folder, `${name}.gen.ts`), "utf8")).toBe(generateFormulas(source, name));
});

test("the rewrite keeps every line where it was", () => {
  const source = readFileSync(join(folder, "softmax.formula.ts"), "utf8");
  expect(generateFormulas(source, "softmax").split("\n")).toHaveLength(source.split("\n").length);
});
