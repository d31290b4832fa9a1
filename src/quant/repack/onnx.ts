/** onnxruntime's product by packed weights, com.microsoft MatMulNBits. */
import { packNBits, unpackNBits } from "../formats/layouts/onnx.js";
import type { WeightProduct } from "../formats/product.js";
import { regroup, type QuantisedWeight } from "../formats/weight.js";

const sizes = [256, 128, 64, 32, 16] as const;

/** One scale a channel becomes the same one for each block, larger groups several blocks; others are left for the layout to refuse. */
function inBlocks(w: QuantisedWeight): QuantisedWeight {
  const size = sizes.find((s) => (w.group === w.k ? s <= Math.max(16, w.k) && s <= 128 : w.group % s === 0));
  return size === undefined ? w : (regroup(w, size) ?? w);
}

export const nBitsProduct: WeightProduct = {
  call: "MatMulNBits",
  layout:
    "w = (level - zero_point) * scale. B u8 [N, blocks, block_size * bits / 8], levels without sign along K, the first in a byte's lowest bits; scales [N, blocks]; zero_points u8 [N, bytes] packed alike, each channel from a byte of its own, 2^(bits - 1) where absent",
  source: "microsoft/onnxruntime docs/ContribOperators.md, com.microsoft.MatMulNBits",
  bits: [2, 4, 8],
  pack: (given) => {
    const w = inBlocks(given);
    const { b, scales, zeroPoints } = packNBits(w);
    return {
      tensors: { B: b, scales, ...(zeroPoints && { zero_points: zeroPoints }) },
      numbers: { K: w.k, N: w.n, bits: w.bits, block_size: w.group },
    };
  },
  unpack: ({ tensors, numbers }) => {
    const { B: b, scales, zero_points: zeroPoints } = tensors;
    return unpackNBits({ b, scales, zeroPoints }, numbers["K"], numbers["bits"], numbers["block_size"]);
  },
};
