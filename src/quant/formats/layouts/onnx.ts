/** How ONNX and onnxruntime store small integers: types below a byte in TensorProto, and the weights of MatMulNBits. */
import { infoOf } from "../../../base/dtype.js";
import type { Tensor } from "../../../base/tensor.js";
import { packLine, unpackLine, wordsFor } from "../bits.js";
import { allocateLevels, gridOf, type GridType } from "../grid.js";
import { expectTensor, refuseBits, refuseGroup, refuseIndex, type Layout } from "../refuse.js";
import { readScales, writeScales } from "../scales.js";
import { groupsOf, weight, type QuantisedWeight } from "../weight.js";

type SmallType = Extract<GridType, "i4" | "u4" | "i2" | "u2">;

const line = { at: 0, step: 1 };

/** Elements in order, the first in a byte's lowest bits (D: onnx/onnx onnx/onnx.proto3, raw_data of INT4 and INT2). */
export function packSmall(dtype: SmallType, values: Int8Array | Uint8Array): Uint8Array {
  const { bits } = infoOf(dtype);
  const out = new Uint8Array(wordsFor(values.length, bits, 8));
  packLine(values, line, values.length, bits, 0, out, line);
  return out;
}

/** One value an array slot, signed types with their sign. */
export function unpackSmall(dtype: SmallType, bytes: Uint8Array, count: number): Int8Array | Uint8Array {
  const { bits, kind } = infoOf(dtype);
  const out = allocateLevels(gridOf(dtype), count) as Int8Array | Uint8Array;
  unpackLine(bytes, line, count, bits, 0, out, line);
  const sign = 2 ** (bits - 1);
  if (kind === "int") for (let i = 0; i < count; i++) out[i] = (out[i] ^ sign) - sign;
  return out;
}

/**
 * Inputs of com.microsoft MatMulNBits: B u8 [n, ceil(k / block), block * bits / 8], levels without sign along k, the
 * first in the lowest bits; scales [n, blocks]; zero points packed alike, each channel from a byte of its own,
 * 2^(bits - 1) where absent (D: microsoft/onnxruntime docs/ContribOperators.md, com.microsoft.MatMulNBits).
 */
interface NBitsTensors {
  readonly b: Tensor;
  readonly scales: Tensor;
  readonly zeroPoints?: Tensor;
}

const nBits: Layout = { name: "MatMulNBits", source: "microsoft/onnxruntime docs/ContribOperators.md, com.microsoft.MatMulNBits" };

function packBlocks(w: QuantisedWeight): Uint8Array {
  const [blocks, bytes] = [groupsOf(w), (w.group * w.bits) / 8];
  const out = new Uint8Array(w.n * blocks * bytes);
  // A block is whole bytes, so a channel is one line; only its tail is padding.
  for (let n = 0; n < w.n; n++)
    packLine(w.levels, { at: n * w.k, step: 1 }, w.k, w.bits, 2 ** (w.bits - 1), out, { at: n * blocks * bytes, step: 1 });
  return out;
}

function packZeros(w: QuantisedWeight, zeros: Int8Array): Tensor {
  const blocks = groupsOf(w);
  const bytes = wordsFor(blocks, w.bits, 8);
  const data = new Uint8Array(w.n * bytes);
  for (let n = 0; n < w.n; n++)
    packLine(zeros, { at: n * blocks, step: 1 }, blocks, w.bits, 2 ** (w.bits - 1), data, { at: n * bytes, step: 1 });
  return { dtype: "u8", shape: [w.n, bytes], data };
}

const isBlock = (size: number): boolean => size >= 16 && Number.isInteger(Math.log2(size));

/** Blocks are powers of two from 16; bits 2, 4 or 8. Errors: layout-bits, layout-group-size, layout-group-index. */
export function packNBits(w: QuantisedWeight): NBitsTensors {
  refuseBits(nBits, w, [2, 4, 8]);
  refuseIndex(nBits, w);
  refuseGroup(nBits, w, isBlock(w.group), "blocks of a power of two, at least 16");
  const b: Tensor = { dtype: "u8", shape: [w.n, groupsOf(w), (w.group * w.bits) / 8], data: packBlocks(w) };
  const scales = writeScales(w.scales, w.scaleType, [w.n, groupsOf(w)]);
  return { b, scales, ...(w.zeros ? { zeroPoints: packZeros(w, w.zeros) } : {}) };
}

function unpackZeros(t: Tensor, n: number, blocks: number, bits: number): Int8Array {
  const out = new Int8Array(n * blocks);
  const bytes = wordsFor(blocks, bits, 8);
  for (let i = 0; i < n; i++)
    unpackLine(t.data as Uint8Array, { at: i * bytes, step: 1 }, blocks, bits, 2 ** (bits - 1), out, { at: i * blocks, step: 1 });
  return out;
}

/** `k`, `bits` and `block` are the node's attributes. Scales and zero points may come flat. Errors: layout-tensors. */
export function unpackNBits(t: NBitsTensors, k: number, bits: number, block: number): QuantisedWeight {
  const [n, blocks] = [t.b.shape[0], Math.ceil(k / block)];
  const bytes = (block * bits) / 8;
  expectTensor(nBits, "B", t.b, ["u8"], [n, blocks, bytes]);
  expectTensor(nBits, "scales", { ...t.scales, shape: [t.scales.data.length] }, ["f32", "f16", "bf16"], [n * blocks]);
  const zp = t.zeroPoints;
  if (zp) expectTensor(nBits, "zero_points", { ...zp, shape: [zp.data.length] }, ["u8"], [n * wordsFor(blocks, bits, 8)]);
  const levels = new Int8Array(n * k);
  for (let i = 0; i < n; i++)
    unpackLine(t.b.data as Uint8Array, { at: i * blocks * bytes, step: 1 }, k, bits, 2 ** (bits - 1), levels, { at: i * k, step: 1 });
  return weight({ bits, n, k, group: block, levels, ...readScales(t.scales), ...(zp ? { zeros: unpackZeros(zp, n, blocks, bits) } : {}) });
}
