/** Folders as anybody may have filled them: what is said of a configuration, an index or a file that is not as it must be. */
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { repack } from "../../src/api/index.js";
import { packGptq } from "../../src/quant/formats/layouts/gptq.js";
import { openCheckpoint } from "../../src/checkpoint/checkpoint.js";
import { codeOf, randoms } from "../quant/formats/exact.js";
import { someWeight } from "../quant/formats/weights.js";
import { checkpointOf, folderOf, named, safetensors } from "./folders.js";

const gptq = { quant_method: "gptq", bits: 4, group_size: 32, sym: true, desc_act: false };
const tensors = named("m.a", packGptq(someWeight({ bits: 4, n: 16, k: 64, group: 32 }), "gptq"));
const shard = safetensors(tensors);
const index = (weight_map: unknown): Readonly<Record<string, object>> => ({
  "config.json": { quantization_config: gptq },
  "a.safetensors": shard,
  "model.safetensors.index.json": { weight_map },
});
const compressed = (more: object): object => ({
  quant_method: "compressed-tensors",
  format: "pack-quantized",
  config_groups: { g: { weights: { num_bits: 4 } } },
  ...more,
});

test.each<[string, Parameters<typeof folderOf>[0], string]>([
  ["nothing", {}, "checkpoint-config-missing"],
  ["no configuration", { "a.safetensors": shard }, "checkpoint-config-missing"],
  ["no tensors", { "config.json": {} }, "checkpoint-weights-missing"],
  ["pickled tensors", { "config.json": {}, "pytorch_model.bin": "x" }, "checkpoint-weights-missing"],
  ["a configuration that is no JSON", { "config.json": "{" }, "checkpoint-config"],
  ["a configuration that is a list", { "config.json": "[]" }, "checkpoint-config"],
  ["a configuration that is no UTF-8", { "config.json": Uint8Array.of(255, 254) }, "checkpoint-config"],
  ["a quantisation that is a text", { "config.json": { quantization_config: "gptq" } }, "checkpoint-config"],
  ["an index that is no object", { ...index({}), "model.safetensors.index.json": "7" }, "checkpoint-config"],
  ["an index without its map", index(undefined), "checkpoint-index"],
  ["an index that leads out of the folder", index({ "m.a.qweight": "../a.safetensors" }), "checkpoint-index"],
  ["an index that leads to a root", index({ "m.a.qweight": "/etc/passwd" }), "checkpoint-index"],
  ["an index that leads out in another system", index({ "m.a.qweight": "..\\a.safetensors" }), "checkpoint-index"],
  ["an index that names the folder above", index({ "m.a.qweight": ".." }), "checkpoint-index"],
  ["an index with a number for a file", index({ "m.a.qweight": 7 }), "checkpoint-index"],
  ["an index with a file that is not there", index({ "m.a.qweight": "b.safetensors" }), "checkpoint-index"],
  ["an index with a tensor that is not there", index({ "m.b.qweight": "a.safetensors" }), "checkpoint-index"],
  [
    "a tensor in two files",
    { "config.json": { quantization_config: gptq }, "a.safetensors": shard, "b.safetensors": shard },
    "checkpoint-index",
  ],
])("a folder with %s", (_, files, code) => {
  expect(codeOf(() => openCheckpoint(folderOf(files)))).toBe(code);
});

test.each<[string, object, string]>([
  ["no method", {}, "unsupported-quantisation"],
  ["an unknown method", { quant_method: "bitsandbytes" }, "unsupported-quantisation"],
  ["GPTQ for Marlin", { ...gptq, checkpoint_format: "marlin" }, "unsupported-quantisation"],
  ["GPTQ once repacked for Marlin", { ...gptq, is_marlin_format: true }, "unsupported-quantisation"],
  ["GPTQ with widths by module", { ...gptq, dynamic: { "-:.*": {} } }, "unsupported-quantisation"],
  ["GPTQ of 5 bits", { ...gptq, bits: 5 }, "checkpoint-config"],
  ["GPTQ with bits in text", { ...gptq, bits: "4" }, "checkpoint-config"],
  ["groups of nothing", { ...gptq, group_size: 0 }, "checkpoint-config"],
  ["groups of 1.5", { ...gptq, group_size: 1.5 }, "checkpoint-config"],
  ["no groups", { ...gptq, group_size: undefined }, "checkpoint-config"],
  ["sym that is no truth", { ...gptq, sym: "yes" }, "checkpoint-config"],
  ["AWQ for gemv", { quant_method: "awq", bits: 4, group_size: 32, version: "gemv" }, "unsupported-quantisation"],
  ["AWQ in a version without a name", { quant_method: "awq", bits: 4, group_size: 32, version: 1 }, "unsupported-quantisation"],
  ["AWQ of 8 bits", { quant_method: "awq", bits: 8, group_size: 32 }, "checkpoint-config"],
  ["compressed-tensors of floats", compressed({ format: "float-quantized" }), "unsupported-quantisation"],
  ["compressed-tensors without a format", compressed({ format: undefined }), "unsupported-quantisation"],
  [
    "compressed-tensors with blocks",
    compressed({ config_groups: { g: { weights: { num_bits: 4, strategy: "block" } } } }),
    "unsupported-quantisation",
  ],
  [
    "compressed-tensors with weights of floats",
    compressed({ config_groups: { g: { weights: { num_bits: 8, type: "float" } } } }),
    "unsupported-quantisation",
  ],
  ["compressed-tensors without groups", compressed({ config_groups: [] }), "checkpoint-config"],
  ["compressed-tensors with no group", compressed({ config_groups: {} }), "checkpoint-config"],
  ["compressed-tensors with a group of text", compressed({ config_groups: { g: "w4" } }), "checkpoint-config"],
  ["compressed-tensors with activations alone", compressed({ config_groups: { g: { weights: null } } }), "checkpoint-config"],
  ["compressed-tensors of 9 bits", compressed({ config_groups: { g: { weights: { num_bits: 9 } } } }), "checkpoint-config"],
])("a quantisation that is %s", (_, config, code) => {
  expect(codeOf(() => openCheckpoint(checkpointOf(config, tensors)))).toBe(code);
});

