/**
 * CNNL's fixed-point model, real = (level - offset) * 2^position / scale, computed as the reference helpers of
 * Cambricon/mlu-ops core/tool.cpp and core/tool.h do (S; the modes: D, mlu_op.h). Bits are 8, 16 or 31.
 */
import { invariant } from "../../../base/diagnostic.js";
import { rounder, type Rounding } from "../rounding.js";
import { relativeLoss, type Converted } from "./loss.js";
import { absMax } from "./rows.js";

const { fround } = Math;

type CnnlBits = 8 | 16 | 31;

interface FixedPoint {
  readonly position: number;
  readonly scale: number;
  readonly offset: number;
}

/** The logarithm is a float32: just below a power of two it is that power's own. */
function floorLog2(x: number): number {
  return Math.floor(fround(Math.log2(x)));
}

/** Mode POSITION: a power of two alone; 0 for a range of 0. */
export function cnnlPosition(absmax: number, bits: CnnlBits): FixedPoint {
  return { position: absmax === 0 ? 0 : floorLog2(absmax) - (bits - 2), scale: 1, offset: 0 };
}

/** Mode POSITION_SCALE: `absmax` becomes 2^(bits - 1) - 1. For 31 bits and for a range of 0 the scale stays 1. */
export function cnnlSymmetric(absmax: number, bits: CnnlBits): FixedPoint {
  const p = cnnlPosition(absmax, bits);
  if (absmax === 0 || bits === 31) return p;
  return { ...p, scale: fround((2 ** p.position * (2 ** (bits - 1) - 1)) / absmax) };
}

/** Mode POSITION_SCALE_OFFSET, in float32 throughout: the range with 0 in it becomes all levels. */
export function cnnlAsymmetric(min: number, max: number, bits: 8 | 16): FixedPoint {
  const [low, high] = [Math.min(min, 0), Math.max(max, 0)];
  if (low === high) return { position: 0, scale: 1, offset: 0 };
  const span = fround(high - low);
  const steps = 2 ** bits - 1;
  const position = floorLog2(span) - (bits - 1);
  const scale = fround(fround(2 ** position * steps) / span);
  const offset = rounder("away")(fround(-(2 ** (bits - 1)) - fround(fround(low * steps) / span)));
  return { position, scale, offset };
}

/** Round modes of cnnlSetQuantizeRoundMode. A fresh handle has "even"; the helper's own default is "away". */
type CnnlRounding = Extract<Rounding, "even" | "half-up" | "away">;

/**
 * round(clamp(x * scale / 2^position + offset)): the product a float32, the sum a double made float32, clamped to all
 * levels, -128 among them, before it is rounded. The offset is in what is rounded, so that with an odd one ties to even
 * go to the other side than in ONNX. NaN, which the helper leaves undefined, is 0.
 */
export function cnnlQuantise(x: Float32Array, p: FixedPoint, bits: 8 | 16, rounding: CnnlRounding): Int8Array | Int16Array {
  const round = rounder(rounding);
  const high = 2 ** (bits - 1) - 1;
  const unit = 2 ** p.position;
  const scale = fround(p.scale);
  const out = bits === 8 ? new Int8Array(x.length) : new Int16Array(x.length);
  for (let i = 0; i < x.length; i++) {
    const v = fround(fround(x[i] * scale) / unit + p.offset);
    out[i] = round(v > high ? high : v < -high - 1 ? -high - 1 : v);
  }
  return out;
}

export function cnnlDequantise(levels: Int8Array | Int16Array, { position, scale, offset }: FixedPoint): Float32Array {
  return Float32Array.from(levels, (q) => ((q - offset) * 2 ** position) / scale);
}

interface Int31 {
  /** The planes lie one after the other, low first: value = (high * 2^15 + low) * 2^position. */
  readonly low: Int16Array;
  readonly high: Int16Array;
  readonly position: number;
}

/** A tensor of 31 bits, two planes of 16, ties away from zero in float32. */
export function cnnlInt31(x: Float32Array): Int31 {
  const { position } = cnnlPosition(absMax(x, 0, x.length), 31);
  const [low, high] = [new Int16Array(x.length), new Int16Array(x.length)];
  for (let i = 0; i < x.length; i++) {
    const v = fround(x[i] / 2 ** position);
    const half = fround(v >= 0 ? v + 0.5 : v - 0.5);
    high[i] = Math.trunc(half / 32768);
    low[i] = Math.trunc(fround(half - high[i] * 32768));
  }
  return { low, high, position };
}

export function cnnlFloat({ low, high, position }: Int31): Float32Array {
  return Float32Array.from(low, (l, i) => fround(high[i] * 32768 + l) * 2 ** position);
}

/**
 * An ONNX scale and zero point: the position is the scale's own power of two, so that CNNL's scale lies above 1/2 and
 * at most at 1 (I: any pair with 2^position / scale = s means the same). The loss is that of the division's rounding.
 */
export function cnnlOf(scale: number, zero: number): Converted<FixedPoint> {
  invariant(scale > 0, `scale ${scale}`);
  let position = Math.floor(Math.log2(scale));
  if (2 ** position > scale) position--;
  const value = { position, scale: fround(2 ** position / scale), offset: zero };
  return { value, loss: relativeLoss(scale, cnnlScale(value)) };
}

/** The ONNX scale of a fixed point; its zero point is the offset. */
export function cnnlScale({ position, scale }: FixedPoint): number {
  return fround(2 ** position / scale);
}
