/** Cambricon's product by packed weights: weight_only_quant_matmul of torch_mlu_ops. */
import type { Chip } from "../../src/claim/target.js";
import { packTmo, unpackTmo } from "../../src/quant/formats/layouts/tmo.js";
import type { WeightProduct } from "../../src/quant/formats/product.js";
import { scalesIn } from "../../src/quant/formats/scales.js";
import { regroup, type QuantisedWeight, type ScaleType } from "../../src/quant/formats/weight.js";
import { bangChip } from "./caps.js";

export function weightProducts(chip: Chip): readonly WeightProduct[] {
  return bangChip(chip).hasTmo ? [tmoProduct(chip)] : [];
}

/** Larger groups become several of the largest size that the call takes. */
function smaller(w: QuantisedWeight): QuantisedWeight {
  const size = [512, 256, 128, 64].find((g) => w.group % g === 0);
  return w.group === w.k || size === undefined ? w : (regroup(w, size) ?? w);
}

function tmoProduct(chip: Chip): WeightProduct {
  // Scales of groups have the type of the activations; half types first, then float, which holds every scale.
  const types = (["f16", "bf16", "f32"] as const).filter((t: ScaleType) => chip.contractTypes.includes(t));
  return {
    call: "weight_only_quant_matmul",
    layout:
      "w = b * scale. b int8 [n, k], or int4 as int8 [n, k / 2] with the even k in the low nibble, signed; scale f32 [n], or [n, groups] in the type of a; zero is None",
    source: "Torch-MLU-Ops user manual 1.3.2; Cambricon/vllm-mlu vllm_mlu/model_executor/layers/quantization/gptq_mlu.py",
    bits: [4, 8],
    pack: (given) => {
      const w = scalesIn(smaller(given), types);
      const { b, scale } = packTmo(w);
      return { tensors: { b, scale }, numbers: { quant_bit_size: w.bits, group_size: w.group === w.k ? 0 : w.group } };
    },
    unpack: ({ tensors: { b, scale }, numbers }) => unpackTmo({ b, scale }, numbers["quant_bit_size"] === 4 ? 4 : 8, numbers["group_size"]),
  };
}
