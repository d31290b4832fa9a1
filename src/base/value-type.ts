/** What a value is: almost always a tensor; the standard's other kinds are carried so that they print and export. */
import { sameShape, type Dim } from "./dim.js";
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

/** Whether both say the same: kind, element type, rank and every extent. */
export function sameType(a: ValueType, b: ValueType): boolean {
  if (a === b) return true;
  switch (a.kind) {
    case "tensor":
    case "sparse":
      return a.kind === b.kind && a.dtype === b.dtype && sameRankAndExtents(a.shape, b.shape);
    case "sequence":
    case "optional":
      return a.kind === b.kind && sameType(a.of ?? unknownType, b.of ?? unknownType);
    case "map":
      return a.kind === b.kind && a.key === b.key && sameType(a.of ?? unknownType, b.of ?? unknownType);
    case "unknown":
      return b.kind === "unknown";
    default:
      throw a satisfies never;
  }
}

const unknownType: ValueType = { kind: "unknown" };

function sameRankAndExtents(a: readonly Dim[] | undefined, b: readonly Dim[] | undefined): boolean {
  return a && b ? sameShape(a, b) : a === b;
}
