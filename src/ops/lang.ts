/**
 * The tensor language: the functions that a formula uses beside infix arithmetic. Importable by users as
 * `portolan/formula`.
 *
 * `Num` stands for a tensor, an extent or a plain number. Operands broadcast as in numpy; numbers take the element type
 * of the tensor they meet; axes may be negative; reductions keep their axes with extent 1.
 */
import {
  add,
  ceilDiv as ceilDims,
  decide,
  floorDiv as floorDims,
  max as maxDims,
  min as minDims,
  mod as modDims,
  mul,
  product,
  sub,
  type Dim,
} from "../base/dim.js";
import { fail } from "../base/diagnostic.js";
import { dtypeFromOnnx, isFloat, isInteger, type DType } from "../base/dtype.js";
import { fromNumbers, toNumbers } from "../base/float-formats.js";
import type { Tensor } from "../base/tensor.js";
import {
  apply,
  applyWrapped,
  broadcast,
  broadcastShape,
  commonDType,
  expandTo,
  handleOf,
  isTensor,
  normalAxis,
  pointwise,
  scalar,
  unknownOperand,
  wrap,
} from "./lang/core.js";
import { builder, fromDim, isDimLike, TensorValue, toDim, type Num } from "./lang/value.js";
import type { Handle } from "./op.js";
import type { BinaryFn, UnaryFn } from "./primitive.js";

export type { Num } from "./lang/value.js";
export type { DType } from "../base/dtype.js";
export type { Tensor } from "../base/tensor.js";
export { bool, float, formula, int, ints, maybe, optional, optionalShaping, required, shaping, text, variadic } from "./lang/declare.js";

/** A mask: the result of a comparison, or a bool tensor. */
export type Mask = boolean | Num;

const unary =
  (fn: UnaryFn, plain?: (a: number) => number) =>
  (x: Num): Num =>
    typeof x === "number" && plain ? plain(x) : applyWrapped(fn, [handleOf(x)]);

export const abs = unary("abs", Math.abs);
export const sign = unary("sign", Math.sign);
export const floor = unary("floor", Math.floor);
export const ceil = unary("ceil", Math.ceil);
/** Half to even. */
export const round = unary("round");
export const trunc = unary("trunc", Math.trunc);
export const sqrt = unary("sqrt", Math.sqrt);
export const rsqrt = unary("rsqrt");
export const reciprocal = unary("reciprocal");
export const exp = unary("exp", Math.exp);
export const log = unary("log", Math.log);
export const sin = unary("sin", Math.sin);
export const cos = unary("cos", Math.cos);
export const tan = unary("tan");
export const asin = unary("asin");
export const acos = unary("acos");
export const atan = unary("atan");
export const sinh = unary("sinh");
export const cosh = unary("cosh");
export const tanh = unary("tanh", Math.tanh);
export const asinh = unary("asinh");
export const acosh = unary("acosh");
export const atanh = unary("atanh");
export const erf = unary("erf");
export const bitNot = unary("bitnot");
export const isNaN = unary("isnan");
export const isInf = unary("isinf");

/** Lane-wise logic on masks. */
export const not = (x: Mask): boolean => unary("not")(x as Num) as unknown as boolean;
const logic =
  (fn: BinaryFn) =>
  (a: Mask, b: Mask): boolean =>
    pointwise(fn, [a, b]) as unknown as boolean;
export const and = logic("and");
export const or = logic("or");
export const xor = logic("xor");

function binary(fn: BinaryFn, dims?: (a: Dim, b: Dim) => Dim, plain?: (a: number, b: number) => number) {
  return (a: Num, b: Num): Num => {
    if (isTensor(a) || isTensor(b)) return pointwise(fn, [a, b]);
    if (plain && typeof a === "number" && typeof b === "number") return plain(a, b);
    if (dims && isDimLike(a) && isDimLike(b)) return fromDim(dims(toDim(a), toDim(b)));
    return pointwise(fn, [a, b]);
  };
}

/** The simpler of two extents when their order follows from what is known. */
function ordered(pick: "min" | "max"): (a: Dim, b: Dim) => Dim {
  return (a, b) => {
    if (decide({ op: "le", a, b }) === true) return pick === "min" ? a : b;
    if (decide({ op: "le", a: b, b: a }) === true) return pick === "min" ? b : a;
    return pick === "min" ? minDims(a, b) : maxDims(a, b);
  };
}

