/** Products and convolutions of levels: what is put where, and that the numbers stay near. */
import { describe, expect, test } from "vitest";
import { insertQdq } from "../../../passes/quantise/insert-qdq.js";
import type { Correction, HeldAs, QuantiseContext } from "../../../passes/quantise/scheme.js";
import { fromNumbers, toNumbers } from "../../../src/base/float-formats.js";
import { evaluateGraph } from "../../../src/ir/evaluate/evaluate.js";
import { elementCount, type Tensor } from "../../../src/base/tensor.js";
import { rankedType, type Graph } from "../../../src/ir/graph.js";
import { inferGraph } from "../../../src/ir/infer/infer.js";
import { parse } from "../../../src/ir/text/parse.js";
import { catalogue } from "../../../src/ops/catalogue.js";
import { bang } from "../../../targets/bang/target.js";
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
    ["a convolution without a bias", "y = Conv(x: f32[1,4,5,5], w: f32[6,4,3,3]!)", "w_bias", 6],
    ["in groups", "y = Conv(x: f32[1,4,5,5], w: f32[6,2,1,1]!, b: f32[6]!, group=2)", "b", 6],
    ["a transposed convolution", "y = ConvTranspose(x: f32[1,4,3,3], w: f32[4,3,2,2]!, b: f32[3]!, strides=[2, 2])", "b", 3],
    ["a Gemm", "y = Gemm(x: f32[2,4], w: f32[5,4]!, c: f32[5]!, transB=1)", "c", 5],
    ["a product", "y = MatMul(x: f32[2,4], w: f32[4,5]!)", undefined, 5],
  ])("the sums of %s are multiplied by gains, and shifts added", (_, text, bias, channels) => {
    const { graph } = inferGraph(parse(text), catalogue);
    const gains = Float64Array.from({ length: channels }, (_, c) => 1 + c / 10);
    const shifts = Float64Array.from({ length: channels }, (_, c) => 100 * c - 150);
    const heldAs = (correction?: Correction): Graph => {
      const pass = inserting({ activations: false, correctionOf: () => correction });
      return inferGraph(pass.run(graph, { target: bang, chip: bang.chips[bang.defaultChip], precision: "fp32", catalogue }), catalogue)
        .graph;
    };
    const x = fromNumbers("f32", rankedType(graph.inputs[0])?.shape as number[], Array.from({ length: 100 }, (_, i) => Math.sin(i)).slice(0, elementCount(rankedType(graph.inputs[0])?.shape as number[]))); // prettier-ignore
    const resultOf = (g: Graph): Tensor => evaluateGraph(g, catalogue, new Map([[g.inputs[0], x]])).get(g.outputs[0]) as Tensor;
    const none = bias === undefined;
    const corrected = heldAs({ gains, ...(!none && { shifts }) });
    if (bias !== undefined) expect([...corrected.constants.keys()].map((v) => v.name.replace(/'/, ""))).toContain(bias);
    const [plain, got] = [resultOf(heldAs()), resultOf(corrected)];
    const [old] = [...graph.constants].flatMap(([v, data]) => (v.name === bias ? [toNumbers(data.load())] : []));
    const inner = elementCount(got.shape.slice(text.includes("Conv") ? 2 : got.shape.length));
    Array.from(got.data as Float32Array).forEach((value, i) => {
      const c = Math.floor(i / inner) % channels;
      const b = old ? old[c] : 0;
      expect(value).toBeCloseTo((Number(plain.data[i]) - b) * gains[c] + b + (none ? 0 : shifts[c]), 3);
    });
  });
  test("a corrected bias keeps its name, and a Gemm with factors takes gains alone", () => {
    const correction = (channels: number): Correction => ({
      gains: new Float64Array(channels).fill(1),
      shifts: new Float64Array(channels),
    });
    const { constants } = checkPass(
      inserting({ correctionOf: () => correction(5) }),
      "y = Gemm(x: f32[2,8], w: f32[5,8]!, c: f32[5]!, transB=1)",
      `x_quantized = QuantizeLinear(x, x_scale, x_zero_point)
       x_dequantized = DequantizeLinear(x_quantized, x_scale, x_zero_point)
       w_dequantized = DequantizeLinear(w_quantized, w_scale, w_zero_point, axis=0)
       c_dequantized = DequantizeLinear(c_quantized, c_scale, c_zero_point, axis=0)
       y = Gemm(x_dequantized, w_dequantized, c_dequantized, transB=1)`,
      near,
    );
    expect([...constants.keys()].map((v) => v.name)).toContain("c_quantized");
    checkPass(
      inserting({ activations: false, correctionOf: () => correction(5) }),
      "y = Gemm(x: f32[2,4], w: f32[5,4]!, alpha=0.125, transB=1)",
      `w_dequantized = DequantizeLinear(w_quantized, w_scale, w_zero_point, axis=0)
       y = Gemm(x, w_dequantized, alpha=0.125, transB=1)`,
      near,
    );
  });
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
