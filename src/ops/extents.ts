/**
 * Symbolic values of small tensors: what makes shape arithmetic leave the device program.
 *
 * A tensor of at most 64 elements that are all known, or follow from input sizes, is carried as a list of elements
 * through the primitives. Constants are computed by the reference semantics in the tensor's own element type; the rest
 * is polynomials with floor division, which truncation, remainders and the float arithmetic of old exporters
 * (floor(cast(shape) * 1.5)) come down to exactly, or are given up.
 */
import { decide, type Cond } from "../base/cond.js";
import { add, floorDiv, isConst, max, min, mod, mul, sub, type Dim } from "../base/dim.js";
import { truncDiv } from "../base/dim-bounds.js";
import { dtypes, isFloat, isInteger, type DType } from "../base/dtype.js";
import { elementTensor, Fraction, isDim, isExact, tensorElements, valueOf, type Element } from "../base/element.js";
import { elementCount, rowMajor } from "../base/tensor.js";
import { evaluatePrimitive } from "./evaluate/primitive.js";
import { moveElements } from "./move-elements.js";
import type { PrimitiveAttrs } from "./op.js";
import { dimsOf, intsOf, textOf } from "./primitive-attrs.js";
import { binaryFns, compareFns, unaryFns, type PrimitiveName } from "./primitive.js";
import { dividedReal, realCompare, realPairs, realSingles, significandOf } from "./real-extents.js";

/** An operand: its shape and, when known, its elements in row-major order. */
interface ExtentOperand {
  readonly shape: readonly Dim[];
  readonly elements: readonly Element[] | undefined;
  readonly dtype: DType;
}

/** Takes a condition on sizes for granted from here on; false when it cannot hold. */
export type Assume = (when: Cond, message: string) => boolean;

/** Larger tensors are data, not shapes. */
export const mostExtents = 64;

type Pair = (a: Dim, b: Dim, assume: Assume) => Dim | undefined;

export const atLeast = (a: Dim, lo: Dim): boolean => decide({ op: "le", a: lo, b: a }) === true;

/** A divisor made positive, with what has to be negated beside it; undefined for 0 and where the sign is open. */
function positive(a: Dim, b: Dim, assume: Assume): readonly [Dim, Dim] | undefined {
  if (atLeast(b, 1)) return [a, b];
  if (atLeast(-1, b)) return [mul(-1, a), mul(-1, b)];
  const isSize = decide({ op: "le", a: 0, b }) === true && !isConst(b);
  return isSize && assume({ op: "le", a: 1, b }, `a size is divided by ${String(b)}, which must not be 0`) ? [a, b] : undefined;
}

const floorPair: Pair = (a, b, assume) => {
  const by = positive(a, b, assume);
  return by && floorDiv(...by);
};

const truncPair: Pair = (a, b, assume) => {
  const by = positive(a, b, assume);
  return by && truncDiv(...by);
};

/** Sign of the divisor. */
const modPair: Pair = (a, b, assume) => {
  const by = positive(a, b, assume);
  if (!by) return undefined;
  return atLeast(b, 0) ? mod(...by) : mul(-1, mod(...by));
};

const fmodPair: Pair = (a, b, assume) => {
  const q = truncPair(a, b, assume);
  return q === undefined ? undefined : sub(a, mul(b, q));
};

function compare(op: "eq" | "lt" | "le", swap: boolean, negate: boolean): Pair {
  return (a, b) => {
    const known = decide(swap ? { op, a: b, b: a } : { op, a, b });
    return known === undefined ? undefined : known !== negate ? 1 : 0;
  };
}

const wholePairs: Readonly<Partial<Record<PrimitiveName, Pair>>> = {
  add: (a, b) => add(a, b),
  sub: (a, b) => sub(a, b),
  mul: (a, b) => mul(a, b),
  min: (a, b) => min(a, b),
  max: (a, b) => max(a, b),
  truncdiv: truncPair,
  floordiv: floorPair,
  mod: modPair,
  fmod: fmodPair,
  eq: compare("eq", false, false),
  ne: compare("eq", false, true),
  lt: compare("lt", false, false),
  le: compare("le", false, false),
  gt: compare("lt", true, false),
  ge: compare("le", true, false),
};

