/** Sizes at which a call would have an empty operand for a result that is not are refused by name; a call of nothing is none. */
import { expect, test } from "vitest";
import { compileText } from "./compile-text.js";

const pooled = `
  p = MaxPool(x: f32[1,3,H,16], kernel_shape=[8, 8], strides=[8, 8])
  g = GlobalAveragePool(p)
  y = Relu(g)`;

test("an extent that may come to nothing before its mean is guarded", async () => {
  const { plan } = await compileText(pooled);
  expect(plan.program.guards.map((g) => g.message)).toContainEqual(expect.stringMatching(/^g: the extent .* of ".*" is 0 at these sizes/));
});

test("extents that are at least 1 with their inputs need no guard", async () => {
  const { plan } = await compileText(
    "c = Conv(x: f32[1,3,H,16], w: f32[4,3,3,3]!, pads=[1, 1, 1, 1], strides=[2, 2])\n y = GlobalAveragePool(c)",
  );
  expect(plan.program.guards).toEqual([]);
});

test("a product over no elements is a kernel's, which writes zeros", async () => {
  const { emitted } = await compileText("y = MatMul(x: f32[4,0], z: f32[0,5])");
  expect(emitted.steps.map((s) => s.act.kind)).not.toContain("library");
});
