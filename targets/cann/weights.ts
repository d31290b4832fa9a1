/** Ascend's product by packed weights: aclnnWeightQuantBatchMatmulV2, w = (level + offset) * scale. */
import { invariant } from "../../src/base/diagnostic.js";
import type { Chip } from "../../src/claim/target.js";
import { packAntiquant, unpackAntiquant } from "../../src/quant/formats/layouts/ascend.js";
import type { WeightProduct } from "../../src/quant/formats/product.js";
import { refuseBits } from "../../src/quant/formats/refuse.js";
import { scalesIn } from "../../src/quant/formats/scales.js";
import type { QuantisedWeight } from "../../src/quant/formats/weight.js";
import { ascendChip, type AscendChip } from "./caps.js";

const source = "hicann/ops-nn matmul/weight_quant_batch_matmul_v2/docs/aclnnWeightQuantBatchMatmulV2.md";

export function weightProducts(chip: Chip): readonly WeightProduct[] {
  const { weightOnly } = ascendChip(chip);
  return weightOnly ? [antiquantProduct(chip.caps.chip, weightOnly)] : [];
}

function antiquantProduct(chip: string, { bits, scales }: NonNullable<AscendChip["weightOnly"]>): WeightProduct {
  const call = "aclnnWeightQuantBatchMatmulV2";
  return {
    call,
    layout:
      "w = (weight + antiquantOffset) * antiquantScale. weight ND, not transposed: int4 as INT32 [k, n / 8], 8 along n in a word, the first in its lowest bits; int8 as INT8 [k, n]. antiquantScale and antiquantOffset [groups, n], or [n] of one group, in the type of x",
    source,
    bits,
    pack: (w) => {
      refuseBits({ name: `${call} on ${chip}`, source }, w, bits);
      const { antiquantGroupSize, weight, antiquantScale, antiquantOffset } = packAntiquant(w, halfOf(scalesIn(w, scales)));
      return { tensors: { weight, antiquantScale, ...(antiquantOffset && { antiquantOffset }) }, numbers: { antiquantGroupSize } };
    },
    unpack: ({ tensors, numbers }) => {
      const { weight, antiquantScale, antiquantOffset } = tensors;
      return unpackAntiquant({ weight, antiquantScale, antiquantOffset, antiquantGroupSize: numbers["antiquantGroupSize"] });
    },
  };
}

function halfOf({ scaleType }: QuantisedWeight): "f16" | "bf16" {
  invariant(scaleType !== "f32", "scales of this call are halves");
  return scaleType;
}
