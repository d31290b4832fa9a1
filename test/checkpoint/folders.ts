/** Checkpoints made for a test, in folders of their own. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { layoutSafetensors, tensorBytes } from "../../src/base/safetensors.js";
import type { Tensor } from "../../src/base/tensor.js";

const root = mkdtempSync(join(tmpdir(), "portolan-checkpoint-"));
let count = 0;
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

export type Tensors = Readonly<Record<string, Tensor>>;

export function safetensors(tensors: Tensors): Uint8Array {
  const all = Object.entries(tensors);
  const { head, at, size } = layoutSafetensors(all.map(([name, t]) => ({ name, dtype: t.dtype, shape: t.shape })));
  const out = new Uint8Array(size);
  out.set(head);
  all.forEach(([, t], i) => {
    out.set(tensorBytes(t), at[i].offset);
  });
  return out;
}

/** An empty folder, or one with these files. */
export function folderOf(files: Readonly<Record<string, string | Uint8Array | object>> = {}): string {
  const folder = join(root, `${count++}`);
  mkdirSync(folder);
  for (const [name, content] of Object.entries(files))
    writeFileSync(join(folder, name), typeof content === "string" || content instanceof Uint8Array ? content : JSON.stringify(content));
  return folder;
}

/** One shard for each record of tensors, with an index where there are several. */
export function checkpointOf(quantization_config: object, ...shards: readonly Tensors[]): string {
  const config = { architectures: ["Any"], quantization_config };
  if (shards.length === 1) return folderOf({ "config.json": config, "model.safetensors": safetensors(shards[0]) });
  const named = shards.map((tensors, i) => [`model-${i + 1}-of-${shards.length}.safetensors`, tensors] as const);
  const weight_map = Object.fromEntries(named.flatMap(([file, tensors]) => Object.keys(tensors).map((name) => [name, file])));
  const files = Object.fromEntries(named.map(([file, tensors]) => [file, safetensors(tensors)]));
  return folderOf({ "config.json": config, "model.safetensors.index.json": { metadata: {}, weight_map }, ...files });
}

export function named(layer: string, parts: object): Tensors {
  return Object.fromEntries(Object.entries(parts).map(([part, t]) => [`${layer}.${part}`, t as Tensor]));
}
