/** A quantised layer's tensors as one weight. What contradicts itself, or the configuration, is refused. */
import { fail } from "../../base/diagnostic.js";
import { loadStored, storedDType } from "../../base/safetensors-read.js";
import { allocate, elementCount, type Tensor } from "../../base/tensor.js";
import type { Quantisation } from "../../checkpoint/quantisation.js";
import { unpackAwq } from "../formats/layouts/awq.js";
import { unpackIntQuantized, unpackQuantized } from "../formats/layouts/compressed-tensors.js";
import { unpackGptq, type GptqVersion } from "../formats/layouts/gptq.js";
import { groupsOf, type QuantisedWeight } from "../formats/weight.js";
import { wrongLayer, type FoundLayer } from "./find.js";
import { levelsFor } from "./levels.js";

/** Levels or bytes of one layer in memory, far more than the largest that are known. */
const mostLevels = 2 ** 31;

const damaged = "Fetch the checkpoint again, or correct its configuration.";

/** Throws `checkpoint-layer`, `layout-tensors` and `scale-not-finite`. */
export function readLayer(layer: FoundLayer, q: Quantisation): QuantisedWeight {
  const { bits, group, symmetric } = levelsFor(layer, q);
  requireSize(layer, bits);
  const w = unpacked(layer, bits, group, q);
  requireFinite(layer, w);
  if (symmetric === true && w.zeros) refuseAsymmetric(layer, w, w.zeros);
  return w.group > w.k ? { ...w, group: w.k } : w;
}

function requireSize(layer: FoundLayer, bits: number): void {
  const [weight] = Object.values(layer.parts);
  const large = Object.values(layer.parts).find((t) => t.length > mostLevels);
  if (large) wrongLayer(layer, `"${large.name}" has ${large.length} bytes; ${mostLevels} are the most that is read`, damaged);
  if (weight.shape.length !== 2 || elementCount(weight.shape) === 0)
    wrongLayer(layer, `its weight has the shape [${weight.shape.join(",")}], which is no matrix`, damaged);
  if ((weight.length * 8) / bits > mostLevels)
    wrongLayer(layer, `its weight has ${(weight.length * 8) / bits} values; ${mostLevels} are the most that is read`, damaged);
}

function unpacked(layer: FoundLayer, bits: number, group: number, q: Quantisation): QuantisedWeight {
  const part = (name: string): Tensor => load(layer, name);
  const may = (name: string): Tensor | undefined => (layer.parts[name] ? load(layer, name) : undefined);
  switch (layer.format) {
    case "gptq":
    case "gptq_v2":
      return gptq(layer, bits, group, layer.format, q);
    case "awq":
      return unpackAwq({ qweight: part("qweight"), qzeros: part("qzeros"), scales: part("scales") }, group);
    case "pack-quantized": {
      const weight_packed = part("weight_packed");
      const index = may("weight_g_idx");
      return unpackQuantized(
        {
          weight_packed,
          weight_scale: spread(part("weight_scale"), weight_packed.shape[0], group),
          weight_shape: part("weight_shape"),
          weight_zero_point: may("weight_zero_point"),
          weight_g_idx: index && isUnset(index) ? undefined : index,
        },
        bits,
        group === 0 ? -1 : group,
      );
    }
    case "int-quantized":
      return intQuantized(layer, bits, group);
    default:
      throw layer.format satisfies never;
  }
}

function load(layer: FoundLayer, name: string): Tensor {
  const stored = layer.parts[name];
  const dtype = storedDType(stored);
  return dtype ? loadStored(stored, dtype) : wrongLayer(layer, `"${stored.name}" is of type ${stored.type}, which is not read`, damaged);
}

/** Groups of neighbours need no index. */
function gptq(layer: FoundLayer, bits: number, group: number, version: GptqVersion, q: Quantisation): QuantisedWeight {
  const [qweight, qzeros, scales] = ["qweight", "qzeros", "scales"].map((name) => load(layer, name));
  if (layer.parts["g_idx"]) return unpackGptq({ qweight, qzeros, scales, g_idx: load(layer, "g_idx") }, bits, group, version);
  if (q.method === "gptq" && q.actOrder)
    wrongLayer(
      layer,
      `it has no "${layer.name}.g_idx", and desc_act is true`,
      "Fetch the checkpoint again: which group an input belongs to is lost.",
    );
  const k = Math.floor((qweight.shape[0] * 32) / bits);
  const data = Int32Array.from({ length: k }, (_, i) => (group === -1 ? 0 : Math.floor(i / group)));
  return unpackGptq({ qweight, qzeros, scales, g_idx: { dtype: "i32", shape: [k], data } }, bits, group, version);
}

/** One scale of the whole weight (group 0) as one of each channel. */
function spread(scale: Tensor, n: number, group: number): Tensor {
  if (group !== 0 || elementCount(scale.shape) !== 1) return scale;
  const all = { dtype: scale.dtype, shape: [n, 1], data: allocate(scale.dtype, n) };
  // One class of array, whichever it is.
  (all.data as Float32Array).fill((scale.data as Float32Array)[0]);
  return all;
}

/** compressed-tensors fills an index that was never set with -1 (vllm-project/compressed-tensors, quantization/lifecycle/forward.py). */
function isUnset({ data }: Tensor): boolean {
  return data.length > 0 && !Array.isArray(data) && data.every((g: number | bigint) => g === -1 || g === -1n);
}

/** int8 whatever the width: narrower levels are told by the configuration. */
function intQuantized(layer: FoundLayer, bits: number, group: number): QuantisedWeight {
  if (layer.parts["weight_g_idx"])
    wrongLayer(layer, "int-quantized with weight_g_idx is not read", "Quantise with actorder static or weight, which needs no index.");
  const weight = load(layer, "weight");
  const zeros = layer.parts["weight_zero_point"] && load(layer, "weight_zero_point");
  const [n] = weight.shape;
  const tensors = {
    weight,
    weight_scale: spread(load(layer, "weight_scale"), n, group),
    weight_zero_point: zeros && spread(zeros, n, group),
  };
  const w = unpackIntQuantized(tensors, group === 0 ? -1 : group);
  const least = -(2 ** (bits - 1));
  const within = (v: number): boolean => v >= least && v < -least;
  const odd = bits === 8 ? undefined : (w.levels.find((v) => !within(v)) ?? w.zeros?.find((v) => !within(v)));
  if (odd !== undefined) wrongLayer(layer, `it holds ${odd}, and num_bits is ${bits}`, damaged);
  return { ...w, bits };
}

function requireFinite({ name, parts }: FoundLayer, w: QuantisedWeight): void {
  const at = w.scales.findIndex((s) => !Number.isFinite(s));
  if (at < 0) return;
  fail("scale-not-finite", `layer "${name}": scale ${at} is ${w.scales[at]}`, {
    location: { path: Object.values(parts)[0].source.name },
    fix: "Quantise this layer again: its values or its calibration overflowed.",
  });
}

function refuseAsymmetric(layer: FoundLayer, w: QuantisedWeight, zeros: Int8Array): never {
  const at = zeros.findIndex((z) => z !== 0);
  const [channel, group] = [Math.floor(at / groupsOf(w)), at % groupsOf(w)];
  const by = zeros.every((z) => z === zeros[at]) ? ", as all others have" : "";
  const version = layer.format === "gptq" || layer.format === "gptq_v2" ? " and checkpoint_format (gptq stores zero points less one)" : "";
  return wrongLayer(
    layer,
    `the configuration says symmetric, and channel ${channel}, group ${group} has the zero point ${zeros[at]}${by}`,
    `Correct what the configuration says of zero points${version}.`,
  );
}
