/**
 * Shapes and element types of the primitives' results, with symbolic extents.
 *
 * What a primitive needs of extents is said here, once: what provably does not hold is a diagnostic; what hangs on sizes
 * that only the running program has goes to `assume`, and is taken for granted by those that give none.
 */
import { decide, type Cond } from "../base/cond.js";
import { add, floorDiv, mod, mul, product, sameDim, sub, type Dim } from "../base/dim.js";
import { fail, invariant } from "../base/diagnostic.js";
import { isFloat, isInteger, type DType } from "../base/dtype.js";
import type { Assume } from "./extents.js";
import type { PrimitiveAttrs } from "./op.js";
import { dimsOf, dtypeOf, intOf, intsOf, textOf } from "./primitive-attrs.js";
import { binaryFns, compareFns, unaryFns, type PrimitiveName } from "./primitive.js";

/** A tensor type of known rank. */
export interface Ranked {
  readonly dtype: DType;
  readonly shape: readonly Dim[];
}

function printRanked(t: Ranked): string {
  return `${t.dtype}[${t.shape.join(",")}]`;
}

const boolFns: ReadonlySet<string> = new Set(["not", "and", "or", "xor"]);
const intFns: ReadonlySet<string> = new Set(["bitnot", "bitand", "bitor", "bitxor", "shl", "shr", "truncdiv", "floordiv"]);
const floatUnary: ReadonlySet<string> = new Set(unaryFns.slice(unaryFns.indexOf("sqrt"), unaryFns.indexOf("bitnot")));

/** What a primitive needs of its extents: holds, or is left to `assume`, or fails as `wrong` does. */
type Need = (when: Cond, message: string) => void;

const equal = (a: Dim, b: Dim): Cond => ({ op: "eq", a, b });
const atMost = (a: Dim, b: Dim): Cond => ({ op: "le", a, b });

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

function requireSameShape(op: string, inputs: readonly Ranked[], need: Need): void {
  const [first, ...others] = inputs;
  for (const t of others) {
    if (t.shape.length !== first.shape.length) wrong(op, "operands must have one shape", inputs);
    t.shape.forEach((d, i) => need(equal(d, first.shape[i]), "operands must have one shape"));
  }
}

function pointwise(op: string, inputs: readonly Ranked[], result: DType, need: Need): Ranked[] {
  requireDType(op, inputs);
  requireSameShape(op, inputs, need);
  return [{ dtype: result, shape: inputs[0].shape }];
}

function replaced(shape: readonly Dim[], axis: number, ...by: readonly Dim[]): Dim[] {
  return [...shape.slice(0, axis), ...by, ...shape.slice(axis + 1)];
}

type Infer = (inputs: readonly Ranked[], attrs: PrimitiveAttrs, need: Need) => Ranked[];

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

const reshape: Infer = ([x], attrs, need) => {
  const shape = dimsOf(attrs, "shape");
  need(equal(product(x.shape), product(shape)), `cannot become [${shape.join(",")}], a different element count`);
  return [{ dtype: x.dtype, shape }];
};

const transpose: Infer = (inputs, attrs) => {
  const [x] = inputs;
  const perm = intsOf(attrs, "perm");
  checkLength("transpose", perm, "perm", inputs);
  if ([...perm].sort((a, b) => a - b).some((p, i) => p !== i)) wrong("transpose", `[${perm.join(",")}] is no permutation`, inputs);
  return [{ dtype: x.dtype, shape: perm.map((p) => x.shape[p]) }];
};

const expand: Infer = (inputs, attrs, need) => {
  const [x] = inputs;
  const shape = dimsOf(attrs, "shape");
  checkLength("expand", shape, "shape", inputs);
  x.shape.forEach((d, i) => d === 1 || need(equal(d, shape[i]), `cannot become [${shape.join(",")}]`));
  return [{ dtype: x.dtype, shape }];
};

