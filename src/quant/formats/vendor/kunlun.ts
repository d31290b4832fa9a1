/**
 * Kunlun says a range by its maximum: real = level * max / RMAX, symmetric, so that -128 is never a level (D: the
 * reference quantiser of mobius/kunlun_k200's XDNN headers, quantMath in the records of those headers; C:
 * baidu/vLLM-Kunlun vllm_kunlun/ops/_custom_ops.py).
 */
import { fail } from "../../../base/diagnostic.js";
import { rounder } from "../rounding.js";
import { relativeLoss, type Converted } from "./loss.js";
import { absMax } from "./rows.js";

const { fround } = Math;
const even = rounder("even");

const rmax = { i4: 7, i8: 127, i16: 32767, i31: 2 ** 30 - 1 } as const;

type KunlunType = keyof typeof rmax;

/** Subnormals are zeros. */
function flush(x: number): number {
  return Math.abs(x) < 2 ** -126 ? 0 : x;
}

/** What a level of `max` is worth: the ONNX scale. */
export function kunlunScale(max: number, type: KunlunType): number {
  return fround(max / rmax[type]);
}

/** The maximum that says an ONNX scale. Errors: symmetric-only where there is a zero point. */
export function kunlunMaxOf(scale: number, zero: number, type: KunlunType): Converted<number> {
  if (zero !== 0)
    fail("symmetric-only", `Kunlun's ${type} has no zero point: ${zero} cannot be said`, {
      why: "XDNN takes a maximum, the range lies evenly about 0.",
      fix: "Quantise symmetrically, or shift unsigned levels and correct the sums.",
    });
  const value = fround(scale * rmax[type]);
  return { value, loss: relativeLoss(scale, kunlunScale(value, type)) };
}

/** One level: NaN is RMAX, an infinite factor saturates by sign, halves go to the even level. */
function levelOf(x: number, factor: number, top: number): number {
  if (x !== x) return top;
  const v = flush(x);
  if (factor === Infinity) return Math.sign(v) * top;
  const scaled = fround(v * factor);
  return even(scaled > top ? top : scaled < -top ? -top : scaled);
}

/** The factor that multiplies x; infinite where the maximum is 0 or subnormal. */
function factorOf(max: number, top: number): number {
  return fround(fround(top) / flush(max));
}

/**
 * clamp(round(x * RMAX / max)), in float32. i31 has more levels than float32 holds: RMAX as a factor is 2^30 there, and
 * levels are still kept within RMAX (I).
 */
export function kunlunQuantise(x: Float32Array, max: number, type: KunlunType): Int32Array {
  const top = rmax[type];
  const factor = factorOf(max, top);
  const out = new Int32Array(x.length);
  for (let i = 0; i < x.length; i++) out[i] = levelOf(x[i], factor, top);
  return out;
}

interface Quant2d {
  /** [rows, columns]. */
  readonly levels: Int8Array;
  /** [rows]: the absolute maxima, 127 times the scales. */
  readonly max: Float32Array;
}

/**
 * kunlun_ops.quant2d on P800: int8 by the absolute maximum of each row, which is what it returns (C: baidu/vLLM-Kunlun
 * vllm_kunlun/ops/_custom_ops.py). Ties to even as in the reference quantiser is assumed (I).
 */
export function quant2d(x: Float32Array, columns: number): Quant2d {
  const rows = x.length / columns;
  const [levels, max] = [new Int8Array(x.length), new Float32Array(rows)];
  for (let r = 0, at = 0; r < rows; r++, at += columns) {
    max[r] = absMax(x, at, columns);
    const factor = factorOf(max[r], 127);
    for (let i = at; i < at + columns; i++) levels[i] = levelOf(x[i], factor, 127);
  }
  return { levels, max };
}
