/** Products and convolutions of levels: what is put where, and that the numbers stay near. */
import { describe, expect, test } from "vitest";
import { insertQdq } from "../../../passes/quantise/insert-qdq.js";
import type { HeldAs, QuantiseContext } from "../../../passes/quantise/scheme.js";
import { fromNumbers } from "../../../src/base/float-formats.js";
import { evaluateGraph } from "../../../src/ir/evaluate/evaluate.js";
import type { Tensor } from "../../../src/base/tensor.js";
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
    ["a convolution without a bias", "y = Conv(x: f32[1,4,5,5]{K}, w: f32[6,4,3,3]!)", "w_bias"],
    ["in groups", "y = Conv(x: f32[1,4,5,5]{K}, w: f32[6,2,1,1]!, b: f32[6]!, group=2)", "b"],
    ["a transposed convolution", "y = ConvTranspose(x: f32[1,4,3,3]{K}, w: f32[4,3,2,2]!, b: f32[3]!, strides=[2, 2])", "b"],
    ["a Gemm", "y = Gemm(x: f32[2,4]{K}, w: f32[5,4]!, c: f32[5]!, transB=1)", "c"],
  ])("the bias of %s is less what rounding the weight adds where the activation is as on average", (_, text, bias) => {
    const means = [5, -300, 20, 80];
    const { graph } = inferGraph(parse(text.replace("{K}", "")), catalogue);
    const x = graph.inputs[0];
    const shape = rankedType(x)?.shape as number[];
    const inner = shape.slice(2).reduce((a, b) => a * b, 1);
    const constant = fromNumbers("f32", shape, Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => means[Math.floor(i / inner) % 4])); // prettier-ignore
    /** The mean of each channel: taps of a transposed convolution meet at different places. */
    const resultOf = (g: Graph): number[] => {
      const typed = inferGraph(g, catalogue).graph;
      const y = evaluateGraph(typed, catalogue, new Map([[typed.inputs[0], constant]])).get(typed.outputs[0]) as Tensor;
      const [channels, own] = [y.shape[1], y.shape.slice(2).reduce((a, b) => a * b, 1)];
      const sums = new Array<number>(channels).fill(0);
      Array.from(y.data as Float32Array).forEach((v, i) => (sums[Math.floor(i / own) % channels] += v));
      return sums.map((s) => (s * channels) / y.data.length);
    };
    const heldAs = (given: readonly number[] | undefined): number[] => {
      const told = { activations: false, meansOf: () => given && Float64Array.from(given) };
      const out = inserting(told).run(graph, { target: bang, chip: bang.chips[bang.defaultChip], precision: "fp32", catalogue });
      if (given) expect([...out.constants.keys()].map((v) => v.name.replace(/'/, ""))).toContain(bias);
      return resultOf(out);
    };
    const want = resultOf(graph);
    const off = (got: number[]): number => Math.max(...got.map((y, i) => Math.abs(y - want[i])));
    expect(off(heldAs(means))).toBeLessThan(1e-3);
    expect(off(heldAs(undefined))).toBeGreaterThan(0.05);
  });
  test("taps count by how often they meet the activation, and a Gemm with a factor keeps its numbers", () => {
    const told = { activations: false, meansOf: () => Float64Array.of(7) };
    const one = "y = Conv(x: f32[1,1,1,1], w: f32[1,1,3,3]!, b: f32[1]!, pads=[1, 1, 1, 1])";
    const { graph } = inferGraph(parse(one), catalogue);
    const at = (g: Graph): number => {
      const typed = inferGraph(g, catalogue).graph;
      return Number(
        evaluateGraph(typed, catalogue, new Map([[typed.inputs[0], fromNumbers("f32", [1, 1, 1, 1], [7])]])).get(typed.outputs[0])?.data[0],
      );
    };
    const out = inserting(told).run(graph, { target: bang, chip: bang.chips[bang.defaultChip], precision: "fp32", catalogue });
    expect(at(out)).toBeCloseTo(at(graph), 4);
    const factored = inserting({ ...told, meansOf: () => new Float64Array(4).fill(9) });
    checkPass(
      factored,
      "y = Gemm(x: f32[2,4], w: f32[5,4]!, alpha=0.125, transB=1)",
      `w_dequantized = DequantizeLinear(w_quantized, w_scale, w_zero_point, axis=0)
       y = Gemm(x, w_dequantized, alpha=0.125, transB=1)`,
      near,
    );
  });
  test("a bias that takes means back keeps its name", () => {
    const { constants } = checkPass(
      inserting({ meansOf: () => new Float64Array(8) }),
      "y = Gemm(x: f32[2,8], w: f32[5,8]!, c: f32[5]!, transB=1)",
      `x_quantized = QuantizeLinear(x, x_scale, x_zero_point)
       x_dequantized = DequantizeLinear(x_quantized, x_scale, x_zero_point)
       w_dequantized = DequantizeLinear(w_quantized, w_scale, w_zero_point, axis=0)
       c_dequantized = DequantizeLinear(c_quantized, c_scale, c_zero_point, axis=0)
       y = Gemm(x_dequantized, w_dequantized, c_dequantized, transB=1)`,
      near,
    );
    expect([...constants.keys()].map((v) => v.name)).toContain("c_quantized");
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
