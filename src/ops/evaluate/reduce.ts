/** Primitives that walk along axes: reduce, argreduce, scan, sort. Sums are carried in double precision. */
import { dtypes, type DType } from "../../base/dtype.js";
import { wrapSmall } from "../../base/float-formats.js";
import { allocate, elementCount, type Tensor } from "../../base/tensor.js";
import { transposeTensor } from "./movement.js";
import { isBig, numbersOf, type BigArray, type NumberArray } from "./pointwise.js";
import { binaryBig, binaryNumber, numberFn } from "./scalar.js";

type Fold<T> = { readonly start: T; readonly step: (a: T, b: T) => T };

function lowest(dtype: DType): number {
  const { kind, bits } = dtypes[dtype];
  return kind === "float" ? -Infinity : kind === "int" ? -(2 ** (bits - 1)) : 0;
}

function highest(dtype: DType): number {
  const { kind, bits } = dtypes[dtype];
  return kind === "float" ? Infinity : kind === "int" ? 2 ** (bits - 1) - 1 : 2 ** bits - 1;
}

function numberFold(fn: string, dtype: DType): Fold<number> {
  switch (fn) {
    case "sum":
      return { start: 0, step: binaryNumber.add };
    case "prod":
      return { start: 1, step: numberFn("mul", dtype) };
    case "max":
      return { start: lowest(dtype), step: binaryNumber.max };
    case "min":
      return { start: highest(dtype), step: binaryNumber.min };
    case "any":
      return { start: 0, step: binaryNumber.or };
    default:
      return { start: 1, step: binaryNumber.and };
  }
}

function bigFold(fn: string, dtype: DType): Fold<bigint> {
  const signed = dtype === "i64";
  switch (fn) {
    case "sum":
      return { start: 0n, step: binaryBig.add! };
    case "prod":
      return { start: 1n, step: binaryBig.mul! };
    case "max":
      return { start: signed ? -(1n << 63n) : 0n, step: binaryBig.max! };
    default:
      return { start: signed ? (1n << 63n) - 1n : (1n << 64n) - 1n, step: binaryBig.min! };
  }
}

function foldRows<T>(source: ArrayLike<T>, out: { [i: number]: T; length: number }, count: number, { start, step }: Fold<T>): void {
  for (let row = 0; row < out.length; row++) {
    let acc = start;
    for (let i = row * count, end = i + count; i < end; i++) acc = step(acc, source[i]);
    out[row] = acc;
  }
}

export function evaluateReduce(x: Tensor, fn: string, axes: readonly number[]): Tensor {
  const kept = x.shape.map((_, i) => i).filter((i) => !axes.includes(i));
  const perm = [...kept, ...axes];
  const rows = perm.every((p, i) => p === i) ? x : transposeTensor(x, perm);
  const out = allocate(x.dtype, elementCount(kept.map((i) => x.shape[i])));
  const count = elementCount(axes.map((i) => x.shape[i]));
  if (isBig(out)) foldRows(rows.data as BigArray, out, count, bigFold(fn, x.dtype));
  else foldRows(numbersOf(rows), out as NumberArray, count, numberFold(fn, x.dtype));
  return { dtype: x.dtype, shape: x.shape.map((d, i) => (axes.includes(i) ? 1 : d)), data: wrapSmall(x.dtype, out) };
}

interface Lines {
  readonly outer: number;
  readonly count: number;
  readonly inner: number;
}

function linesOf(shape: readonly number[], axis: number): Lines {
  return { outer: elementCount(shape.slice(0, axis)), count: shape[axis], inner: elementCount(shape.slice(axis + 1)) };
}

/** Calls `line(start, stride)` for every line along the axis, in row-major order of the other axes. */
function eachLine({ outer, count, inner }: Lines, line: (start: number, stride: number) => void): void {
  for (let o = 0; o < outer; o++) for (let i = 0; i < inner; i++) line(o * count * inner + i, inner);
}

export function evaluateArgReduce(x: Tensor, fn: string, axis: number, last: boolean): Tensor {
  const lines = linesOf(x.shape, axis);
  const out = new BigInt64Array(lines.outer * lines.inner);
  const source = x.data as Float64Array;
  const better = (a: number, b: number) => (fn === "max" ? a > b : a < b) || (a !== a && b === b) || (last && a === b);
  let to = 0;
  eachLine(lines, (start, stride) => {
    let best = 0;
    for (let k = 1; k < lines.count; k++) if (better(source[start + k * stride], source[start + best * stride])) best = k;
    out[to++] = BigInt(best);
  });
  return { dtype: "i64", shape: x.shape.map((d, i) => (i === axis ? 1 : d)), data: out };
}

interface ScanMode {
  readonly fn: string;
  readonly axis: number;
  readonly exclusive: boolean;
  readonly reverse: boolean;
}

export function evaluateScan(x: Tensor, mode: ScanMode): Tensor {
  const lines = linesOf(x.shape, mode.axis);
  const out = allocate(x.dtype, x.data.length) as Float64Array;
  const source = x.data as Float64Array;
  const { start, step } = (isBig(x.data) ? bigFold(mode.fn, x.dtype) : numberFold(mode.fn, x.dtype)) as Fold<number>;
  eachLine(lines, (from, stride) => {
    let acc = start;
    for (let k = 0; k < lines.count; k++) {
      const at = from + (mode.reverse ? lines.count - 1 - k : k) * stride;
      const next = step(acc, source[at]);
      out[at] = mode.exclusive ? acc : next;
      acc = next;
    }
  });
  return { dtype: x.dtype, shape: x.shape, data: wrapSmall(x.dtype, out as Tensor["data"]) };
}

/** Sorted values and their positions; equal values keep their order. */
export function evaluateSort(x: Tensor, axis: number, descending: boolean): [Tensor, Tensor] {
  const lines = linesOf(x.shape, axis);
  const values = allocate(x.dtype, x.data.length) as Float64Array;
  const indices = new BigInt64Array(x.data.length);
  const source = x.data as Float64Array;
  const sign = descending ? -1 : 1;
  eachLine(lines, (from, stride) => {
    const order = Array.from({ length: lines.count }, (_, k) => k);
    const value = (k: number) => source[from + k * stride];
    order.sort((a, b) => (value(a) < value(b) ? -sign : value(a) > value(b) ? sign : a - b));
    order.forEach((k, to) => {
      values[from + to * stride] = value(k);
      indices[from + to * stride] = BigInt(k);
    });
  });
  return [
    { dtype: x.dtype, shape: x.shape, data: values },
    { dtype: "i64", shape: x.shape, data: indices },
  ];
}
