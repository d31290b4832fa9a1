/**
 * Element types: every one the current ONNX schema knows, with sizes in bits (four of them share a byte). Names, sizes and
 * spellings of an element type stand here and nowhere else.
 */

interface DTypeInfo {
  readonly bits: number;
  readonly kind: "float" | "int" | "uint" | "bool" | "string" | "complex";
  /** TensorProto.DataType of onnx/onnx onnx/onnx.proto3, which is the runtime's code (targets/common/runtime/portolan.h) too. */
  readonly onnx: number;
  /** The standard's own spelling in schemas: tensor(float16). */
  readonly onnxName: string;
  /** As .npy files spell it. NumPy has no bfloat16 of its own; two raw bytes is how its files carry one. */
  readonly numpy?: string;
  /** Bits of a float's significand, the leading one included: whole numbers up to 2^n are exact. */
  readonly significand?: number;
  /** Kernels neither load nor store it: they hold its values in this type, where each of them is exact. */
  readonly held?: "f32" | "i8" | "u8";
}

export const dtypes = {
  f32: { bits: 32, kind: "float", onnx: 1, onnxName: "float32", numpy: "<f4", significand: 24 },
  u8: { bits: 8, kind: "uint", onnx: 2, onnxName: "uint8", numpy: "|u1" },
  i8: { bits: 8, kind: "int", onnx: 3, onnxName: "int8", numpy: "|i1" },
  u16: { bits: 16, kind: "uint", onnx: 4, onnxName: "uint16", numpy: "<u2" },
  i16: { bits: 16, kind: "int", onnx: 5, onnxName: "int16", numpy: "<i2" },
  i32: { bits: 32, kind: "int", onnx: 6, onnxName: "int32", numpy: "<i4" },
  i64: { bits: 64, kind: "int", onnx: 7, onnxName: "int64", numpy: "<i8" },
  string: { bits: 0, kind: "string", onnx: 8, onnxName: "string" },
  bool: { bits: 8, kind: "bool", onnx: 9, onnxName: "bool", numpy: "|b1" },
  f16: { bits: 16, kind: "float", onnx: 10, onnxName: "float16", numpy: "<f2", significand: 11 },
  f64: { bits: 64, kind: "float", onnx: 11, onnxName: "float64", numpy: "<f8", significand: 53 },
  u32: { bits: 32, kind: "uint", onnx: 12, onnxName: "uint32", numpy: "<u4" },
  u64: { bits: 64, kind: "uint", onnx: 13, onnxName: "uint64", numpy: "<u8" },
  c64: { bits: 64, kind: "complex", onnx: 14, onnxName: "complex64" },
  c128: { bits: 128, kind: "complex", onnx: 15, onnxName: "complex128" },
  bf16: { bits: 16, kind: "float", onnx: 16, onnxName: "bfloat16", numpy: "<V2", significand: 8 },
  f8e4m3fn: { bits: 8, kind: "float", onnx: 17, onnxName: "float8e4m3fn", held: "f32" },
  f8e4m3fnuz: { bits: 8, kind: "float", onnx: 18, onnxName: "float8e4m3fnuz", held: "f32" },
  f8e5m2: { bits: 8, kind: "float", onnx: 19, onnxName: "float8e5m2", held: "f32" },
  f8e5m2fnuz: { bits: 8, kind: "float", onnx: 20, onnxName: "float8e5m2fnuz", held: "f32" },
  u4: { bits: 4, kind: "uint", onnx: 21, onnxName: "uint4", held: "u8" },
  i4: { bits: 4, kind: "int", onnx: 22, onnxName: "int4", held: "i8" },
  f4e2m1: { bits: 4, kind: "float", onnx: 23, onnxName: "float4e2m1", held: "f32" },
  f8e8m0: { bits: 8, kind: "float", onnx: 24, onnxName: "float8e8m0", held: "f32" },
  u2: { bits: 2, kind: "uint", onnx: 25, onnxName: "uint2", held: "u8" },
  i2: { bits: 2, kind: "int", onnx: 26, onnxName: "int2", held: "i8" },
} as const satisfies Readonly<Record<string, DTypeInfo>>;

export type DType = keyof typeof dtypes;

/** What the table says of an element type. */
export const infoOf = (dtype: DType): DTypeInfo => dtypes[dtype];

const names = Object.keys(dtypes) as readonly DType[];
const byOnnx = new Map<number, DType>(names.map((name) => [dtypes[name].onnx, name]));

/** The first element type of which something holds. */
export function findDType(holds: (info: DTypeInfo) => boolean): DType | undefined {
  return names.find((name) => holds(dtypes[name]));
}

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
