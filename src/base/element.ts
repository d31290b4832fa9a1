/**
 * Elements of small tensors that are known before a program runs: what shape arithmetic is made of.
 *
 * An element is an extent, or a value that no extent can be: a whole number beyond 2^53, which a JavaScript number would
 * round, or a fraction on its way through Floor or Ceil. `extentOf` is the one door through which an int64 becomes a
 * number; what does not fit stays a bigint, exact from file to file.
 */
import { fail } from "./diagnostic.js";
import { sizeOfFactors } from "./dim-ask.js";
import { isConst, type Dim } from "./dim.js";
import { dtypes, isFloat, type DType } from "./dtype.js";
import { fromNumbers, toNumbers } from "./float-formats.js";
import { allocate, type Tensor } from "./tensor.js";

/** A quotient that is no extent; `den` is positive. A constant one is dyadic, as every float is. */
export class Fraction {
  readonly num: Dim;
  readonly den: Dim;

  constructor(num: Dim, den: Dim) {
    this.num = num;
    this.den = den;
  }

  toString(): string {
    return `(${String(this.num)})/(${String(this.den)})`;
  }
}

export type Element = Dim | bigint | Fraction;

/** A whole number as an extent; undefined when it is none or beyond 2^53, where a JavaScript number is no longer exact. */
export function extentOf(x: bigint | number): number | undefined {
  const n = Number(x);
  return Number.isSafeInteger(n) && !Object.is(n, -0) ? n : undefined;
}

/** A whole number as an element: an extent where it fits. */
export function wholeElement(x: bigint): number | bigint {
  return extentOf(x) ?? x;
}

/** The exact number of what must be one: an axis, a stride, a count. Throws `integer-too-large`; `what` reads `attribute "axis"`. */
export function exactNumber(x: bigint | number, what: string): number {
  const n = extentOf(x);
  if (n !== undefined) return n;
  return fail("integer-too-large", `${what} is ${x}, which is no size, position or count: those end at 2^53`, {
    fix: "Correct the model.",
  });
}

/** The nearest whole number that is exact as a JavaScript number: for bounds, where INT64_MAX stands for "to the end". */
export function saturatedExtent(x: bigint): number {
  return extentOf(x) ?? (x > 0n ? Number.MAX_SAFE_INTEGER : Number.MIN_SAFE_INTEGER);
}

/** Whether every factor of the expression is an exact whole number. */
export function isExact(d: Dim): boolean {
  return Number.isSafeInteger(sizeOfFactors(d));
}

export function isDim(e: Element): e is Dim {
  return typeof e !== "bigint" && !(e instanceof Fraction);
}

/** The elements as extents, or undefined when one is none. */
export function extentList(list: readonly Element[] | undefined): readonly Dim[] | undefined {
  return list?.every(isDim) ? list : undefined;
}

/** The elements as extents, each that is beyond 2^53 at the nearest one; undefined when one is a fraction. */
export function saturatedList(list: readonly Element[] | undefined): readonly Dim[] | undefined {
  return extentList(list?.map((e) => (typeof e === "bigint" ? saturatedExtent(e) : e)));
}

/** Largest power of two that a constant fraction is held over. */
const finest = 2 ** 52;

/** A float as an element; undefined for what is no number, for -0, which no extent tells from 0, and for finer fractions. */
function realElement(x: number): Element | undefined {
  if (!Number.isFinite(x) || Object.is(x, -0)) return undefined;
  if (Number.isInteger(x)) return extentOf(x) ?? BigInt(x);
  let den = 1;
  while (!Number.isInteger(x * den) && den < finest) den *= 2;
  const num = extentOf(x * den);
  return num === undefined ? undefined : new Fraction(num, den);
}

/** The elements of a tensor of numbers; undefined when one has no such form. */
export function tensorElements(t: Tensor): readonly Element[] | undefined {
  const { kind } = dtypes[t.dtype];
  if (kind === "string" || kind === "complex" || Array.isArray(t.data)) return undefined;
  const list =
    t.data instanceof BigInt64Array || t.data instanceof BigUint64Array
      ? Array.from(t.data, wholeElement)
      : Array.from(toNumbers(t), realElement);
  return list.every((e) => e !== undefined) ? list : undefined;
}

/** The value of a constant element; undefined when it hangs on symbols. */
export function valueOf(e: Element): number | bigint | undefined {
  if (typeof e === "bigint" || (isDim(e) && isConst(e))) return e;
  return e instanceof Fraction && isConst(e.num) && isConst(e.den) ? e.num / e.den : undefined;
}

/** A tensor of constant elements, integers wrapped and floats rounded to `dtype`; undefined when one hangs on symbols. */
export function elementTensor(dtype: DType, shape: readonly number[], elements: readonly Element[]): Tensor | undefined {
  const values = elements.map(valueOf);
  if (!values.every((v) => v !== undefined) || dtypes[dtype].kind === "string" || dtypes[dtype].kind === "complex") return undefined;
  const data = allocate(dtype, values.length);
  if (!(data instanceof BigInt64Array || data instanceof BigUint64Array))
    return values.every((v) => typeof v === "number" || isFloat(dtype)) ? fromNumbers(dtype, shape, values.map(Number)) : undefined;
  if (!values.every((v) => typeof v === "bigint" || Number.isInteger(v))) return undefined;
  values.forEach((v, i) => (data[i] = BigInt(v)));
  return { dtype, shape, data };
}
