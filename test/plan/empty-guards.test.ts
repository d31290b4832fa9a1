/** Sizes at which a call would have an empty operand for a result that is not are refused by name; a call of nothing is none. */
import { expect, test } from "vitest";
import { condText } from "../../src/ir/text/print.js";
import { compileText } from "./compile-text.js";

const pooled = `
  p = MaxPool(x: f32[1,3,H,16], kernel_shape=[8, 8], strides=[8, 8])
  g = GlobalAveragePool(p)
  y = Relu(g)`;

test("an extent that may come to nothing before its mean is guarded", async () => {
  const { plan } = await compileText(pooled);
  expect(plan.program.guards.map((g) => g.message)).toContainEqual(expect.stringMatching(/^g: the extent .* of ".*" is 0 at these sizes/));
});

test("an extent that is empty with a size alone leaves that size refused; one that the result shares leaves nothing", async () => {
  const guardsOf = async (text: string) => (await compileText(text)).plan.program.guards.map((g) => `${condText(g.when)}: ${g.message}`);
  const conv = "c = Conv(x: f32[N,3,H,16], w: f32[4,3,3,3]!, pads=[1, 1, 1, 1], strides=[2, 2])";
  expect(await guardsOf(`${conv}\ny = Relu(c)`)).toEqual([]);
  expect(await guardsOf(`${conv}\ny = GlobalAveragePool(c)`)).toEqual([
    "(0 < H): y: the extent H is 0 at these sizes, and its result is not",
  ]);
  expect(await guardsOf("y = MatMul(x: f32[M,K], z: f32[K,5])")).toEqual([
    '(0 < K): y: the extent K of "x" is 0 at these sizes, and its result is not',
  ]);
});

test("a product over no elements is a kernel's, which writes zeros", async () => {
  const { emitted } = await compileText("y = MatMul(x: f32[4,0], z: f32[0,5])");
  expect(emitted.steps.map((s) => s.act.kind)).not.toContain("library");
});
