/**
 * `quantize` of torch_mlu_ops: level = clamp(round(x * scale), -128, 127), the scale multiplies and is float32 [C], one
 * an index of x's last dimension; no zero point (D: Torch-MLU-Ops user manual 1.3.2, torch's round, ties to even; what
 * the kernel does with ties and NaN has not been seen on hardware: I).
 */
import { rounder } from "../rounding.js";
import { clampLevel } from "./rows.js";

export function tmoQuantise(x: Float32Array, scale: Float32Array): Int8Array {
  const round = rounder("even");
  const out = new Int8Array(x.length);
  for (let i = 0; i < x.length; i++) out[i] = clampLevel(round(Math.fround(x[i] * scale[i % scale.length])), 8);
  return out;
}
