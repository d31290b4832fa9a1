/** What is known of values while compiling, beyond their types: constants, and small integer tensors as extents. */
import type { Dim } from "../base/dim.js";
import { dtypes, isFloat, isInteger } from "../base/dtype.js";
import { elementCount, type Tensor } from "../base/tensor.js";
import { mostExtents } from "../ops/extents.js";
import type { ConstData, Value } from "./graph.js";

/** Where a node's operands come from, as far as inference and rewriting need to know. */
export interface Knowledge {
  constant(v: Value): ConstData | undefined;
  extents(v: Value): readonly Dim[] | undefined;
}

const constantExtentsCache = new WeakMap<ConstData, { readonly dims: readonly Dim[] | undefined }>();

/** The elements of a small constant as extents, when every one is an integer; larger constants are never read. */
export function constantExtents(data: ConstData): readonly Dim[] | undefined {
  if (elementCount(data.shape) > mostExtents || !mayCount(data)) return undefined;
  let known = constantExtentsCache.get(data);
  if (!known) constantExtentsCache.set(data, (known = { dims: tensorExtents(data.load()) }));
  return known.dims;
}

function mayCount({ dtype }: ConstData): boolean {
  return isInteger(dtype) || dtype === "bool" || dtype === "f32" || dtype === "f64";
}

/** The elements of a tensor as extents; undefined when one is no integer or the type is no number. */
export function tensorExtents(t: Tensor): readonly Dim[] | undefined {
  const { kind } = dtypes[t.dtype];
  if (Array.isArray(t.data) || kind === "complex" || t.data.length > mostExtents) return undefined;
  if (isFloat(t.dtype) && t.dtype !== "f32" && t.dtype !== "f64") return undefined;
  const out = Array.from(t.data as ArrayLike<number | bigint>, Number);
  return out.every((x) => Number.isInteger(x) && !Object.is(x, -0)) ? out : undefined;
}
