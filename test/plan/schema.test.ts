/** manifest.json there and back. */
import { expect, test } from "vitest";
import { floorDiv, symbol } from "../../src/base/dim.js";
import { DiagnosticError } from "../../src/base/diagnostic.js";
import { readManifest, writeProgram } from "../../src/plan/schema.js";
import { compileText, manifestText } from "./compile-text.js";

const model = `
  c = Conv(x: f32[N,3,8,8], w: f32[4,3,3,3]!)
  r = Relu(c)
  p = MaxPool(r, kernel_shape=[2, 2], strides=[2, 2])
  s = Softmax(p)
  y = Add(s, b: f32[4,1,1]!)`;

test("a Program survives its manifest", async () => {
  const compiled = await compileText(model);
  const { program } = compiled.plan;
  const read = readManifest(manifestText(compiled));
  expect(writeProgram({ ...program, weights: read.program.weights })).toEqual(writeProgram(read.program));
  expect(read.program.symbols).toEqual(program.symbols);
  expect(read.program.buffers.map((b) => b.shape.join())).toEqual(program.buffers.map((b) => b.shape.join()));
  expect(read.program.steps.some((s) => s.alternate)).toBe(true);
  expect(JSON.parse(JSON.stringify(writeProgram(read.program)))).toEqual(
    (JSON.parse(manifestText(compiled)) as { program: unknown }).program,
  );
});

test("sizes keep their canonical text", () => {
  const d = floorDiv(symbol("N"), 2);
  expect(`${d}`).toBe("floordiv(N, 2)");
});

test.each([
  ["no JSON", "{", /no JSON/],
  ["a field is missing", '{"generator": "x"}', /program/],
  ["a size that is no expression", undefined, /shape/],
])("refuses: %s", async (_, text, message) => {
  const bad = text ?? manifestText(await compileText(model)).replace('"shape": [\n          "N"', '"shape": [\n          "N+"');
  const run = (): unknown => readManifest(bad);
  expect(run).toThrow(DiagnosticError);
  expect(run).toThrow(message);
});