const wholeSingles: Readonly<Partial<Record<PrimitiveName, (a: Dim) => Dim | undefined>>> = {
  neg: (a) => mul(-1, a),
  abs: (a) => (atLeast(a, 0) ? a : atLeast(0, a) ? mul(-1, a) : max(a, mul(-1, a))),
  sign: (a) => (atLeast(a, 1) ? 1 : min(max(a, -1), 1)),
};

/** The operands may stand for sizes, which lie within 2^53: against a whole number beyond, the order is its sign. */
function beyondPair(op: PrimitiveName, a: Element, b: Element): Element | undefined {
  const [size, far, flipped] = typeof b === "bigint" ? [a, b, false] : [b, a, true];
  if (!isDim(size) || typeof far !== "bigint") return undefined;
  if (op === "min") return far > 0n ? size : far;
  if (op === "max") return far > 0n ? far : size;
  if (op === "eq" || op === "ne") return op === "ne" ? 1 : 0;
  const below = far > 0n !== flipped;
  return op === "lt" || op === "le" ? (below ? 1 : 0) : op === "gt" || op === "ge" ? (below ? 0 : 1) : undefined;
}

const has = (list: readonly string[], op: string): boolean => list.includes(op);

/** One element through a primitive of constants, in the element type of its operands. */
function constantElement(op: PrimitiveName, operands: readonly Element[], dtype: DType, attrs: PrimitiveAttrs): Element | undefined {
  const inputs = operands.map((e) => elementTensor(dtype, [], [e]));
  const divides = op === "truncdiv" || op === "floordiv" || op === "mod" || op === "fmod";
  if (!inputs.every((t) => t !== undefined) || (divides && isInteger(dtype) && valueOf(operands[1]) === 0)) return undefined;
  return tensorElements(evaluatePrimitive(op, inputs, attrs)[0])?.[0];
}

function exact(e: Element | undefined): Element | undefined {
  if (e === undefined || typeof e === "bigint") return e;
  return (e instanceof Fraction ? isExact(e.num) && isExact(e.den) : isExact(e)) ? e : undefined;
}

function pairElement(op: PrimitiveName, a: Element, b: Element, dtype: DType, assume: Assume): Element | undefined {
  if (valueOf(a) !== undefined && valueOf(b) !== undefined) return constantElement(op, [a, b], dtype, {});
  if (typeof a === "bigint" || typeof b === "bigint") return beyondPair(op, a, b);
  if (isFloat(dtype) && op === "div") return exact(dividedReal(a, b, dtype, assume));
  const real = isFloat(dtype) ? realPairs[op] : undefined;
  if (real && !(isDim(a) && isDim(b) && (op === "min" || op === "max"))) return exact(real(a, b, dtype));
  if (isFloat(dtype) && has(compareFns, op) && !(isDim(a) && isDim(b))) return realCompare(op, a, b);
  return isDim(a) && isDim(b) ? exact(wholePairs[op]?.(a, b, assume)) : undefined;
}

function singleElement(op: PrimitiveName, a: Element, dtype: DType, assume: Assume): Element | undefined {
  if (valueOf(a) !== undefined) return constantElement(op, [a], dtype, {});
  if (typeof a === "bigint") return undefined;
  return isFloat(dtype) && realSingles[op] ? exact(realSingles[op](a, dtype, assume)) : isDim(a) ? exact(wholeSingles[op]?.(a)) : undefined;
}