const slice: Infer = (inputs, attrs, need) => {
  const sizes = dimsOf(attrs, "sizes");
  for (const name of ["starts", "sizes", "steps"]) checkLength("slice", dimsOf(attrs, name), name, inputs);
  const [starts, steps] = [dimsOf(attrs, "starts"), intsOf(attrs, "steps")];
  inputs[0].shape.forEach((extent, i) => {
    const [start, size] = [starts[i], sizes[i]];
    if (start === 0 && steps[i] === 1 && sameDim(size, extent)) return;
    need(atMost(0, size), `axis ${i} has negative size ${size}`);
    const last = add(start, mul(steps[i], sub(size, 1)));
    const [low, high] = steps[i] < 0 ? [last, start] : [start, last];
    const within: Cond = { op: "and", all: [atMost(0, low), { op: "lt", a: high, b: extent }] };
    need({ op: "or", all: [equal(size, 0), within] }, `axis ${i} reads ${start}..${last}, which is out of bounds`);
  });
  return [{ dtype: inputs[0].dtype, shape: sizes }];
};

const pad: Infer = (inputs, attrs, need) => {
  const [low, high] = [dimsOf(attrs, "low"), dimsOf(attrs, "high")];
  checkLength("pad", low, "low", inputs);
  checkLength("pad", high, "high", inputs);
  [...low, ...high].forEach((d) => need(atMost(0, d), `an amount is ${d}: a negative one would cut`));
  requireDType("pad", inputs);
  if (inputs[1].shape.length !== 0) wrong("pad", "the value must be a scalar", inputs);
  return [{ dtype: inputs[0].dtype, shape: inputs[0].shape.map((d, i) => add(low[i], d, high[i])) }];
};

const concat: Infer = (inputs, attrs, need) => {
  const axis = checkAxis("concat", intOf(attrs, "axis"), inputs);
  requireDType("concat", inputs);
  const [first] = inputs;
  const message = `shapes must agree on every axis but ${axis}`;
  for (const t of inputs) {
    if (t.shape.length !== first.shape.length) wrong("concat", message, inputs);
    t.shape.forEach((d, i) => i === axis || need(equal(d, first.shape[i]), message));
  }
  return [{ dtype: first.dtype, shape: replaced(first.shape, axis, add(...inputs.map((t) => t.shape[axis]))) }];
};

/** How many windows of `size` taps fit into `extent` elements. */
function windowCount(extent: Dim, size: Dim, stride: number, dilation: number): Dim {
  return add(floorDiv(sub(extent, add(mul(sub(size, 1), dilation), 1)), stride), 1);
}

