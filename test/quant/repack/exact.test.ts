/** Checkpoints of every format on every target: written, read back from disk, and the same weight bit for bit, or refused. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { packIntQuantized, packQuantized } from "../../../src/quant/formats/layouts/compressed-tensors.js";
import { checkpointOf, folderOf, named } from "../../checkpoint/folders.js";
import { expectSame, someWeight } from "../formats/weights.js";
import { checkpoint, eight, four, gptqConfig, refused, repacked, tensorsOf, type Format, type Wanted } from "./making.js";
import { readBack } from "./written.js";

/** Of a weight in a format: what a target holds it as, or why it does not. */
const cases: readonly (readonly [Format, Wanted, Readonly<Record<string, string>>])[] = [
  ["gptq", four, { cann: "int4", bang: "int4", onnx: "int4", kunlun: "layout-extent" }],
  ["gptq", { ...four, k: 128 }, { kunlun: "awq_gemm" }],
  ["gptq", { ...four, k: 128, zeros: true }, { cann: "int4", bang: "layout-zero-points", onnx: "int4", kunlun: "awq_gemm" }],
  ["gptq_v2", { ...four, k: 128, zeros: true }, { cann: "int4", bang: "layout-zero-points", onnx: "int4", kunlun: "awq_gemm" }],
  [
    "gptq_v2",
    { ...four, k: 128, zeros: true, actOrder: true },
    { cann: "layout-group-index", bang: "layout-zero-points", onnx: "layout-group-index", kunlun: "gptq_gemm" },
  ],
  ["gptq", { ...four, k: 128, actOrder: true }, { bang: "layout-group-index", kunlun: "gptq_gemm" }],
  ["gptq", { ...four, k: 128, n: 72, actOrder: true }, { kunlun: "layout-group-index" }],
  [
    "gptq",
    { ...eight, zeros: true, k: 192 },
    { cann: "int8", "cann:Ascend310P3": "int8", bang: "layout-zero-points", onnx: "int8", kunlun: "gptq_gemm" },
  ],
  ["gptq", { bits: 3, n: 64, k: 96, group: 32 }, { cann: "layout-bits", bang: "layout-bits", onnx: "layout-bits", kunlun: "layout-bits" }],
  ["gptq", { bits: 2, n: 64, k: 96, group: 32, zeros: true }, { cann: "layout-bits", onnx: "int2" }],
  ["awq", { ...four, n: 72, zeros: true }, { cann: "int4", "cann:Ascend310P3": "layout-bits", onnx: "int4", kunlun: "layout-extent" }],
  ["awq", { ...four, n: 72, k: 192, zeros: true }, { kunlun: "awq_gemm" }],
  ["awq", { bits: 4, n: 8, k: 33 }, { cann: "int4", bang: "layout-extent", onnx: "int4", kunlun: "awq_gemm" }],
  ["awq", { bits: 4, n: 16, k: 96, group: 48 }, { cann: "layout-group-size", bang: "layout-group-size", onnx: "int4", kunlun: "awq_gemm" }],
  ["awq", { bits: 4, n: 16, k: 96, group: 12 }, { onnx: "layout-group-size" }],
  ["pack-quantized", { ...four, n: 11, scaleType: "bf16" }, { cann: "layout-extent", bang: "int4", "bang:MLU370": "int4", onnx: "int4" }],
  ["pack-quantized", { ...four, n: 24, k: 128, scaleType: "bf16" }, { "cann:Ascend910_9392": "int4", kunlun: "awq_gemm" }],
  ["pack-quantized", { ...eight, scaleType: "bf16" }, { "cann:Ascend310P3": "int8" }],
  ["pack-quantized", { ...four, n: 24, scaleType: "bf16", zeros: true }, { cann: "int4", onnx: "int4" }],
  ["pack-quantized", { bits: 4, n: 5, k: 2050, group: 1024 }, { bang: "int4", onnx: "int4" }],
  ["pack-quantized", { ...eight, n: 11, zeros: true }, { cann: "int8", onnx: "int8", bang: "layout-zero-points", kunlun: "layout-extent" }],
  ["pack-quantized", { ...four, n: 16, k: 128, actOrder: true }, { cann: "layout-group-index" }],
  ["pack-quantized", { bits: 5, n: 3, k: 70 }, { cann: "layout-bits" }],
  ["int-quantized", { bits: 8, n: 7, k: 35, scaleType: "f32" }, { bang: "int8", onnx: "int8", cann: "scale-not-exact" }],
  ["int-quantized", { bits: 8, n: 64, k: 64, scaleType: "bf16" }, { cann: "int8", bang: "int8", onnx: "int8" }],
];

const each = cases.flatMap(([format, wanted, targets]) =>
  Object.entries(targets).map(([target, verdict]) => ({ format, wanted, target, verdict, kind: JSON.stringify(wanted) })),
);

test.each(each)("$format $kind on $target: $verdict", async ({ format, wanted, target, verdict }) => {
  const w = someWeight(wanted);
  const folder = checkpoint(format, w);
  if (verdict.includes("-")) return expect(await refused(folder, target)).toEqual(["layers-refused", verdict]);
  const { weights, description } = await readBack(await repacked(folder, target));
  const [layer] = description.layers;
  expect([layer.call, `int${layer.bits}`]).toContain(verdict);
  const back = weights.get("model.layers.0.q_proj")!;
  expectSame({ ...back, scaleType: w.scaleType }, w);
  expect(Object.values(description.calls).every((c) => c.source !== "" && c.layout !== "")).toBe(true);
});

