/** Levels that are found when the model runs: what is put where, and that the numbers stay as near as 8 bits are. */
import { expect, test } from "vitest";
import type { QuantiseContext } from "../../../passes/quantise/scheme.js";
import { dynamicRows } from "../../../passes/quantise/dynamic-rows.js";
import { checkPass } from "../check-pass.js";
import { quantising } from "./quantising.js";

const dynamic = (told: Partial<QuantiseContext> = {}) => quantising(dynamicRows, { activations: false, ...told });
const near = { error: 0.02 };

/** Levels of x, before they are integers. */
const rows = `y' = Abs(x)
     y'' = ReduceMax(y', x_axes, keepdims=1)
     y'3 = Div(y'', x_levels)
     x_scale = Max(y'3, x_least)
     y'4 = Div(x, x_scale)
     y'5 = Round(y'4)`;

test("rows of a product's first operand", () => {
  checkPass(
    dynamic(),
    "y = MatMul(x: f32[2,3,8], w: f32[8,5]!)",
    `${rows}
     x_quantized = Cast(y'5, to=3)
     y'6 = MatMulInteger(x_quantized, w_quantized)
     y'7 = Cast(y'6, to=1)
     y'8 = Mul(y'7, w_scale)
     y = Mul(y'8, x_scale)`,
    near,
  );
});

test("a Gemm's, with its bias, its weight in either order", () => {
  checkPass(
    dynamic(),
    "y = Gemm(x: f32[4,8], w: f32[5,8]!, c: f32[5]!, transB=1)",
    `${rows}
     x_quantized = Cast(y'5, to=3)
     y'6 = MatMulInteger(x_quantized, w_quantized)
     y'7 = Cast(y'6, to=1)
     y'8 = Mul(y'7, w_scale)
     y'9 = Mul(y'8, x_scale)
     y = Add(y'9, c)`,
    near,
  );
});

test("images of a convolution", () => {
  checkPass(
    dynamic(),
    "y = Conv(x: f32[2,3,5,5], w: f32[4,3,3,3]!, b: f32[4]!, pads=[1, 1, 1, 1])",
    `${rows}
     y'6 = Add(y'5, x_middle)
     x_quantized = Cast(y'6, to=2)
     y'7 = ConvInteger(x_quantized, w_quantized, x_zero_point, pads=[1, 1, 1, 1])
     y'8 = Cast(y'7, to=1)
     y'9 = Mul(y'8, w_scale)
     y'10 = Mul(y'9, x_scale)
     y = Add(y'10, b')`,
    near,
  );
});

test.each<[string, string, Partial<QuantiseContext>?]>([
  ["what is skipped", "y = MatMul(x: f32[2,32], w: f32[32,5]!)", { isSkipped: () => true }],
  ["a product of two activations", "y = MatMul(x: f32[2,32], w: f32[32,5])"],
  ["a Gemm with a factor", "y = Gemm(x: f32[4,32], w: f32[32,6]!, alpha=0.5)"],
  ["a turned first operand", "y = Gemm(x: f32[32,4], w: f32[32,6]!, transA=1)"],
  ["a transposed convolution", "y = ConvTranspose(x: f32[1,4,3,3], w: f32[4,2,2,2]!)"],
  ["a convolution whose bias is computed", "y = Conv(x: f32[1,3,5,5], w: f32[4,3,3,3]!, b: f32[4])"],
])("leaves %s", (_, text, told) => {
  expect(checkPass(dynamic(told), text).nodes).toHaveLength(1);
});
