/**
 * Shapes and element types of the primitives' results, with symbolic extents.
 *
 * Two extents that cannot be told apart are taken as equal: whoever built the node has unified them and left a guard.
 * Extents that are provably different are a diagnostic.
 */
import { add, decide, floorDiv, mul, product, sameDim, sub, type Dim } from "../base/dim.js";
import { fail, invariant } from "../base/diagnostic.js";
import { isFloat, isInteger, type DType } from "../base/dtype.js";
import type { PrimitiveAttrs } from "./op.js";
import { dimsOf, dtypeOf, intOf, intsOf, textOf } from "./primitive-attrs.js";
import { binaryFns, compareFns, unaryFns, type PrimitiveName } from "./primitive.js";

/** A tensor type of known rank. */
export interface Ranked {
  readonly dtype: DType;
  readonly shape: readonly Dim[];
}

export function printRanked(t: Ranked): string {
  return `${t.dtype}[${t.shape.join(",")}]`;
}

const boolFns: ReadonlySet<string> = new Set(["not", "and", "or", "xor"]);
const intFns: ReadonlySet<string> = new Set(["bitnot", "bitand", "bitor", "bitxor", "shl", "shr", "truncdiv", "floordiv"]);
const floatUnary: ReadonlySet<string> = new Set(unaryFns.slice(unaryFns.indexOf("sqrt"), unaryFns.indexOf("bitnot")));

/** Extents that provably differ. */
export function differ(a: Dim, b: Dim): boolean {
  return decide({ op: "eq", a, b }) === false;
}

function wrong(op: string, message: string, inputs: readonly Ranked[]): never {
  return fail("type-mismatch", `${op}(${inputs.map(printRanked).join(", ")}): ${message}`);
}

function requireDType(op: string, inputs: readonly Ranked[]): void {
  const { dtype } = inputs[0];
  if (inputs.some((t) => t.dtype !== dtype)) wrong(op, "operands must have one element type; use cast", inputs);
  if (boolFns.has(op) && dtype !== "bool") wrong(op, "needs bool operands", inputs);
  if (intFns.has(op) && !isInteger(dtype)) wrong(op, "needs integer operands", inputs);
  if ((floatUnary.has(op) || op === "div") && !isFloat(dtype)) wrong(op, "needs float operands", inputs);
  if ((op === "isnan" || op === "isinf") && !isFloat(dtype)) wrong(op, "needs a float operand", inputs);
}

function requireSameShape(op: string, inputs: readonly Ranked[]): void {
  const [first] = inputs;
  for (const t of inputs)
    if (t.shape.length !== first.shape.length || t.shape.some((d, i) => differ(d, first.shape[i])))
      wrong(op, "operands must have one shape", inputs);
}

function pointwise(op: string, inputs: readonly Ranked[], result: DType): Ranked[] {
  requireDType(op, inputs);
  requireSameShape(op, inputs);
  return [{ dtype: result, shape: inputs[0].shape }];
}

function replaced(shape: readonly Dim[], axis: number, ...by: readonly Dim[]): Dim[] {
  return [...shape.slice(0, axis), ...by, ...shape.slice(axis + 1)];
}

type Infer = (inputs: readonly Ranked[], attrs: PrimitiveAttrs) => Ranked[];

function checkAxis(op: string, axis: number, inputs: readonly Ranked[]): number {
  const rank = inputs[0].shape.length;
  if (!Number.isInteger(axis) || axis < 0 || axis >= rank) wrong(op, `axis ${axis} is outside 0..${rank - 1}`, inputs);
  return axis;
}

function checkLength(op: string, list: readonly unknown[], what: string, inputs: readonly Ranked[]): void {
  if (list.length !== inputs[0].shape.length) wrong(op, `${what} has ${list.length} entries for rank ${inputs[0].shape.length}`, inputs);
}

/** Lists of one entry an axis, or of two for paddings. Where `least` is given no entry is below it. */
function checkWindows(op: string, attrs: PrimitiveAttrs, counts: Readonly<Record<string, number>>, inputs: readonly Ranked[]): void {
  for (const [name, count] of Object.entries(counts)) {
    const list = intsOf(attrs, name);
    if (list.length !== count) wrong(op, `${name} has ${list.length} entries, not ${count}`, inputs);
    const least = name === "strides" || name === "dilations" ? 1 : -Infinity;
    const low = list.find((n) => n < least);
    if (low !== undefined) wrong(op, `${name} holds ${low}, which must be at least ${least}`, inputs);
  }
}

