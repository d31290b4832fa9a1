/** How the formula language meets primitives: numbers become constants, shapes broadcast as in numpy. */
import type { Cond } from "../../base/cond.js";
import { isSymbol, maximumOf, minimumOf } from "../../base/dim-ask.js";
import { isConst, max, min, sameDim, sameShape, sub, type Dim } from "../../base/dim.js";
import { fail } from "../../base/diagnostic.js";
import { dtypes, isFloat, isInteger, type DType } from "../../base/dtype.js";
import { extentOf } from "../../base/element.js";
import { fromNumbers } from "../../base/float-formats.js";
import { allocate, type Tensor } from "../../base/tensor.js";
import type { Handle, PrimitiveAttrs } from "../op.js";
import type { PrimitiveName } from "../primitive.js";
import { absent, builder, describe, DimValue, TensorValue, type Num } from "./value.js";

/** `fits`: what the primitive needs of extents is known to hold, or has left its guard. */
export function apply(op: PrimitiveName, inputs: readonly Handle[], attrs: PrimitiveAttrs = {}, fits = false): Handle {
  return builder().apply(op, inputs, attrs, fits)[0];
}

/** Wraps a primitive's result as a formula sees it. */
export function wrap(handle: Handle): Num {
  return new TensorValue(handle) as unknown as Num;
}

export function applyWrapped(op: PrimitiveName, inputs: readonly Handle[], attrs: PrimitiveAttrs = {}): Num {
  return wrap(apply(op, inputs, attrs));
}

function scalarTensor(value: number | bigint | boolean, dtype: DType): Tensor {
  if (typeof value === "bigint" && (dtype === "i64" || dtype === "u64")) {
    const data = allocate(dtype, 1) as BigInt64Array;
    data[0] = value;
    return { dtype, shape: [], data };
  }
  const number = Number(value);
  if (isInteger(dtype) && !Number.isInteger(number))
    fail("formula-type", `the constant ${number} meets a ${dtype} tensor, which cannot hold it`, {
      fix: "Cast the tensor to a float type first.",
    });
  if (dtype === "bool" && typeof value !== "boolean")
    fail("formula-type", `the number ${number} meets a bool tensor`, { fix: "Use cast." });
  if (dtypes[dtype].kind === "string" || dtypes[dtype].kind === "complex")
    fail("formula-type", `the number ${number} meets a ${dtype} tensor`);
  return fromNumbers(dtype, [], [number]);
}

/** A constant of the formula's own. */
export function ownNumbers(dtype: DType, shape: readonly number[], values: readonly number[]): Handle {
  const b = builder();
  return b.numbers?.(dtype, shape, values) ?? b.constant(fromNumbers(dtype, shape, values));
}

/** A number, bigint, boolean or extent as a scalar tensor of the given element type. */
export function scalar(value: unknown, dtype: DType): Handle {
  const b = builder();
  if (value instanceof DimValue) {
    const list = apply("dims", [], { value: [value.dim] });
    const one = apply("reshape", [list], { shape: [] });
    return dtype === "i64" ? one : apply("cast", [one], { to: dtype, round: "trunc", overflow: "wrap" });
  }
  if (typeof value === "number" && isFloat(dtype)) return ownNumbers(dtype, [], [value]);
  if (typeof value === "number" || typeof value === "bigint" || typeof value === "boolean") return b.constant(scalarTensor(value, dtype));
  if (value === undefined) return absent();
  return fail("formula-type", `${describe(value)} is no number`);
}

/** The tensor behind a value; numbers need an element type to become one. */
export function handleOf(v: unknown, dtype?: DType): Handle {
  if (v instanceof TensorValue) return v.handle;
  if (dtype) return scalar(v, dtype);
  if (v === undefined) return absent();
  return fail("formula-type", `expected a tensor, got ${describe(v)}`);
}

/** The one element type among the operands that are tensors. */
export function commonDType(what: string, values: readonly unknown[]): DType | undefined {
  const found = values.filter((v): v is TensorValue => v instanceof TensorValue).map((v) => v.handle.dtype);
  const odd = found.find((d) => d !== found[0]);
  if (odd) fail("formula-type", `${what} of ${found[0]} and ${odd} tensors`, { fix: "There is no promotion: use cast." });
  return found[0];
}