const window: Infer = (inputs, attrs, need) => {
  const [axes, sizes] = [intsOf(attrs, "axes"), intsOf(attrs, "sizes")];
  checkWindows("window", attrs, { sizes: axes.length, strides: axes.length, dilations: axes.length }, inputs);
  const [strides, dilations] = [intsOf(attrs, "strides"), intsOf(attrs, "dilations")];
  const shape = [...inputs[0].shape];
  axes.forEach((axis, k) => {
    shape[checkAxis("window", axis, inputs)] = windowCount(shape[axis], sizes[k], strides[k], dilations[k]);
    need(atMost(0, shape[axis]), `a window of ${sizes[k]} does not fit on axis ${axis}`);
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

/** On every axis but the one that is picked from or placed on there are at most as many indices as elements. */
function requireFewer(op: string, inputs: readonly Ranked[], axis: number, need: Need): void {
  const [x, indices] = inputs;
  if (x.shape.length !== indices.shape.length) wrong(op, "data and indices must have one rank", inputs);
  x.shape.forEach((d, i) => i === axis || need(atMost(indices.shape[i], d), `axis ${i} has more indices than elements`));
}

const gatherElements: Infer = (inputs, attrs, need) => {
  requireFewer("gatherelements", inputs, checkAxis("gatherelements", intOf(attrs, "axis"), inputs), need);
  return [{ dtype: inputs[0].dtype, shape: inputs[1].shape }];
};

const gatherNd: Infer = (inputs, attrs, need) => {
  const [x, indices] = inputs;
  const batch = intOf(attrs, "batchdims");
  const depth = indices.shape.at(-1);
  if (typeof depth !== "number" || batch + depth > x.shape.length)
    wrong("gathernd", "the last extent of indices must be constant and fit", inputs);
  for (let i = 0; i < batch; i++) need(equal(x.shape[i], indices.shape[i]), "batch extents differ");
  return [{ dtype: x.dtype, shape: [...indices.shape.slice(0, -1), ...x.shape.slice(batch + depth)] }];
};

const scatterElements: Infer = (inputs, attrs, need) => {
  requireFewer("scatterelements", inputs, checkAxis("scatterelements", intOf(attrs, "axis"), inputs), need);
  return scatter("scatterelements", inputs, inputs[1].shape, need);
};

const scatterNd: Infer = (inputs, _, need) => {
  const [x, indices] = inputs;
  const depth = indices.shape.at(-1);
  if (typeof depth !== "number" || depth > x.shape.length)
    wrong("scatternd", "the last extent of indices must be constant and fit", inputs);
  return scatter("scatternd", inputs, [...indices.shape.slice(0, -1), ...x.shape.slice(depth)], need);
};

function scatter(op: string, inputs: readonly Ranked[], placed: readonly Dim[], need: Need): Ranked[] {
  const [x, , updates] = inputs;
  if (x.dtype !== updates.dtype) wrong(op, "data and updates must have one element type", inputs);
  const message = `the updates must be [${placed.join(",")}], as the indices say`;
  if (updates.shape.length !== placed.length) wrong(op, message, inputs);
  placed.forEach((d, i) => need(equal(d, updates.shape[i]), message));
  return [{ dtype: inputs[0].dtype, shape: inputs[0].shape }];
}

const contract: Infer = (inputs, attrs, need) => {
  const [a, b] = inputs;
  if (a.shape.length < 2 || b.shape.length < 2) wrong("contract", "operands need rank 2 or more", inputs);
  const flip = (t: Ranked, yes: number): Dim[] => (yes ? [t.shape.at(-1)!, t.shape.at(-2)!] : [t.shape.at(-2)!, t.shape.at(-1)!]);
  const [m, k] = flip(a, intOf(attrs, "transa"));
  const [kb, n] = flip(b, intOf(attrs, "transb"));
  need(equal(k, kb), `inner extents ${k} and ${kb} differ`);
  const batch = a.shape.slice(0, -2);
  const shared = b.shape.length === 2;
  if (!shared && b.shape.length !== a.shape.length) wrong("contract", "batch extents differ", inputs);
  if (!shared) batch.forEach((d, i) => need(equal(d, b.shape[i]), "batch extents differ"));
  return [{ dtype: dtypeOf(attrs, "acc"), shape: [...batch, m, n] }];
};

function requireConv(op: string, inputs: readonly Ranked[], channels: Dim, { group, need }: { group: number; need: Need }): void {
  const [x, w] = inputs;
  if (x.shape.length < 3 || w.shape.length !== x.shape.length) wrong(op, "data and filter must have one rank, at least 3", inputs);
  need(equal(x.shape[1], channels), `the filter reads ${channels} channels`);
  const message = `the filter's first extent ${w.shape[0]} is not divisible by group ${group}`;
  if (group < 1) wrong(op, message, inputs);
  need(equal(mod(w.shape[0], group), 0), message);
}

const conv: Infer = (inputs, attrs, need) => {
  const [x, w] = inputs;
  const group = intOf(attrs, "group");
  requireConv("conv", inputs, mul(w.shape[1], group), { group, need });
  const [strides, pads, dilations] = [intsOf(attrs, "strides"), intsOf(attrs, "pads"), intsOf(attrs, "dilations")];
  const n = x.shape.length - 2;
  checkWindows("conv", attrs, { strides: n, dilations: n, pads: 2 * n }, inputs);
  const spatial = x.shape.slice(2).map((d, i) => windowCount(add(d, pads[i] + pads[n + i]), w.shape[i + 2], strides[i], dilations[i]));
  spatial.forEach((d) => need(atMost(0, d), "the filter does not fit into the padded data"));
  return [{ dtype: dtypeOf(attrs, "acc"), shape: [x.shape[0], w.shape[0], ...spatial] }];
};

const convTranspose: Infer = (inputs, attrs, need) => {
  const [x, w] = inputs;
  requireConv("convtranspose", inputs, w.shape[0], { group: intOf(attrs, "group"), need });
  const [strides, pads, dilations] = [intsOf(attrs, "strides"), intsOf(attrs, "pads"), intsOf(attrs, "dilations")];
  const extra = intsOf(attrs, "outputpadding");
  const n = x.shape.length - 2;
  checkWindows("convtranspose", attrs, { strides: n, dilations: n, pads: 2 * n, outputpadding: n }, inputs);
  const spatial = x.shape.slice(2).map((d, i) => {
    const span = add(mul(sub(w.shape[i + 2], 1), dilations[i]), 1);
    return add(mul(strides[i], sub(d, 1)), extra[i], span, -pads[i] - pads[n + i]);
  });
  spatial.forEach((d) => need(atMost(0, d), "the paddings take more than there is"));
  return [{ dtype: dtypeOf(attrs, "acc"), shape: [x.shape[0], mul(w.shape[1], intOf(attrs, "group")), ...spatial] }];
};

const sameAs = (inputs: readonly Ranked[]): Ranked[] => [{ dtype: inputs[0].dtype, shape: inputs[0].shape }];

const structural: Readonly<Record<string, Infer>> = {
  cast: ([x], attrs) => [{ dtype: dtypeOf(attrs, "to"), shape: x.shape }],
  select: (inputs, _, need) => {
    const [cond, a, b] = inputs;
    if (cond.dtype !== "bool") wrong("select", "the condition must be bool", inputs);
    requireSameShape("select", inputs, need);
    return pointwise("select", [a, b], a.dtype, need);
  },
  iota: (_, attrs) => [{ dtype: dtypeOf(attrs, "dtype"), shape: dimsOf(attrs, "shape") }],
  dims: (_, attrs) => [{ dtype: "i64", shape: [dimsOf(attrs, "value").length] }],
  read: (inputs) => (isInteger(inputs[0].dtype) ? sameAs(inputs) : wrong("read", "needs integers", inputs)),
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
  scan: (inputs, attrs) => (checkAxis("scan", intOf(attrs, "axis"), inputs), sameAs(inputs)),
  sort: (inputs, attrs) => {
    checkAxis("sort", intOf(attrs, "axis"), inputs);
    return [...sameAs(inputs), { dtype: "i64", shape: inputs[0].shape }];
  },
  gather,
  gatherelements: gatherElements,
  gathernd: gatherNd,
  scatterelements: scatterElements,
  scatternd: scatterNd,
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

/**
 * Fails with `type-mismatch` when the operands do not fit the primitive. `assume` hears of what is not provable and
 * takes it for granted, or not. `if` and `loop` belong to their graphs.
 */
export function inferPrimitive(op: PrimitiveName, inputs: readonly Ranked[], attrs: PrimitiveAttrs, assume: Assume = possible): Ranked[] {
  const binary = includes(binaryFns, op) || includes(compareFns, op);
  const needed = binary ? 2 : (operandCounts[op] ?? 1);
  invariant(inputs.length >= needed, `${op} needs ${needed} operands, got ${inputs.length}`);
  const need: Need = (when, message) => assume(when, message) || wrong(op, message, inputs);
  if (binary) return pointwise(op, inputs, includes(compareFns, op) ? "bool" : inputs[0].dtype, need);
  if (includes(unaryFns, op)) return pointwise(op, inputs, op === "isnan" || op === "isinf" ? "bool" : inputs[0].dtype, need);
  const infer = structural[op];
  invariant(infer, `the type of ${op} follows from its bodies, which only its graph knows`);
  return infer(inputs, attrs, need);
}

/** Takes for granted what may hold. */
export const possible: Assume = (when) => decide(when) !== false;
