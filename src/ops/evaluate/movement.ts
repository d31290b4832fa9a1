/** Primitives that move elements without looking at them: strided views copied densely, pads, joins, gathers, scatters. */
import { extentOf } from "../../base/element.js";
import { fail, invariant } from "../../base/diagnostic.js";
import { allocate, elementCount, rowMajor, type Tensor, type TensorData } from "../../base/tensor.js";
import { binaryBig, numberFn } from "./scalar.js";
import { isBig } from "./pointwise.js";

/** Element slots seen as numbers: the copies below never compute with them, so bigints and strings pass unharmed. */
type Slots = Float64Array;

function fresh(like: Tensor, count: number): Slots {
  if (like.dtype === "c64" || like.dtype === "c128") fail("unsupported-type", `moving ${like.dtype} elements`);
  return allocate(like.dtype, count) as Slots;
}

/** A strided view, described by the strides of each of its axes in the source. */
export interface View {
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly offset: number;
}

/** Calls `row(from)` for the first element of every innermost row, in row-major order. */
function eachRow(v: View, row: (from: number) => void): void {
  const outer = v.shape.length - 1;
  const at = new Array<number>(Math.max(outer, 0)).fill(0);
  if (elementCount(v.shape) === 0) return;
  let from = v.offset;
  for (;;) {
    row(from);
    let axis = outer - 1;
    for (; axis >= 0; axis--) {
      from += v.strides[axis];
      if (++at[axis] < v.shape[axis]) break;
      from -= v.strides[axis] * v.shape[axis];
      at[axis] = 0;
    }
    if (axis < 0) return;
  }
}

function copyView(x: Tensor, v: View): Tensor {
  const out = fresh(x, elementCount(v.shape));
  const source = x.data as Slots;
  if (v.strides.every((s) => s === 0)) return { dtype: x.dtype, shape: v.shape, data: out.fill(source[v.offset]) as TensorData };
  const inner = v.shape.at(-1) ?? 1;
  const step = v.strides.at(-1) ?? 1;
  let to = 0;
  eachRow(v, (from) => {
    for (let i = 0, p = from; i < inner; i++, p += step) out[to++] = source[p];
  });
  return { dtype: x.dtype, shape: v.shape, data: out as TensorData };
}

export function transposeTensor(x: Tensor, perm: readonly number[]): Tensor {
  const strides = rowMajor(x.shape);
  return copyView(x, { shape: perm.map((p) => x.shape[p]), strides: perm.map((p) => strides[p]), offset: 0 });
}

export function expandTensor(x: Tensor, shape: readonly number[]): Tensor {
  const strides = rowMajor(x.shape).map((s, i) => (x.shape[i] === 1 ? 0 : s));
  return copyView(x, { shape, strides, offset: 0 });
}

export function sliceTensor(x: Tensor, starts: readonly number[], sizes: readonly number[], steps: readonly number[]): Tensor {
  const strides = rowMajor(x.shape);
  const offset = strides.reduce((sum, s, i) => sum + s * starts[i], 0);
  return copyView(x, { shape: sizes, strides: strides.map((s, i) => s * steps[i]), offset });
}

export interface Windows {
  readonly axes: readonly number[];
  readonly sizes: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
}

export function windowTensor(x: Tensor, w: Windows, shape: readonly number[]): Tensor {
  const base = rowMajor(x.shape);
  const strides = base.map((s, axis) => (w.axes.includes(axis) ? s * w.strides[w.axes.indexOf(axis)] : s));
  return copyView(x, { shape, strides: [...strides, ...w.axes.map((axis, k) => base[axis] * w.dilations[k])], offset: 0 });
}

export function padTensor(x: Tensor, value: Tensor, low: readonly number[], high: readonly number[]): Tensor {
  invariant(
    [...low, ...high].every((p) => p >= 0),
    "pad amounts are never negative",
  );
  const shape = x.shape.map((d, i) => low[i] + d + high[i]);
  const out = fresh(x, elementCount(shape));
  out.fill((value.data as Slots)[0]);
  const strides = rowMajor(shape);
  const source = x.data as Slots;
  const inner = x.shape.at(-1) ?? 1;
  let from = 0;
  eachRow({ shape: x.shape, strides, offset: strides.reduce((sum, s, i) => sum + s * low[i], 0) }, (to) => {
    for (let i = 0; i < inner; i++) out[to + i] = source[from++];
  });
  return { dtype: x.dtype, shape, data: out as TensorData };
}

export function concatTensors(inputs: readonly Tensor[], axis: number): Tensor {
  const [first] = inputs;
  const extent = inputs.reduce((sum, t) => sum + t.shape[axis], 0);
  const shape = first.shape.map((d, i) => (i === axis ? extent : d));
  const out = fresh(first, elementCount(shape));
  const outer = elementCount(shape.slice(0, axis));
  let to = 0;
  for (let o = 0; o < outer; o++)
    for (const t of inputs) {
      const run = elementCount(t.shape.slice(axis));
      const source = t.data as Slots;
      for (let i = o * run; i < (o + 1) * run; i++) out[to++] = source[i];
    }
  return { dtype: first.dtype, shape, data: out as TensorData };
}

