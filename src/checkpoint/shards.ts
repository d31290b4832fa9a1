/**
 * The tensors of a checkpoint, wherever they lie: one .safetensors file, or several that an index names. Headers are read,
 * no tensor is.
 */
import { join } from "node:path";
import { fail } from "../base/diagnostic.js";
import { readSafetensors, type StoredTensor } from "../base/safetensors-read.js";
import { openFile } from "../host/files.js";
import { isFields, readJson } from "./json-file.js";

const indexEnding = ".safetensors.index.json";

/** Tensors by name, and the files that hold them. `names` are the folder's. Throws `checkpoint-index` and what a header may. */
export function readShards(
  folder: string,
  names: readonly string[],
): { readonly tensors: ReadonlyMap<string, StoredTensor>; readonly files: readonly string[] } {
  const index = indexOf(folder, names);
  const shards = index ? [...new Set(index.values())].sort() : names.filter((n) => n.endsWith(".safetensors"));
  if (shards.length === 0) noWeights(folder, names);
  const tensors = new Map<string, StoredTensor>();
  for (const shard of shards)
    for (const t of readSafetensors(openFile(join(folder, shard), join(folder, shard)))) {
      const other = tensors.get(t.name);
      if (other)
        wrongIndex(
          t.source.name,
          `${JSON.stringify(t.name)} lies in ${other.source.name} too`,
          "Move the file away that does not belong to the checkpoint.",
        );
      tensors.set(t.name, t);
    }
  const paths = new Map(shards.map((shard) => [shard, join(folder, shard)]));
  for (const [name, shard] of index ?? []) {
    const path = paths.get(shard) ?? shard;
    if (tensors.get(name)?.source.name !== path) wrongIndex(path, `it has no tensor ${JSON.stringify(name)}, which the index says it has`);
  }
  return { tensors, files: shards };
}

function noWeights(folder: string, names: readonly string[]): never {
  const pickled = names.find((n) => /\.(bin|pt|pth)$/.test(n));
  return fail("checkpoint-weights-missing", `"${folder}" holds no .safetensors file${pickled === undefined ? "" : `, only ${pickled}`}`, {
    location: { path: folder },
    fix: "Save the checkpoint as safetensors: model.save_pretrained(folder, safe_serialization=True).",
  });
}

function wrongIndex(path: string, why: string, fix = "Fetch the checkpoint again: its files are of different versions."): never {
  return fail("checkpoint-index", `${path}: ${why}`, { location: { path }, fix });
}

/** Which file holds each tensor, where the folder has an index. Files stand in the folder itself, under plain names. */
function indexOf(folder: string, names: readonly string[]): ReadonlyMap<string, string> | undefined {
  const indices = names.filter((n) => n.endsWith(indexEnding));
  const name = indices.includes(`model${indexEnding}`) ? `model${indexEnding}` : indices[0];
  if (name === undefined) return undefined;
  const { path, fields } = readJson(folder, name);
  const map = fields["weight_map"];
  if (!isFields(map)) return wrongIndex(path, "it has no weight_map");
  const there = new Set(names);
  return new Map(Object.entries(map).map(([tensor, file]) => [tensor, shardNamed(path, file, there)]));
}

function shardNamed(index: string, file: unknown, names: ReadonlySet<string>): string {
  if (typeof file === "string" && names.has(file) && !file.includes("\\")) return file;
  const said = JSON.stringify(file);
  if (typeof file !== "string") return wrongIndex(index, `${said} is no file name`);
  if (/[/\\]/.test(file) || file === "..")
    return wrongIndex(index, `${said} is no plain file name`, "Only files beside the index are read; correct the index.");
  return wrongIndex(index, `there is no file ${said} beside it`, "Fetch that file too.");
}