/** A symbolic element in another type: it must be one that holds sizes, and what comes from floats must have been exact there. */
function castElement(a: Element, from: DType, attrs: PrimitiveAttrs, assume: Assume): Element | undefined {
  const to = textOf(attrs, "to") as DType;
  if (valueOf(a) !== undefined) return constantElement("cast", [a], from, attrs);
  if (typeof a === "bigint") return undefined;
  if (to === "bool") return isDim(a) && atLeast(a, 1) ? 1 : undefined;
  const whole = isFloat(from) ? (isFloat(to) ? a : realSingles.trunc?.(a, from, assume)) : a;
  if (isFloat(to)) return significandOf(to) === undefined ? undefined : whole;
  return isInteger(to) && dtypes[to].bits >= 32 && whole !== undefined && isDim(whole) ? whole : undefined;
}

function whole(list: readonly (Element | undefined)[]): readonly Element[] | undefined {
  return list.every((d) => d !== undefined) ? list : undefined;
}

function reduceElements(x: ExtentOperand, attrs: PrimitiveAttrs, assume: Assume): readonly Element[] | undefined {
  const op = ({ sum: "add", prod: "mul", max: "max", min: "min" } as Record<string, PrimitiveName | undefined>)[textOf(attrs, "fn")];
  if (!x.shape.every(isConst) || !op || !x.elements || x.elements.length === 0) return undefined;
  const shape = x.shape;
  const axes = intsOf(attrs, "axes");
  const out = shape.map((d, i) => (axes.includes(i) ? 1 : d));
  const strides = rowMajor(out).map((s, i) => (axes.includes(i) ? 0 : s));
  const met = new Array<boolean>(elementCount(out)).fill(false);
  const acc = new Array<Element | undefined>(met.length).fill(undefined);
  x.elements.forEach((value, flat) => {
    const at = rowMajor(shape).reduce((sum, s, i) => sum + (Math.floor(flat / s) % shape[i]) * strides[i], 0);
    const had = acc[at];
    acc[at] = !met[at] ? value : had === undefined ? undefined : pairElement(op, had, value, x.dtype, assume);
    met[at] = true;
  });
  return whole(acc);
}

/** Each lane by its condition, where that is known or both sides are the same. */
function selectElements([c, a, b]: readonly ExtentOperand[]): readonly Element[] | undefined {
  const same = (i: number): Element | undefined => {
    const [yes, no] = [a.elements?.[i], b.elements?.[i]];
    return yes !== undefined && no !== undefined && isDim(yes) && isDim(no) && String(yes) === String(no) ? yes : undefined;
  };
  return (
    c.elements &&
    whole(c.elements.map((k, i) => (valueOf(k) === undefined ? same(i) : valueOf(k) !== 0 ? a.elements?.[i] : b.elements?.[i])))
  );
}

/** The elements of a primitive's result, or undefined when they do not follow. One list an output. */
export function evaluateExtents(
  op: PrimitiveName,
  inputs: readonly ExtentOperand[],
  attrs: PrimitiveAttrs,
  assume: Assume = () => false,
): (readonly Element[] | undefined)[] {
  if (inputs.some((x) => !x.elements) && op !== "select" && op !== "read") return [undefined];
  const out = elementsOf(op, inputs, attrs, assume);
  return [out && out.length <= mostExtents ? out : undefined];
}

function elementsOf(
  op: PrimitiveName,
  inputs: readonly ExtentOperand[],
  attrs: PrimitiveAttrs,
  assume: Assume,
): readonly Element[] | undefined {
  const [x] = inputs;
  if (has(binaryFns, op) || has(compareFns, op))
    return whole(x.elements!.map((a, i) => pairElement(op, a, inputs[1].elements![i], x.dtype, assume)));
  if (has(unaryFns, op)) return whole(x.elements!.map((a) => singleElement(op, a, x.dtype, assume)));
  switch (op) {
    case "dims":
    case "read":
      return dimsOf(attrs, "value");
    case "cast":
      return whole(x.elements!.map((a) => castElement(a, x.dtype, attrs, assume)));
    case "reduce":
      return reduceElements(x, attrs, assume);
    case "select":
      return selectElements(inputs);
    default:
      return moveElements(op, inputs, attrs);
  }
}