/** Index values as numbers, checked against the extent they address. */
function indexNumbers(t: Tensor, extent?: number): Float64Array {
  // What is no exact number lies outside whatever it indexes.
  const out = Float64Array.from(t.data as ArrayLike<number | bigint>, (i) => extentOf(i) ?? Infinity);
  if (extent !== undefined)
    for (const i of out) if (i < 0 || i >= extent) fail("index-out-of-range", `index ${i} is outside 0..${extent - 1}`);
  return out;
}

export function gatherTensor(x: Tensor, indices: Tensor, axis: number): Tensor {
  const extent = x.shape[axis];
  const at = indexNumbers(indices, extent);
  const inner = elementCount(x.shape.slice(axis + 1));
  const outer = elementCount(x.shape.slice(0, axis));
  const out = fresh(x, outer * at.length * inner);
  const source = x.data as Slots;
  let to = 0;
  for (let o = 0; o < outer; o++)
    for (const i of at) for (let p = (o * extent + i) * inner, end = p + inner; p < end; p++) out[to++] = source[p];
  return { dtype: x.dtype, shape: [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)], data: out as TensorData };
}

/** Calls `visit(flat position in x, flat position in indices)` for every index along an axis. */
function eachIndexed(x: Tensor, indices: Tensor, axis: number, visit: (to: number, from: number) => void): void {
  const strides = rowMajor(x.shape);
  const at = indexNumbers(indices, x.shape[axis]);
  const positions = rowMajor(indices.shape);
  for (let flat = 0; flat < at.length; flat++) {
    let p = at[flat] * strides[axis];
    for (let i = 0; i < x.shape.length; i++) if (i !== axis) p += (Math.floor(flat / positions[i]) % indices.shape[i]) * strides[i];
    visit(p, flat);
  }
}

export function gatherElementsTensor(x: Tensor, indices: Tensor, axis: number): Tensor {
  const out = fresh(x, elementCount(indices.shape));
  const source = x.data as Slots;
  eachIndexed(x, indices, axis, (p, flat) => (out[flat] = source[p]));
  return { dtype: x.dtype, shape: indices.shape, data: out as TensorData };
}

/** Start positions in x of the slices that rows of `indices` address, and the slices' length. */
function slicesOf(x: Tensor, indices: Tensor, batch: number): { starts: Int32Array; run: number } {
  const depth = indices.shape.at(-1) ?? 1;
  const strides = rowMajor(x.shape);
  const at = indexNumbers(indices);
  const rows = elementCount(indices.shape.slice(0, -1));
  const perBatch = elementCount(indices.shape.slice(batch, -1));
  const batchStride = batch > 0 ? strides[batch - 1] : 0;
  const starts = Int32Array.from({ length: rows }, (_, r) => {
    let p = batch > 0 ? Math.floor(r / perBatch) * batchStride : 0;
    for (let k = 0; k < depth; k++) {
      const i = at[r * depth + k];
      if (i < 0 || i >= x.shape[batch + k]) fail("index-out-of-range", `index ${i} is outside 0..${x.shape[batch + k] - 1}`);
      p += i * strides[batch + k];
    }
    return p;
  });
  return { starts, run: elementCount(x.shape.slice(batch + depth)) };
}

export function gatherNdTensor(x: Tensor, indices: Tensor, batch: number): Tensor {
  const { starts, run } = slicesOf(x, indices, batch);
  const out = fresh(x, starts.length * run);
  const source = x.data as Slots;
  let to = 0;
  for (const start of starts) for (let i = 0; i < run; i++) out[to++] = source[start + i];
  const depth = indices.shape.at(-1) ?? 1;
  return { dtype: x.dtype, shape: [...indices.shape.slice(0, -1), ...x.shape.slice(batch + depth)], data: out as TensorData };
}

function combiner(x: Tensor, reduction: string): (a: number, b: number) => number {
  if (reduction === "none") return (_, b) => b;
  const fn = reduction as "add" | "mul" | "max" | "min";
  return isBig(x.data) ? (binaryBig[fn] as unknown as (a: number, b: number) => number) : numberFn(fn, x.dtype);
}

export function scatterElementsTensor(x: Tensor, indices: Tensor, updates: Tensor, axis: number, reduction: string): Tensor {
  const out = (x.data as Slots).slice();
  const [source, f] = [updates.data as Slots, combiner(x, reduction)];
  eachIndexed(x, indices, axis, (p, flat) => (out[p] = f(out[p], source[flat])));
  return { dtype: x.dtype, shape: x.shape, data: out as TensorData };
}

export function scatterNdTensor(x: Tensor, indices: Tensor, updates: Tensor, reduction: string): Tensor {
  const out = (x.data as Slots).slice();
  const [source, f] = [updates.data as Slots, combiner(x, reduction)];
  const { starts, run } = slicesOf(x, indices, 0);
  let from = 0;
  for (const start of starts) for (let i = 0; i < run; i++, from++) out[start + i] = f(out[start + i], source[from]);
  return { dtype: x.dtype, shape: x.shape, data: out as TensorData };
}
