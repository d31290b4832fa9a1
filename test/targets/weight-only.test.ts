/** Products by packed weights on Ascend's twin, against onnxruntime: groups, columns, zero points in and beside the middle, biases. */
import { expect, test } from "vitest";
import { verify } from "../../src/api/index.js";
import { inferGraph } from "../../src/ir/infer/infer.js";
import { parse } from "../../src/ir/text/parse.js";
import { exportOnnx } from "../../src/onnx/export/export.js";
import { catalogue } from "../../src/ops/catalogue.js";

const middle = (n: number) => new Array<number>(n).fill(136).join(",");
const spelled = (n: number) => Array.from({ length: n }, (_, i) => 0x67 + 17 * (i % 5)).join(",");
const scale = (n: number) => Array.from({ length: n }, (_, i) => 0.25 + 0.125 * (i % 7)).join(",");

const text = `
  a = com.microsoft::MatMulNBits(x: f32[2,3,64], b: u8[8,2,16]!, s: f32[8,2]{${scale(16)}}, K=64, N=8, bits=4, block_size=32)
  c = com.microsoft::MatMulNBits(x, b, s, z: u8[8,1]{${spelled(8)}}, K=64, N=8, bits=4, block_size=32)
  d = com.microsoft::MatMulNBits(x, b, s, m: u8[8,1]{${middle(8)}}, K=64, N=8, bits=4, block_size=32)
  w = DequantizeLinear(v: i8[64,24]!, t: f32[24]{${scale(24)}}, axis=1)
  e = MatMul(x, w)
  r = Reshape(x, shape: i64[2]{6, 64})
  f = Gemm(r, w, g: f32[24]!)
  return a, c, d, e, f`;

test.each(["cann:Ascend910B2", "cann:Ascend310P3"])(
  "%s",
  async (target) => {
    const { graph } = inferGraph(parse(text), catalogue);
    const model = new Uint8Array(Buffer.concat([...exportOnnx(graph)]));
    const result = await verify(model, { target, precision: "fp16" });
    expect(result.diagnostics.filter((d) => d.severity === "error")).toEqual([]);
    expect(result.ok).toBe(true);
  },
  120_000,
);
