/** Checkpoints as they lie in folders: headers, indices, forms of quantisation, GGUF, and what is wrong with them. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { deepseekTensors, deepseekV3, writeShards, writeSparse } from "../../bench/acceptance/sparse-checkpoint.mjs";
import { readGguf } from "../../src/checkpoint/gguf.js";
import { bytesSource } from "../../src/base/byte-source.js";
import { parametersOf } from "../../src/estimate/architecture.js";
import { resolveChip } from "../../src/chips/resolve.js";
import { assessFound } from "../../src/serve/assess.js";
import type { EngineKey } from "../../src/serve/engines.js";
import { findCheckpoint, type FoundCheckpoint } from "../../src/serve/folder.js";
import { weightBytesOf } from "../../src/serve/form.js";
import { classOf, totalOf, weightsFromConfig } from "../../src/serve/weights.js";
import { fieldsOf, type ConfigName } from "./configs.js";

const work = mkdtempSync(join(tmpdir(), "portolan-serve-"));
afterAll(() => rmSync(work, { recursive: true }));
let count = 0;

type Files = Readonly<Record<string, unknown>>;

/** A folder with these JSON files, and tensors where some are given. */
function folderOf(files: Files, tensors?: readonly (readonly [string, string, readonly number[]])[]): string {
  const folder = join(work, `${count++}`);
  mkdirSync(folder);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), JSON.stringify(content));
  if (tensors) writeSparse(join(folder, "model.safetensors"), tensors);
  return folder;
}

const withQuantisation = (name: ConfigName, quantization_config: unknown): FoundCheckpoint =>
  findCheckpoint(folderOf({ "config.json": { ...fieldsOf(name), quantization_config } }));

describe("a small model of DeepSeek's kind", () => {
  const small = { ...deepseekV3, num_hidden_layers: 4, n_routed_experts: 8, vocab_size: 1024 };
  const folder = join(work, "small");
  writeShards(folder, deepseekTensors(small), 37);
  writeFileSync(join(folder, "config.json"), JSON.stringify(small));
  const found = findCheckpoint(folder);

  test("headers and configuration tell the same bytes, scales and copies of the drafting layer aside", () => {
    const computed = weightsFromConfig(found.model.architecture, weightBytesOf(found.form));
    expect(found.measured).toBe(true);
    expect(found.notes).toEqual([]);
    for (const part of ["divided", "experts", "ends"] as const) expect(found.weights[part] / computed[part]).toBeCloseTo(1, 3);
    expect(found.weights.replicated / computed.replicated).toBeCloseTo(1, 1);
  });

  test("the form is fp8 in blocks", () => {
    expect(found.form).toMatchObject({ container: "fp8", bits: 8, activationBits: 8, floats: true });
  });
});

describe("without weights", () => {
  test("parameters and bytes follow from the configuration, which is said", () => {
    const found = findCheckpoint(folderOf({ "config.json": fieldsOf("Qwen3-8B") }));
    expect(found.measured).toBe(false);
    expect(totalOf(found.weights)).toBe(2 * 8190735360);
    expect(found.notes.map((n) => n.key)).toEqual(["serve.no-weights"]);
  });

  test("an index alone tells the total", () => {
    const index = { metadata: { total_size: 16381470720 }, weight_map: { "model.norm.weight": "model-00001-of-00001.safetensors" } };
    const { notes } = findCheckpoint(folderOf({ "config.json": fieldsOf("Qwen3-8B"), "model.safetensors.index.json": index }));
    expect(notes).toEqual([{ key: "serve.index-alone", with: { gib: "15.3" } }]);
  });

  test("a tower whose size is not known is told", () => {
    expect(findCheckpoint(folderOf({ "config.json": fieldsOf("Qwen3.6-27B") })).notes.map((n) => n.key)).toContain("serve.towers-unknown");
  });
});