/** NaN in either operand gives NaN. */
export const minimum = binary("min", ordered("min"), Math.min);
export const maximum = binary("max", ordered("max"), Math.max);
export const truncDiv = binary("truncdiv", floorDims, (a, b) => Math.trunc(a / b));
export const floorDiv = binary("floordiv", floorDims, (a, b) => Math.floor(a / b));
/** Remainder with the divisor's sign. */
export const mod = binary("mod", modDims, (a, b) => ((a % b) + b) % b);
/** Remainder with the dividend's sign. */
export const fmod = binary("fmod", undefined, (a, b) => a % b);
/** Any power; `**` is the same. */
export const power = binary("pow", undefined, Math.pow);
export const bitAnd = binary("bitand");
export const bitOr = binary("bitor");
export const bitXor = binary("bitxor");
export const shiftLeft = binary("shl");
export const shiftRight = binary("shr");

/** Of extents and numbers. */
export function ceilDiv(a: Num, b: Num): Num {
  return fromDim(ceilDims(toDim(a), toDim(b)));
}

/** Lane by lane: a where the mask holds, else b. */
export function where(mask: Mask, a: Num, b: Num): Num {
  const dtype = commonDType("where", [a, b]) ?? "f32";
  const parts = [handleOf(mask, "bool"), handleOf(a, dtype), handleOf(b, dtype)];
  const shape = broadcastShape(
    "where",
    parts.map((h) => h.shape),
  );
  return applyWrapped(
    "select",
    parts.map((h) => expandTo(h, shape)),
  );
}

/** Value limited to lo..hi; an absent bound limits nothing. */
export function clamp(x: Num, lo?: Num, hi?: Num): Num {
  const raised = lo === undefined ? x : maximum(x, lo);
  return hi === undefined ? raised : minimum(raised, hi);
}

// Asking about a tensor.

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

/** The values of a tensor that is known when compiling, in row-major order; fails otherwise. */
export function numbers(x: Num): number[] {
  const known = tryNumbers(x);
  return known ?? unknownOperand(x as unknown as TensorValue);
}

/** The values when they are known, else undefined. */
export function tryNumbers(x: Num): number[] | undefined {
  const h = handleOf(x);
  const known = builder().known(h);
  if (known) return [...toNumbers(known)];
  const list = builder().extents(h);
  return list?.every((d) => typeof d === "number") ? [...list] : undefined;
}

/** The values of an integer tensor as extents, symbolic where they depend on input sizes; fails when computed from data. */
export function extents(x: Num): Num[] {
  const list = builder().extents(handleOf(x));
  return list ? list.map(fromDim) : numbers(x);
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

// Making tensors.

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
  return constant(fromNumbers(type, [values.length], values));
}

/** A constant of any shape, values in row-major order. */
export function table(values: readonly number[], dims: readonly number[], type: DType): Num {
  return constant(fromNumbers(type, dims, values));
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
  if (!isTensor(x)) return wrap(scalar(x, to));
  const h = handleOf(x);
  if (h.dtype === to) return x as unknown as Num;
  return applyWrapped("cast", [h], { to, round: options.round ?? "trunc", overflow: options.saturate ? "saturate" : "wrap" });
}

// Reductions.

function axesOf(x: Handle, axes: number | readonly number[] | undefined): number[] {
  const all = axes === undefined ? x.shape.map((_, i) => i) : typeof axes === "number" ? [axes] : [...axes];
  return [...new Set(all.map((a) => normalAxis(a, x.shape.length)))].sort((a, b) => a - b);
}

type Axes = number | readonly number[];

const reduction =
  (fn: string) =>
  (x: Num, axes?: Axes): Num => {
    const h = handleOf(x);
    const list = axesOf(h, axes);
    return list.length === 0 || h.shape.length === 0 ? x : applyWrapped("reduce", [h], { fn, axes: list });
  };

export const sum = reduction("sum");
export const prod = reduction("prod");
export const max = reduction("max");
export const min = reduction("min");
export const any = (x: Mask, axes?: Axes): boolean => reduction("any")(x as Num, axes) as unknown as boolean;
export const all = (x: Mask, axes?: Axes): boolean => reduction("all")(x as Num, axes) as unknown as boolean;

/** How many elements a reduction over `axes` folds into one. */
export function countAlong(x: Num, axes?: Axes): Num {
  const h = handleOf(x);
  return fromDim(product(axesOf(h, axes).map((a) => (h.shape.length === 0 ? 1 : h.shape[a]))));
}