test("files are found by links, and folders and other files are no shards", () => {
  const real = folderOf({ blob: shard });
  const folder = folderOf({ "config.json": { quantization_config: gptq } });
  symlinkSync(join(real, "blob"), join(folder, "model.safetensors"));
  symlinkSync("/nowhere", join(folder, "lost.safetensors"));
  mkdirSync(join(folder, "old.safetensors"));
  writeFileSync(join(folder, "notes.txt"), "x");
  expect([...openCheckpoint(folder).tensors.keys()].sort()).toEqual(["m.a.g_idx", "m.a.qweight", "m.a.qzeros", "m.a.scales"]);
  expect(codeOf(() => openCheckpoint(join(folder, "config.json")))).toBe("file-unreadable");
  expect(codeOf(() => openCheckpoint(join(folder, "nowhere")))).toBe("file-unreadable");
});

const codes = async (folder: string): Promise<string[]> => (await repack(folder, { target: "cann" })).diagnostics.map((d) => d.code);

test("layers whose tensors are not as their format has them", async () => {
  const { "m.a.scales": scales, ...rest } = tensors;
  const flat = { ...tensors["m.a.qweight"], shape: [8 * 16] };
  expect(await codes(checkpointOf(gptq, rest))).toEqual(["checkpoint-layer"]);
  expect(await codes(checkpointOf(gptq, { ...tensors, "m.a.qweight": flat }))).toEqual(["checkpoint-layer"]);
  expect(await codes(checkpointOf(gptq, { ...tensors, "m.a.qweight": { dtype: "i32", shape: [0, 16], data: new Int32Array(0) } }))).toEqual(
    ["checkpoint-layer"],
  );
  expect(await codes(checkpointOf(gptq, { ...tensors, "m.a.scales": { dtype: "i32", shape: [2, 16], data: new Int32Array(32) } }))).toEqual(
    ["layout-tensors"],
  );
  expect(
    await codes(checkpointOf(gptq, { ...tensors, "m.a.g_idx": { dtype: "i32", shape: [64], data: new Int32Array(64).fill(-1) } })),
  ).toEqual(["layout-tensors"]);
  expect(await codes(checkpointOf({ ...gptq, group_size: 64 }, tensors))).toEqual(["layout-tensors"]);
  expect(await codes(checkpointOf({ ...gptq, bits: 8 }, tensors))).toEqual(["layout-tensors"]);
  expect(await codes(checkpointOf(gptq, { "m.norm": scales }))).toEqual(["nothing-to-repack"]);
  expect(await codes(folderOf({ "config.json": {}, "a.safetensors": shard }))).toEqual(["nothing-to-repack"]);
});

test("tensors that no memory holds are refused before they are read", async () => {
  const entry = (dtype: string, shape: readonly number[], begin: number, end: number): object => ({
    dtype,
    shape,
    data_offsets: [begin, end],
  });
  const most = 2 ** 34;
  const header = JSON.stringify({
    "m.a.qweight": entry("I32", [8, 16], 0, 512),
    "m.a.qzeros": entry("I32", [2, 2], 512, 528),
    "m.a.scales": entry("F16", [most, 16], 528, 528 + most * 32),
  });
  const folder = folderOf({ "config.json": { quantization_config: gptq } });
  const path = join(folder, "model.safetensors");
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  writeFileSync(path, Buffer.concat([length, Buffer.from(header)]));
  truncateSync(path, 8 + header.length + 528 + most * 32);
  expect(await codes(folder)).toEqual(["checkpoint-layer"]);
});

/** A value that a configuration or header may hold instead of the right one. */
const odd: readonly unknown[] = [null, -1, 0, 1, 3, 1e9, 2 ** 53, 1.5, "", "gptq", [], {}, [1], true];

test("no change of configuration or tensors is anything but repacked or refused", async () => {
  const next = randoms(9);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)];
  const names = Object.keys(tensors);
  let refused = 0;
  for (let i = 0; i < 250; i++) {
    const config = next() < 0.5 ? { ...gptq, [pick(Object.keys(gptq))]: pick(odd) } : gptq;
    const name = pick(names);
    const data = (tensors[name].data as Int32Array).map((v) => (next() < 0.05 ? Math.floor(next() * 2 ** 32) : v));
    const shape = next() < 0.3 ? [1, data.length] : next() < 0.2 ? [data.length, 1, 1] : tensors[name].shape;
    const result = await repack(checkpointOf(config, { ...tensors, [name]: { ...tensors[name], shape, data } }), {
      target: pick(["cann", "bang", "kunlun", "onnx"]),
      widen: next() < 0.5,
    });
    if (!result.ok) refused++;
    expect(result.diagnostics.every((d) => d.code !== "internal" && d.message !== "")).toBe(true);
  }
  expect(refused).toBeGreaterThan(100);
});