describe("floats that are not quantised", () => {
  const matrix = (dtype: string) => [["model.layers.0.mlp.up_proj.weight", dtype, [12288, 4096]], ["model.norm.weight", "F32", [4096]]] as const; // prettier-ignore
  const found = (torch_dtype: string | undefined, stored?: string): FoundCheckpoint =>
    findCheckpoint(
      folderOf({ "config.json": { ...fieldsOf("Qwen3-8B"), torch_dtype } }, stored === undefined ? undefined : matrix(stored)),
    );
  const served = (f: FoundCheckpoint, engine: EngineKey): { bytes: number | undefined; notes: string[] } => {
    const { chips } = assessFound(f, [resolveChip("Ascend910B2").row], { batch: 1, length: 4096, wantedTokenTime: 0.05, engine });
    return { bytes: chips[0].weightBytes, notes: chips[0].notes.map((n) => n.key) };
  };

  test.each([
    [undefined, undefined, "bf16", ["serve.no-weights", "serve.dtype-assumed"]],
    [undefined, "F16", "f16", ["serve.dtype-by-headers"]],
    ["bfloat16", "BF16", "bf16", []],
    ["float32", undefined, "f32", ["serve.no-weights"]],
    ["bfloat16", "F32", "f32", []],
    ["something", "BF16", "bf16", ["serve.dtype-by-headers"]],
  ] as const)("%s with headers of %s are %s", (torch_dtype, stored, dtype, notes) => {
    const f = found(torch_dtype, stored);
    expect([f.dtype, f.notes.map((n) => n.key)]).toEqual([dtype, notes]);
  });

  test("four bytes become halves where the engine or the configuration makes them so, and stay where nobody says", () => {
    const parameters = 8190735360;
    const wide = found("float32");
    expect(totalOf(wide.weights)).toBe(4 * parameters);
    expect(served(wide, "vllm-ascend")).toEqual({ bytes: 2 * parameters, notes: ["serve.floats-halved"] });
    expect(served(wide, "mindie")).toEqual({ bytes: 4 * parameters, notes: ["serve.floats-kept"] });
    const stored = found("bfloat16", "F32");
    expect(served(stored, "mindie")).toEqual({ bytes: totalOf(stored.weights) / 2, notes: ["serve.floats-halved"] });
    expect(served(found("bfloat16", "BF16"), "mindie").notes).toEqual([]);
  });
});

test("a tower is counted from its headers", () => {
  const folder = folderOf({ "config.json": fieldsOf("Qwen3.6-27B") }, [
    ["model.visual.blocks.0.attn.qkv.weight", "BF16", [3456, 1152]],
    ["model.language_model.layers.0.mlp.up_proj.weight", "BF16", [17408, 5120]],
  ]);
  const { weights, notes } = findCheckpoint(folder);
  expect(weights.towers).toBe(2 * 3456 * 1152);
  expect(notes.map((n) => n.key)).not.toContain("serve.towers-unknown");
});

