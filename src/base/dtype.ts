/** Element types: every one the current ONNX schema knows, with sizes in bits (four of them share a byte). */

export type DType =
  | "f64"
  | "f32"
  | "f16"
  | "bf16"
  | "f8e4m3fn"
  | "f8e4m3fnuz"
  | "f8e5m2"
  | "f8e5m2fnuz"
  | "f8e8m0"
  | "f4e2m1"
  | "i64"
  | "i32"
  | "i16"
  | "i8"
  | "i4"
  | "i2"
  | "u64"
  | "u32"
  | "u16"
  | "u8"
  | "u4"
  | "u2"
  | "bool"
  | "string"
  | "c64"
  | "c128";

interface DTypeInfo {
  readonly bits: number;
  readonly kind: "float" | "int" | "uint" | "bool" | "string" | "complex";
  /** TensorProto.DataType of onnx/onnx onnx/onnx.proto3. */
  readonly onnx: number;
  /** The standard's own spelling in schemas: tensor(float16). */
  readonly onnxName: string;
}

export const dtypes: Readonly<Record<DType, DTypeInfo>> = {
  f32: { bits: 32, kind: "float", onnx: 1, onnxName: "float32" },
  u8: { bits: 8, kind: "uint", onnx: 2, onnxName: "uint8" },
  i8: { bits: 8, kind: "int", onnx: 3, onnxName: "int8" },
  u16: { bits: 16, kind: "uint", onnx: 4, onnxName: "uint16" },
  i16: { bits: 16, kind: "int", onnx: 5, onnxName: "int16" },
  i32: { bits: 32, kind: "int", onnx: 6, onnxName: "int32" },
  i64: { bits: 64, kind: "int", onnx: 7, onnxName: "int64" },
  string: { bits: 0, kind: "string", onnx: 8, onnxName: "string" },
  bool: { bits: 8, kind: "bool", onnx: 9, onnxName: "bool" },
  f16: { bits: 16, kind: "float", onnx: 10, onnxName: "float16" },
  f64: { bits: 64, kind: "float", onnx: 11, onnxName: "float64" },
  u32: { bits: 32, kind: "uint", onnx: 12, onnxName: "uint32" },
  u64: { bits: 64, kind: "uint", onnx: 13, onnxName: "uint64" },
  c64: { bits: 64, kind: "complex", onnx: 14, onnxName: "complex64" },
  c128: { bits: 128, kind: "complex", onnx: 15, onnxName: "complex128" },
  bf16: { bits: 16, kind: "float", onnx: 16, onnxName: "bfloat16" },
  f8e4m3fn: { bits: 8, kind: "float", onnx: 17, onnxName: "float8e4m3fn" },
  f8e4m3fnuz: { bits: 8, kind: "float", onnx: 18, onnxName: "float8e4m3fnuz" },
  f8e5m2: { bits: 8, kind: "float", onnx: 19, onnxName: "float8e5m2" },
  f8e5m2fnuz: { bits: 8, kind: "float", onnx: 20, onnxName: "float8e5m2fnuz" },
  u4: { bits: 4, kind: "uint", onnx: 21, onnxName: "uint4" },
  i4: { bits: 4, kind: "int", onnx: 22, onnxName: "int4" },
  f4e2m1: { bits: 4, kind: "float", onnx: 23, onnxName: "float4e2m1" },
  f8e8m0: { bits: 8, kind: "float", onnx: 24, onnxName: "float8e8m0" },
  u2: { bits: 2, kind: "uint", onnx: 25, onnxName: "uint2" },
  i2: { bits: 2, kind: "int", onnx: 26, onnxName: "int2" },
};

const byOnnx = new Map<number, DType>(Object.entries(dtypes).map(([name, info]) => [info.onnx, name as DType]));

export function dtypeFromOnnx(code: number): DType | undefined {
  return byOnnx.get(code);
}

export function isDType(text: string): text is DType {
  return Object.hasOwn(dtypes, text);
}

export function isFloat(dtype: DType): boolean {
  return dtypes[dtype].kind === "float";
}

/** A 16-bit float: storage, computed in f32. */
export function isHalf(dtype: DType): boolean {
  return dtype === "f16" || dtype === "bf16";
}

/** Signed or unsigned integers; bool is not one. */
export function isInteger(dtype: DType): boolean {
  const { kind } = dtypes[dtype];
  return kind === "int" || kind === "uint";
}

/** Bytes of `count` elements stored densely, sub-byte types packed. */
export function byteLength(dtype: DType, count: number): number {
  return Math.ceil((count * dtypes[dtype].bits) / 8);
}
