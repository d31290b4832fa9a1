/**
 * Linear layers of AutoGPTQ and GPTQModel. qweight i32 [k * bits / 32, n] runs along k, qzeros i32 [groups, n * bits /
 * 32] along n, both without sign from the lowest bits on, 3-bit values across words; scales [groups, n]; g_idx i32 [k]
 * (S: ModelCloud/GPTQModel gptqmodel/utils/model.py, convert_gptq_v1_to_v2_format; AutoGPTQ qlinear).
 *
 * `gptq` (v1) stores each zero point less one and readers add it back within the bits, so that all 2^bits zero points
 * can be said; `gptq_v2` stores it as it is. A file does not tell which it is: its configuration's checkpoint_format does.
 */
import type { Tensor } from "../../../base/tensor.js";
import { packLine, unpackLine } from "../bits.js";
import { expectGroups, expectTensor, refuseBits, refuseExtent, type Layout } from "../refuse.js";
import { readScales, transpose, writeScales } from "../scales.js";
import { groupIndex, groupsOf, weight, type QuantisedWeight } from "../weight.js";

export interface GptqTensors {
  readonly qweight: Tensor;
  readonly qzeros: Tensor;
  readonly scales: Tensor;
  readonly g_idx: Tensor;
}

export type GptqVersion = "gptq" | "gptq_v2";

const layout: Layout = { name: "GPTQ", source: "ModelCloud/GPTQModel gptqmodel/utils/model.py" };

/** What is added to a zero point of ours to give the stored one, before it is cut to its bits. */
function zeroBias(version: GptqVersion, bits: number): number {
  return 2 ** (bits - 1) - (version === "gptq" ? 1 : 0);
}

function packZeros(w: QuantisedWeight, version: GptqVersion): Int32Array {
  const [groups, words] = [groupsOf(w), (w.n * w.bits) / 32];
  const zeros = w.zeros ?? new Int8Array(w.n * groups);
  const out = new Int32Array(groups * words);
  for (let g = 0; g < groups; g++)
    packLine(zeros, { at: g, step: groups }, w.n, w.bits, zeroBias(version, w.bits), out, { at: g * words, step: 1 });
  return out;
}

/** Errors: layout-bits (2, 3, 4, 8), layout-extent (k and n fill whole words), scale-not-exact. */
export function packGptq(w: QuantisedWeight, version: GptqVersion): GptqTensors {
  refuseBits(layout, w, [2, 3, 4, 8]);
  refuseExtent(layout, "k * bits", w.k * w.bits, 32);
  refuseExtent(layout, "n * bits", w.n * w.bits, 32);
  const groups = groupsOf(w);
  const words = new Int32Array((w.k * w.bits * w.n) / 32);
  for (let n = 0; n < w.n; n++) packLine(w.levels, { at: n * w.k, step: 1 }, w.k, w.bits, 2 ** (w.bits - 1), words, { at: n, step: w.n });
  return {
    qweight: { dtype: "i32", shape: [(w.k * w.bits) / 32, w.n], data: words },
    qzeros: { dtype: "i32", shape: [groups, (w.n * w.bits) / 32], data: packZeros(w, version) },
    scales: writeScales(transpose(w.scales, w.n, groups), w.scaleType, [groups, w.n]),
    g_idx: { dtype: "i32", shape: [w.k], data: groupIndex(w) },
  };
}

/** Zero points wrap to the signed range of their bits, as the readers' mask has it. */
function unpackZeros(t: Tensor, n: number, groups: number, bits: number, version: GptqVersion): Int8Array {
  const out = new Int8Array(n * groups);
  const [words, shift] = [(n * bits) / 32, 32 - bits];
  for (let g = 0; g < groups; g++)
    unpackLine(t.data as Int32Array, { at: g * words, step: 1 }, n, bits, zeroBias(version, bits), out, { at: g, step: groups });
  for (let i = 0; i < out.length; i++) out[i] = (out[i] << shift) >> shift;
  return out;
}

function checkTensors(t: GptqTensors, bits: number, groups: number): void {
  const [rows, n] = t.qweight.shape;
  expectTensor(layout, "qweight", t.qweight, ["i32"], [rows, n]);
  expectTensor(layout, "g_idx", t.g_idx, ["i32"], [Math.floor((rows * 32) / bits)]);
  expectTensor(layout, "qzeros", t.qzeros, ["i32"], [groups, (n * bits) / 32]);
  expectTensor(layout, "scales", t.scales, ["f16", "bf16", "f32"], [groups, n]);
}

/** `group` as the configuration has it: -1 is one group for all of k. Errors: layout-tensors. */
export function unpackGptq(t: GptqTensors, bits: number, group: number, version: GptqVersion): QuantisedWeight {
  const [rows, n] = t.qweight.shape;
  const k = t.g_idx.data.length;
  const size = group === -1 ? k : group;
  const groups = Math.ceil(k / size);
  checkTensors(t, bits, groups);
  const levels = new Int8Array(n * k);
  // Column by column the reads would each be a page apart.
  const words = transpose(t.qweight.data as Int32Array, rows, n);
  for (let i = 0; i < n; i++) unpackLine(words, { at: i * rows, step: 1 }, k, bits, 2 ** (bits - 1), levels, { at: i * k, step: 1 });
  const { scales, scaleType } = readScales(t.scales);
  const zeros = unpackZeros(t.qzeros, n, groups, bits, version);
  const groupOf = t.g_idx.data as Int32Array;
  expectGroups(layout, groupOf, groups);
  return weight({ bits, n, k, group: size, levels, scales: transpose(scales, groups, n), scaleType, zeros, groupOf });
}
