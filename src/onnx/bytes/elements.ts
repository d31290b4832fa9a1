/** Little-endian row-major bytes, as raw_data and external files hold them, to typed arrays and back. */
import { fail, invariant } from "../../base/diagnostic.js";
import { byteLength, dtypes, type DType } from "../../base/dtype.js";
import { allocate, elementCount, tensor, type Tensor, type TensorData } from "../../base/tensor.js";

/** `bytes` holds exactly the tensor. A view of `bytes` where alignment and type allow, else a copy. */
export function decodeElements(dtype: DType, shape: readonly number[], bytes: Uint8Array): Tensor {
  const count = elementCount(shape);
  invariant(bytes.length === byteLength(dtype, count), `${dtype}[${shape.join(",")}] does not lie in ${bytes.length} bytes`);
  if (dtypes[dtype].bits < 8) return tensor(dtype, shape, unpack(dtype, count, bytes));
  const empty = allocate(dtype, 0);
  if (Array.isArray(empty)) return tensor(dtype, shape, allocate(dtype, count));
  const size = empty.BYTES_PER_ELEMENT;
  const aligned = bytes.byteOffset % size === 0 ? bytes : new Uint8Array(bytes);
  const view = empty.constructor as new (buffer: ArrayBufferLike, offset: number, length: number) => Exclude<TensorData, string[]>;
  return tensor(dtype, shape, new view(aligned.buffer, aligned.byteOffset, aligned.byteLength / size));
}

/** The bytes of any tensor but strings: a view where elements lie densely, else a packed copy. */
export function encodeElements(value: Tensor): Uint8Array {
  const { dtype, data } = value;
  invariant(!Array.isArray(data), "strings have no raw bytes");
  if (dtypes[dtype].bits < 8) return pack(dtype, data);
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** Sub-byte elements, the first in the lowest bits of a byte (onnx.proto, TensorProto.int32_data). */
function unpack(dtype: DType, count: number, bytes: Uint8Array): TensorData {
  const { bits, kind } = dtypes[dtype];
  const out = allocate(dtype, count) as Uint8Array | Int8Array;
  const perByte = 8 / bits;
  for (let i = 0; i < count; i++) {
    const value = (bytes[Math.floor(i / perByte)] >> (bits * (i % perByte))) & ((1 << bits) - 1);
    out[i] = kind === "int" && value >= 1 << (bits - 1) ? value - (1 << bits) : value;
  }
  return out;
}

function pack(dtype: DType, data: Exclude<TensorData, string[]>): Uint8Array {
  const { bits } = dtypes[dtype];
  const out = new Uint8Array(byteLength(dtype, data.length));
  const perByte = 8 / bits;
  for (let i = 0; i < data.length; i++) out[Math.floor(i / perByte)] |= (Number(data[i]) & ((1 << bits) - 1)) << (bits * (i % perByte));
  return out;
}

/** The dtype of a TensorProto.DataType. Throws `tensor-type`. */
export function knownDType(dtype: DType | undefined, elementType: number, tensorName: string): DType {
  return (
    dtype ??
    fail("tensor-type", `tensor ${JSON.stringify(tensorName)} has element type ${elementType}, which ONNX does not define (1 to 26 are)`, {
      location: { tensor: tensorName },
    })
  );
}
