/**
 * Kunlun's products by packed weights, as baidu/vLLM-Kunlun calls them: awq_gemm for int4 in groups of neighbours, and
 * gptq_gemm, which has a group index, and int8.
 */
import type { Chip } from "../../src/claim/target.js";
import { alignTypeOf, packKunlunAwq, packKunlunGptq, unpackKunlunAwq, unpackKunlunGptq } from "../../src/quant/formats/layouts/kunlun.js";
import type { WeightProduct } from "../../src/quant/formats/product.js";
import { refuseBits, refuseExtent } from "../../src/quant/formats/refuse.js";
import { scalesIn } from "../../src/quant/formats/scales.js";
import type { QuantisedWeight } from "../../src/quant/formats/weight.js";
import { kunlunChip } from "./caps.js";

export function weightProducts(chip: Chip): readonly WeightProduct[] {
  return kunlunChip(chip).hasWeightOnly ? [awqProduct, gptqProduct] : [];
}

/** Both calls multiply halves, and tell the size of a group by dividing k by the rows of scales. */
function fitted({ call, source, bits }: WeightProduct, w: QuantisedWeight): QuantisedWeight {
  refuseBits({ name: call, source }, w, bits);
  refuseExtent({ name: call, source }, "k", w.k, w.group);
  return scalesIn(w, ["f16"]);
}

const awqProduct: WeightProduct = {
  call: "awq_gemm",
  layout:
    "w = (level - zero) * scale. qweight [k, n / 8] and qzeros [groups, n / 8] as INT32, 8 columns a word without sign, in Kunlun's order: normal (align_type 0) 1, 0, 3, 2, 5, 4, 7, 6; fast (align_type 1) 32, 0, 33, 1, ... 63, 31 of each 64; scales f16 [groups, n]",
  source: "baidu/vLLM-Kunlun vllm_kunlun/quantization/awq.py, vllm_kunlun/ops/_custom_ops.py",
  bits: [4],
  pack: (w) => {
    const { qweight, qzeros, scales } = packKunlunAwq(fitted(awqProduct, w));
    return { tensors: { qweight, qzeros, scales }, numbers: { align_type: alignTypeOf(w.n), group_size: w.group } };
  },
  unpack: ({ tensors: { qweight, qzeros, scales }, numbers }) => unpackKunlunAwq({ qweight, qzeros, scales }, numbers["group_size"]),
};

/** xspeedgate_ops.gptq_gemm is not told the version of zero points, and the upstream call it stands for reads v1 (I). */
const gptqProduct: WeightProduct = {
  call: "gptq_gemm",
  layout:
    "w = (level - (qzero + 1)) * scale within the bits. qweight [k * bits / 32, n] as INT32 along k from the lowest bits on; qzeros [groups, n * bits / 32] along n, int4 in the order 32, 0, 33, 1, ... 63, 31 of each 64; scales f16 [groups, n]; g_idx [k] is the group of each input, of which the call takes the argsort, or an empty tensor where groups are neighbours",
  source: "baidu/vLLM-Kunlun vllm_kunlun/quantization/gptq.py",
  bits: [4, 8],
  pack: (w) => {
    const { qweight, qzeros, scales, g_idx } = packKunlunGptq(fitted(gptqProduct, w), "gptq");
    return { tensors: { qweight, qzeros, scales, g_idx }, numbers: { bits: w.bits, group_size: w.group } };
  },
  unpack: ({ tensors: { qweight, qzeros, scales, g_idx }, numbers }) =>
    unpackKunlunGptq({ qweight, qzeros, scales, g_idx }, numbers["bits"] === 4 ? 4 : 8, numbers["group_size"], "gptq"),
};
