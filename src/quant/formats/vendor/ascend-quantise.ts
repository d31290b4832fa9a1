/**
 * What Ascend's quantising calls compute, operation by operation: they multiply where ONNX divides, the scale found at
 * run time is the reciprocal of a reciprocal, and 310P works in half precision with ties away from zero.
 *
 * That a NaN becomes level 0 is assumed (I), as is that a float32 becomes a half by ties to even in scalar code (I).
 */
import { roundTo } from "../../../base/float-formats.js";
import { rounder } from "../rounding.js";
import { absMax, clampLevel, extremes, type QuantisedRows } from "./rows.js";

const { fround } = Math;
const even = rounder("even");
const away = rounder("away");

/** roundMode of aclnnAscendQuant: "round" is ties to even. */
export interface AscendQuantMode {
  readonly roundMode: "round" | "floor" | "ceil" | "trunc";
  readonly sqrtMode: boolean;
  readonly bits: 4 | 8;
}

function modeRounder(mode: AscendQuantMode["roundMode"]): (x: number) => number {
  switch (mode) {
    case "round":
      return even;
    case "floor":
      return rounder("floor");
    case "ceil":
      return rounder("ceil");
    case "trunc":
      return rounder("truncate");
    default:
      throw mode satisfies never;
  }
}

/**
 * aclnnAscendQuant and V3: cast(x * scale + offset) in float32, the scale twice in sqrtMode. x f16 or f32, scale and
 * offset [1] or one an index of the last dimension, in x's type; here all are the values as float32. `scale` is the
 * reciprocal of ONNX's, and the offset is added before rounding, so that with an odd one ties go to the other side than
 * in ONNX (D: hicann/ops-nn quant/ascend_quant_v2/docs; S: op_kernel/ascend_quant_v2_kernel.h, CastOut).
 */
export function ascendQuant(x: Float32Array, scale: Float32Array, offset: Float32Array | undefined, mode: AscendQuantMode): Int8Array {
  const round = modeRounder(mode.roundMode);
  const out = new Int8Array(x.length);
  const channels = scale.length;
  for (let i = 0; i < x.length; i++) {
    const s = scale[i % channels];
    let v = fround(x[i] * s);
    if (mode.sqrtMode) v = fround(v * s);
    if (offset) v = fround(v + offset[i % offset.length]);
    out[i] = clampLevel(round(v), mode.bits);
  }
  return out;
}

/**
 * aclnnDynamicQuant on 910b and A3, each row: m = 127 / absmax (7 for int4) in float32, level = round(x * m) to even,
 * returned scale = 1 / m. A row of zeros has scale 0 and levels 0. x f16 or bf16 [rows, columns], smooth [columns]
 * (D: hicann/ops-nn quant/dynamic_quant/docs; S: op_kernel/dynamic_quant_db.h, ProcessFp16 and ProcessBf16).
 */
export function dynamicQuant(x: Float32Array, columns: number, bits: 4 | 8, smooth?: Float32Array): QuantisedRows {
  const rows = x.length / columns;
  const values = smooth ? x.map((v, i) => v * smooth[i % columns]) : x;
  const [levels, scales] = [new Int8Array(x.length), new Float32Array(rows)];
  for (let r = 0, at = 0; r < rows; r++, at += columns) {
    const m = fround((2 ** (bits - 1) - 1) / absMax(values, at, columns));
    scales[r] = 1 / m;
    for (let i = at; i < at + columns; i++) levels[i] = clampLevel(even(fround(values[i] * m)), bits);
  }
  return { levels, scales };
}

/**
 * aclnnDynamicQuant on 310P, x f16 [rows, columns]: m = 127 / absmax in float32, then as a half; x * m in half
 * precision; level = round(x * m) with ties away from zero; returned scale = absmax * float32(1 / 127). A row of at
 * most 1e-12 has m 0; below 127 / 65520 m is an infinity, and every value but 0 saturates
 * (S: hicann/ops-nn quant/dynamic_quant/op_kernel/dynamic_quant_align_310p.h, Compute).
 */
export function dynamicQuant310p(x: Float32Array, columns: number): QuantisedRows {
  const rows = x.length / columns;
  const [levels, scales] = [new Int8Array(x.length), new Float32Array(rows)];
  for (let r = 0, at = 0; r < rows; r++, at += columns) {
    const max = absMax(x, at, columns);
    const m = max <= fround(1e-12) ? 0 : roundTo("f16", fround(127 / max));
    scales[r] = max * fround(1 / 127);
    for (let i = at; i < at + columns; i++) levels[i] = clampLevel(away(roundTo("f16", x[i] * m)), 8);
  }
  return { levels, scales };
}

interface AsymmetricRows extends QuantisedRows {
  /** [rows]: no integers, so that 0 need not be a level. */
  readonly offsets: Float32Array;
}

/**
 * aclnnDynamicQuantV2 with an offset, on 910b and A3: scale = max((max - min) / 255, 1e-12), offset = 127 - max /
 * scale (15 and 7 for int4), level = round(x * (1 / scale) + offset), all in float32. The range is the row's own, 0 not
 * added (S: hicann/ops-nn quant/dynamic_quant/op_kernel/dynamic_quant_db.h, ProcessAsymmetric). 310P has none (D).
 */
export function dynamicQuantV2(x: Float32Array, columns: number, bits: 4 | 8): AsymmetricRows {
  const rows = x.length / columns;
  const [levels, scales, offsets] = [new Int8Array(x.length), new Float32Array(rows), new Float32Array(rows)];
  const high = 2 ** (bits - 1) - 1;
  for (let r = 0, at = 0; r < rows; r++, at += columns) {
    const [min, max] = extremes(x, at, columns);
    scales[r] = Math.max(fround(fround(max - min) / (2 * high + 1)), fround(1e-12));
    offsets[r] = high - fround(max / scales[r]);
    const m = fround(1 / scales[r]);
    for (let i = at; i < at + columns; i++) levels[i] = clampLevel(even(fround(fround(x[i] * m) + offsets[r])), bits);
  }
  return { levels, scales, offsets };
}