const reshape: Infer = (inputs, attrs) => {
  const [x] = inputs;
  const shape = dimsOf(attrs, "shape");
  if (differ(product(x.shape), product(shape))) wrong("reshape", `cannot become [${shape.join(",")}], a different element count`, inputs);
  return [{ dtype: x.dtype, shape }];
};

const transpose: Infer = (inputs, attrs) => {
  const [x] = inputs;
  const perm = intsOf(attrs, "perm");
  checkLength("transpose", perm, "perm", inputs);
  if ([...perm].sort((a, b) => a - b).some((p, i) => p !== i)) wrong("transpose", `[${perm.join(",")}] is no permutation`, inputs);
  return [{ dtype: x.dtype, shape: perm.map((p) => x.shape[p]) }];
};

const expand: Infer = (inputs, attrs) => {
  const [x] = inputs;
  const shape = dimsOf(attrs, "shape");
  checkLength("expand", shape, "shape", inputs);
  if (x.shape.some((d, i) => d !== 1 && differ(d, shape[i]))) wrong("expand", `cannot become [${shape.join(",")}]`, inputs);
  return [{ dtype: x.dtype, shape }];
};

const slice: Infer = (inputs, attrs) => {
  const sizes = dimsOf(attrs, "sizes");
  for (const name of ["starts", "sizes", "steps"]) checkLength("slice", dimsOf(attrs, name), name, inputs);
  const [starts, steps] = [dimsOf(attrs, "starts"), intsOf(attrs, "steps")];
  sizes.forEach((size, i) => {
    const last = add(starts[i], mul(steps[i], sub(size, 1)));
    const empty = decide({ op: "le", a: size, b: 0 });
    if (decide({ op: "lt", a: size, b: 0 })) wrong("slice", `axis ${i} has negative size ${size}`, inputs);
    if (empty === false && (decide({ op: "lt", a: last, b: 0 }) || decide({ op: "le", a: inputs[0].shape[i], b: last })))
      wrong("slice", `axis ${i} reads ${starts[i]}..${last}, which is out of bounds`, inputs);
  });
  return [{ dtype: inputs[0].dtype, shape: sizes }];
};

const pad: Infer = (inputs, attrs) => {
  const [low, high] = [dimsOf(attrs, "low"), dimsOf(attrs, "high")];
  checkLength("pad", low, "low", inputs);
  checkLength("pad", high, "high", inputs);
  const cut = [...low, ...high].find((d) => decide({ op: "lt", a: d, b: 0 }) === true);
  if (cut !== undefined) wrong("pad", `an amount is ${cut}: a negative one would cut`, inputs);
  requireDType("pad", inputs);
  if (inputs[1].shape.length !== 0) wrong("pad", "the value must be a scalar", inputs);
  return [{ dtype: inputs[0].dtype, shape: inputs[0].shape.map((d, i) => add(low[i], d, high[i])) }];
};

const concat: Infer = (inputs, attrs) => {
  const axis = checkAxis("concat", intOf(attrs, "axis"), inputs);
  requireDType("concat", inputs);
  const [first] = inputs;
  for (const t of inputs)
    if (t.shape.length !== first.shape.length || t.shape.some((d, i) => i !== axis && differ(d, first.shape[i])))
      wrong("concat", `shapes must agree on every axis but ${axis}`, inputs);
  return [{ dtype: first.dtype, shape: replaced(first.shape, axis, add(...inputs.map((t) => t.shape[axis]))) }];
};

/** How many windows of `size` taps fit into `extent` elements. */
export function windowCount(extent: Dim, size: Dim, stride: number, dilation: number): Dim {
  return add(floorDiv(sub(extent, add(mul(sub(size, 1), dilation), 1)), stride), 1);
}

const window: Infer = (inputs, attrs) => {
  const [axes, sizes] = [intsOf(attrs, "axes"), intsOf(attrs, "sizes")];
  checkWindows("window", attrs, { sizes: axes.length, strides: axes.length, dilations: axes.length }, inputs);
  const [strides, dilations] = [intsOf(attrs, "strides"), intsOf(attrs, "dilations")];
  const shape = [...inputs[0].shape];
  axes.forEach((axis, k) => {
    shape[checkAxis("window", axis, inputs)] = windowCount(shape[axis], sizes[k], strides[k], dilations[k]);
    if (decide({ op: "lt", a: shape[axis], b: 0 })) wrong("window", `a window of ${sizes[k]} does not fit on axis ${axis}`, inputs);
  });
  return [{ dtype: inputs[0].dtype, shape: [...shape, ...sizes] }];
};

