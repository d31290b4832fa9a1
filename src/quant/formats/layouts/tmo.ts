/**
 * Weights as torch_mlu_ops takes them (weight_only_quant_matmul): int8 [n, k], or [n, k / 2] with the even k in the low
 * nibble and the odd one in the high, signed; scale f32 [n] a channel or [n, groups] in the activations' type. Zero
 * points have an argument that must be None (D: Torch-MLU-Ops user manual 1.3.2; S: Cambricon/vllm-mlu
 * vllm_mlu/model_executor/layers/quantization/gptq_mlu.py, combine_low_bits).
 */
import type { Tensor } from "../../../base/tensor.js";
import { packLine, unpackLine } from "../bits.js";
import { expectTensor, refuseBits, refuseExtent, refuseGroup, refuseIndex, refuseZeros, type Layout } from "../refuse.js";
import { readScales, writeScales } from "../scales.js";
import { groupsOf, weight, type QuantisedWeight } from "../weight.js";

interface TmoTensors {
  readonly b: Tensor;
  readonly scale: Tensor;
}

const layout: Layout = {
  name: "weight_only_quant_matmul",
  source: "Torch-MLU-Ops user manual 1.3.2; Cambricon/vllm-mlu vllm_mlu/model_executor/layers/quantization/gptq_mlu.py",
};

const line = { at: 0, step: 1 };

function packNibbles(w: QuantisedWeight): Tensor {
  const data = new Int8Array((w.n * w.k) / 2);
  packLine(w.levels, line, w.levels.length, 4, 0, data, line);
  return { dtype: "i8", shape: [w.n, w.k / 2], data };
}

/** Errors: layout-bits (4, 8), -zero-points, -group-index, -group-size (64, 128, 256, 512), -extent (int4: k even). */
export function packTmo(w: QuantisedWeight): TmoTensors {
  refuseBits(layout, w, [4, 8]);
  refuseZeros(layout, w, "Quantise symmetrically (sym = true), or keep this layer in float.");
  refuseIndex(layout, w);
  const channel = w.group === w.k;
  refuseGroup(layout, w, channel || [64, 128, 256, 512].includes(w.group), "groups of 64, 128, 256 or 512, or one scale a channel");
  if (w.bits === 4) refuseExtent(layout, "k of an int4 weight", w.k, 2);
  return {
    b: w.bits === 4 ? packNibbles(w) : { dtype: "i8", shape: [w.n, w.k], data: w.levels },
    scale: channel ? writeScales(w.scales, "f32", [w.n]) : writeScales(w.scales, w.scaleType, [w.n, groupsOf(w)]),
  };
}

/** `group` 0 is one scale a channel. Errors: layout-tensors. */
export function unpackTmo(t: TmoTensors, bits: 4 | 8, group: number): QuantisedWeight {
  const [n, stored] = t.b.shape;
  const k = bits === 4 ? stored * 2 : stored;
  const size = group === 0 ? k : group;
  expectTensor(layout, "b", t.b, ["i8"], [n, stored]);
  expectTensor(layout, "scale", t.scale, ["f32", "f16", "bf16"], group === 0 ? [n] : [n, Math.ceil(k / size)]);
  let levels = t.b.data as Int8Array;
  if (bits === 4) {
    levels = new Int8Array(n * k);
    unpackLine(t.b.data as Int8Array, line, n * k, 4, 0, levels, line);
    for (let i = 0; i < levels.length; i++) levels[i] = (levels[i] << 28) >> 28;
  }
  return weight({ bits, n, k, group: size, levels, ...readScales(t.scale) });
}
