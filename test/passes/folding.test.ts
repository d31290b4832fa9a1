/** Arithmetic that moves into weights: every rewrite is held to the maths on seeded inputs. */
import { describe, expect, test } from "vitest";
import { foldBatchnorm } from "../../passes/onnx/fold-batchnorm.js";
import { foldPad } from "../../passes/onnx/fold-pad.js";
import { foldScalar, foldScale } from "../../passes/onnx/fold-scale.js";
import { foldWeights } from "../../passes/onnx/fold-weights.js";
import { matmulToGemm } from "../../passes/onnx/matmul-to-gemm.js";
import { checkPass } from "./check-pass.js";

const bn = (x: string, channels: number, more = "") =>
  `y = BatchNormalization(${x}, s: f32[${channels}]!, o: f32[${channels}]!, m: f32[${channels}]!, v: f32[${channels}]!${more})`;

describe("fold-batchnorm", () => {
  test("folds into the conv it alone reads", () =>
    checkPass(foldBatchnorm, `c = Conv(x: f32[N,3,8,8], w: f32[4,3,3,3]!)\n ${bn("c", 4)}`, `y = Conv(x, w', o')`));

  test("keeps the conv's attributes and scales its bias", () =>
    checkPass(
      foldBatchnorm,
      `c = Conv(x: f32[1,4,8,8], w: f32[4,2,3,3]!, b: f32[4]!, group=2, pads=[1, 1, 1, 1])\n ${bn("c", 4, ", epsilon=0.5")}`,
      `y = Conv(x, w', b', group=2, pads=[1, 1, 1, 1])`,
    ));

  test("a chain folds in one go", () =>
    checkPass(
      foldBatchnorm,
      `c = Conv(x: f32[1,3,4,4], w: f32[4,3,1,1]!)
       d = BatchNormalization(c, s1: f32[4]!, o1: f32[4]!, m1: f32[4]!, v1: f32[4]!)
       ${bn("d", 4)}`,
      `y = Conv(x, w'', o1'')`,
    ));

  test("folds into ConvTranspose and Gemm", () => {
    checkPass(
      foldBatchnorm,
      `c = ConvTranspose(x: f32[1,3,4,4], w: f32[3,2,2,2]!, strides=[2, 2])\n ${bn("c", 2)}`,
      `y = ConvTranspose(x, w', o', strides=[2, 2])`,
    );
    checkPass(
      foldBatchnorm,
      `c = Gemm(x: f32[N,3], w: f32[5,3]!, b: f32[5]!, transB=1)\n ${bn("c", 5)}`,
      `y = Gemm(x, w', b', transB=1, beta=1.0)`,
    );
  });

  test.each([
    ["others read the conv", `c = Conv(x: f32[1,3,4,4], w: f32[4,3,1,1]!)\n ${bn("c", 4)}\n z = Relu(c)\n return y, z`],
    ["the conv is an output", `c = Conv(x: f32[1,3,4,4], w: f32[4,3,1,1]!)\n ${bn("c", 4)}\n return y, c`],
    ["a weight is computed", `c = Conv(x: f32[1,3,4,4], w: f32[4,3,1,1])\n ${bn("c", 4)}`],
    [
      "a parameter is computed",
      `c = Conv(x: f32[1,3,4,4], w: f32[4,3,1,1]!)\n y = BatchNormalization(c, s: f32[4], o: f32[4]!, m: f32[4]!, v: f32[4]!)`,
    ],
    ["no conv stands before it", bn("x: f32[1,4,2,2]", 4)],
    ["a transposed conv in groups", `c = ConvTranspose(x: f32[1,4,3,3], w: f32[4,1,2,2]!, group=2)\n ${bn("c", 2)}`],
  ])("declines when %s", (_, text) => void checkPass(foldBatchnorm, text));
});