export function mean(x: Num, axes?: Axes): Num {
  const { dtype: type } = handleOf(x);
  const total = sum(x, axes);
  return pointwise(isInteger(type) ? "truncdiv" : "div", [total, countAlong(x, axes)]);
}

/** Positions (i64) of the extreme along an axis, which stays with extent 1. */
export function argMax(x: Num, axis: number, last = false): Num {
  return applyWrapped("argreduce", [handleOf(x)], { fn: "max", axis: normalAxis(axis, rank(x)), last: Number(last) });
}

export function argMin(x: Num, axis: number, last = false): Num {
  return applyWrapped("argreduce", [handleOf(x)], { fn: "min", axis: normalAxis(axis, rank(x)), last: Number(last) });
}

/** Running sum, product, maximum or minimum. */
export function scan(x: Num, fn: "sum" | "prod" | "max" | "min", axis: number, exclusive = false, reverse = false): Num {
  const at = normalAxis(axis, rank(x));
  return applyWrapped("scan", [handleOf(x)], { fn, axis: at, exclusive: Number(exclusive), reverse: Number(reverse) });
}

/** Sorted values and their positions (i64); equal values keep their order. */
export function sort(x: Num, axis: number, descending = false): [values: Num, indices: Num] {
  const out = builder().apply("sort", [handleOf(x)], { axis: normalAxis(axis, rank(x)), descending: Number(descending) });
  return [wrap(out[0]), wrap(out[1])];
}

// Movement.

export function reshape(x: Num, dims: readonly Num[]): Num {
  return applyWrapped("reshape", [handleOf(x)], { shape: dims.map(toDim) });
}

/** Without `perm`: axes in reverse order. */
export function transpose(x: Num, perm?: readonly number[]): Num {
  const h = handleOf(x);
  const order = perm ?? h.shape.map((_, i) => h.shape.length - 1 - i);
  return applyWrapped("transpose", [h], { perm: order.map((p) => normalAxis(p, h.shape.length)) });
}

/** numpy's broadcast_to, both ways: extents of x that are not 1 win over 1 in `dims`. */
export function expand(x: Num, dims: readonly Num[]): Num {
  const h = handleOf(x);
  return wrap(expandTo(h, broadcastShape("expand", [h.shape, dims.map(toDim)])));
}

/** Inserts axes of extent 1 at positions of the result. */
export function unsqueeze(x: Num, axes: readonly number[]): Num {
  const h = handleOf(x);
  const total = h.shape.length + axes.length;
  const at = new Set(axes.map((a) => normalAxis(a, total)));
  if (at.size !== axes.length) refuse(`axes [${axes.join(", ")}] name one axis twice`);
  const rest = [...h.shape];
  return reshape(
    x,
    Array.from({ length: total }, (_, i) => (at.has(i) ? 1 : fromDim(rest.shift()!))),
  );
}

/** Drops axes, whose extent must be 1. */
export function squeeze(x: Num, axes: readonly number[]): Num {
  const h = handleOf(x);
  const at = axesOf(h, axes);
  for (const a of at) if (h.shape[a] !== 1) builder().unify(h.shape[a], 1, `squeezed axis ${a} must have extent 1`);
  return reshape(x, h.shape.filter((_, i) => !at.includes(i)).map(fromDim));
}

export interface SliceAxis {
  readonly axis: number;
  readonly start: Num;
  readonly size: Num;
  readonly step?: number;
}

/** y[i] = x[start + i * step] on the named axes; the others stay whole. Starts and sizes must lie within x. */
export function slice(x: Num, cuts: readonly SliceAxis[]): Num {
  const h = handleOf(x);
  const [starts, sizes, steps] = [h.shape.map((): Dim => 0), [...h.shape], h.shape.map(() => 1)];
  for (const cut of cuts) {
    const axis = normalAxis(cut.axis, h.shape.length);
    [starts[axis], sizes[axis], steps[axis]] = [toDim(cut.start), toDim(cut.size), cut.step ?? 1];
  }
  return applyWrapped("slice", [h], { starts, sizes, steps });
}

/** Reverses axes. */
export function flip(x: Num, axes: readonly number[]): Num {
  const dims = shape(x);
  return slice(
    x,
    axes.map((axis) => {
      const extent = dims[normalAxis(axis, dims.length)];
      return { axis, start: fromDim(sub(toDim(extent), 1)), size: extent, step: -1 };
    }),
  );
}

