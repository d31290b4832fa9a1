/** Weights of products as levels in groups: what is put where, and that the numbers stay as near as 4 bits are. */
import { expect, test } from "vitest";
import { bytesSource } from "../../../src/base/byte-source.js";
import type { Tensor } from "../../../src/base/tensor.js";
import { transposed } from "../../../src/ir/constant-bytes.js";
import type { ConstData, Value } from "../../../src/ir/graph.js";
import { inferGraph } from "../../../src/ir/infer/infer.js";
import { parse } from "../../../src/ir/text/parse.js";
import { catalogue } from "../../../src/ops/catalogue.js";
import { bang } from "../../../targets/bang/target.js";
import { packWeights } from "../../../passes/quantise/pack-weights.js";
import type { GroupedProduct } from "../../../passes/quantise/grouped.js";
import type { PackedWeight, QuantiseContext } from "../../../passes/quantise/scheme.js";
import { nearestWeight } from "../../../src/quant/nearest.js";
import { inMemory, packedWeight, shelved } from "../../../src/quant/shelf.js";
import { checkPass } from "../check-pass.js";
import { quantising } from "./quantising.js";

const group = 16;
const packed = (product: GroupedProduct): PackedWeight | undefined => {
  const nearest = nearestWeight(product, group);
  return nearest && packedWeight(nearest, shelved(nearest, inMemory));
};
const packing = (told: Partial<QuantiseContext> = {}) =>
  quantising(packWeights, { activations: false, weights: { bits: 4, group }, packed, ...told });

const on = { target: bang, chip: bang.chips[bang.defaultChip], precision: "fp32" } as const;
const near = { error: 0.5 };

test("a product's weight, with a group that is not full", () => {
  const out = checkPass(
    packing(),
    "y = MatMul(x: f32[2,3,40], w: f32[40,5]!)",
    "y = com.microsoft::MatMulNBits(x, w_quantized, w_scale, K=40, N=5, bits=4, block_size=16)",
    near,
  );
  const held = new Map([...out.constants].map(([v, c]) => [v.name, `${c.dtype}[${c.shape.join()}]`]));
  expect([held.get("w_quantized"), held.get("w_scale")]).toEqual(["u8[5,3,8]", "f32[5,3]"]);
});

test("a Gemm's in either order, with its bias", () => {
  const after = "y = com.microsoft::MatMulNBits(x, w_quantized, w_scale, _, _, c, K=32, N=6, bits=4, block_size=16)";
  checkPass(packing(), "y = Gemm(x: f32[4,32], w: f32[6,32]!, c: f32[6]!, transB=1)", after, near);
  checkPass(packing(), "y = Gemm(x: f32[4,32], w: f32[32,6]!, c: f32[6]!)", after, near);
});

test.each<[string, string, Partial<QuantiseContext>?]>([
  ["what is skipped", "y = MatMul(x: f32[2,32], w: f32[32,5]!)", { isSkipped: () => true }],
  ["a weight without levels", "y = MatMul(x: f32[2,32], w: f32[32,5]!)", { packed: () => undefined }],
  ["a weight that is computed", "y = MatMul(x: f32[2,32], w: f32[32,5])"],
  ["a weight of three axes", "y = MatMul(x: f32[2,3,32], w: f32[2,32,5]!)"],
  ["a Gemm with a factor", "y = Gemm(x: f32[4,32], w: f32[32,6]!, alpha=0.5)"],
  ["a Gemm whose bias is no row", "y = Gemm(x: f32[4,32], w: f32[32,6]!, c: f32[4,6])"],
  ["a turned first operand", "y = Gemm(x: f32[32,4], w: f32[32,6]!, transA=1)"],
  ["a convolution", "y = Conv(x: f32[1,3,5,5], w: f32[4,3,3,3]!)"],
])("leaves %s", (_, text, told) => {
  checkPass(packing(told), text);
});

test("a weight that lies in a file is read in bands, turned or not, and packs to the same bytes", () => {
  const [k, n] = [70, 45];
  const values = Float32Array.from({ length: n * k }, (_, i) => Math.sin(1 + i) * (1 + (i % 7)));
  const turned = Float32Array.from({ length: n * k }, (_, i) => values[(i % k) * n + Math.floor(i / k)]);
  const inFile = (data: Float32Array, shape: readonly number[]): ConstData => {
    const source = bytesSource(new Uint8Array(data.buffer.slice(0)));
    return { dtype: "f32", shape, load: () => ({ dtype: "f32", shape, data }), at: { source, offset: 0, length: source.size } };
  };
  const bytesOf = (w: ConstData): Tensor["data"] => {
    const graph = inferGraph(parse(`y = MatMul(x: f32[2,${k}], w: f32[${k},${n}]!)`), catalogue).graph;
    const own = [...graph.constants.keys()].find((v) => v.name === "w") as Value;
    const out = packing().run({ ...graph, constants: new Map([[own, w]]) }, { ...on, catalogue });
    return [...out.constants].find(([v]) => v.name === "w_quantized")?.[1].load().data ?? [];
  };
  const whole: ConstData = { dtype: "f32", shape: [k, n], load: () => ({ dtype: "f32", shape: [k, n], data: values }) };
  const want = bytesOf(whole);
  expect(want.length).toBe(45 * 5 * 8);
  expect(bytesOf(inFile(values, [k, n]))).toEqual(want);
  expect(bytesOf(transposed(inFile(turned, [n, k]), [1, 0]))).toEqual(want);
});
