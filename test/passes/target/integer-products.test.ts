/** Products of levels as whole numbers: what becomes of QDQ, and that the numbers are those of the float form. */
import { describe, test } from "vitest";
import { integerProducts } from "../../../passes/target/integer-products.js";
import { checkPass } from "../check-pass.js";

const on = { error: 1e-5 } as const;
const x = (shape: string, zero = 3) => `x = DequantizeLinear(q: i8${shape}, s: f32[]{0.05}, z: i8[]{${zero}})`;

describe("integer-products", () => {
  test("a product, with what the zero point adds to each column", () =>
    checkPass(
      integerProducts,
      `${x("[2,3,8]")}\n w = DequantizeLinear(v: i8[8,4]!, t: f32[4]{0.1, 0.2, 0.3, 0.4}, o: i8[4]{0, 0, 0, 0}, axis=1)\n y = MatMul(x, w)`,
      `y' = MatMulInteger(q, v)
       y'' = Add(y', y_offset)
       y'3 = Cast(y'', to=1)
       y = Mul(y'3, y_scale)`,
      on,
    ));

  test("a Gemm with turned levels and a bias on the scale of the sums", () =>
    checkPass(
      integerProducts,
      `${x("[2,8]", 0)}
       w = DequantizeLinear(v: i8[4,8]!, t: f32[]{0.5})
       b = DequantizeLinear(k: i32[4]{1, -2, 300, 4}, u: f32[]{0.025})
       y = Gemm(x, w, b, transB=1)`,
      `y' = MatMulInteger(q, v')
       y'' = Add(y', y_offset)
       y'3 = Cast(y'', to=1)
       y = Mul(y'3, y_scale)`,
      on,
    ));

  test("a convolution is padded with the level of zero, and a float bias is added at the end", () =>
    checkPass(
      integerProducts,
      `${x("[1,4,5,5]")}
       w = DequantizeLinear(v: i8[6,2,3,3]!, t: f32[6]{0.1, 0.2, 0.3, 0.4, 0.5, 0.6}, axis=0)
       y = Conv(x, w, b: f32[6]!, group=2, pads=[1, 0, 1, 2], strides=[2, 1])`,
      `y' = Pad(q, pads, zero)
       y'' = ConvInteger(y', v, group=2, strides=[2, 1])
       y'3 = Add(y'', y_offset)
       y'4 = Cast(y'3, to=1)
       y'5 = Mul(y'4, y_scale)
       y'6 = Reshape(b, shape)
       y = Add(y'5, y'6)`,
      on,
    ));

  test("a product of activations keeps both zero points", () =>
    checkPass(
      integerProducts,
      `${x("[2,3,8]")}\n b = DequantizeLinear(v: i8[2,8,4], t: f32[]{0.1}, o: i8[]{-7})\n y = MatMul(x, b)`,
      `y' = MatMulInteger(q, v, q_zero_point, v_zero_point)
       y'' = Cast(y', to=1)
       y = Mul(y'', y_scale)`,
      on,
    ));

  test("levels are moved before they are multiplied", () =>
    checkPass(
      integerProducts,
      `${x("[2,3,8]")}\n t = Transpose(x, perm=[0, 2, 1])\n y = MatMul(x, t)`,
      `y' = Transpose(q, perm=[0, 2, 1])
       y'' = MatMulInteger(q, y', q_zero_point, levels_zero_point)
       y'3 = Cast(y'', to=1)
       y = Mul(y'3, y_scale)`,
      on,
    ));

  test("a weight's zero points are taken out of it", () =>
    checkPass(
      integerProducts,
      `${x("[2,3]", 0)}\n w = DequantizeLinear(v: u8[3,2]{100, 200, 120, 130, 90, 255}, t: f32[2]{0.5, 0.25}, o: u8[2]{100, 190}, axis=1)\n y = MatMul(x, w)`,
      `y' = MatMulInteger(q, v')
       y'' = Cast(y', to=1)
       y = Mul(y'', y_scale)`,
      on,
    ));

  test("one that does not fit stays a zero point, of a product and of a convolution", () => {
    checkPass(
      integerProducts,
      `${x("[2,3]")}\n w = DequantizeLinear(v: u8[3,2]{0, 200, 120, 130, 90, 255}, t: f32[]{0.5}, o: u8[]{100})\n y = MatMul(x, w)`,
      `y' = MatMulInteger(q, v, q_zero_point, v_zero_point)
       y'' = Cast(y', to=1)
       y = Mul(y'', y_scale)`,
      on,
    );
    checkPass(
      integerProducts,
      `${x("[1,1,3,3]")}
       w = DequantizeLinear(v: u8[2,1,1,2]{0, 200, 120, 255}, t: f32[]{0.5}, o: u8[]{100})
       y = Conv(x, w, b: f32[2]!, pads=[0, 1, 0, 1])`,
      `y' = ConvInteger(q, v, q_zero_point, v_zero_point, pads=[0, 1, 0, 1])
       y'' = Cast(y', to=1)
       y'3 = Mul(y'', y_scale)
       y'4 = Reshape(b, shape)
       y = Add(y'3, y'4)`,
      on,
    );
  });

  test.each<[string, string]>([
    ["the activation has several scales", `x = DequantizeLinear(q: i8[2,8], s: f32[2]{1, 2}, axis=0)\n w = DequantizeLinear(v: i8[8,4]!, t: f32[]{0.5})\n y = MatMul(x, w)`],
    ["a scale is computed", `x = DequantizeLinear(q: i8[2,8], s: f32[])\n w = DequantizeLinear(v: i8[8,4]!, t: f32[]{0.5})\n y = MatMul(x, w)`],
    ["the weight's scales lie along what is summed", `${x("[2,2]")}\n w = DequantizeLinear(v: i8[2,4]!, t: f32[2]{1, 2}, axis=0)\n y = MatMul(x, w)`],
    ["a sum might leave int32", `${x("[1,40000]")}\n w = DequantizeLinear(v: i8[40000,1]!, t: f32[]{0.5})\n y = MatMul(x, w)`],
    ["how many terms a sum has is open", `${x("[2,n]")}\n b = DequantizeLinear(v: i8[n,4], t: f32[]{0.5})\n y = MatMul(x, b)`],
    ["the filters are of open size", `${x("[1,2,5,5]")}\n w = DequantizeLinear(v: i8[3,2,n,3], t: f32[]{0.5})\n y = Conv(x, w)`],
    ["a convolution pads by itself", `${x("[1,2,5,5]")}\n w = DequantizeLinear(v: i8[3,2,3,3]!, t: f32[]{0.5})\n y = Conv(x, w, auto_pad="SAME_UPPER")`],
    ["a Gemm has a factor", `${x("[2,8]")}\n w = DequantizeLinear(v: i8[8,4]!, t: f32[]{0.5})\n y = Gemm(x, w, alpha=0.5)`],
  ])("declines when %s", (_, text) => void checkPass(integerProducts, text, undefined, on)); // prettier-ignore
});
