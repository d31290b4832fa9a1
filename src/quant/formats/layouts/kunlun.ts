/**
 * Int4 weights as Kunlun's awq_gemm and gptq_gemm read them on P800: tensors of AWQ and GPTQ with the nibbles in
 * another order. Read from baidu/vLLM-Kunlun vllm_kunlun/quantization/awq.py and gptq.py, repack_int4_for_kunlun (S),
 * which permutes stored nibbles; here the orders are of columns, where both files say the same.
 *
 * Normal (align_type 0): within a word 1, 0, 3, 2, 5, 4, 7, 6. Fast (align_type 1, n in 64s): of each 64 columns
 * 32, 0, 33, 1, ... 63, 31.
 */
import { refuseBits, refuseExtent, type Layout } from "../refuse.js";
import type { QuantisedWeight } from "../weight.js";
import { packOrdered, unpackOrdered, type AwqTensors } from "./awq.js";
import { packGptq, unpackGptq, type GptqTensors, type GptqVersion } from "./gptq.js";

const normal = Int32Array.of(1, 0, 3, 2, 5, 4, 7, 6);
const fast = Int32Array.from({ length: 64 }, (_, p) => (p % 2 === 0 ? 32 : 0) + (p >> 1));

const awq: Layout = { name: "Kunlun awq_gemm", source: "baidu/vLLM-Kunlun vllm_kunlun/quantization/awq.py" };
const gptq: Layout = { name: "Kunlun gptq_gemm", source: "baidu/vLLM-Kunlun vllm_kunlun/quantization/gptq.py" };

/** The call's align_type: fast wherever the columns fill 64s, as the plugin chooses. */
export function alignTypeOf(n: number): 0 | 1 {
  return n % 64 === 0 ? 1 : 0;
}

/** qweight and qzeros in the order of `alignTypeOf`. Errors: those of `packAwq`. */
export function packKunlunAwq(w: QuantisedWeight): AwqTensors {
  return packOrdered(w, alignTypeOf(w.n) === 1 ? fast : normal, awq);
}

/** Errors: layout-tensors. */
export function unpackKunlunAwq(t: AwqTensors, group: number): QuantisedWeight {
  return unpackOrdered(t, group, alignTypeOf(t.qweight.shape[1] * 8) === 1 ? fast : normal, awq);
}

/** Moves the nibble of column order[p] to place p, or back. */
function reorder(words: Int32Array, order: Int32Array, back: boolean): Int32Array {
  const out = new Int32Array(words.length);
  for (let p = 0; p < words.length * 8; p++) {
    const column = p - (p % 64) + order[p % 64];
    const [from, to] = back ? [p, column] : [column, p];
    out[to >> 3] |= ((words[from >> 3] >>> ((from % 8) * 4)) & 15) << ((to % 8) * 4);
  }
  return out;
}

/**
 * The tensors of GPTQ, int4 with qzeros in the fast order; qweight, scales and g_idx as stored, and int8 as stored whole.
 * For act order the plugin passes argsort(g_idx) and not g_idx, which it derives at load. Errors: those of `packGptq`,
 * layout-bits (4, 8) and layout-extent (int4: n in 64s).
 */
export function packKunlunGptq(w: QuantisedWeight, version: GptqVersion): GptqTensors {
  refuseBits(gptq, w, [4, 8]);
  if (w.bits === 8) return packGptq(w, version);
  refuseExtent(gptq, "n", w.n, 64);
  const t = packGptq(w, version);
  return { ...t, qzeros: { ...t.qzeros, data: reorder(t.qzeros.data as Int32Array, fast, false) } };
}

/** Errors: layout-tensors. */
export function unpackKunlunGptq(t: GptqTensors, bits: 4 | 8, group: number, version: GptqVersion): QuantisedWeight {
  if (bits === 8) return unpackGptq(t, 8, group, version);
  const qzeros = { ...t.qzeros, data: reorder(t.qzeros.data as Int32Array, fast, true) };
  return unpackGptq({ ...t, qzeros }, 4, group, version);
}
