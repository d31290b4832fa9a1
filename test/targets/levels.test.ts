/**
 * Products and convolutions of levels on every kind of chip, against onnxruntime: the same model with asymmetric data, levels
 * without sign, padding, groups, dilations, dynamic zero points and products of data, by the library's calls where it has them.
 */
import { describe, expect, test } from "vitest";
import { verify } from "../../src/api/index.js";
import { exportOnnx } from "../../src/onnx/export/export.js";
import { finishNow } from "../../src/base/steps.js";
import { bytesSource } from "../../src/base/byte-source.js";
import { loweringSteps, optimiseSteps } from "../../src/driver/compile.js";
import { chooseTarget } from "../../src/driver/targets.js";
import { inferGraph } from "../../src/ir/infer/infer.js";
import { parse } from "../../src/ir/text/parse.js";
import { catalogue } from "../../src/ops/catalogue.js";
import { everyStep, leavesOf } from "../../src/program/flow.js";
import { f32, onTwin, wave, type Control } from "../control/harness.js";

const text = `
  q = QuantizeLinear(x: f32[N,3,40], s: f32[]{0.0078}, z: i8[]{-7})
  a = DequantizeLinear(q, s, z)
  w = DequantizeLinear(v: i8[40,24]!, t: f32[24]!, o: i8[24]!, axis=1)
  p = MatMul(a, w)
  p2 = Add(p, b: f32[24]!)

  u = QuantizeLinear(x, su: f32[]{0.008}, zu: u8[]{130})
  e = DequantizeLinear(u, su, zu)
  k = DequantizeLinear(vk: u8[40,8]!, tk: f32[]{0.02}, ok: u8[]{77})
  r = MatMul(e, k)
  et = Transpose(e, perm=[0, 2, 1])
  g = MatMul(e, et)

  c = QuantizeLinear(i: f32[M,4,9,7], sc: f32[]{0.0081}, zc: u8[]{120})
  d = DequantizeLinear(c, sc, zc)
  f = DequantizeLinear(vf: i8[6,4,3,2]!, tf: f32[6]!, of: i8[6]!, axis=0)
  m = Conv(d, f, bf: f32[6]!, pads=[1, 0, 2, 1], strides=[2, 1], dilations=[1, 2])
  h = DequantizeLinear(vh: i8[4,1,3,3]!, th: f32[]{0.01})
  n = Conv(d, h, group=4, pads=[1, 1, 1, 1])
  j = DequantizeLinear(vj: u8[5,4,1,1]!, tj: f32[]{0.01}, oj: u8[]{7})
  l = Conv(d, j)

  y, ys, yz = DynamicQuantizeLinear(x)
  mi = MatMulInteger(y, vm: i8[40,6]!, yz)
  mf = Cast(mi, to=1)
  mo = Mul(mf, ys)
  return p2, r, g, m, n, l, mo`;

/** Products by constants: the zero point of `q` goes into a bias. */
const products = `${text.slice(0, text.indexOf("  et ="))} return p2, r`;

const cases: readonly Control[] = [
  { name: "levels", text, runs: [{ x: f32([2, 3, 40], wave), i: f32([2, 4, 9, 7], wave) }], has: ["compute"] },
  { name: "levels of one image", text, runs: [{ x: f32([1, 3, 40], wave), i: f32([1, 4, 9, 7], wave) }], has: ["compute"] },
];

async function rowsOf(name: string, precision: "fp32" | "fp16" = "fp32"): Promise<readonly string[]> {
  const { graph } = inferGraph(parse(text), catalogue);
  const loaded = { graph, source: bytesSource(new Uint8Array(), "m.onnx"), catalogue, diagnostics: [] };
  const optimised = finishNow(optimiseSteps(loaded, {})).graph;
  const { plan } = finishNow(loweringSteps(optimised, loaded, await chooseTarget(name), "m", { prefix: "m", precision }));
  const acts = [...everyStep(plan.program.steps)].flatMap((s) => (s.op === "compute" ? leavesOf(s.act) : []));
  return acts.flatMap((a) => (a.op === "call" ? [a.row] : [])).sort();
}

const times = (count: number, row: string): string[] => new Array<string>(count).fill(row);

describe.each([
  ["cann:Ascend910B2", times(6, "contract of levels")],
  ["cann:Ascend310P3", []],
  ["bang:MLU370", [...times(4, "contract of levels"), ...times(3, "conv of levels")]],
  ["kunlun:R200", [...times(4, "contract of levels"), ...times(3, "conv of levels")]],
  ["kunlun:P800", times(6, "contract of levels")],
])("%s", (name, rows) => {
  test("takes what its library multiplies", async () => expect(await rowsOf(name)).toEqual(rows));
  test("gives onnxruntime's numbers", async () => expect(await onTwin(name, cases)).toEqual([]), 120_000);
});

describe("cann:Ascend310P3 in halves", () => {
  // A weight whose zero point its 8 bits cannot take in adds sums of rows, which the call has no place for.
  test("takes products by constants from its library", async () =>
    expect(await rowsOf("cann:Ascend310P3", "fp16")).toEqual(times(1, "com.microsoft::MatMulIntegerToFloat")));

  test("gives onnxruntime's numbers, as far as halves tell", async () => {
    const { graph } = inferGraph(parse(products), catalogue);
    const model = new Uint8Array(Buffer.concat([...exportOnnx(graph)]));
    const inputs = [new Map([["x", f32([2, 3, 40], wave)]])];
    const { verdicts, diagnostics } = await verify(model, { target: "cann:Ascend310P3", precision: "fp16", inputs });
    expect(diagnostics.filter((d) => d.severity === "error")).toEqual([]);
    for (const o of verdicts?.[0].outputs ?? []) expect(o.sqnrDb).toBeGreaterThan(60);
    expect(verdicts?.[0].outputs?.length).toBe(2);
  }, 120_000);
});