describe("fold-scale", () => {
  const conv = "c = Conv(x: f32[N,3,5,5], w: f32[4,3,3,3]!, b: f32[4]!)\n";
  test.each([
    ["a number", "y = Mul(c, k: f32[]!)"],
    ["a number in front", "y = Mul(k: f32[]!, c)"],
    ["one a channel", "y = Mul(c, k: f32[4,1,1]!)"],
    ["a divisor", "y = Div(c, k: f32[1,4,1,1]!)"],
  ])("%s scales weights and bias", (_, text) => void checkPass(foldScale, conv + text, "y = Conv(x, w', b')"));

  test("sums go into the bias", () => {
    checkPass(foldScale, `${conv} y = Add(k: f32[1,4,1,1]!, c)`, "y = Conv(x, w, b')");
    checkPass(foldScale, `${conv} y = Sub(c, k: f32[]!)`, "y = Conv(x, w, b')");
    checkPass(foldScale, "c = Conv(x: f32[1,3,5,5], w: f32[4,3,3,3]!)\n y = Add(c, k: f32[4,1,1]!)", "y = Conv(x, w, w')");
  });

  test("Gemm and ConvTranspose take them too", () => {
    checkPass(foldScale, "c = Gemm(x: f32[N,3], w: f32[3,5]!, b: f32[5]!)\n y = Mul(c, k: f32[5]!)", "y = Gemm(x, w', b')");
    checkPass(foldScale, "c = Gemm(x: f32[N,3], w: f32[3,5]!)\n y = Add(c, k: f32[1,5]!)", "y = Gemm(x, w, w')");
    checkPass(foldScale, "c = ConvTranspose(x: f32[1,3,4,4], w: f32[3,2,2,2]!)\n y = Mul(c, k: f32[2,1,1]!)", "y = ConvTranspose(x, w')");
  });

  test.each([
    ["onnxruntime keeps it apart", `${conv} y = Mul(c, k: f32[1]!)`],
    ["it varies along the width", `${conv} y = Mul(c, k: f32[3]!)`],
    ["it widens the result", `${conv} y = Mul(c, k: f32[1,1,1,1,1]!)`],
    ["the conv divides it", `${conv} y = Div(k: f32[]!, c)`],
    ["the conv is taken from it", `${conv} y = Sub(k: f32[]!, c)`],
    ["others read the conv", `${conv} y = Mul(c, k: f32[]!)\n z = Relu(c)\n return y, z`],
    ["it is computed", `${conv} y = Mul(c, k: f32[])`],
    ["Gemm has an alpha", "c = Gemm(x: f32[2,3], w: f32[3,5]!, alpha=0.5)\n y = Mul(c, k: f32[]!)"],
  ])("declines when %s", (_, text) => void checkPass(foldScale, text));
});

describe("fold-scalar", () => {
  const conv = "c = Conv(x: f32[N,3,5,5], w: f32[4,3,3,3]!, b: f32[4]!)\n";
  test("takes one number in any shape, and what stands behind it", () => {
    checkPass(foldScalar, `${conv} y = Mul(k: f32[1]!, c)`, "y = Conv(x, w', b')");
    checkPass(foldScalar, `${conv} m = Mul(c, k: f32[1,1,1]!)\n y = Add(m, j: f32[4,1,1]!)`, "y = Conv(x, w', b'')");
  });
});

describe("matmul-to-gemm", () => {
  test("a sum after a matrix product", () => {
    checkPass(matmulToGemm, "m = MatMul(a: f32[N,3], b: f32[3,4]!)\n y = Add(m, c: f32[4]!)", "y = Gemm(a, b, c)");
    checkPass(matmulToGemm, "m = MatMul(a: f32[2,3], b: f32[3,4])\n y = Add(c: f32[2,1], m)", "y = Gemm(a, b, c)");
  });

  test.each([
    ["a batched product", "m = MatMul(a: f32[2,2,3], b: f32[3,4]!)\n y = Add(m, c: f32[4]!)"],
    ["a sum that widens", "m = MatMul(a: f32[1,3], b: f32[3,4]!)\n y = Add(m, c: f32[5,4]!)"],
    ["a product read twice", "m = MatMul(a: f32[2,3], b: f32[3,4]!)\n y = Add(m, c: f32[4]!)\n z = Relu(m)\n return y, z"],
  ])("declines for %s", (_, text) => void checkPass(matmulToGemm, text));
});