/** What two extents on one axis come to. */
type Meeting = (a: Dim, b: Dim, what: string) => Dim;

/** Two extents that neither is 1 must be equal, which becomes a guard where it is not certain. */
export const meetEqual: Meeting = (a, b, what) => {
  if (a === 1) return b;
  if (b === 1 || sameDim(a, b)) return a;
  return builder().unify(a, b, `${what}: extents ${a} and ${b} must be equal`);
};

/**
 * Two extents of inputs that nobody said are equal meet as in numpy, also where one turns out to be 1 only when the
 * program runs. Whatever is computed from sizes (past + sequence beside a mask's length) is taken to be equal.
 */
const meetOpen: Meeting = (a, b, what) => {
  if (isOneOf(a, b)) return b;
  if (isOneOf(b, a)) return a;
  if (!isInputExtent(a) || !isInputExtent(b) || sameDim(a, b)) return meetEqual(a, b, what);
  if (isPartOf(b, a)) return a;
  if (isPartOf(a, b)) return b;
  const isOne = (one: Dim, other: Dim): Cond => ({
    op: "and",
    all: [
      { op: "eq", a: one, b: 1 },
      { op: "le", a: 1, b: other },
    ],
  });
  const when: Cond = { op: "or", all: [{ op: "eq", a, b }, isOne(a, b), isOne(b, a)] };
  builder().assume(when, `${what}: extents ${a} and ${b} must be equal, or one of them 1`);
  return max(a, b);
};

/** Whether an extent is 1 wherever `whole` is anything: that of x[-1:], the last of an axis that may be empty. */
function isOneOf(d: Dim, whole: Dim): boolean {
  const sides = minimumOf(d);
  return sides !== undefined && sides.includes(1) && sides.some((side) => sameDim(side, whole));
}

/** The extents that a meeting of open extents came from; the extent itself where it came from none. */
function partsOf(d: Dim): readonly Dim[] {
  return maximumOf(d)?.flatMap(partsOf) ?? [d];
}

/** Whether an extent went into a meeting that came to `whole`. */
function isPartOf(d: Dim, whole: Dim): boolean {
  const all = partsOf(whole);
  return partsOf(d).every((part) => all.some((x) => sameDim(x, part)));
}

function isInputExtent(d: Dim): boolean {
  return partsOf(d).every(isSymbol);
}

/** The numpy broadcast of several shapes. */
export function broadcastShape(what: string, shapes: readonly (readonly Dim[])[], meet: Meeting = meetOpen): Dim[] {
  const rank = Math.max(0, ...shapes.map((s) => s.length));
  return Array.from({ length: rank }, (_, axis) =>
    shapes.map((s) => s[axis - (rank - s.length)] ?? 1).reduce((a, b) => meet(a, b, what), 1 as Dim),
  );
}

/** Whether an extent of inputs is 1 or the other only when the program runs. */
type Stretches = (own: Dim, to: Dim) => boolean;

/** Reshapes and expands to exactly `shape`, which the operand broadcasts to. */
export function expandTo(x: Handle, shape: readonly Dim[], stretches: Stretches = (a, b) => isPartOf(a, b) || isOneOf(a, b)): Handle {
  if (sameShape(x.shape, shape)) return x;
  const lead = new Array<Dim>(shape.length - x.shape.length).fill(1);
  const own = [...lead, ...x.shape];
  const isOpen = own.map((d, i) => d !== 1 && !sameDim(d, shape[i]) && stretches(d, shape[i]));
  const aligned = own.map((d, i) => (d === 1 ? 1 : isOpen[i] ? d : shape[i]));
  const y = sameShape(x.shape, aligned) ? x : apply("reshape", [x], { shape: aligned }, true);
  const z = isOpen.reduce((h, open, axis) => (open ? repeatOpen(h, axis, shape[axis]) : h), y);
  return sameShape(z.shape, shape) ? z : apply("expand", [z], { shape }, true);
}

/**
 * An operand whose extents must be those of the data's axes they meet, or 1, with what is not 1 brought to the data's:
 * it then broadcasts to the data, and the data to nothing. As elsewhere, only two extents of inputs meet at run time.
 */
