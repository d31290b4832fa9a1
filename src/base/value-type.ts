/** What a value is: almost always a tensor; the standard's other kinds are carried so that they print and export. */
import type { Dim } from "./dim.js";
import type { DType } from "./dtype.js";

export interface TensorType {
  readonly kind: "tensor";
  readonly dtype: DType;
  /** undefined: unknown rank. An unknown extent is a symbol of its own, never undefined. */
  readonly shape: readonly Dim[] | undefined;
}

export type ValueType =
  | TensorType
  | { readonly kind: "sequence"; readonly of: ValueType | undefined }
  | { readonly kind: "optional"; readonly of: ValueType | undefined }
  | { readonly kind: "map"; readonly key: DType; readonly of: ValueType | undefined }
  | { readonly kind: "sparse"; readonly dtype: DType; readonly shape: readonly Dim[] | undefined }
  /** No declaration and no record to infer one. */
  | { readonly kind: "unknown" };

export function tensorType(dtype: DType, shape: readonly Dim[] | undefined): TensorType {
  return { kind: "tensor", dtype, shape };
}
