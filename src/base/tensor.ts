/**
 * Dense host tensors. One element per array slot whatever the packed size on disk: f16, bf16 keep their 16 bits in a
 * Uint16Array, 8-bit floats theirs in a Uint8Array, 4- and 2-bit types one value per byte, bool one byte 0 or 1,
 * complex two slots per element.
 */
import { invariant } from "./diagnostic.js";
import type { DType } from "./dtype.js";

export type TensorData =
  | Float64Array
  | Float32Array
  | Uint16Array
  | Int16Array
  | Uint8Array
  | Int8Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | string[];

export interface Tensor {
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** Row-major. */
  readonly data: TensorData;
}

export function elementCount(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}

/** A zeroed array of the class that stores `dtype`. */
export function allocate(dtype: DType, count: number): TensorData {
  switch (dtype) {
    case "f64":
      return new Float64Array(count);
    case "f32":
      return new Float32Array(count);
    case "f16":
    case "bf16":
    case "u16":
      return new Uint16Array(count);
    case "i16":
      return new Int16Array(count);
    case "i8":
    case "i4":
    case "i2":
      return new Int8Array(count);
    case "u8":
    case "u4":
    case "u2":
    case "bool":
    case "f8e4m3fn":
    case "f8e4m3fnuz":
    case "f8e5m2":
    case "f8e5m2fnuz":
    case "f8e8m0":
    case "f4e2m1":
      return new Uint8Array(count);
    case "i32":
      return new Int32Array(count);
    case "u32":
      return new Uint32Array(count);
    case "i64":
      return new BigInt64Array(count);
    case "u64":
      return new BigUint64Array(count);
    case "c64":
      return new Float32Array(2 * count);
    case "c128":
      return new Float64Array(2 * count);
    case "string":
      return new Array<string>(count).fill("");
    default:
      throw dtype satisfies never;
  }
}

export function tensor(dtype: DType, shape: readonly number[], data: TensorData): Tensor {
  const slots = elementCount(shape) * (dtype === "c64" || dtype === "c128" ? 2 : 1);
  invariant(data.length === slots, `${dtype}[${shape.join(",")}] needs ${slots} slots, got ${data.length}`);
  return { dtype, shape, data };
}

/** Row-major strides in elements. */
export function rowMajor(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let i = shape.length - 2; i >= 0; i--) strides[i] = strides[i + 1] * shape[i + 1];
  return strides;
}