/** Adds elements before and after; amounts are never negative, one an axis. */
export function pad(x: Num, low: readonly Num[], high: readonly Num[], value: Num): Num {
  const h = handleOf(x);
  const fill = handleOf(value, h.dtype);
  const at = fill.shape.length === 0 ? fill : apply("reshape", [fill], { shape: [] });
  return applyWrapped("pad", [h, at], { low: low.map(toDim), high: high.map(toDim) });
}

export function concat(parts: readonly Num[], axis: number): Num {
  if (parts.length === 1) return parts[0];
  commonDType("concat", parts);
  const handles = parts.map((p) => handleOf(p));
  const [first] = handles;
  const at = normalAxis(axis, first.shape.length);
  for (const h of handles.slice(1)) {
    if (h.shape.length !== first.shape.length) refuse(`concat of rank ${first.shape.length} and rank ${h.shape.length} tensors`);
    h.shape.forEach((d, i) => i !== at && builder().unify(first.shape[i], d, `concat: extents of axis ${i} must be equal`));
  }
  return applyWrapped("concat", handles, { axis: at });
}

/** Joins tensors of one shape along a new axis. */
export function stack(parts: readonly Num[], axis: number): Num {
  return concat(
    parts.map((p) => unsqueeze(p, [axis])),
    axis,
  );
}

/** Sliding windows: each axis k becomes the count of windows, and one axis a window size is appended at the end. */
export function windows(
  x: Num,
  axes: readonly number[],
  sizes: readonly number[],
  strides: readonly number[],
  dilations: readonly number[],
): Num {
  return applyWrapped("window", [handleOf(x)], { axes, sizes, strides, dilations });
}

/**
 * x.shape[:axis] + indices.shape + x.shape[axis+1:]. Negative indices count from the end unless told that there are
 * none. Known indices in equal steps are a slice, which moves into the reader's loads.
 */
export function gather(x: Num, indices: Num, axis: number, nonNegative = false): Num {
  const at = normalAxis(axis, rank(x));
  const steps = regularSteps(indices);
  if (steps) {
    const extent = shape(x)[at];
    const start = steps.start >= 0 ? steps.start : fromDim(add(toDim(extent), steps.start));
    const cut = slice(x, [{ axis: at, start, size: steps.count, step: steps.step }]);
    return rank(indices) === 1 ? cut : reshape(cut, [...shape(x).slice(0, at), ...shape(indices), ...shape(x).slice(at + 1)]);
  }
  const from = nonNegative ? indices : wrapIndices(indices, shape(x)[at]);
  return applyWrapped("gather", [handleOf(x), handleOf(from)], { axis: at });
}

/** Indices that are known, of one sign, and equally far apart. */
function regularSteps(indices: Num): { start: number; step: number; count: number } | undefined {
  const known = tryNumbers(indices);
  if (!known || known.length === 0) return undefined;
  const [start] = known;
  const step = known.length > 1 ? known[1] - start : 1;
  const regular = step !== 0 && known.every((k, i) => k === start + i * step && k >= 0 === start >= 0);
  return regular ? { start, step, count: known.length } : undefined;
}

/** Adds the extent to negative indices; known indices are wrapped at once. */
export function wrapIndices(indices: Num, extent: Num): Num {
  const h = handleOf(indices);
  const known = tryNumbers(indices);
  if (known?.every((i) => i >= 0)) return indices;
  if (known && typeof extent === "number")
    return constant(
      fromNumbers(
        h.dtype,
        h.shape as readonly number[],
        known.map((i) => (i < 0 ? i + extent : i)),
      ),
    );
  const zero = wrap(scalar(0, h.dtype));
  return where(pointwise("lt", [indices, zero]), pointwise("add", [indices, wrap(scalar(extent, h.dtype))]), indices);
}

export function gatherElements(x: Num, indices: Num, axis: number): Num {
  const at = normalAxis(axis, rank(x));
  return applyWrapped("gatherelements", [handleOf(x), handleOf(wrapIndices(indices, shape(x)[at]))], { axis: at });
}

export function gatherND(x: Num, indices: Num, batchDims: number): Num {
  return applyWrapped("gathernd", [handleOf(x), handleOf(indices)], { batchdims: batchDims });
}

export type Reduction = "none" | "add" | "mul" | "max" | "min";

export function scatterElements(x: Num, indices: Num, updates: Num, axis: number, how: Reduction): Num {
  const at = normalAxis(axis, rank(x));
  const from = wrapIndices(indices, shape(x)[at]);
  return applyWrapped("scatterelements", [handleOf(x), handleOf(from), handleOf(updates)], { axis: at, reduction: how });
}

