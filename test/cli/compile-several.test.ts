/** `compile` for several targets: what one of them refuses, the others still get. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { info, modelBytes, node } from "../onnx/build-model.js";
import { portolan } from "./portolan.js";

/** As ONNX numbers element types. */
const bfloat16 = 16;

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "portolan-several-"));
  const graph = {
    input: [info("x", [64], bfloat16)],
    output: [info("y", [64], bfloat16)],
    node: [node("Add", ["x", "x"], ["y"])],
  };
  writeFileSync(join(folder, "m.onnx"), modelBytes({ graph, more: { opsetImport: [{ domain: "", version: 18 }] } }));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test("a chip that cannot carry the model out is named, with its reason, and the others are written", async () => {
  const { code, stdout, stderr } = await portolan(["compile", "m.onnx", "-t", "cann:Ascend310P3,kunlun:R200", "-o", "out"], {
    cwd: folder,
  });
  expect(code).toBe(4);
  expect(stdout).toMatch(/^not compiled for cann:Ascend310P3$/m);
  expect(stderr).toMatch(/^error\[unsupported-lane-function\]: "y" \(x bf16, y bf16\): Ascend310P3 .* from bf16 to f32 \(cann\)$/m);
  expect(["cann-Ascend310P3", "kunlun-R200"].map((f) => existsSync(join(folder, "out", f)))).toEqual([false, true]);
});

test("JSON tells bundles, refusals and diagnostics in one document", async () => {
  const { code, stdout } = await portolan(["compile", "m.onnx", "-t", "cann:Ascend310P3,kunlun:R200", "-o", "out", "--dry-run", "--json"], {
    cwd: folder,
  });
  expect(code).toBe(4);
  expect(JSON.parse(stdout)).toMatchObject({
    ok: false,
    bundles: [{ target: "kunlun", chip: "R200" }],
    refused: ["cann:Ascend310P3"],
    diagnostics: [{ code: "unsupported-lane-function", fix: expect.stringContaining("another chip") as unknown }],
  });
});

test("what is wrong with the model is said once", async () => {
  const { code, stdout, stderr } = await portolan(["compile", "none.onnx", "-t", "all", "-o", "out"], { cwd: folder });
  expect([code, stdout, stderr.match(/^error/gm)?.length]).toEqual([3, "", 1]);
});

test("a model is not replaced by its optimised form", async () => {
  const { code, stderr } = await portolan(["optimize", "m.onnx", "-o", "./m.onnx"], { cwd: folder });
  expect([code, stderr]).toEqual([2, expect.stringContaining("error[output-exists]")]);
});