export function stretchTo(x: Handle, data: readonly Dim[], what: string): Handle {
  const [own, all] = [x.shape.length, data.length];
  if (own > all) fail("operator-rule", `${what} has ${own} axes, more than the ${all} of what it is applied to`);
  const met = data.slice(all - own);
  const stretches: Stretches = (a, b) => isPartOf(a, b) || isOneOf(a, b) || (isInputExtent(a) && isInputExtent(b));
  x.shape.forEach((a, i) => {
    const b = met[i];
    if (a === 1 || sameDim(a, b) || isPartOf(a, b) || isOneOf(a, b)) return;
    const faced = `${what} has extent ${a} where what it is applied to has ${b}`;
    const either: Cond = { op: "or", all: [b, 1].map((b) => ({ op: "eq", a, b })) };
    if (stretches(a, b) || (isConst(a) && isConst(b))) builder().assume(either, `${faced}: it must be that or 1`);
    else builder().unify(b, a, `${faced}: they must be equal`);
  });
  return expandTo(
    x,
    x.shape.map((a, i) => (a === 1 ? 1 : met[i])),
    stretches,
  );
}

/** Repeats along an axis that may turn out to be 1 long: element i is that at i * min(1, extent - 1). */
function repeatOpen(x: Handle, axis: number, to: Dim): Handle {
  const step = apply("dims", [], { value: [min(1, sub(x.shape[axis], 1))] });
  const place = apply("iota", [], { shape: [to], axis: 0, dtype: "i64" });
  const index = apply("mul", [place, apply("expand", [step], { shape: [to] })]);
  return apply("gather", [x, index], { axis });
}

/** Operands as tensors of one element type and one shape. */
export function broadcast(what: string, values: readonly unknown[]): Handle[] {
  const dtype = commonDType(what, values);
  const handles = values.map((v) => handleOf(v, dtype));
  const shape = broadcastShape(
    what,
    handles.map((h) => h.shape),
  );
  return handles.map((h) => expandTo(h, shape));
}

export function pointwise(op: PrimitiveName, values: readonly unknown[]): Num {
  return wrap(apply(op, broadcast(op, values), {}, true));
}

export function isTensor(v: unknown): v is TensorValue {
  return v instanceof TensorValue;
}

/** A non-negative axis; negative ones count from the end. */
export function normalAxis(axis: number, rank: number): number {
  const at = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(axis) || at < 0 || at >= Math.max(rank, 1)) fail("bad-axis", `axis ${axis} is outside -${rank}..${rank - 1}`);
  return at;
}

/** Axes in order, each once; all of them when none are named. */
export function axesOf(x: Handle, axes: number | readonly number[] | undefined): number[] {
  const all = axes === undefined ? x.shape.map((_, i) => i) : typeof axes === "number" ? [axes] : [...axes];
  return [...new Set(all.map((a) => normalAxis(a, x.shape.length)))].sort((a, b) => a - b);
}

/** A shaping operand that must be numbers: it hangs on input sizes, or on data that only the running program has. */
export function unknownOperand(v: TensorValue): never {
  const name = v.input ? `input "${v.input}"` : "a tensor that shapes the program";
  const [elements, known] = [builder().elements(v.handle), builder().known(v.handle)];
  const wide = known
    ? Array.from(known.data as ArrayLike<bigint>).find((x) => extentOf(x) === undefined)
    : elements?.find((e) => typeof e === "bigint");
  if (wide !== undefined)
    fail("integer-too-large", `${name} holds ${String(wide)}, which is no size, position or count: those end at 2^53`, {
      fix: "Correct the model, or fix what the number is computed from with --shape or --dim.",
    });
  if (elements)
    fail("shaping-operand-unknown", `${name} must be numbers when compiling, but it is [${elements.join(", ")}]`, {
      why: "A limit of Portolan: extents known only at run time may stand here for sizes, not for this operand.",
      fix: "Fix the extents with --dim or --shape.",
    });
  if (builder().sized(v.handle))
    fail(
      "shaping-operand-unknown",
      `${name} must be known when compiling; it follows from input sizes, but not as an exact expression of them`,
      {
        why: "A limit of Portolan: sizes are followed through whole-number arithmetic, and through floats where nothing is rounded.",
        fix: "Fix the extents with --dim or --shape.",
      },
    );
  return fail("shaping-operand-unknown", `${name} must be known when compiling, but its value is computed from data`, {
    why: "Shapes, axes, pads, scales and the like decide what code is generated.",
    fix: "Fix the input it is computed from with --freeze name=value.",
  });
}