export function scatterND(x: Num, indices: Num, updates: Num, how: Reduction): Num {
  return applyWrapped("scatternd", [handleOf(x), handleOf(indices), handleOf(updates)], { reduction: how });
}

// Contractions.

export interface ContractOptions {
  readonly transA?: boolean;
  readonly transB?: boolean;
  /** Element type of accumulation and result; the operands' when absent. */
  readonly acc?: DType;
  readonly zeroA?: Num;
  readonly zeroB?: Num;
}

/** Batched matrix product [..., m, k] x [..., k, n]; leading axes broadcast, a rank-2 right operand is shared. */
export function contract(a: Num, b: Num, options: ContractOptions = {}): Num {
  const [left, right] = [handleOf(a), handleOf(b)];
  const inner = (h: Handle, swapped: boolean, last: boolean) => h.shape[h.shape.length - (swapped !== last ? 1 : 2)];
  builder().unify(
    inner(left, options.transA ?? false, true),
    inner(right, options.transB ?? false, false),
    "inner extents of a matrix product must be equal",
  );
  const attrs = { transa: Number(options.transA ?? false), transb: Number(options.transB ?? false), acc: options.acc ?? left.dtype };
  const zeros = zeroPoints(options.zeroA, options.zeroB, left.dtype, right.dtype);
  if (right.shape.length === 2) return applyWrapped("contract", [left, right, ...zeros], attrs);
  const batch = broadcastShape("matrix product", [left.shape.slice(0, -2), right.shape.slice(0, -2)]);
  const spread = (h: Handle) => expandTo(h, [...batch, ...h.shape.slice(-2)]);
  return applyWrapped("contract", [spread(left), spread(right), ...zeros], attrs);
}

function zeroPoints(a: Num | undefined, b: Num | undefined, typeA: DType, typeB: DType): Handle[] {
  if (a === undefined && b === undefined) return [];
  return [a === undefined ? scalar(0, typeA) : handleOf(a), b === undefined ? scalar(0, typeB) : handleOf(b)];
}

/** numpy's matmul: vectors are rows on the left and columns on the right. */
export function matmul(a: Num, b: Num, options: ContractOptions = {}): Num {
  const [rowA, colB] = [rank(a) === 1, rank(b) === 1];
  const out = contract(rowA ? unsqueeze(a, [0]) : a, colB ? unsqueeze(b, [1]) : b, options);
  const r = rank(out);
  const drop = [...(rowA ? [r - 2] : []), ...(colB ? [r - 1] : [])];
  return drop.length > 0 ? squeeze(out, drop) : out;
}

export interface ConvOptions {
  readonly strides: readonly number[];
  /** All begins, then all ends. */
  readonly pads: readonly number[];
  readonly dilations: readonly number[];
  readonly group: number;
  readonly acc?: DType;
  readonly zeroX?: Num;
  readonly zeroW?: Num;
}

export function conv(x: Num, w: Num, options: ConvOptions): Num {
  const { strides, pads, dilations, group, acc = handleOf(x).dtype } = options;
  builder().unify(handleOf(x).shape[1], mul(handleOf(w).shape[1], group), "channels of data and filter must agree");
  const zeros = zeroPoints(options.zeroX, options.zeroW, dtype(x), dtype(w));
  return applyWrapped("conv", [handleOf(x), handleOf(w), ...zeros], { strides, pads, dilations, group, acc });
}

export interface ConvTransposeOptions extends Omit<ConvOptions, "zeroX" | "zeroW"> {
  readonly outputPadding: readonly number[];
}

export function convTranspose(x: Num, w: Num, options: ConvTransposeOptions): Num {
  const { strides, pads, dilations, group, outputPadding, acc = handleOf(x).dtype } = options;
  return applyWrapped("convtranspose", [handleOf(x), handleOf(w)], { strides, pads, dilations, outputpadding: outputPadding, group, acc });
}

/** All operands broadcast to their common shape. */
export function broadcastAll(values: readonly Num[]): Num[] {
  return broadcast("broadcast", values).map(wrap);
}

/** Assumes that two extents are equal, with a guard when that is not certain. */
export function assumeEqual(a: Num, b: Num, message: string): Num {
  return fromDim(builder().unify(toDim(a), toDim(b), message));
}

/** Sum of extents. */
export function total(values: readonly Num[]): Num {
  return fromDim(add(...values.map(toDim)));
}

/** Product of extents. */
export function productOf(values: readonly Num[]): Num {
  return fromDim(product(values.map(toDim)));
}
