/** Checkpoints of every format on every target: written, read back from disk, and the same weight bit for bit, or refused. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { repack, type RepackOptions, type RepackResult } from "../../../src/api/index.js";
import { tensorBytes } from "../../../src/base/safetensors.js";
import type { Tensor } from "../../../src/base/tensor.js";
import { packAwq } from "../../../src/quant/formats/layouts/awq.js";
import { packIntQuantized, packQuantized } from "../../../src/quant/formats/layouts/compressed-tensors.js";
import { packGptq } from "../../../src/quant/formats/layouts/gptq.js";
import type { QuantisedWeight } from "../../../src/quant/formats/weight.js";
import { checkpointOf, folderOf, named, type Tensors } from "../../checkpoint/folders.js";
import { expectSame, someWeight } from "../formats/weights.js";
import { readBack } from "./written.js";

type Wanted = Parameters<typeof someWeight>[0];

const bias: Tensor = { dtype: "f32", shape: [3], data: Float32Array.of(1, -0, 3) };
const norm: Tensor = { dtype: "bf16", shape: [5], data: Uint16Array.of(1, 2, 3, 0x8000, 65535) };

const symmetric = (w: QuantisedWeight): boolean => w.zeros === undefined;
const groupSaid = (w: QuantisedWeight): number => (w.group === w.k ? -1 : w.group);

interface Maker {
  readonly config: (w: QuantisedWeight) => object;
  readonly parts: (w: QuantisedWeight) => object;
}

const compressedConfig =
  (format: string) =>
  (w: QuantisedWeight): object => ({
    quant_method: "compressed-tensors",
    format,
    config_groups: {
      group_0: {
        targets: ["Linear"],
        weights: {
          num_bits: w.bits,
          type: "int",
          symmetric: symmetric(w),
          strategy: w.group === w.k ? "channel" : "group",
          group_size: w.group === w.k ? null : w.group,
        },
      },
    },
    ignore: ["lm_head"],
  });

const gptqConfig =
  (version: string | undefined) =>
  (w: QuantisedWeight): object => ({
    quant_method: "gptq",
    bits: w.bits,
    group_size: groupSaid(w),
    sym: symmetric(w),
    desc_act: w.groupOf !== undefined,
    ...(version !== undefined && { checkpoint_format: version }),
  });

const makers = {
  gptq: { config: gptqConfig(undefined), parts: (w) => packGptq(w, "gptq") },
  gptq_v2: { config: gptqConfig("gptq_v2"), parts: (w) => packGptq(w, "gptq_v2") },
  awq: {
    config: (w) => ({ quant_method: "awq", bits: 4, group_size: groupSaid(w), zero_point: !symmetric(w), version: "gemm" }),
    parts: packAwq,
  },
  "pack-quantized": { config: compressedConfig("pack-quantized"), parts: packQuantized },
  "int-quantized": { config: compressedConfig("int-quantized"), parts: packIntQuantized },
} as const satisfies Readonly<Record<string, Maker>>;

type Format = keyof typeof makers;

const tensorsOf = (format: Format, name: string, w: QuantisedWeight): Tensors => named(name, makers[format].parts(w));

function checkpoint(format: Format, w: QuantisedWeight, more: Tensors = {}): string {
  return checkpointOf(makers[format].config(w), { ...more, ...tensorsOf(format, "model.layers.0.q_proj", w) });
}

const out = (): string => join(folderOf(), "w.safetensors");

async function repacked(folder: string, target: string, options: Partial<RepackOptions> = {}): Promise<string> {
  const output = out();
  const result = await repack(folder, { target, output, ...options });
  expect(result.diagnostics.filter((d) => d.severity === "error")).toEqual([]);
  expect(result.repacked?.written).toEqual([output, `${output}.json`]);
  expect(readdirSync(dirname(output)).sort()).toEqual(["w.safetensors", "w.safetensors.json"]);
  return output;
}

/** All codes; a refusal leaves nothing behind. */
async function refused(folder: string, target: string, options: Partial<RepackOptions> = {}): Promise<string[]> {
  const output = out();
  const result = await repack(folder, { target, output, ...options });
  expect(result.ok).toBe(false);
  expect(readdirSync(dirname(output))).toEqual([]);
  return result.diagnostics.map((d) => d.code);
}

const four: Wanted = { bits: 4, n: 64, k: 160, group: 64 };
const eight: Wanted = { bits: 8, n: 64, k: 160, group: 64 };

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
  ["pack-quantized", { ...four, n: 11, scaleType: "bf16" }, { cann: "layout-extent", bang: "int4", onnx: "int4" }],
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

describe("what is beside the layers", () => {
  const w = someWeight({ ...four, k: 128 });
  const others: Tensors = { "model.norm": norm, "model.layers.0.q_proj.bias": bias, ["__proto__"]: bias };

  test("is copied as it is, or left out", async () => {
    const folder = checkpoint("gptq", w, others);
    const { stored } = await readBack(await repacked(folder, "cann"));
    expect([...stored.keys()].sort()).toEqual([
      "__proto__",
      "model.layers.0.q_proj.antiquantScale",
      "model.layers.0.q_proj.bias",
      "model.layers.0.q_proj.weight",
      "model.norm",
    ]);
    const t = stored.get("model.norm")!;
    expect([t.type, t.shape, [...t.source.read(t.offset, t.length)]]).toEqual(["BF16", [5], [...tensorBytes(norm)]]);
    const alone = await readBack(await repacked(folder, "cann", { onlyQuantised: true }));
    expect([...alone.stored.keys()].every((name) => name.startsWith("model.layers.0.q_proj."))).toBe(true);
    expect(alone.stored.size).toBe(2);
  });

  test("keeps its name: no packed tensor takes it", async () => {
    const folder = checkpoint("gptq", w, { "model.layers.0.q_proj.weight": bias });
    expect(await refused(folder, "cann")).toEqual(["checkpoint-layer"]);
    await repacked(folder, "cann", { onlyQuantised: true });
  });

  test("comes from every shard", async () => {
    const [a, b] = [someWeight({ ...four, zeros: true }), someWeight({ ...four, n: 32, k: 96, group: 64, zeros: true })];
    const { "m.b.scales": scales, ...rest } = tensorsOf("gptq", "m.b", b);
    const folder = checkpointOf(gptqConfig("gptq")(a), { ...tensorsOf("gptq", "m.a", a), "m.b.scales": scales }, { ...rest, norm });
    const { weights, stored } = await readBack(await repacked(folder, "onnx"));
    expectSame(weights.get("m.a")!, a);
    expectSame(weights.get("m.b")!, b);
    expect(stored.has("norm")).toBe(true);
  });
});

