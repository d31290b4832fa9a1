/** Kernels as text and back: every kernel of the random programs prints, reads and prints the same, and C++ from what was read is the same. */
import { expect, test } from "vitest";
import { DiagnosticError } from "../../src/base/diagnostic.js";
import { chooseTarget } from "../../src/driver/targets.js";
import { interned } from "../../src/kernel/text/intern.js";
import { parseKernel } from "../../src/kernel/text/parse.js";
import { printKernel } from "../../src/kernel/text/print.js";
import { compileText } from "../plan/compile-text.js";

const models = [
  "a = Softmax(x: f32[N,50])\n y = LayerNormalization(a, s: f32[50]!)",
  "a = Transpose(x: f32[3,N,7], perm=[2, 0, 1])\n y = ReduceMean(a, axes=[1])",
  "y = Gather(x: f32[9,N], i: i32[4], axis=0)",
  "a = Erf(x: f32[N])\n b = Mul(a, a)\n c = Add(b, a)\n y = Where(m: bool[N], c, a)",
  "y = ScatterElements(x: f32[4,5], i: i32[2,5], u: f32[2,5], axis=0)",
  "y = CumSum(x: f32[3,N], k: i64[] {1})",
  'a = Cast(x: f16[N,33], to="f32")\n y = MaxPool(p: f32[1,N,9,9], kernel_shape=[3, 3], strides=[2, 2])\n z = Exp(a)',
];

test.each(["cann", "bang", "kunlun"])("kernels for %s survive their text", async (name) => {
  const { target, chip } = await chooseTarget(name);
  let count = 0;
  for (const model of models) {
    const compiled = await compileText(model, { target: name, prefer: "kernels" }).catch((e: unknown) => {
      if (e instanceof DiagnosticError) return undefined;
      throw e;
    });
    for (const kernel of compiled?.plan.program.kernels ?? []) {
      const read = parseKernel(printKernel(kernel));
      expect(printKernel(read)).toBe(printKernel(kernel));
      expect(target.printKernel(read, chip).text).toBe(target.printKernel(kernel, chip).text);
      expect(interned(read).body).toEqual(kernel.body);
      count++;
    }
  }
  expect(count).toBeGreaterThan(5);
});

test.each([
  ["kernel", /expected a name/],
  ['kernel k pointwise "s"\n from "n"\n items 1\n{ jump }', /line 4, column 7: "jump" opens no statement/],
  ['kernel k pointwise "s"\n from "n"\n items 1\n{ let a = %0 }', /dimension/],
  ['kernel k pointwise "s"\n from "n"\n items 1\n{ map vector (1 x 1) { t = %0 } }', /%0 is not said before/],
])("refuses %j", (text, message) => expect(() => parseKernel(text)).toThrow(message));
