/** Unary, binary, comparison and select primitives over whole tensors of one shape. */
import { fail, invariant } from "../../base/diagnostic.js";
import { wrapSmall } from "../../base/float-formats.js";
import { allocate, type Tensor, type TensorData } from "../../base/tensor.js";
import type { BinaryFn, CompareFn, UnaryFn } from "../primitive.js";
import { binaryBig, compareNumber, numberFn, unaryBig, unaryNumber } from "./scalar.js";

/** Array classes whose slots are JavaScript numbers. */
export type NumberArray = Exclude<TensorData, BigInt64Array | BigUint64Array | string[]>;
export type BigArray = BigInt64Array | BigUint64Array;

export function isBig(data: TensorData): data is BigArray {
  return data instanceof BigInt64Array || data instanceof BigUint64Array;
}

export function numbersOf(t: Tensor): NumberArray {
  invariant(!Array.isArray(t.data) && !isBig(t.data), `${t.dtype} elements are not JavaScript numbers`);
  return t.data;
}

function refuse(fn: string, t: Tensor): never {
  return fail("unsupported-type", `${fn} has no meaning on ${t.dtype} tensors`);
}

export function evaluateUnary(fn: UnaryFn, x: Tensor): Tensor {
  const dtype = fn === "isnan" || fn === "isinf" ? "bool" : x.dtype;
  const out = allocate(dtype, x.data.length);
  if (isBig(x.data)) {
    const f = unaryBig[fn] ?? refuse(fn, x);
    for (let i = 0; i < out.length; i++) (out as BigArray)[i] = f(x.data[i]);
  } else {
    const f = unaryNumber[fn];
    const a = numbersOf(x);
    for (let i = 0; i < out.length; i++) (out as NumberArray)[i] = f(a[i]);
  }
  return { dtype, shape: x.shape, data: wrapSmall(dtype, out) };
}

export function evaluateBinary(fn: BinaryFn, a: Tensor, b: Tensor): Tensor {
  const out = allocate(a.dtype, a.data.length);
  if (isBig(a.data)) {
    const f = binaryBig[fn] ?? refuse(fn, a);
    const right = b.data as BigArray;
    for (let i = 0; i < out.length; i++) (out as BigArray)[i] = f(a.data[i], right[i]);
  } else {
    const f = numberFn(fn, a.dtype);
    const [left, right, to] = [numbersOf(a), numbersOf(b), out as NumberArray];
    for (let i = 0; i < to.length; i++) to[i] = f(left[i], right[i]);
  }
  return { dtype: a.dtype, shape: a.shape, data: wrapSmall(a.dtype, out) };
}

export function evaluateCompare(fn: CompareFn, a: Tensor, b: Tensor): Tensor {
  // The comparison operators mean the same on numbers, bigints and strings.
  const f = compareNumber[fn];
  const [left, right] = [a.data as Float64Array, b.data as Float64Array];
  const data = new Uint8Array(left.length);
  for (let i = 0; i < data.length; i++) data[i] = f(left[i], right[i]) ? 1 : 0;
  return { dtype: "bool", shape: a.shape, data };
}

export function evaluateSelect(cond: Tensor, a: Tensor, b: Tensor): Tensor {
  const out = allocate(a.dtype, a.data.length) as Float64Array;
  const [mask, yes, no] = [numbersOf(cond), a.data as Float64Array, b.data as Float64Array];
  for (let i = 0; i < out.length; i++) out[i] = mask[i] ? yes[i] : no[i];
  return { dtype: a.dtype, shape: a.shape, data: out };
}
