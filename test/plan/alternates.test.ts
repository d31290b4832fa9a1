/** A step's other way: when there is one, and that it gives the same numbers on the twin. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { packageRoot } from "../../src/host/package.js";
import { chooseTarget } from "../../src/driver/targets.js";
import { askedName, computesOf } from "../../src/program/flow.js";
import { buildBundle } from "../../src/verify/build-bundle.js";
import { difference } from "../../src/verify/compare.js";
import { runBundle } from "../../src/verify/run-bundle.js";
import { twinLibrary } from "../../src/verify/twin-library.js";
import { compileText, textFiles } from "./compile-text.js";

const model = `
  a = Conv(x: f32[1,3,8,8], w: f32[4,3,3,3]!)
  b = Relu(a)
  p = MaxPool(b, kernel_shape=[2, 2], strides=[2, 2])
  q = Conv(p, v: f32[4,4,1,1]!)
  s = Mul(q, k: f32[1,4,1,1]!)
  t = Sigmoid(s)
  u = ConvTranspose(t, z: f32[4,2,2,2]!, strides=[2, 2])
  y = Softmax(u, axis=1)`;

const ways = async (text: string, prefer?: "library" | "kernels"): Promise<string[]> => {
  const { emitted } = await compileText(text, { prefer });
  return emitted.steps.map((s) => `${s.act.kind}/${s.alternate?.kind ?? "-"}`);
};

test("library steps carry kernels, kernels carry calls; matrix work has one way", async () =>
  expect(await ways(model)).toEqual(expect.arrayContaining(["library/-", "kernel/library", "library/kernel"])));

test("a kernel with an operator that no row takes has one way", async () =>
  expect(await ways("a = Relu(x: f32[4])\n y = Erf(a)")).toEqual(["kernel/-"]));

test("preferring turns the rule round", async () => {
  const text = "y = Relu(x: f32[4])";
  expect(await ways(text)).toEqual(["kernel/library"]);
  expect(await ways(text, "library")).toEqual(["library/kernel"]);
  expect(await ways("y = MaxPool(x: f32[1,2,4,4], kernel_shape=[2, 2])", "kernels")).toContain("kernel/library");
});

test("a step with one way says why", async () => {
  const reasons = async (text: string): Promise<(string | undefined)[]> =>
    computesOf((await compileText(text)).plan.program).map((s) => s.oneWay);
  expect(await reasons("a = Relu(x: f32[4])\n y = Erf(a)")).toEqual(["the library has no call for Erf"]);
  expect(await reasons("y = Relu(x: f32[4])")).toEqual([undefined]);
  expect(await reasons("y = MatMul(x: f32[4,8], w: f32[8,8]!)")).toEqual([expect.stringContaining("matrix unit")]);
  const large = "y = ConvTranspose(x: f32[1,128,2,2], w: f32[128,64,2,2]!, strides=[2, 2])";
  expect(await reasons(large)).toContain("kernels would store 32768 elements of its weights a second time");
});

test("the kernels of a call that reads an input's halves read them where they lie", async () => {
  const { plan, emitted } = await compileText("y = GlobalMaxPool(x: f16[1,3,3,4,3])", { target: "cann:Ascend910B2", prefer: "library" });
  expect(emitted.steps.map((s) => `${s.act.kind}/${s.alternate?.kind ?? "-"}`)).toEqual(["library/kernel"]);
  expect(plan.program.buffers.filter((b) => b.aliasOf !== undefined)).toEqual([]);
});

test("both ways stand in model.cpp", async () => {
  const cpp = textFiles(await compileText("y = Relu(x: f32[4])")).get("model.cpp");
  expect(cpp).toMatch(/int step_\w+_library\(const Run& r\)/);
  expect(cpp).toMatch(/"kernel", step_\w+, "library", step_\w+_library\}/);
});

test("every other way agrees on the twin", { timeout: 300_000 }, async () => {
  const output = mkdtempSync(join(tmpdir(), "portolan-ways-"));
  try {
    const { plan } = await compileText(model, { output, force: true, withTwin: false });
    const { target } = await chooseTarget("bang");
    const program = await buildBundle(output, target, await twinLibrary(target, packageRoot, {}), { flags: ["-Wall", "-Wextra"] });
    const data = Float32Array.from({ length: 192 }, (_, i) => Math.sin(i));
    const feed = new Map([["x", { dtype: "f32" as const, shape: [1, 3, 8, 8], data }]]);
    const usual = (await runBundle(program, feed, { weights: output })).outputs?.get("y");
    expect(usual).toBeDefined();
    const others = computesOf(plan.program).flatMap((s) => (s.alternate ? [[s.id, askedName(s.alternate)] as const] : []));
    for (const steps of [...others.map((o) => [o]), others]) {
      const ran = await runBundle(program, feed, { weights: output, steps: Object.fromEntries(steps) });
      expect(ran.error ?? ran.violation, steps.join()).toBeUndefined();
      if (usual)
        expect(
          difference(
            [ran.outputs?.get("y")].filter((t) => t !== undefined),
            [usual],
          ).maxAbs,
        ).toBeLessThan(1e-5);
    }
  } finally {
    rmSync(output, { recursive: true, force: true });
  }
});
