/**
 * Linear layers of compressed-tensors (llm-compressor). pack-quantized: weight_packed i32 [n, ceil(k * bits / 32)] of
 * level + 2^(bits - 1) along k, values across words; weight_scale [n, groups]; weight_zero_point packed alike along n;
 * weight_shape; weight_g_idx. int-quantized: weight i8 [n, k] (S: vllm-project/compressed-tensors
 * src/compressed_tensors/compressors/pack_quantized/helpers.py, pack_to_int32; its older releases left the bits of a
 * word free that no whole value fits, which differs for 3, 5, 6 and 7 bits).
 */
import type { Tensor } from "../../../base/tensor.js";
import { packLine, unpackLine, wordsFor } from "../bits.js";
import { expectGroups, expectTensor, refuseBits, type Layout } from "../refuse.js";
import { readScales, writeScales } from "../scales.js";
import { groupsOf, weight, type QuantisedWeight } from "../weight.js";

interface PackQuantized {
  readonly weight_packed: Tensor;
  readonly weight_scale: Tensor;
  readonly weight_zero_point?: Tensor;
  readonly weight_shape: Tensor;
  readonly weight_g_idx?: Tensor;
}

const packed: Layout = {
  name: "pack-quantized",
  source: "vllm-project/compressed-tensors src/compressed_tensors/compressors/pack_quantized/helpers.py",
};

function packZeros(w: QuantisedWeight, zeros: Int8Array): Tensor {
  const [groups, words] = [groupsOf(w), wordsFor(w.n, w.bits, 32)];
  const data = new Int32Array(words * groups);
  for (let g = 0; g < groups; g++) packLine(zeros, { at: g, step: groups }, w.n, w.bits, 2 ** (w.bits - 1), data, { at: g, step: groups });
  return { dtype: "i32", shape: [words, groups], data };
}

/** Errors: layout-bits (1 to 8), scale-not-exact. */
export function packQuantized(w: QuantisedWeight): PackQuantized {
  refuseBits(packed, w, [1, 2, 3, 4, 5, 6, 7, 8]);
  const words = wordsFor(w.k, w.bits, 32);
  const data = new Int32Array(w.n * words);
  for (let n = 0; n < w.n; n++)
    packLine(w.levels, { at: n * w.k, step: 1 }, w.k, w.bits, 2 ** (w.bits - 1), data, { at: n * words, step: 1 });
  return {
    weight_packed: { dtype: "i32", shape: [w.n, words], data },
    weight_scale: writeScales(w.scales, w.scaleType, [w.n, groupsOf(w)]),
    weight_shape: { dtype: "i64", shape: [2], data: BigInt64Array.of(BigInt(w.n), BigInt(w.k)) },
    ...(w.zeros ? { weight_zero_point: packZeros(w, w.zeros) } : {}),
    ...(w.groupOf ? { weight_g_idx: { dtype: "i32", shape: [w.k], data: w.groupOf } } : {}),
  };
}

function unpackZeros(t: Tensor, n: number, groups: number, bits: number): Int8Array {
  expectTensor(packed, "weight_zero_point", t, ["i32"], [wordsFor(n, bits, 32), groups]);
  const out = new Int8Array(n * groups);
  for (let g = 0; g < groups; g++)
    unpackLine(t.data as Int32Array, { at: g, step: groups }, n, bits, 2 ** (bits - 1), out, { at: g, step: groups });
  return out;
}

/** `group` as the configuration has it, -1 for one a channel. Errors: layout-tensors. */
export function unpackQuantized(t: PackQuantized, bits: number, group: number): QuantisedWeight {
  const [n, k] = Array.from(t.weight_shape.data as BigInt64Array | Int32Array, Number);
  const size = group === -1 ? k : group;
  const [groups, words] = [Math.ceil(k / size), wordsFor(k, bits, 32)];
  expectTensor(packed, "weight_packed", t.weight_packed, ["i32"], [n, words]);
  expectTensor(packed, "weight_scale", t.weight_scale, ["f16", "bf16", "f32"], [n, groups]);
  if (t.weight_g_idx) expectTensor(packed, "weight_g_idx", t.weight_g_idx, ["i32"], [k]);
  const levels = new Int8Array(n * k);
  for (let i = 0; i < n; i++)
    unpackLine(t.weight_packed.data as Int32Array, { at: i * words, step: 1 }, k, bits, 2 ** (bits - 1), levels, { at: i * k, step: 1 });
  const zeros = t.weight_zero_point && unpackZeros(t.weight_zero_point, n, groups, bits);
  const groupOf = t.weight_g_idx?.data as Int32Array | undefined;
  if (groupOf) expectGroups(packed, groupOf, groups);
  return weight({ bits, n, k, group: size, levels, ...readScales(t.weight_scale), ...(zeros && { zeros }), ...(groupOf && { groupOf }) });
}

interface IntQuantized {
  readonly weight: Tensor;
  readonly weight_scale: Tensor;
  readonly weight_zero_point?: Tensor;
}

const plain: Layout = { name: "int-quantized", source: "vllm-project/compressed-tensors src/compressed_tensors/compressors" };

/** weight i8 [n, k], weight_scale [n, groups]. Errors: layout-bits (8), scale-not-exact. */
export function packIntQuantized(w: QuantisedWeight): IntQuantized {
  refuseBits(plain, w, [8]);
  const shape = [w.n, groupsOf(w)];
  return {
    weight: { dtype: "i8", shape: [w.n, w.k], data: w.levels },
    weight_scale: writeScales(w.scales, w.scaleType, shape),
    ...(w.zeros ? { weight_zero_point: { dtype: "i8", shape, data: w.zeros } } : {}),
  };
}

/** Errors: layout-tensors. */
export function unpackIntQuantized(t: IntQuantized, group: number): QuantisedWeight {
  const [n, k] = t.weight.shape;
  const size = group === -1 ? k : group;
  const shape = [n, Math.ceil(k / size)];
  expectTensor(plain, "weight", t.weight, ["i8"], [n, k]);
  expectTensor(plain, "weight_scale", t.weight_scale, ["f16", "bf16", "f32"], shape);
  if (t.weight_zero_point) expectTensor(plain, "weight_zero_point", t.weight_zero_point, ["i8"], shape);
  const zeros = t.weight_zero_point?.data as Int8Array | undefined;
  const levels = t.weight.data as Int8Array;
  return weight({ bits: 8, n, k, group: size, levels, ...readScales(t.weight_scale), ...(zeros && { zeros }) });
}