describe("fold-pad", () => {
  const pads = "p: i64[8]{0, 0, 1, 2, 0, 0, 3, 0}";
  test("zeros go into a conv's own padding", () =>
    checkPass(
      foldPad,
      `a = Pad(x: f32[1,3,8,8], ${pads})\n y = Conv(a, w: f32[4,3,3,3]!, pads=[1, 1, 1, 1])`,
      "y = Conv(x, w, pads=[2, 3, 4, 1])",
    ));

  test("axes, and a pool that counts its padding", () => {
    checkPass(
      foldPad,
      "a = Pad(x: f32[1,3,8,8], p: i64[2]{1, 2}, _, axes: i64[1]{-1})\n y = AveragePool(a, kernel_shape=[3, 3])",
      "y = AveragePool(x, kernel_shape=[3, 3], pads=[0, 1, 0, 2], count_include_pad=1)",
    );
    checkPass(
      foldPad,
      "a = Pad(x: f32[1,3,8,8], p: i64[8]{0, 0, 1, 1, 0, 0, 1, 1}, v: f32[]{-inf})\n y = MaxPool(a, kernel_shape=[3, 3])",
      "y = MaxPool(x, kernel_shape=[3, 3], pads=[1, 1, 1, 1])",
    );
  });

  test.each([
    ["another value", `a = Pad(x: f32[1,3,8,8], ${pads}, v: f32[]{1.0})\n y = Conv(a, w: f32[4,3,3,3]!)`],
    ["reflection", `a = Pad(x: f32[1,3,8,8], ${pads}, mode="reflect")\n y = Conv(a, w: f32[4,3,3,3]!)`],
    ["padded channels", "a = Pad(x: f32[1,3,8,8], p: i64[8]{0, 1, 0, 0, 0, 0, 0, 0})\n y = Conv(a, w: f32[4,4,3,3]!)"],
    ["cropping", "a = Pad(x: f32[1,3,8,8], p: i64[8]{0, 0, -1, 0, 0, 0, 0, 0})\n y = Conv(a, w: f32[4,3,3,3]!)"],
    ["a maximum over zeros", `a = Pad(x: f32[1,3,8,8], ${pads})\n y = MaxPool(a, kernel_shape=[3, 3])`],
  ])("declines for %s", (_, text) => void checkPass(foldPad, text));
});

describe("fold-weights", () => {
  test("a filled filter becomes a constant, a filled summand stays", () => {
    checkPass(
      foldWeights,
      "k = ConstantOfShape(s: i64[4]{64, 64, 3, 3})\n c = Conv(x: f32[1,64,4,4], k)\n e = ConstantOfShape(t: i64[4]{1, 64, 2, 2})\n y = Add(c, e)",
      "c = Conv(x, k')\ne = ConstantOfShape(t)\ny = Add(c, e)",
    );
  });
  test("declines for a filter computed at run time", () =>
    void checkPass(foldWeights, "k = Relu(w: f32[4,3,3,3])\n y = Conv(x: f32[1,3,4,4], k)"));
});

test("a folded weight is computed when it is loaded, not before", () => {
  const out = checkPass(foldScale, "c = Conv(x: f32[1,3,5,5], w: f32[4,3,3,3]!)\n y = Mul(c, k: f32[]!)", "y = Conv(x, w')");
  const [data] = [...out.constants].filter(([v]) => v.name === "w'").map(([, d]) => d);
  expect(data.at).toBeUndefined();
  expect(data.load()).not.toBe(data.load());
});
