/** Tensors that come from no other tensor's data: constants, indices, extents as data, and changes of element type. */
import type { DType } from "../../base/dtype.js";
import type { Tensor } from "../../base/tensor.js";
import { applyWrapped, expandTo, handleOf, isTensor, normalAxis, ownNumbers, scalar, wrap } from "./core.js";
import type { Mask } from "./elementwise.js";
import { builder, toDim, type Num } from "./value.js";

/** A tensor of one value. */
export function full(dims: readonly Num[], value: Num | bigint | boolean, type: DType): Num {
  return wrap(expandTo(scalar(value, type), dims.map(toDim)));
}

/** A number or extent as a scalar tensor, a tensor as it is. */
export function asTensor(x: Num, type: DType): Num {
  return wrap(handleOf(x, type));
}

/** The index along an axis. */
export function iota(dims: readonly Num[], axis: number, type: DType): Num {
  return applyWrapped("iota", [], { shape: dims.map(toDim), axis: normalAxis(axis, dims.length), dtype: type });
}

/** A constant from an attribute. */
export function constant(value: Tensor): Num {
  return wrap(builder().constant(value));
}

/** A one-dimensional constant. */
export function vector(values: readonly number[], type: DType): Num {
  return wrap(ownNumbers(type, [values.length], values));
}

/** A constant of any shape, values in row-major order. */
export function table(values: readonly number[], dims: readonly number[], type: DType): Num {
  return wrap(ownNumbers(type, dims, values));
}

/** Extents as an i64 tensor. */
export function dimsTensor(values: readonly Num[]): Num {
  return applyWrapped("dims", [], { value: values.map(toDim) });
}

export interface CastOptions {
  readonly round?: "trunc" | "rint" | "up" | "down" | "nearest";
  readonly saturate?: boolean;
}

export function cast(x: Num | Mask, to: DType, options: CastOptions = {}): Num {
  if (!isTensor(x)) return wrap(scalar(to === "bool" && typeof x === "number" ? x !== 0 : x, to));
  const h = handleOf(x);
  if (h.dtype === to) return x as unknown as Num;
  return applyWrapped("cast", [h], { to, round: options.round ?? "trunc", overflow: options.saturate ? "saturate" : "wrap" });
}