const reduce: Infer = (inputs, attrs) => {
  const [fn, axes] = [textOf(attrs, "fn"), intsOf(attrs, "axes").map((a) => checkAxis("reduce", a, inputs))];
  const logical = fn === "any" || fn === "all";
  if (logical !== (inputs[0].dtype === "bool")) wrong(`reduce ${fn}`, "bool goes with any and all, numbers with the rest", inputs);
  return [{ dtype: inputs[0].dtype, shape: inputs[0].shape.map((d, i) => (axes.includes(i) ? 1 : d)) }];
};

const gather: Infer = (inputs, attrs) => {
  const axis = checkAxis("gather", intOf(attrs, "axis"), inputs);
  if (!isInteger(inputs[1].dtype)) wrong("gather", "indices must be integers", inputs);
  return [{ dtype: inputs[0].dtype, shape: replaced(inputs[0].shape, axis, ...inputs[1].shape) }];
};

const gatherElements: Infer = (inputs, attrs) => {
  checkAxis("gatherelements", intOf(attrs, "axis"), inputs);
  if (inputs[0].shape.length !== inputs[1].shape.length) wrong("gatherelements", "data and indices must have one rank", inputs);
  return [{ dtype: inputs[0].dtype, shape: inputs[1].shape }];
};

const gatherNd: Infer = (inputs, attrs) => {
  const [x, indices] = inputs;
  const batch = intOf(attrs, "batchdims");
  const depth = indices.shape.at(-1);
  if (typeof depth !== "number" || batch + depth > x.shape.length)
    wrong("gathernd", "the last extent of indices must be constant and fit", inputs);
  return [{ dtype: x.dtype, shape: [...indices.shape.slice(0, -1), ...x.shape.slice(batch + depth)] }];
};

const scatterElements: Infer = (inputs, attrs) => {
  checkAxis("scatterelements", intOf(attrs, "axis"), inputs);
  if (inputs.some((t) => t.shape.length !== inputs[0].shape.length)) wrong("scatterelements", "all operands must have one rank", inputs);
  return scatter(inputs, attrs);
};

const scatter: Infer = (inputs) => {
  if (inputs[0].dtype !== inputs[2].dtype) wrong("scatter", "data and updates must have one element type", inputs);
  return [{ dtype: inputs[0].dtype, shape: inputs[0].shape }];
};

const contract: Infer = (inputs, attrs) => {
  const [a, b] = inputs;
  if (a.shape.length < 2 || b.shape.length < 2) wrong("contract", "operands need rank 2 or more", inputs);
  const flip = (t: Ranked, yes: number): Dim[] => (yes ? [t.shape.at(-1)!, t.shape.at(-2)!] : [t.shape.at(-2)!, t.shape.at(-1)!]);
  const [m, k] = flip(a, intOf(attrs, "transa"));
  const [kb, n] = flip(b, intOf(attrs, "transb"));
  if (differ(k, kb)) wrong("contract", `inner extents ${k} and ${kb} differ`, inputs);
  const batch = a.shape.slice(0, -2);
  const shared = b.shape.length === 2;
  if (!shared && (b.shape.length !== a.shape.length || batch.some((d, i) => differ(d, b.shape[i]))))
    wrong("contract", "batch extents differ", inputs);
  return [{ dtype: dtypeOf(attrs, "acc"), shape: [...batch, m, n] }];
};

function requireConv(op: string, inputs: readonly Ranked[], channels: Dim, group: number): void {
  const [x, w] = inputs;
  if (x.shape.length < 3 || w.shape.length !== x.shape.length) wrong(op, "data and filter must have one rank, at least 3", inputs);
  if (differ(x.shape[1], channels)) wrong(op, `the filter reads ${channels} channels`, inputs);
  const divided = w.shape[0];
  if (group < 1 || (typeof divided === "number" && divided % group !== 0))
    wrong(op, `the filter's first extent ${divided} is not divisible by group ${group}`, inputs);
}

const conv: Infer = (inputs, attrs) => {
  const [x, w] = inputs;
  const group = intOf(attrs, "group");
  requireConv("conv", inputs, mul(w.shape[1], group), group);
  const [strides, pads, dilations] = [intsOf(attrs, "strides"), intsOf(attrs, "pads"), intsOf(attrs, "dilations")];
  const n = x.shape.length - 2;
  checkWindows("conv", attrs, { strides: n, dilations: n, pads: 2 * n }, inputs);
  const spatial = x.shape.slice(2).map((d, i) => windowCount(add(d, pads[i] + pads[n + i]), w.shape[i + 2], strides[i], dilations[i]));
  if (spatial.some((d) => decide({ op: "lt", a: d, b: 0 }))) wrong("conv", "the filter does not fit into the padded data", inputs);
  return [{ dtype: dtypeOf(attrs, "acc"), shape: [x.shape[0], w.shape[0], ...spatial] }];
};