describe("quantisation is found", () => {
  test.each([
    [
      { quant_method: "gptq", bits: 4, group_size: 128, sym: true, desc_act: true },
      { container: "gptq", bits: 4, group: 128, symmetric: true, actOrder: true },
    ],
    [
      { quant_method: "awq", bits: 4, group_size: 128, zero_point: true, version: "gemm" },
      { container: "awq", bits: 4, symmetric: false },
    ],
    [
      { quant_method: "auto-round", bits: 4, group_size: 128, sym: true },
      { container: "auto-round", bits: 4 },
    ],
    [
      { quant_method: "fp8", weight_block_size: [128, 128] },
      { container: "fp8", bits: 8, activationBits: 8, floats: true },
    ],
    [{ quant_method: "mxfp4" }, { container: "mxfp4", bits: 16, expertBits: 4, group: 32 }],
    [{ quant_method: "bitsandbytes" }, { container: "other", called: "bitsandbytes" }],
    [
      {
        ...{ quant_method: "compressed-tensors", format: "int-quantized", kv_cache_scheme: { num_bits: 8 } },
        config_groups: {
          group_0: { weights: { num_bits: 8, type: "int", strategy: "channel" }, input_activations: { num_bits: 8, dynamic: true } },
        },
      },
      { container: "compressed-tensors", bits: 8, activationBits: 8, floats: false, cacheBits: 8 },
    ],
  ])("%j", (given, wanted) => {
    expect(withQuantisation("Qwen3-8B", given).form).toMatchObject(wanted);
  });

  test("experts of DeepSeek-V4 have four bits", () => {
    expect(findCheckpoint(folderOf({ "config.json": fieldsOf("DeepSeek-V4-Flash") })).form).toMatchObject({ bits: 8, expertBits: 4 });
  });

  test("ModelSlim's description is read tensor by tensor", () => {
    const described = {
      model_quant_type: "W8A8_DYNAMIC",
      "model.layers.0.self_attn.q_proj.weight": "W8A8_DYNAMIC",
      "model.layers.1.mlp.experts.0.gate_proj.weight": "W4A8_DYNAMIC",
      "model.embed_tokens.weight": "FLOAT",
      kv_quant_type: "C8",
    };
    const folder = folderOf({ "config.json": fieldsOf("Qwen3-30B-A3B"), "quant_model_description.json": described });
    expect(findCheckpoint(folder).form).toMatchObject({
      ...{ container: "modelslim", bits: 8, expertBits: 4, activationBits: 8, cacheBits: 8 },
      types: { W8A8_DYNAMIC: 1, W4A8_DYNAMIC: 1, FLOAT: 1 },
    });
  });

  test("quantisers' own files of older days are read", () => {
    const { form } = findCheckpoint(
      folderOf({ "config.json": fieldsOf("Qwen3-8B"), "quantize_config.json": { bits: 4, group_size: 128, desc_act: false } }),
    );
    expect(form).toMatchObject({ container: "gptq", bits: 4, actOrder: false });
  });

  test("scales of groups are counted", () => {
    const { form } = withQuantisation("Qwen3-8B", { quant_method: "gptq", bits: 4, group_size: 128, sym: true });
    expect(weightBytesOf(form).dense).toBe(0.5 + 2 / 128);
    expect(weightBytesOf(withQuantisation("gpt-oss-120b", { quant_method: "mxfp4" }).form).experts).toBe(17 / 32);
  });
});

test.each([
  ["model.layers.3.mlp.experts.17.down_proj.weight", "experts"],
  ["model.layers.3.mlp.experts.gate_up_proj_blocks", "experts"],
  ["model.layers.3.mlp.shared_experts.up_proj.weight", "divided"],
  ["model.layers.3.mlp.gate.weight", "replicated"],
  ["model.layers.3.mlp.gate_proj.weight", "divided"],
  ["model.layers.3.self_attn.kv_a_proj_with_mqa.weight", "replicated"],
  ["model.layers.3.self_attn.indexer.wk.weight", "replicated"],
  ["model.layers.3.input_layernorm.weight", "replicated"],
  ["model.layers.61.self_attn.o_proj.weight", "drafting"],
  ["mtp.0.enorm.weight", "drafting"],
  ["lm_head.weight", "ends"],
  ["model.embed_tokens.weight", "ends"],
  ["visual.blocks.3.mlp.fc1.weight", "towers"],
  ["blk.7.ffn_down_exps.weight", "experts"],
  ["token_embd.weight", "ends"],
] as const)("%s is shared as %s", (name, wanted) => {
  expect(classOf(name, 61)).toBe(wanted);
});

