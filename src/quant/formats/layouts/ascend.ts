/**
 * Weights as the aclnn calls take them: 8 int4 in an INT32 along the innermost dimension, the NZ fractals, and the
 * scale and offset of the weight-only product, whose w = (level + offset) * scale: the offset is a zero point with the
 * other sign (D: hicann/ops-nn matmul/weight_quant_batch_matmul_v2/docs, matmul/convert_weight_to_int4_pack/docs,
 * matmul/quant_batch_matmul_v4/docs; that a word's first value takes its lowest bits is not documented there: I).
 */
import { fail, invariant } from "../../../base/diagnostic.js";
import type { Tensor } from "../../../base/tensor.js";
import { packLine, unpackLine } from "../bits.js";
import { refuseBits, refuseExtent, refuseGroup, refuseIndex, type Layout } from "../refuse.js";
import { readScales, transpose, writeScales } from "../scales.js";
import { groupsOf, weight, type QuantisedWeight } from "../weight.js";

const line = { at: 0, step: 1 };

/** INT32 [..., columns / 8] of int4 values; `columns` fill whole words. */
export function packInt4(values: Int8Array): Int32Array {
  invariant(values.length % 8 === 0, `${values.length} int4 values fill no whole words`);
  const out = new Int32Array(values.length / 8);
  packLine(values, line, values.length, 4, 0, out, line);
  return out;
}

export function unpackInt4(words: Int32Array): Int8Array {
  const out = new Int8Array(words.length * 8);
  unpackLine(words, line, out.length, 4, 0, out, line);
  for (let i = 0; i < out.length; i++) out[i] = (out[i] << 28) >> 28;
  return out;
}

/** Columns of a fractal, 32 bytes: 32 int8 or 64 int4. */
type FractalColumns = 32 | 64;

/**
 * [rows, columns] as (ceil(columns / c0), ceil(rows / 16), 16, c0), padded with zeros. For a weight stored [k, n] rows
 * are k, for a transposed one [n, k] they are n; on 910b and A3 int4 has c0 64. Errors: layout-extent where either
 * extent is 1, which NZ does not know.
 */
export function toFractal(values: Int8Array, rows: number, columns: number, c0: FractalColumns): Int8Array {
  refuseVector(rows, columns);
  const band = Math.ceil(rows / 16) * 16 * c0;
  const out = new Int8Array(Math.ceil(columns / c0) * band);
  for (let c = 0, to = 0; c < columns; c += c0, to += band)
    for (let r = 0, width = Math.min(c0, columns - c); r < rows; r++)
      for (let i = 0, from = r * columns + c; i < width; i++) out[to + r * c0 + i] = values[from + i];
  return out;
}

export function fromFractal(fractal: Int8Array, rows: number, columns: number, c0: FractalColumns): Int8Array {
  refuseVector(rows, columns);
  const band = Math.ceil(rows / 16) * 16 * c0;
  const out = new Int8Array(rows * columns);
  for (let c = 0, from = 0; c < columns; c += c0, from += band)
    for (let r = 0, width = Math.min(c0, columns - c); r < rows; r++)
      for (let i = 0, to = r * columns + c; i < width; i++) out[to + i] = fractal[from + r * c0 + i];
  return out;
}

function refuseVector(rows: number, columns: number): void {
  if (rows > 1 && columns > 1) return;
  const why = "hicann/ops-nn matmul/quant_batch_matmul_v4/docs";
  fail("layout-extent", `FRACTAL_NZ holds no ${rows}x${columns} matrix: neither extent may be 1`, { why, fix: "Pass this weight as ND." });
}

/** weight INT32 [k, n / 8] or INT8 [k, n]; antiquantScale and -Offset [groups, n], or [n] of one group, in the activations' type. */
interface AntiquantTensors {
  readonly weight: Tensor;
  readonly antiquantScale: Tensor;
  readonly antiquantOffset?: Tensor;
  /** 0 for one scale a channel. */
  readonly antiquantGroupSize: number;
}

const antiquant: Layout = { name: "aclnnWeightQuantBatchMatmulV2", source: "hicann/ops-nn matmul/weight_quant_batch_matmul_v2/docs" };

/** Multiples of 32 from 32 to k - 1; a group of k is one scale a channel. */
const isGroup = (w: QuantisedWeight): boolean => w.group === w.k || (w.group % 32 === 0 && w.group < w.k);

/**
 * The weight [k, n], not transposed. Scales are f16 or bf16, since the call wants the activations' type; a zero point
 * of a level's size is exact in both. Errors: layout-bits (4, 8), layout-group-size, layout-group-index, layout-extent
 * (int4: n in eights), scale-not-exact.
 */
export function packAntiquant(w: QuantisedWeight, type: "f16" | "bf16"): AntiquantTensors {
  refuseBits(antiquant, w, [4, 8]);
  refuseIndex(antiquant, w);
  refuseGroup(antiquant, w, isGroup(w), "groups of a multiple of 32 below k, or one scale a channel");
  if (w.bits === 4) refuseExtent(antiquant, "n of an int4 weight", w.n, 8);
  const groups = groupsOf(w);
  const shape = groups === 1 ? [w.n] : [groups, w.n];
  const levels = transpose(w.levels, w.n, w.k);
  const offsets =
    w.zeros &&
    transpose(
      Float32Array.from(w.zeros, (z) => 0 - z),
      w.n,
      groups,
    );
  return {
    weight:
      w.bits === 4 ? { dtype: "i32", shape: [w.k, w.n / 8], data: packInt4(levels) } : { dtype: "i8", shape: [w.k, w.n], data: levels },
    antiquantScale: writeScales(transpose(w.scales, w.n, groups), type, shape),
    ...(offsets && { antiquantOffset: writeScales(offsets, type, shape) }),
    antiquantGroupSize: w.group === w.k ? 0 : w.group,
  };
}

export function unpackAntiquant(t: AntiquantTensors): QuantisedWeight {
  const words = t.weight.dtype === "i32";
  const [k, n] = [t.weight.shape[0], t.weight.shape[1] * (words ? 8 : 1)];
  const group = t.antiquantGroupSize === 0 ? k : t.antiquantGroupSize;
  const groups = Math.ceil(k / group);
  const stored = words ? unpackInt4(t.weight.data as Int32Array) : (t.weight.data as Int8Array);
  const { scales, scaleType } = readScales(t.antiquantScale);
  const offsets = t.antiquantOffset && readScales(t.antiquantOffset).scales;
  const zeros =
    offsets &&
    transpose(
      Int8Array.from(offsets, (o) => -o),
      groups,
      n,
    );
  const levels = transpose(stored, k, n);
  return weight({ bits: words ? 4 : 8, n, k, group, levels, scales: transpose(scales, groups, n), scaleType, ...(zeros && { zeros }) });
}