describe("GPTQ", () => {
  test("a zero point of 16 is stored as 15 by v1 and comes back", async () => {
    const w = someWeight({ ...four, k: 128 });
    const wrapped = { ...w, zeros: new Int8Array(w.scales.length).fill(-8) };
    const { weights } = await readBack(await repacked(checkpoint("gptq", wrapped), "cann"));
    expectSame(weights.get("model.layers.0.q_proj")!, wrapped);
  });

  test("a symmetric checkpoint under the wrong version is told by its zero points", async () => {
    const w = someWeight(four);
    const folder = checkpointOf(gptqConfig("gptq")(w), tensorsOf("gptq_v2", "a.b", w));
    expect(await refused(folder, "cann")).toEqual(["checkpoint-layer"]);
  });

  test("without g_idx groups are neighbours, unless act order is said", async () => {
    const w = someWeight(four);
    const rest = Object.fromEntries(Object.entries(tensorsOf("gptq", "a.b", w)).filter(([name]) => name !== "a.b.g_idx"));
    const { weights } = await readBack(await repacked(checkpointOf(gptqConfig(undefined)(w), rest), "cann"));
    expectSame(weights.get("a.b")!, w);
    expect(await refused(checkpointOf({ ...gptqConfig(undefined)(w), desc_act: true }, rest), "cann")).toEqual(["checkpoint-layer"]);
  });

  test("quantize_config.json of AutoGPTQ and quant_config.json of AutoAWQ are read where config.json says nothing", async () => {
    const w = someWeight({ ...four, k: 128 });
    const files = (format: "gptq" | "awq"): Record<string, Uint8Array> => {
      const source = checkpoint(format, w);
      return { "model.safetensors": readFileSync(join(source, "model.safetensors")) };
    };
    const older = [
      folderOf({ "config.json": {}, "quantize_config.json": { bits: 4, group_size: 64, sym: true, desc_act: false }, ...files("gptq") }),
      folderOf({ "quant_config.json": { zero_point: true, q_group_size: 64, w_bit: 4, version: "GEMM" }, ...files("awq") }),
    ];
    for (const folder of older) expectSame((await readBack(await repacked(folder, "kunlun"))).weights.get("model.layers.0.q_proj")!, w);
  });
});

describe("compressed-tensors", () => {
  const group = (weights: object): object => ({ targets: ["Linear"], weights: { type: "int", symmetric: true, ...weights } });
  const config = (...groups: readonly object[]): object => ({
    quant_method: "compressed-tensors",
    format: "pack-quantized",
    config_groups: Object.fromEntries(groups.map((g, i) => [`group_${i}`, g])),
  });

  test("of several groups the one whose numbers the tensors have", async () => {
    const [a, b] = [someWeight({ bits: 4, n: 16, k: 128, group: 32 }), someWeight({ bits: 8, n: 16, k: 128 })];
    const both = config(group({ num_bits: 4, strategy: "group", group_size: 32 }), group({ num_bits: 8, strategy: "channel" }));
    const folder = checkpointOf(both, { ...tensorsOf("pack-quantized", "m.a", a), ...tensorsOf("pack-quantized", "m.b", b) });
    const { weights } = await readBack(await repacked(folder, "cann"));
    expectSame(weights.get("m.a")!, a);
    expectSame(weights.get("m.b")!, b);
    const odd = config(group({ num_bits: 4, group_size: 60 }), group({ num_bits: 4, group_size: 50 }));
    const w = someWeight({ bits: 4, n: 16, k: 100, group: 50 });
    expect(await refused(checkpointOf(odd, tensorsOf("pack-quantized", "m.a", w)), "cann")).toEqual(["checkpoint-layer"]);
  });

  test("one scale of the whole weight is that of each channel; levels of 4 bits may lie in int8", async () => {
    const w = someWeight({ bits: 4, n: 16, k: 64 });
    const one = { ...w, scales: new Float32Array(16).fill(0.5) };
    const parts = { ...packIntQuantized({ ...one, bits: 8 }), weight_scale: { dtype: "f16", shape: [1], data: Uint16Array.of(0x3800) } };
    const whole = { ...config(group({ num_bits: 4, strategy: "tensor" })), format: "int-quantized" };
    const { weights } = await readBack(await repacked(checkpointOf(whole, named("m.a", parts)), "cann"));
    expectSame(weights.get("m.a")!, one);
    const wide = { ...config(group({ num_bits: 3, strategy: "tensor" })), format: "int-quantized" };
    expect(await refused(checkpointOf(wide, named("m.a", parts)), "cann")).toEqual(["checkpoint-layer"]);
  });

  test("an index that was never set is none", async () => {
    const w = someWeight({ bits: 4, n: 16, k: 64, group: 32 });
    const parts = { ...packQuantized(w), weight_g_idx: { dtype: "i32", shape: [64], data: new Int32Array(64).fill(-1) } };
    const folder = checkpointOf(config(group({ num_bits: 4, group_size: 32 })), named("m.a", parts));
    expectSame((await readBack(await repacked(folder, "cann"))).weights.get("m.a")!, w);
  });
});