/** A GGUF file of a small decoder, written by hand. */
function gguf(more: readonly (readonly [string, number | string])[] = [], version = 3): Uint8Array {
  const parts: Uint8Array[] = [];
  const put = (n: number, write: (v: DataView) => void): void => {
    const bytes = new Uint8Array(n);
    write(new DataView(bytes.buffer));
    parts.push(bytes);
  };
  const u32 = (v: number): void => put(4, (d) => d.setUint32(0, v, true));
  const u64 = (v: number): void => put(8, (d) => d.setBigUint64(0, BigInt(v), true));
  const text = (s: string): void => {
    u64(s.length);
    parts.push(new TextEncoder().encode(s));
  };
  const fields: readonly (readonly [string, number | string])[] = [
    ["general.architecture", "qwen3"],
    ["qwen3.embedding_length", 4096],
    ["qwen3.block_count", 36],
    ["qwen3.attention.head_count", 32],
    ["qwen3.attention.head_count_kv", 8],
    ["qwen3.attention.key_length", 128],
    ["qwen3.feed_forward_length", 12288],
    ["qwen3.context_length", 40960],
    ...more,
  ];
  const tensors: readonly (readonly [string, readonly number[], number])[] = [
    ["token_embd.weight", [4096, 151936], 12],
    ["output.weight", [4096, 151936], 14],
    ["blk.0.attn_q.weight", [4096, 4096], 12],
  ];
  u32(0x46554747);
  u32(version);
  u64(tensors.length);
  u64(fields.length + 1);
  for (const [name, value] of fields) {
    text(name);
    u32(typeof value === "string" ? 8 : 4);
    if (typeof value === "string") text(value);
    else u32(value);
  }
  text("tokenizer.ggml.tokens");
  u32(9);
  u32(8);
  u64(2);
  text("a");
  text("bc");
  for (const [name, shape, type] of tensors) {
    text(name);
    u32(shape.length);
    shape.forEach(u64);
    u32(type);
    u64(0);
  }
  return Uint8Array.from(parts.flatMap((p) => [...p]));
}

describe("GGUF", () => {
  test("a model in several files is read from all of them, whichever is named", () => {
    for (const n of [1, 2]) writeFileSync(join(work, `apart-0000${n}-of-00002.gguf`), gguf());
    for (const n of [1, 2]) {
      const found = findCheckpoint(join(work, `apart-0000${n}-of-00002.gguf`));
      expect(found.notes.map((note) => [note.key, note.with?.["n"]])).toEqual([["serve.gguf-files", 2]]);
      expect(found.tensors).toBe(2 * 3);
    }
  });

  test("the header tells the model, types and bytes", () => {
    const path = join(work, "small.gguf");
    writeFileSync(path, gguf());
    const found = findCheckpoint(path);
    const { total } = parametersOf(found.model.architecture);
    expect(total).toBe(8190735360);
    expect(found.form).toMatchObject({ container: "gguf", types: { Q4_K: 2, Q6_K: 1 } });
    expect(found.weights.ends).toBe((4096 * 151936 * (144 + 210)) / 256);
    expect(found.weights.divided).toBe((4096 * 4096 * 144) / 256);
  });

  test.each([
    ["another beginning", Uint8Array.from([1, 2, 3, 4, ...new Uint8Array(40)]), /does not begin/],
    ["another version", gguf([], 9), /version 9/],
    ["cut off", gguf().slice(0, 200), /behind the file's end/],
  ])("%s is told", (_, bytes, why) => {
    expect(() => readGguf(bytesSource(bytes, "x.gguf"))).toThrow(why);
  });
});

describe("what cannot be read", () => {
  test("a folder without a configuration", () => {
    expect(() => findCheckpoint(folderOf({ "other.json": {} }))).toThrow(/checkpoint-config-missing/);
  });

  test("a configuration without sizes", () => {
    expect(() => findCheckpoint(folderOf({ "config.json": { model_type: "llama" } }))).toThrow(/hidden_size/);
  });

  test("a folder that is none", () => {
    expect(() => findCheckpoint(join(work, "nothing"))).toThrow(/file-unreadable/);
  });
});
