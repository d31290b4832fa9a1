/** A Program as text and back. */
import { expect, test } from "vitest";
import { parseProgram } from "../../src/program/text/parse.js";
import { printProgram } from "../../src/program/text/print.js";
import { readManifest } from "../../src/program/schema.js";
import { compileText, manifestText } from "../plan/compile-text.js";

const models = [
  `c = Conv(x: f32[N,3,8,8], w: f32[4,3,3,3]!)
   r = Relu(c)
   p = MaxPool(r, kernel_shape=[2, 2], strides=[2, 2])
   t = Transpose(p, perm=[0, 2, 3, 1])
   g = Gather(t, i: i64[2], axis=1)
   y = Softmax(g)`,
  `graph loop(x: f32[1,5], n: i64[]) -> (y) {
     const go: bool[] = {1}
     const axes: i64[1] = {0}
     g: f32[*] = Loop(n, go, x, body=graph b(i: i64[], c: bool[], h: f32[*]) -> (c2, z) {
       c2: bool[] = Identity(c)
       z: f32[*] = Concat(h, x, axis=0)
     })
     s: f32[5] = ReduceSum(g, axes, keepdims=0)
     m: f32[] = ReduceMax(s, keepdims=0)
     q: bool[] = Greater(m, m)
     y: f32[5] = If(q, then_branch=graph a() -> (k) {
       k: f32[5] = Neg(s)
     }, else_branch=graph e() -> (l) {
       l: f32[5] = Sin(s)
     })
   }`,
  "y = Transpose(x: u4[n,5], perm=[1, 0])\n z = Cast(x, to=17)",
];

test.each(["cann", "bang", "kunlun"])("programs for %s survive their text", async (target) => {
  for (const model of models) {
    const { program } = readManifest(manifestText(await compileText(model, { target })));
    const text = printProgram(program);
    const read = parseProgram(text);
    expect(printProgram(read)).toBe(text);
    expect(read).toEqual(program);
  }
});

test("a buffer has the type of the host's array and the one that is stored", async () => {
  const text = printProgram((await compileText(models[2])).plan.program);
  expect(text.match(/buffer .* (input|output)$/gm)).toEqual([
    expect.stringMatching(/"x": u4 as u8\[n, 5\] input/),
    expect.stringMatching(/"y": u4 as u8\[5, n\] output/),
    expect.stringMatching(/"z": f8e4m3fn as f32\[n, 5\] output/),
  ]);
});

test("errors say where", () => {
  const text = 'program "m" prefix m for cann Ascend910B2 "CANN" fp32 {\n  inputs\n  outputs\n  jump "a" from ()\n}\n';
  expect(() => parseProgram(text)).toThrow(/line 4, column \d+: "jump" opens no step/);
});
