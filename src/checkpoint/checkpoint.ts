/**
 * A folder with a checkpoint: what its configuration says and where its tensors lie. Nothing here knows what becomes of
 * them: repacking and assessing read the same headers.
 */
import { fail } from "../base/diagnostic.js";
import type { StoredTensor } from "../base/safetensors-read.js";
import { filesIn } from "../host/folder.js";
import { isFields, readJson, unfit, type JsonFile } from "./json-file.js";
import { readQuantisation, type Quantisation } from "./quantisation.js";
import { readShards } from "./shards.js";

export interface Checkpoint {
  readonly folder: string;
  /** Where the quantisation was read. */
  readonly config: string;
  /** Absent where the configuration speaks of none. */
  readonly quantisation?: Quantisation;
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** Names of the files that hold them. */
  readonly files: readonly string[];
}

/** Files of the quantisers themselves, from before config.json carried their fields. */
const olderFiles = ["quantize_config.json", "quant_config.json"];

/** Throws `file-unreadable`, `checkpoint-*`, `unsupported-quantisation` and what a header of safetensors may. */
export function openCheckpoint(folder: string): Checkpoint {
  const names = filesIn(folder);
  const config = configOf(folder, names);
  const quantisation = "fields" in config ? readQuantisation(config) : undefined;
  return { folder, config: config.path, quantisation, ...readShards(folder, names) };
}

function configOf(folder: string, names: readonly string[]): JsonFile | { readonly path: string } {
  const main = names.includes("config.json") ? readJson(folder, "config.json") : undefined;
  const own = main?.fields["quantization_config"] ?? undefined;
  if (main && own !== undefined)
    return isFields(own) ? { path: main.path, fields: own } : unfit(main.path, "has a quantization_config that is no object");
  const older = olderFiles.find((name) => names.includes(name));
  if (older !== undefined) return readJson(folder, older);
  if (main) return { path: main.path };
  return fail("checkpoint-config-missing", `"${folder}" has no config.json, nor ${olderFiles.join(" or ")}`, {
    location: { path: folder },
    why: "How weights are packed stands in the configuration, not in the tensors.",
    fix: "Give the folder as it was downloaded, config.json included.",
  });
}
