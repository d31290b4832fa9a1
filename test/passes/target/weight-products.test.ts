/** Products by a quantised weight where the library takes it packed: the same weight in the operator's own order. */
import { describe, expect, test } from "vitest";
import { weightProducts } from "../../../passes/target/weight-products.js";
import { inferGraph } from "../../../src/ir/infer/infer.js";
import { parse } from "../../../src/ir/text/parse.js";
import { sketch } from "../../../src/ir/text/print.js";
import { catalogue } from "../../../src/ops/catalogue.js";
import { bang } from "../../../targets/bang/target.js";
import { cann } from "../../../targets/cann/target.js";
import { checkPass, expectSameNumbers } from "../check-pass.js";

const on = { target: cann, chip: cann.chips["Ascend910B2"], precision: "fp16" } as const;

describe("weight-products", () => {
  test("a column's scale is one of a block beyond the weight", () =>
    void checkPass(
      weightProducts,
      `w = DequantizeLinear(v: i8[40,24]!, s: f32[24]!, axis=1)\n y = MatMul(x: f32[2,3,40], w)`,
      `y = com.microsoft::MatMulNBits(x, w', w'', K=40, N=24, bits=8, block_size=64)`,
      on,
    ));

  test.each([
    ["one scale and a zero point", `w = DequantizeLinear(v: u8[40,24]!, s: f32[]{0.02}, z: u8[]{120})\n y = MatMul(x: f32[3,40], w)`],
    ["zero points of columns", `w = DequantizeLinear(v: u8[40,24]!, s: f32[24]!, z: u8[24]!, axis=1)\n y = MatMul(x: f32[3,40], w)`],
    ["a turned weight and a bias", `w = DequantizeLinear(v: i8[24,40]!, s: f32[24]!, z: i8[24]!, axis=0)\n y = Gemm(x: f32[3,40], w, c: f32[24]!, transB=1)`],
    ["blocks of four bits", `w = DequantizeLinear(v: u4[64,8]!, s: f32[2,8]!, z: u4[2,8]!, axis=0, block_size=32)\n y = MatMul(x: f32[3,64], w)`],
    ["blocks of a turned weight", `w = DequantizeLinear(v: i4[8,64]!, s: f32[8,2]!, axis=1, block_size=32)\n y = Gemm(x: f32[3,64], w, transB=1)`],
    ["zero points that are the middle", `w = DequantizeLinear(v: u8[40,24]!, s: f32[24]!, z: u8[24]{128,128,128,128,128,128,128,128,128,128,128,128,128,128,128,128,128,128,128,128,128,128,128,128}, axis=1)\n y = MatMul(x: f32[3,40], w)`],
  ])("%s", (_, text) => {
    const { graph, facts } = inferGraph(parse(text), catalogue);
    const out = weightProducts.run(graph, { ...on, catalogue, facts });
    expect(sketch(out)).toContain("MatMulNBits");
    expectSameNumbers(graph, out, 1e-5);
  }); // prettier-ignore

  const weight = "w = DequantizeLinear(v: i8[40,24]!, s: f32[24]!, axis=1)";
  test.each([
    ["floats are wanted", `${weight}\n y = MatMul(x: f32[3,40], w)`, { ...on, precision: "fp32" }],
    ["the chip's library knows no such product", `${weight}\n y = MatMul(x: f32[3,40], w)`, { ...on, target: bang, chip: bang.chips["MLU590"] }],
    ["scales lie along what is summed", `w = DequantizeLinear(v: i8[40,24]!, s: f32[40]!, axis=0)\n y = MatMul(x: f32[3,40], w)`, on],
    ["the weight is data", `w = DequantizeLinear(v: i8[40,24], s: f32[24]!, axis=1)\n y = MatMul(x: f32[3,40], w)`, on],
    ["the weight has three axes", `w = DequantizeLinear(v: i8[3,40,24]!, s: f32[]{0.1})\n y = MatMul(x: f32[3,4,40], w)`, on],
    ["a Gemm has a factor", `${weight}\n y = Gemm(x: f32[3,40], w, alpha=0.5)`, on],
    ["columns of four bits come not in eights", `w = DequantizeLinear(v: i4[64,6]!, s: f32[6]!, axis=1)\n y = MatMul(x: f32[3,64], w)`, on],
  ] as const)("declines when %s", (_, text, where) => void checkPass(weightProducts, text, undefined, where)); // prettier-ignore
});
