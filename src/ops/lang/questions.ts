/**
 * What a formula may ask while it is being compiled: extents, element types, values that are known by then. And what
 * it does with the answers: reckon with extents, assume that two are equal, or refuse.
 */
import { decide } from "../../base/cond.js";
import { add, dimKey, product } from "../../base/dim.js";
import { fail } from "../../base/diagnostic.js";
import { dtypeFromOnnx, isFloat, isInteger, type DType } from "../../base/dtype.js";
import { extentList, extentOf, saturatedList } from "../../base/element.js";
import { toNumbers } from "../../base/float-formats.js";
import type { Tensor } from "../../base/tensor.js";
import { expandTo, handleOf, stretchTo, unknownOperand, wrap } from "./core.js";
import { builder, fromDim, TensorValue, toDim, type Num } from "./value.js";

/** Its extents: plain numbers where known, symbolic extents elsewhere. */
export function shape(x: Num): Num[] {
  return handleOf(x).shape.map(fromDim);
}

export function rank(x: Num): number {
  return handleOf(x).shape.length;
}

/** The number of elements. */
export function size(x: Num): Num {
  return fromDim(product(handleOf(x).shape));
}

/** Whether it certainly has one element. */
export function isSingle(x: Num): boolean {
  return handleOf(x).shape.every((d) => d === 1);
}

export function dtype(x: Num): DType {
  return handleOf(x).dtype;
}

export function isFloatType(type: DType): boolean {
  return isFloat(type);
}

export function isIntegerType(type: DType): boolean {
  return isInteger(type);
}

/** The values of a tensor that is known when compiling, in row-major order; fails otherwise, and for integers beyond 2^53. */
export function numbers(x: Num): number[] {
  return tryNumbers(x) ?? unknownOperand(x as unknown as TensorValue);
}

/** The values when they are known and exact as JavaScript numbers, else undefined. */
export function tryNumbers(x: Num): number[] | undefined {
  const known = builder().known(handleOf(x));
  if (!known) return undefined;
  const { data } = known;
  if (!(data instanceof BigInt64Array || data instanceof BigUint64Array)) return [...toNumbers(known)];
  const list = Array.from(data, extentOf);
  return list.every((n) => n !== undefined) ? list : undefined;
}

/** The values of a tensor of whole numbers as extents, symbolic where they depend on input sizes; fails when computed from data. */
export function extents(x: Num): Num[] {
  return tryExtents(x) ?? numbers(x);
}

/** The same, undefined when computed from data or not whole. */
export function tryExtents(x: Num): Num[] | undefined {
  return extentList(builder().elements(handleOf(x)))?.map(fromDim);
}

/** The same for starts and ends, where a whole number beyond 2^53 (INT64_MAX) means "as far as it goes". */
export function bounds(x: Num): Num[] {
  return saturatedList(builder().elements(handleOf(x)))?.map(fromDim) ?? numbers(x);
}

/** The known value of an attribute or constant as it is stored. */
export function knownTensor(x: Num): Tensor | undefined {
  return builder().known(handleOf(x));
}

/** Whether an order or equality of extents is known to hold; undefined when it depends on run-time sizes. */
export function decided(a: Num, relation: "<" | "<=" | "==", b: Num): boolean | undefined {
  const op = relation === "<" ? "lt" : relation === "<=" ? "le" : "eq";
  return decide({ op, a: toDim(a), b: toDim(b) });
}

/** The element type that an ONNX TensorProto code names; undefined for 0, "not said". */
export function typeFromCode(code: number): DType | undefined {
  return dtypeFromOnnx(code);
}

/** Whether an extent is a plain number, known when compiling. */
export function isFixed(x: Num): boolean {
  return typeof x === "number";
}

/** Stops with a message that reaches the user. */
export function refuse(message: string, fix?: string): never {
  return fail("operator-rule", message, fix === undefined ? {} : { fix });
}

/**
 * Stops because something depends on extents that only the running program knows, where the generated code must have
 * numbers. A limit of Portolan, not of the standard; `what` reads "... must be known when compiling", `of` are the extents.
 */
export function refuseOpen(what: string, of: readonly Num[]): never {
  const open = [...new Set(of.filter((x) => !isFixed(x)).map((x) => dimKey(toDim(x))))];
  return fail("dynamic-extent", `${what} must be known when compiling, but ${open.join(", ")} is known only at run time`, {
    why: "A limit of Portolan: this operator's code is generated for numbers here, not for extents that are set later.",
    fix: "Fix the extents with --dim or --shape.",
  });
}

/** Says what the outputs will be, where a refusal may follow: shapes go on being known behind it. */
export function promiseOutputs(outputs: readonly { readonly dims: readonly Num[]; readonly type: DType }[]): void {
  builder().promise(outputs.map(({ dims, type }) => ({ dtype: type, shape: dims.map(toDim) })));
}

/** Assumes that two extents are equal, with a guard when that is not certain. */
export function assumeEqual(a: Num, b: Num, message: string): Num {
  return fromDim(builder().unify(toDim(a), toDim(b), message));
}

/**
 * Assumes that a parameter is stretched to data and not data to it: each of its extents is that of the data's axis it
 * meets, or 1. `what` names the parameter. Returns it with the data's extents where its own are not 1.
 */
export function assumeStretches(parameter: Num, data: Num, what: string): Num {
  return wrap(stretchTo(handleOf(parameter), handleOf(data).shape, what));
}

/** Assumes that a tensor has these extents, with guards for what is not certain. Returns it with them. */
export function assumeShape(x: Num, dims: readonly Num[], message: string): Num {
  const [h, shape] = [handleOf(x), dims.map(toDim)];
  if (h.shape.length !== shape.length) refuse(`${message}, on ${shape.length} axes and not ${h.shape.length}`);
  h.shape.forEach((d, i) => builder().unify(d, shape[i], message));
  return wrap(expandTo(h, shape, () => false));
}

/** Assumes an order of extents, with a guard when it is not certain. */
export function assumeAtMost(a: Num, b: Num, message: string): void {
  builder().assume({ op: "le", a: toDim(a), b: toDim(b) }, message);
}

/** Assumes that two extents differ, with a guard when that is not certain. */
export function assumeDiffer(a: Num, b: Num, message: string): void {
  builder().assume({ op: "ne", a: toDim(a), b: toDim(b) }, message);
}

/** Assumes that an extent has elements wherever the others have, with a guard when that is not certain. */
export function assumeElements(extent: Num, others: Num, message: string): void {
  const some = { op: "le", a: 1, b: toDim(extent) } as const;
  builder().assume({ op: "or", all: [some, { op: "eq", a: toDim(others), b: 0 }] }, message);
}

/** Sum of extents. */
export function total(values: readonly Num[]): Num {
  return fromDim(add(...values.map(toDim)));
}

/** Product of extents. */
export function productOf(values: readonly Num[]): Num {
  return fromDim(product(values.map(toDim)));
}
