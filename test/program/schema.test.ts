/** manifest.json there and back, and map.json against the lines it names. */
import { describe, expect, test } from "vitest";
import { floorDiv, symbol } from "../../src/base/dim.js";
import { DiagnosticError } from "../../src/base/diagnostic.js";
import { computesOf } from "../../src/program/flow.js";
import { writeProgram } from "../../src/program/write.js";
import { readManifest, readSourceMap } from "../../src/program/schema.js";
import { compileText, manifestText, textFiles } from "../plan/compile-text.js";

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
  expect(computesOf(read.program).some((s) => s.alternate)).toBe(true);
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
  const bad = text ?? manifestText(await compileText(model)).replace('"shape": ["N"', '"shape": ["N+"');
  const run = (): unknown => readManifest(bad);
  expect(run).toThrow(DiagnosticError);
  expect(run).toThrow(message);
});

describe.each(["cann", "bang", "kunlun"])("map.json for %s", (target) => {
  test("leads from each node to whole parts of files that name it", async () => {
    const compiled = await compileText(model, { target });
    const files = textFiles(compiled);
    const { nodes } = readSourceMap(files.get("map.json") as string);
    const steps = new Set(compiled.plan.program.steps.map((s) => s.id));
    const parts = new Set<string>();
    for (const { steps: own, places } of Object.values(nodes)) {
      expect(own.filter((s) => !steps.has(s))).toEqual([]);
      for (const { file, part, first, last } of places) {
        const lines = (files.get(file) as string).split("\n").map((l) => l.trim());
        const taken = lines.slice(first - 1, last);
        parts.add(part);
        expect(
          taken.find((line) => !line.startsWith("//")),
          file,
        ).toMatch(
          { step: /^int step_/, helpers: /^namespace|^#ifndef/, kernel: /__global__|__mlu_global__/, launcher: /^extern "C"|^\/\// }[part],
        );
        expect(taken.at(-1), file).toMatch(/^(}|#endif)/);
        expect(
          [lines[first - 2], lines[last] ?? ""].every((l) => l === "" || l.startsWith("//")),
          file,
        ).toBe(true);
      }
    }
    expect([...parts].sort()).toEqual(expect.arrayContaining(["kernel", "step"]));
  });

  test("every kernel is reached, and no file of another's", async () => {
    const compiled = await compileText(model, { target });
    const { nodes } = readSourceMap(textFiles(compiled).get("map.json") as string);
    const reached = new Set(Object.values(nodes).flatMap((n) => n.places.map((p) => p.file)));
    expect([...reached].sort()).toEqual([...compiled.emitted.kernels.map((k) => k.path), "model.cpp"].sort());
  });
});

test("a map of another version is refused", () =>
  expect(() => readSourceMap('{"schemaVersion": 1, "nodes": {}}')).toThrow(/invalid-map: map.json: schemaVersion/));
