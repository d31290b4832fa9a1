/** Checkpoints of every format, made of seeded weights, and what becomes of them. */
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect } from "vitest";
import { repack, type RepackOptions } from "../../../src/api/index.js";
import { packAwq } from "../../../src/quant/formats/layouts/awq.js";
import { packIntQuantized, packQuantized } from "../../../src/quant/formats/layouts/compressed-tensors.js";
import { packGptq } from "../../../src/quant/formats/layouts/gptq.js";
import type { Tensor } from "../../../src/base/tensor.js";
import type { QuantisedWeight } from "../../../src/quant/formats/weight.js";
import { checkpointOf, folderOf, named, type Tensors } from "../../checkpoint/folders.js";
import type { someWeight } from "../formats/weights.js";

export type Wanted = Parameters<typeof someWeight>[0];

export const bias: Tensor = { dtype: "f32", shape: [3], data: Float32Array.of(1, -0, 3) };
export const norm: Tensor = { dtype: "bf16", shape: [5], data: Uint16Array.of(1, 2, 3, 0x8000, 65535) };

const symmetric = (w: QuantisedWeight): boolean => w.zeros === undefined;
const groupSaid = (w: QuantisedWeight): number => (w.group === w.k ? -1 : w.group);

interface Maker {
  readonly config: (w: QuantisedWeight) => object;
  readonly parts: (w: QuantisedWeight) => object;
}

export const compressedConfig =
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

export const gptqConfig =
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

export type Format = keyof typeof makers;

export const tensorsOf = (format: Format, name: string, w: QuantisedWeight): Tensors => named(name, makers[format].parts(w));

export function checkpoint(format: Format, w: QuantisedWeight, more: Tensors = {}): string {
  return checkpointOf(makers[format].config(w), { ...more, ...tensorsOf(format, "model.layers.0.q_proj", w) });
}

export const out = (): string => join(folderOf(), "w.safetensors");

export async function repacked(folder: string, target: string, options: Partial<RepackOptions> = {}): Promise<string> {
  const output = out();
  const result = await repack(folder, { target, output, ...options });
  expect(result.diagnostics.filter((d) => d.severity === "error")).toEqual([]);
  expect(result.repacked?.written).toEqual([output, `${output}.json`]);
  expect(readdirSync(dirname(output)).sort()).toEqual(["w.safetensors", "w.safetensors.json"]);
  return output;
}

/** All codes; a refusal leaves nothing behind. */
export async function refused(folder: string, target: string, options: Partial<RepackOptions> = {}): Promise<string[]> {
  const output = out();
  const result = await repack(folder, { target, output, ...options });
  expect(result.ok).toBe(false);
  expect(readdirSync(dirname(output))).toEqual([]);
  return result.diagnostics.map((d) => d.code);
}

export const four: Wanted = { bits: 4, n: 64, k: 160, group: 64 };
export const eight: Wanted = { bits: 8, n: 64, k: 160, group: 64 };
