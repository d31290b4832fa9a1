/**
 * Scales as Ascend's calls take them. The UINT64 of aclnnTransQuantParamV2 and V3: the scale's float32 without its low
 * 13 bits ("fp19") in the low half, a 9-bit offset at bit 37, bit 46 set (D + S: hicann/ops-nn
 * quant/trans_quant_param_v2/docs and op_kernel/trans_quant_param_v2.h). V2 cuts the mantissa, V3 with roundMode 1
 * rounds it to even and makes subnormals a zero. A product on this path multiplies by the shortened scale.
 */
import { fail } from "../../../base/diagnostic.js";
import { roundTo } from "../../../base/float-formats.js";
import { rounder } from "../rounding.js";
import { relativeLoss, type Converted } from "./loss.js";

/** What becomes of the 13 bits: V2 and roundMode 0, or roundMode 1. */
type Fp19Rounding = "truncate" | "even";

const cut = 0xffffe000;

function fp19(bits: number, rounding: Fp19Rounding): number {
  if (rounding === "truncate") return bits & cut;
  if ((bits & 0x7f800000) === 0) return bits & 0x80000000;
  return (bits + 0xfff + ((bits >>> 13) & 1)) & cut;
}

function checkScale(scale: number, at: number): void {
  if (Number.isFinite(scale)) return;
  fail("scale-not-finite", `scale ${at} is ${scale}, which the UINT64 form does not take`, {
    why: "hicann/ops-nn quant/trans_quant_param_v2/docs: no NaN and no infinity.",
    fix: "Look for a channel whose calibrated range overflows.",
  });
}

/**
 * Words for scales [n] with offsets [n] or [1]: rounded to even and kept within -256 to 255. Errors: scale-not-finite,
 * also where rounding overflows float32.
 */
export function packDeqScales(scales: Float32Array, rounding: Fp19Rounding, offsets?: Float32Array): BigUint64Array {
  const out = new BigUint64Array(scales.length);
  const [halves, bits] = [new Uint32Array(out.buffer), new Uint32Array(scales.slice().buffer)];
  const short = new Float32Array(halves.buffer);
  for (let i = 0; i < scales.length; i++) {
    halves[2 * i] = fp19(bits[i], rounding);
    checkScale(short[2 * i], i);
    const offset = offsets ? rounder("even")(offsets[offsets.length === 1 ? 0 : i]) : 0;
    halves[2 * i + 1] = 0x4000 | ((Math.min(Math.max(offset, -256), 255) & 0x1ff) << 5);
  }
  return out;
}

interface DeqScales {
  /** The scales that the product multiplies by. */
  readonly scales: Float32Array;
  readonly offsets: Int16Array;
}

/** What the words say; bits that neither form sets are not looked at. */
export function unpackDeqScales(words: BigUint64Array): DeqScales {
  const halves = new Uint32Array(words.slice().buffer);
  const short = new Float32Array(halves.buffer);
  const scales = Float32Array.from(words, (_, i) => short[2 * i]);
  const offsets = Int16Array.from(words, (_, i) => (((halves[2 * i + 1] >>> 5) & 0x1ff) << 23) >> 23);
  return { scales, offsets };
}

/**
 * The shortcut of public hosts where there is no offset: float32 bits widened to INT64, neither cut nor with bit 46
 * (S, C: vllm-project/vllm-ascend vllm_ascend/quantization/methods/w8a8_dynamic.py).
 */
export function widenScales(scales: Float32Array): BigInt64Array {
  return BigInt64Array.from(new Int32Array(scales.slice().buffer), BigInt);
}

/** The shortened scale of an ONNX scale, and what that costs: at most 2^-10, or 2^-11 where it is rounded. */
export function deqScaleOf(scale: number, rounding: Fp19Rounding): Converted<number> {
  const [value] = unpackDeqScales(packDeqScales(Float32Array.of(scale), rounding)).scales;
  return { value, loss: relativeLoss(scale, value) };
}

/** Operands of aclnnAscendQuant, in x's type: it multiplies, so its scale is the reciprocal. */
interface AscendQuantOperands {
  readonly scale: number;
  readonly offset: number;
}

/** Of an ONNX scale and zero point; the loss is that of the reciprocal's rounding to x's type. */
export function ascendQuantOperands(scale: number, zero: number, type: "f16" | "f32"): Converted<AscendQuantOperands> {
  const reciprocal = roundTo(type, 1 / scale);
  return { value: { scale: reciprocal, offset: roundTo(type, zero) }, loss: relativeLoss(scale, 1 / reciprocal) };
}

/**
 * The INT32 bias [n] that carries the activations' zero point, for which aclnnQuantMatmul has no input: round(bias /
 * scale) - zero * sum over k of the weight, with `scale` [n] the product of both scales. Ties to even are assumed (I);
 * the form is that of ModelSlim's quant_bias (C: vllm-project/vllm-ascend vllm_ascend/quantization/methods/w8a8_static.py).
 */
export function quantBias(levels: Int8Array, k: number, zero: number, scale: Float32Array, bias?: Float32Array): Int32Array {
  const round = rounder("even");
  return Int32Array.from(scale, (s, n) => {
    let sum = 0;
    for (let at = n * k; at < (n + 1) * k; at++) sum += levels[at];
    return (bias ? round(bias[n] / s) : 0) - zero * sum;
  });
}
