/** Products and convolutions of levels: what is put where, and that the numbers stay near. */
import { describe, expect, test } from "vitest";
import { insertQdq } from "../../../passes/quantise/insert-qdq.js";
import type { HeldAs, QuantiseContext } from "../../../passes/quantise/scheme.js";
import { checkPass } from "../check-pass.js";
import { quantising } from "./quantising.js";

/** Seeded elements lie within 4 of zero. */
const usual: HeldAs = { dtype: "i8", scale: 8 / 255, zero: 0 };

const inserting = (told: Partial<QuantiseContext> = {}) => quantising(insertQdq, { heldAs: () => usual, ...told });

const near = { error: 0.1 };

describe("insert-qdq", () => {
  test("a convolution reads levels of all three operands", () =>
    checkPass(
      inserting(),
      `y = Conv(x: f32[1,3,5,5], w: f32[4,3,3,3]!, b: f32[4]!, pads=[1, 1, 1, 1])`,
      `x_quantized = QuantizeLinear(x, x_scale, x_zero_point)
       x_dequantized = DequantizeLinear(x_quantized, x_scale, x_zero_point)
       w_dequantized = DequantizeLinear(w_quantized, w_scale, w_zero_point, axis=0)
       b_dequantized = DequantizeLinear(b_quantized, b_scale, b_zero_point, axis=0)
       y = Conv(x_dequantized, w_dequantized, b_dequantized, pads=[1, 1, 1, 1])`,
      near,
    ));
  test("with weights alone the activation stays", () =>
    checkPass(
      inserting({ activations: false }),
      `y = MatMul(x: f32[2,8], w: f32[8,5]!)`,
      `w_dequantized = DequantizeLinear(w_quantized, w_scale, w_zero_point, axis=1)
       y = MatMul(x, w_dequantized)`,
      near,
    ));
  test.each([
    ["skipped", `y = Conv(x: f32[1,3,5,5], w: f32[4,3,3,3]!)`, { isSkipped: () => true }],
    ["without a grid", `y = MatMul(x: f32[2,8], w: f32[8,5]!)`, { heldAs: () => undefined }],
    ["a convolution with computed filters", `y = Conv(x: f32[1,3,5,5], w: f32[4,3,3,3])`, {}],
    ["a transposed convolution in groups", `y = ConvTranspose(x: f32[1,4,3,3], w: f32[4,1,2,2]!, group=2)`, {}],
    ["a product with a constant on the left", `y = MatMul(w: f32[5,8]!, x: f32[8,3])`, {}],
    ["a product of integers", `y = MatMul(x: i32[2,8], w: i32[8,5]!)`, {}],
    ["weights alone of a product of activations", `y = MatMul(x: f32[2,8], w: f32[8,5])`, { activations: false }],
  ] as const)("leaves what is %s", (_, text, told) => {
    expect(checkPass(inserting(told), text).nodes).toHaveLength(1);
  });
});
