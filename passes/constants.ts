/**
 * Arithmetic on constants that computes nothing until somebody loads the result. Values are held in f64 between the
 * operations and rounded once at the end, so a folded weight is the best its element type can say.
 */
import { invariant } from "../src/base/diagnostic.js";
import { isFloat, type DType } from "../src/base/dtype.js";
import { fromNumbers, toNumbers } from "../src/base/float-formats.js";
import { elementCount, rowMajor, tensor, type Tensor } from "../src/base/tensor.js";
import { evaluateCast } from "../src/ops/evaluate/cast.js";
import { transposed } from "../src/ir/constant-bytes.js";
import type { ConstData } from "../src/ir/graph.js";
import type { ValueView } from "../src/ir/rewrite/views.js";

/** A constant that remembers how to compute itself unrounded. */
interface Wide extends ConstData {
  readonly wide: () => Float64Array;
}

function isWide(c: ConstData): c is Wide {
  return "wide" in c;
}

function lazily(dtype: DType, shape: readonly number[], wide: () => Float64Array): Wide {
  const load = (): Tensor => {
    const t = tensor("f64", shape, wide());
    return dtype === "f64" ? t : evaluateCast(t, dtype, { round: "trunc", overflow: "wrap" });
  };
  return { dtype, shape, wide, load };
}

function wideOf(c: ConstData): Float64Array {
  return isWide(c) ? c.wide() : (evaluateCast(c.load(), "f64", { round: "trunc", overflow: "wrap" }).data as Float64Array);
}

/** The constants behind operands, or undefined when one of them is computed at run time. */
export function constantsOf<T extends readonly (ValueView | undefined)[]>(...values: T): { [K in keyof T]: ConstData } | undefined {
  const found = values.map((v) => v?.constant);
  return found.every((c) => c !== undefined) ? (found as { [K in keyof T]: ConstData }) : undefined;
}

/** numpy's broadcast shape; an internal error when there is none, since types were inferred before. */
export function broadcastShape(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const [m, n] = [a[i - rank + a.length] ?? 1, b[i - rank + b.length] ?? 1];
    invariant(m === n || m === 1 || n === 1, `[${a.join(",")}] and [${b.join(",")}] do not broadcast`);
    return m === 1 ? n : m;
  });
}

function binary(f: (x: number, y: number) => number): (a: ConstData, b: ConstData) => ConstData {
  return (a, b) => {
    const shape = broadcastShape(a.shape, b.shape);
    return lazily(a.dtype, shape, () => zip(wideOf(a), a.shape, wideOf(b), b.shape, shape, f));
  };
}

function zip(
  a: Float64Array,
  as: readonly number[],
  b: Float64Array,
  bs: readonly number[],
  shape: readonly number[],
  f: (x: number, y: number) => number,
): Float64Array {
  const out = new Float64Array(elementCount(shape));
  const [sa, sb] = [spread(as, shape), spread(bs, shape)];
  const at = new Array<number>(shape.length).fill(0);
  for (let i = 0, pa = 0, pb = 0; i < out.length; i++) {
    out[i] = f(a[pa], b[pb]);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      pa += sa[axis];
      pb += sb[axis];
      if (++at[axis] < shape[axis]) break;
      at[axis] = 0;
      pa -= sa[axis] * shape[axis];
      pb -= sb[axis] * shape[axis];
    }
  }
  return out;
}

/** Strides over a broadcast operand: 0 along repeated axes. */
function spread(from: readonly number[], to: readonly number[]): number[] {
  const strides = rowMajor(from);
  return to.map((_, i) => {
    const k = i - to.length + from.length;
    return k < 0 || from[k] === 1 ? 0 : strides[k];
  });
}

/** Arithmetic on constants. Results have the element type of the first operand. */
export const t = {
  add: binary((x, y) => x + y),
  sub: binary((x, y) => x - y),
  mul: binary((x, y) => x * y),
  div: binary((x, y) => x / y),
  sqrt: (a: ConstData): ConstData => lazily(a.dtype, a.shape, () => wideOf(a).map(Math.sqrt)),
  /** Rounded here to its element type, where the result must be what a runtime gets that stores each step. */
  stored: (a: ConstData): ConstData => lazily(a.dtype, a.shape, () => wideOf({ dtype: a.dtype, shape: a.shape, load: () => a.load() })),
  scalar: (dtype: DType, x: number): ConstData => lazily(dtype, [], () => Float64Array.of(x)),
  vector: (dtype: DType, values: Float64Array): ConstData => lazily(dtype, [values.length], () => values),
  fill: (dtype: DType, shape: readonly number[], x: number): ConstData =>
    lazily(dtype, shape, () => new Float64Array(elementCount(shape)).fill(x)),
  reshape,
  transpose: transposed,
  /** A vector laid along one axis of a tensor of that rank, ready to broadcast. */
  along: (a: ConstData, axis: number, rank: number): ConstData =>
    reshape(
      a,
      Array.from({ length: rank }, (_, i) => (i === axis ? elementCount(a.shape) : 1)),
    ),
};

function reshape(a: ConstData, shape: readonly number[]): ConstData {
  invariant(elementCount(shape) === elementCount(a.shape), `[${a.shape.join(",")}] reshaped to [${shape.join(",")}]`);
  if (isWide(a)) return lazily(a.dtype, shape, a.wide);
  return { dtype: a.dtype, shape, load: () => ({ ...a.load(), shape }), ...(a.at && { at: a.at }) };
}

/** Another number for each element, rounded to `dtype`. */
export function mapped({ dtype: from, shape, load }: ConstData, f: (x: number) => number, dtype: DType = from): ConstData {
  const each = (): Tensor => fromNumbers(dtype, shape, toNumbers(load()).map(f)); // prettier-ignore
  return { dtype, shape, load: each };
}

/** The one number a constant of one element holds; undefined for larger ones and for other element types than float and integer. */
export function scalarOf(v: ValueView | undefined): number | undefined {
  const c = v?.constant;
  if (!c || elementCount(c.shape) !== 1 || c.dtype === "string" || c.dtype === "c64" || c.dtype === "c128") return undefined;
  return wideOf(c)[0];
}

/** Whether every element is `x`, zeros of either sign being equal; only constants of up to 4096 elements are read. */
export function isAll(c: ConstData | undefined, x: number): boolean {
  return every(c, (y) => y === x);
}

function every(c: ConstData | undefined, holds: (y: number) => boolean): boolean {
  if (!c || c.dtype === "string" || c.dtype === "c64" || c.dtype === "c128") return false;
  const count = elementCount(c.shape);
  return count > 0 && count <= 4096 && wideOf(c).every(holds);
}

/** What a binary operator leaves every other operand alone with. -0 + 0 is +0 (IEEE 754, 6.3), so that floats add -0. */
const neutralElements: Readonly<Record<string, number>> = { add: -0, sub: 0, mul: 1, div: 1, pow: 1 };

/** Whether `op` (add, sub, mul, div, pow; of an operator or a primitive) gives back its other operand, bit for bit, when this is one. */
export function isNeutral(op: string, c: ConstData | undefined): boolean {
  const element = neutralElements[op.toLowerCase()];
  if (element === undefined || !c) return false;
  return every(c, isFloat(c.dtype) ? (y) => Object.is(y, element) : (y) => y === element);
}