describe("layers that the target cannot say", () => {
  const [good, bad] = [someWeight({ ...four, k: 128 }), someWeight({ ...four, n: 32, k: 128, zeros: true })];
  const config = { ...gptqConfig(undefined)(good), sym: false };
  const folder = checkpointOf(config, { ...tensorsOf("gptq", "m.good", good), ...tensorsOf("gptq", "m.bad", bad), norm });

  test("end the work with every reason, and all layers are told", async () => {
    const result = await repack(folder, { target: "bang" });
    expect(result.diagnostics.map((d) => d.code)).toEqual(["layers-refused", "layout-zero-points"]);
    expect(result.diagnostics[1].message).toContain('layer "m.bad"');
    expect(result.repacked?.layers.map((l) => [l.layer, l.state, l.code])).toEqual([
      ["m.bad", "refused", "layout-zero-points"],
      ["m.good", "exact", undefined],
    ]);
    expect(await refused(folder, "bang")).toEqual(["layers-refused", "layout-zero-points"]);
  });

  test("stay as they are with partial, and are warnings", async () => {
    const output = out();
    const result: RepackResult = await repack(folder, { target: "bang", output, partial: true });
    expect([result.ok, result.diagnostics.map((d) => [d.severity, d.code])]).toEqual([true, [["warning", "layout-zero-points"]]]);
    const { description, stored, weights } = await readBack(output);
    expect(description.refused.map((r) => [r.layer, r.code])).toEqual([["m.bad", "layout-zero-points"]]);
    expectSame(weights.get("m.good")!, good);
    const source = tensorsOf("gptq", "m.bad", bad);
    for (const [name, { data }] of Object.entries(source)) {
      const t = stored.get(name)!;
      expect(Buffer.from(t.source.read(t.offset, t.length))).toEqual(Buffer.from((data as Int32Array).buffer));
    }
    expect(await refused(checkpointOf(config, tensorsOf("gptq", "m.bad", bad)), "bang", { partial: true })).toEqual([
      "layers-refused",
      "layout-zero-points",
    ]);
  });

  test("that are damaged end it with partial too", async () => {
    const { "m.bad.qzeros": q, ...rest } = tensorsOf("gptq", "m.bad", bad);
    const short = { ...q, shape: [1, q.shape[1]], data: (q.data as Int32Array).slice(0, q.shape[1]) };
    const broken = checkpointOf(config, { ...rest, "m.bad.qzeros": short, ...tensorsOf("gptq", "m.good", good) });
    expect(await refused(broken, "bang", { partial: true })).toEqual(["layout-tensors"]);
    const nan = someWeight({ ...four, scaleType: "f32" });
    nan.scales[3] = NaN;
    expect(await refused(checkpoint("gptq", nan), "cann")).toEqual(["scale-not-finite"]);
  });

  test("may be held in a wider layout, level by level", async () => {
    const w = someWeight({ ...four, zeros: true });
    const { weights } = await readBack(await repacked(checkpoint("gptq", w), "cann:Ascend310P3", { widen: true }));
    expectSame(weights.get("model.layers.0.q_proj")!, { ...w, bits: 8 });
    const three = someWeight({ bits: 3, n: 64, k: 96, group: 32 });
    expectSame((await readBack(await repacked(checkpoint("gptq", three), "cann", { widen: true }))).weights.get("model.layers.0.q_proj")!, {
      ...three,
      bits: 4,
    });
  });
});

test("chips without such a call are refused with those that have one", async () => {
  const folder = checkpoint("gptq", someWeight(four));
  for (const target of ["bang:MLU290", "kunlun:R200", "cann:Ascend310B1"])
    expect(await refused(folder, target)).toEqual(["no-weight-layout"]);
});

test("a file of the checkpoint is never replaced", async () => {
  const folder = checkpoint("gptq", someWeight(four));
  const output = join(folder, "model.safetensors");
  const before = readFileSync(output);
  expect((await repack(folder, { target: "cann", output })).diagnostics.map((d) => d.code)).toEqual(["output-exists"]);
  expect(readFileSync(output)).toEqual(before);
});

test("a cancelled call leaves what was there before", async () => {
  const output = out();
  writeFileSync(output, "before");
  const abort = new AbortController();
  const running = repack(checkpoint("gptq", someWeight(four)), {
    target: "cann",
    output,
    signal: abort.signal,
    onEvent: (e) => e.kind === "progress" && abort.abort(),
  });
  await expect(running).rejects.toThrow("abort");
  expect([readFileSync(output, "utf8"), readdirSync(dirname(output)), existsSync(`${output}.json`)]).toEqual([
    "before",
    ["w.safetensors"],
    false,
  ]);
});
