/** Questions whose answers have as many entries as the values say: they are asked of constants only. */
import { fail } from "../../base/diagnostic.js";
import { rowMajor, type Tensor } from "../../base/tensor.js";
import { widen } from "../evaluate/cast.js";
import { transposeTensor } from "../evaluate/movement.js";
import { handleOf } from "./core.js";
import { builder, type Num } from "./value.js";

type Value = number | bigint | string;

function knownValues(x: Num): Tensor {
  const known = builder().known(handleOf(x));
  return known ? widen(known) : fail("operator-rule", "its operand must be a constant");
}

const isZero = (v: Value): boolean => v === 0 || v === 0n || v === "";

/** Flat positions, in row-major order, of the elements of a constant that are not zero (NaN is not). */
export function nonZeroPositions(x: Num): number[] {
  const { data } = knownValues(x);
  const out: number[] = [];
  for (let i = 0; i < data.length; i++) if (!isZero(data[i])) out.push(i);
  return out;
}

/** Distinct slices of a constant along an axis. */
interface Distinct {
  /** Where each distinct slice first stands. */
  readonly first: number[];
  /** Which distinct slice stands at each place. */
  readonly inverse: number[];
  /** How often each one does. */
  readonly counts: number[];
}

/** Sorted slices come in ascending order, element by element; others in the order in which they first stand. */
export function distinctSlices(x: Num, axis: number, sorted: boolean): Distinct {
  const slices = slicesAlong(knownValues(x), axis);
  const found = new Map<string, { readonly slice: readonly Value[]; readonly first: number; count: number }>();
  const keys = slices.map((slice, i) => {
    const key = JSON.stringify(slice.map((v) => (typeof v === "string" ? v : `${v}`)));
    const had = found.get(key);
    if (had) had.count++;
    else found.set(key, { slice, first: i, count: 1 });
    return key;
  });
  const order = [...found];
  if (sorted) order.sort(([, a], [, b]) => compare(a.slice, b.slice));
  const place = new Map(order.map(([key], i) => [key, i]));
  return {
    first: order.map(([, d]) => d.first),
    inverse: keys.map((key) => place.get(key) as number),
    counts: order.map(([, d]) => d.count),
  };
}

function slicesAlong(t: Tensor, axis: number): (readonly Value[])[] {
  const rank = t.shape.length;
  const perm = [axis, ...Array.from({ length: rank }, (_, i) => i).filter((i) => i !== axis)];
  const first = transposeTensor(t, perm);
  const inner = rowMajor(first.shape)[0];
  return Array.from({ length: first.shape[0] }, (_, i) => Array.from({ length: inner }, (_, k) => first.data[i * inner + k]));
}

function compare(a: readonly Value[], b: readonly Value[]): number {
  const i = a.findIndex((v, k) => v !== b[k]);
  return i < 0 ? 0 : a[i] < b[i] ? -1 : 1;
}
