/**
 * Which numbers of the configuration a layer has. compressed-tensors chooses by names and patterns of modules; here the
 * group is taken whose numbers the layer's tensors have, and none where two that differ would do.
 */
import { exactNumber } from "../../base/element.js";
import { loadStored, storedDType } from "../../base/safetensors-read.js";
import type { LevelsConfig, Quantisation } from "../../checkpoint/quantisation.js";
import { wordsFor } from "../formats/bits.js";
import { wrongLayer, type FoundLayer } from "./find.js";

export function levelsFor(layer: FoundLayer, q: Quantisation): LevelsConfig {
  if (q.method !== "compressed-tensors") return q;
  const { k, packed, ...found } = extentsOf(layer);
  const fits = ({ bits, group }: LevelsConfig): boolean => {
    if (packed && found.columns !== wordsFor(k, bits, 32)) return false;
    if (group === 0) return found.scales.every((d) => d === 1);
    return found.scales[0] === found.n && found.scales[1] === Math.ceil(k / sizeOf(group, k));
  };
  // The widest first: int8 holds levels of fewer bits too.
  const fitting = q.groups.filter(fits).sort((a, b) => b.bits - a.bits);
  const [first] = fitting;
  if (fitting.some((g) => sizeOf(g.group, k) !== sizeOf(first.group, k) || (packed && g.bits !== first.bits)))
    wrongLayer(
      layer,
      `two of the configuration's groups fit its tensors (${fitting.map((g) => `${g.bits} bits in groups of ${g.group}`).join(", ")})`,
      "Leave in config_groups the one that holds for it.",
    );
  return first ?? q.groups[0];
}

/** Inputs that share a scale, of k. */
function sizeOf(group: number, k: number): number {
  return group > 0 ? Math.min(group, k) : k;
}

function extentsOf(layer: FoundLayer): { packed: boolean; n: number; columns: number; k: number; scales: readonly number[] } {
  const { format, parts } = layer;
  const packed = format === "pack-quantized";
  const [n, columns] = parts[packed ? "weight_packed" : "weight"].shape;
  return { packed, n, columns, k: packed ? inputsOf(layer) : columns, scales: parts["weight_scale"].shape };
}

function inputsOf(layer: FoundLayer): number {
  const stored = layer.parts["weight_shape"];
  const dtype = storedDType(stored);
  if ((dtype !== "i64" && dtype !== "i32") || stored.shape.length !== 1 || stored.shape[0] !== 2)
    return wrongLayer(layer, `weight_shape is ${stored.type}[${stored.shape.join(",")}], not I64[2]`, "Fetch the checkpoint again.");
  return exactNumber((loadStored(stored, dtype).data as Int32Array | BigInt64Array)[1], `weight_shape of "${layer.name}"`);
}
