/**
 * Linear layers of AutoAWQ, version "gemm": qweight i32 [k, n / 8] with 8 columns a word in the order 0, 2, 4, 6, 1, 3,
 * 5, 7 from the lowest bits on, qzeros i32 [groups, n / 8] alike and without a minus one, scales [groups, n]
 * (S: baidu/vLLM-Kunlun vllm_kunlun/quantization/awq.py; Cambricon/vllm-mlu
 * vllm_mlu/model_executor/layers/quantization/awq_mlu.py).
 */
import type { Tensor } from "../../../base/tensor.js";
import { expectTensor, refuseBits, refuseExtent, refuseIndex, type Layout } from "../refuse.js";
import { readScales, transpose, writeScales } from "../scales.js";
import { groupsOf, weight, type QuantisedWeight } from "../weight.js";
import { packColumns, unpackColumns } from "./columns.js";

export interface AwqTensors {
  readonly qweight: Tensor;
  readonly qzeros: Tensor;
  readonly scales: Tensor;
}

/** Which of its columns each nibble of a word holds. */
const awqOrder = Int32Array.of(0, 2, 4, 6, 1, 3, 5, 7);

const layout: Layout = { name: "AWQ gemm", source: "baidu/vLLM-Kunlun vllm_kunlun/quantization/awq.py" };

/** Columns in another order of nibbles, which the readers of this layout permute to. */
export function packOrdered(w: QuantisedWeight, order: Int32Array, by: Layout): AwqTensors {
  refuseBits(by, w, [4]);
  refuseIndex(by, w);
  refuseExtent(by, "n", w.n, order.length);
  const groups = groupsOf(w);
  const zeros = w.zeros ?? new Int8Array(w.n * groups);
  return {
    qweight: { dtype: "i32", shape: [w.k, w.n / 8], data: packColumns(w.levels, w.n, w.k, order) },
    qzeros: { dtype: "i32", shape: [groups, w.n / 8], data: packColumns(zeros, w.n, groups, order) },
    scales: writeScales(transpose(w.scales, w.n, groups), w.scaleType, [groups, w.n]),
  };
}

export function unpackOrdered(t: AwqTensors, group: number, order: Int32Array, by: Layout): QuantisedWeight {
  const [k, words] = t.qweight.shape;
  const n = words * 8;
  const size = group === -1 ? k : group;
  const groups = Math.ceil(k / size);
  expectTensor(by, "qweight", t.qweight, ["i32"], [k, words]);
  expectTensor(by, "qzeros", t.qzeros, ["i32"], [groups, words]);
  expectTensor(by, "scales", t.scales, ["f16", "bf16", "f32"], [groups, n]);
  const { scales, scaleType } = readScales(t.scales);
  const levels = unpackColumns(t.qweight.data as Int32Array, n, k, order);
  const zeros = unpackColumns(t.qzeros.data as Int32Array, n, groups, order);
  return weight({ bits: 4, n, k, group: size, levels, scales: transpose(scales, groups, n), scaleType, zeros });
}

/** Errors: layout-bits (4), layout-group-index, layout-extent (n in eights), scale-not-exact. */
export function packAwq(w: QuantisedWeight): AwqTensors {
  return packOrdered(w, awqOrder, layout);
}

/** `group` as the configuration has it: -1 is one group for all of k. Errors: layout-tensors. */
export function unpackAwq(t: AwqTensors, group: number): QuantisedWeight {
  return unpackOrdered(t, group, awqOrder, layout);
}
