/** onnxruntime's binding has no arrays of small types: the model that it runs has casts at its border. */
import { expect, test } from "vitest";
import { verify } from "../../src/api/verify.js";
import { inferGraph } from "../../src/ir/infer/infer.js";
import { parse } from "../../src/ir/text/parse.js";
import { sketch } from "../../src/ir/text/print.js";
import { exportOnnx } from "../../src/onnx/export/export.js";
import { catalogue } from "../../src/ops/catalogue.js";
import { wideBorder } from "../../src/verify/wide-border.js";

const text = `y = DequantizeLinear(x: u4[3,5], s: f32[]{0.5}, z: u4[]{3})
  q = QuantizeLinear(f: f32[3,n], t: f32[]{0.1}, w: f8e4m3fn[]{0})`;
const { graph } = inferGraph(parse(text), catalogue);

test("a cast behind each input and in front of each output", () => {
  expect(sketch(wideBorder(graph)?.graph ?? graph).split("\n").map((l) => l.trim())).toEqual([
    "x' = Cast(x, to=21)",
    "y = DequantizeLinear(x', s, z)",
    "q' = QuantizeLinear(f, t, w)",
    "q = Cast(q', to=1)",
  ]); // prettier-ignore
  expect(wideBorder(inferGraph(parse("y = Relu(x: f32[3])"), catalogue).graph)).toBeUndefined();
});

test("verify holds such outputs against it, and says so", { timeout: 300_000 }, async () => {
  const model = new Uint8Array(Buffer.concat([...exportOnnx(graph, { opset: 21 })]));
  const { ok, diagnostics, verdicts } = await verify(model, { target: "bang" });
  expect(diagnostics.map((d) => d.message)).toEqual([
    expect.stringContaining("no arrays of uint4, float8e4m3fn: casts stand at the border"),
  ]);
  expect([ok, verdicts?.[0].outputs.map((o) => [o.name, o.maxAbs])]).toEqual([
    true,
    [
      ["y", 0],
      ["q", 0],
    ],
  ]);
});