const convTranspose: Infer = (inputs, attrs) => {
  const [x, w] = inputs;
  requireConv("convtranspose", inputs, w.shape[0], intOf(attrs, "group"));
  const [strides, pads, dilations] = [intsOf(attrs, "strides"), intsOf(attrs, "pads"), intsOf(attrs, "dilations")];
  const extra = intsOf(attrs, "outputpadding");
  const n = x.shape.length - 2;
  checkWindows("convtranspose", attrs, { strides: n, dilations: n, pads: 2 * n, outputpadding: n }, inputs);
  const spatial = x.shape.slice(2).map((d, i) => {
    const span = add(mul(sub(w.shape[i + 2], 1), dilations[i]), 1);
    return add(mul(strides[i], sub(d, 1)), extra[i], span, -pads[i] - pads[n + i]);
  });
  return [{ dtype: dtypeOf(attrs, "acc"), shape: [x.shape[0], mul(w.shape[1], intOf(attrs, "group")), ...spatial] }];
};

const sameAs: Infer = (inputs) => [{ dtype: inputs[0].dtype, shape: inputs[0].shape }];

const structural: Readonly<Record<string, Infer>> = {
  cast: ([x], attrs) => [{ dtype: dtypeOf(attrs, "to"), shape: x.shape }],
  select: (inputs) => {
    const [cond, a, b] = inputs;
    if (cond.dtype !== "bool") wrong("select", "the condition must be bool", inputs);
    requireSameShape("select", inputs);
    return pointwise("select", [a, b], a.dtype);
  },
  iota: (_, attrs) => [{ dtype: dtypeOf(attrs, "dtype"), shape: dimsOf(attrs, "shape") }],
  dims: (_, attrs) => [{ dtype: "i64", shape: [dimsOf(attrs, "value").length] }],
  reshape,
  transpose,
  expand,
  slice,
  pad,
  concat,
  window,
  reduce,
  argreduce: (inputs, attrs) => [
    { dtype: "i64", shape: replaced(inputs[0].shape, checkAxis("argreduce", intOf(attrs, "axis"), inputs), 1) },
  ],
  scan: (inputs, attrs) => (checkAxis("scan", intOf(attrs, "axis"), inputs), sameAs(inputs, attrs)),
  sort: (inputs, attrs) => {
    checkAxis("sort", intOf(attrs, "axis"), inputs);
    return [...sameAs(inputs, attrs), { dtype: "i64", shape: inputs[0].shape }];
  },
  gather,
  gatherelements: gatherElements,
  gathernd: gatherNd,
  scatterelements: scatterElements,
  scatternd: scatter,
  contract,
  conv,
  convtranspose: convTranspose,
};

const operandCounts: Readonly<Record<string, number>> = {
  select: 3,
  iota: 0,
  dims: 0,
  pad: 2,
  gather: 2,
  gatherelements: 2,
  gathernd: 2,
  scatterelements: 3,
  scatternd: 3,
  contract: 2,
  conv: 2,
  convtranspose: 2,
};

function includes(list: readonly string[], op: string): boolean {
  return list.includes(op);
}

/** Fails with `type-mismatch` when the operands do not fit the primitive. `if` and `loop` belong to their graphs. */
export function inferPrimitive(op: PrimitiveName, inputs: readonly Ranked[], attrs: PrimitiveAttrs): Ranked[] {
  const binary = includes(binaryFns, op) || includes(compareFns, op);
  const needed = binary ? 2 : (operandCounts[op] ?? 1);
  invariant(inputs.length >= needed, `${op} needs ${needed} operands, got ${inputs.length}`);
  if (binary) return pointwise(op, inputs, includes(compareFns, op) ? "bool" : inputs[0].dtype);
  if (includes(unaryFns, op)) return pointwise(op, inputs, op === "isnan" || op === "isinf" ? "bool" : inputs[0].dtype);
  const infer = structural[op];
  invariant(infer, `the type of ${op} follows from its bodies, which only its graph knows`);
  return infer(inputs, attrs);
}

/** Whether two shapes are the same extent by extent. */
export function sameShape(a: readonly Dim[], b: readonly Dim[]): boolean {
  return a.length === b.length && a.every((d, i) => sameDim(d, b[i]));
}
