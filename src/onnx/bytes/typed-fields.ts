/**
 * Tensor elements in the typed repeated fields of TensorProto (float_data, int32_data, ...), which small models and
 * hand-made tensors use in place of raw_data. A packed float or double field is little-endian rows already, so it has
 * a byte range like raw_data.
 */
import { fail } from "../../base/diagnostic.js";
import { byteLength, dtypes, type DType } from "../../base/dtype.js";
import { allocate, elementCount, tensor, type Tensor, type TensorData } from "../../base/tensor.js";
import { decodeElements } from "./elements.js";
import type { OnnxTensor } from "./schema.js";
import { openMessage, wireTypes, type ByteRange } from "./wire.js";

const floatData = 4;
const int32Data = 5;
const stringData = 6;
const int64Data = 7;
const doubleData = 10;
const uint64Data = 11;

/** Which field holds a type's elements (comments of TensorProto in onnx.proto). */
function fieldOf(dtype: DType): number {
  switch (dtype) {
    case "f32":
    case "c64":
      return floatData;
    case "f64":
    case "c128":
      return doubleData;
    case "i64":
      return int64Data;
    case "u32":
    case "u64":
      return uint64Data;
    case "string":
      return stringData;
    default:
      return int32Data;
  }
}

/** The one packed field that holds all elements as little-endian bytes, if that is how they lie. */
export function packedRange(t: OnnxTensor, dtype: DType): ByteRange | undefined {
  const field = fieldOf(dtype);
  if (field !== floatData && field !== doubleData) return undefined;
  const found: ByteRange[] = [];
  for (const m = openMessage(t.source, t.at); m.next();) {
    if (m.field !== field) continue;
    if (m.wire !== wireTypes.bytes) return undefined;
    found.push(m.range());
  }
  return found.length === 1 ? found[0] : undefined;
}

/** Throws `tensor-data-size` when the fields hold more or fewer elements than the dims say. */
export function loadFields(t: OnnxTensor, dtype: DType, shape: readonly number[]): Tensor {
  const count = elementCount(shape);
  const { bits, kind } = dtypes[dtype];
  // Sub-byte types come as packed bytes, one in each int32.
  const slots = bits > 0 && bits < 8 ? byteLength(dtype, count) : kind === "complex" ? 2 * count : count;
  const values = collect(t, dtype, slots, shape);
  return bits > 0 && bits < 8 ? decodeElements(dtype, shape, values as Uint8Array) : tensor(dtype, shape, values);
}

function collect(t: OnnxTensor, dtype: DType, slots: number, shape: readonly number[]): TensorData {
  const wrong = (got: string): never =>
    fail(
      "tensor-data-size",
      `tensor ${JSON.stringify(t.name)} ${dtype}[${shape.join(",")}] needs ${slots} elements; the model gives ${got}`,
      {
        location: { tensor: t.name },
      },
    );
  // Every element costs at least one byte of the file, so a hostile shape allocates nothing.
  if (slots > t.at.length) wrong(`${t.at.length} bytes`);
  const out =
    dtypes[dtype].bits < 8 && dtype !== "string"
      ? new Uint8Array(slots)
      : (allocate(dtype, dtypes[dtype].kind === "complex" ? slots / 2 : slots) as TensorData);
  const field = fieldOf(dtype);
  let n = 0;
  const wide = dtype === "i64" || dtype === "u64";
  for (const m = openMessage(t.source, t.at); m.next();) {
    if (m.field !== field) continue;
    if (field === floatData) m.eachFloat((v) => (out[n++] = v));
    else if (field === doubleData) m.eachDouble((v) => (out[n++] = v));
    else if (field === stringData) out[n++] = m.text();
    else if (wide) m.eachInt((v) => (out[n++] = v));
    else m.eachInt((v) => (out[n++] = Number(BigInt.asIntN(32, v))));
    if (n > slots) wrong(`${n} or more`);
  }
  if (n !== slots) wrong(`${n}`);
  return out;
}
