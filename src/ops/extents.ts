/**
 * Symbolic values of small integer tensors: what makes shape arithmetic leave the device program.
 *
 * A tensor of rank 0 or 1 (or any shape of at most 64 elements) whose elements are all known extents is carried as a
 * list of `Dim`s through the primitives. Casts to a float type keep the list as long as every element stays an
 * integer, since exporters write floor(cast(shape) * 2).
 */
import { add, decide, divideExactly, floorDiv, isConst, max, min, mod, mul, sub, type Dim } from "../base/dim.js";
import { elementCount, rowMajor } from "../base/tensor.js";
import type { PrimitiveAttrs } from "./op.js";
import { dimsOf, intOf, intsOf, textOf } from "./primitive-attrs.js";
import type { PrimitiveName } from "./primitive.js";
import { gatherPositions, slicePositions, transposePositions } from "./positions.js";

/** An operand: its shape (constant) and, when known, its elements in row-major order. */
export interface ExtentOperand {
  readonly shape: readonly Dim[];
  readonly elements: readonly Dim[] | undefined;
  readonly float: boolean;
}

/** Larger tensors are data, not shapes. */
export const mostExtents = 64;

type Pair = (a: Dim, b: Dim, float: boolean) => Dim | undefined;

const atLeast = (a: Dim, lo: number) => decide({ op: "le", a: lo, b: a }) === true;

function divide(a: Dim, b: Dim): Dim | undefined {
  if (isConst(a) && isConst(b)) return b !== 0 && Number.isInteger(a / b) ? a / b : undefined;
  return b === 0 ? undefined : divideExactly(a, b);
}

function compare(op: "eq" | "lt" | "le", swap: boolean, negate: boolean): Pair {
  return (a, b) => {
    const known = decide(swap ? { op, a: b, b: a } : { op, a, b });
    return known === undefined ? undefined : Number(known !== negate);
  };
}

const pairs: Readonly<Partial<Record<PrimitiveName, Pair>>> = {
  add: (a, b) => add(a, b),
  sub: (a, b) => sub(a, b),
  mul: (a, b) => mul(a, b),
  div: divide,
  min: (a, b) => min(a, b),
  max: (a, b) => max(a, b),
  truncdiv: (a, b) => (atLeast(a, 0) && atLeast(b, 1) ? floorDiv(a, b) : divide(a, b)),
  floordiv: (a, b) => (atLeast(b, 1) ? floorDiv(a, b) : undefined),
  mod: (a, b) => (atLeast(b, 1) ? mod(a, b) : undefined),
  fmod: (a, b) => (atLeast(a, 0) && atLeast(b, 1) ? mod(a, b) : undefined),
  and: (a, b) => (isConst(a) && isConst(b) ? a & b : undefined),
  or: (a, b) => (isConst(a) && isConst(b) ? a | b : undefined),
  eq: compare("eq", false, false),
  ne: compare("eq", false, true),
  lt: compare("lt", false, false),
  le: compare("le", false, false),
  gt: compare("lt", true, false),
  ge: compare("le", true, false),
};

const singles: Readonly<Partial<Record<PrimitiveName, (a: Dim) => Dim | undefined>>> = {
  neg: (a) => mul(-1, a),
  abs: (a) => (atLeast(a, 0) ? a : isConst(a) ? Math.abs(a) : undefined),
  sign: (a) => (isConst(a) ? Math.sign(a) : atLeast(a, 1) ? 1 : undefined),
  floor: (a) => a,
  ceil: (a) => a,
  round: (a) => a,
  trunc: (a) => a,
  not: (a) => (isConst(a) ? 1 - a : undefined),
};

function whole(list: readonly (Dim | undefined)[]): readonly Dim[] | undefined {
  return list.every((d) => d !== undefined) ? list : undefined;
}

function constShape(shape: readonly Dim[]): readonly number[] | undefined {
  return shape.every(isConst) ? shape : undefined;
}

function reduceElements(x: ExtentOperand, attrs: PrimitiveAttrs): readonly Dim[] | undefined {
  const shape = constShape(x.shape);
  const pair = ({ sum: pairs.add, prod: pairs.mul, max: pairs.max, min: pairs.min } as Record<string, Pair | undefined>)[
    textOf(attrs, "fn")
  ];
  if (!shape || !pair || !x.elements) return undefined;
  const axes = intsOf(attrs, "axes");
  const out = shape.map((d, i) => (axes.includes(i) ? 1 : d));
  const strides = rowMajor(out).map((s, i) => (axes.includes(i) ? 0 : s));
  const acc = new Array<Dim | undefined>(elementCount(out)).fill(undefined);
  if (x.elements.length === 0) return undefined;
  x.elements.forEach((value, flat) => {
    const at = rowMajor(shape).reduce((sum, s, i) => sum + (Math.floor(flat / s) % shape[i]) * strides[i], 0);
    acc[at] = acc[at] === undefined ? value : pair(acc[at], value, x.float);
  });
  return whole(acc);
}

function concatElements(inputs: readonly ExtentOperand[], axis: number): readonly Dim[] | undefined {
  const shapes = inputs.map((x) => constShape(x.shape));
  if (shapes.some((s) => !s) || inputs.some((x) => !x.elements)) return undefined;
  const outer = elementCount(shapes[0]!.slice(0, axis));
  const out: Dim[] = [];
  for (let o = 0; o < outer; o++)
    inputs.forEach((x, i) => {
      const inner = elementCount(shapes[i]!.slice(axis));
      out.push(...x.elements!.slice(o * inner, (o + 1) * inner));
    });
  return out;
}

function pick(x: ExtentOperand, positions: readonly number[] | undefined): readonly Dim[] | undefined {
  return positions && x.elements ? positions.map((p) => x.elements![p]) : undefined;
}

function expandElements(x: ExtentOperand, to: readonly Dim[]): readonly Dim[] | undefined {
  const [from, shape] = [constShape(x.shape), constShape(to)];
  if (!from || !shape || elementCount(shape) > mostExtents || elementCount(from) === 0) return undefined;
  const strides = rowMajor(from).map((s, i) => (from[i] === 1 ? 0 : s));
  return pick(x, slicePositions(shape, strides, 0));
}

function sliceElements(x: ExtentOperand, attrs: PrimitiveAttrs): readonly Dim[] | undefined {
  const [shape, starts, sizes] = [constShape(x.shape), constShape(dimsOf(attrs, "starts")), constShape(dimsOf(attrs, "sizes"))];
  if (!shape || !starts || !sizes) return undefined;
  const strides = rowMajor(shape);
  const steps = intsOf(attrs, "steps");
  return pick(
    x,
    slicePositions(
      sizes,
      strides.map((s, i) => s * steps[i]),
      strides.reduce((sum, s, i) => sum + s * starts[i], 0),
    ),
  );
}

function gatherElements(x: ExtentOperand, indices: ExtentOperand, axis: number): readonly Dim[] | undefined {
  const at = indices.elements && constShape(indices.elements);
  const shape = constShape(x.shape);
  return at && shape ? pick(x, gatherPositions(shape, at, axis)) : undefined;
}

/** The elements of a primitive's result as extents, or undefined when they do not follow. One list an output. */
export function evaluateExtents(
  op: PrimitiveName,
  inputs: readonly ExtentOperand[],
  attrs: PrimitiveAttrs,
): (readonly Dim[] | undefined)[] {
  if (inputs.some((x) => !x.elements) && op !== "select") return [undefined];
  const out = elementsOf(op, inputs, attrs);
  return [out && out.length <= mostExtents ? out : undefined];
}

function elementsOf(op: PrimitiveName, inputs: readonly ExtentOperand[], attrs: PrimitiveAttrs): readonly Dim[] | undefined {
  const [x] = inputs;
  const pair = pairs[op];
  if (pair) return whole(x.elements!.map((a, i) => pair(a, inputs[1].elements![i], x.float)));
  const single = singles[op];
  if (single) return whole(x.elements!.map(single));
  switch (op) {
    case "dims":
      return dimsOf(attrs, "value");
    case "cast":
      return textOf(attrs, "to") === "bool"
        ? whole(x.elements!.map((d) => (isConst(d) ? Number(d !== 0) : atLeast(d, 1) ? 1 : undefined)))
        : x.elements;
    case "reshape":
      return x.elements;
    case "transpose": {
      const shape = constShape(x.shape);
      return shape && pick(x, transposePositions(shape, intsOf(attrs, "perm")));
    }
    case "expand":
      return expandElements(x, dimsOf(attrs, "shape"));
    case "slice":
      return sliceElements(x, attrs);
    case "concat":
      return concatElements(inputs, intOf(attrs, "axis"));
    case "gather":
      return gatherElements(x, inputs[1], intOf(attrs, "axis"));
    case "reduce":
      return reduceElements(x, attrs);
    case "iota": {
      const shape = constShape(dimsOf(attrs, "shape"));
      return shape && shape.length === 1 && shape[0] <= mostExtents ? Array.from({ length: shape[0] }, (_, i) => i) : undefined;
    }
    case "select":
      return x.elements && whole(x.elements.map((c, i) => (!isConst(c) ? undefined : inputs[c !== 0 ? 1 : 2].elements?.[i])));
    default:
      return undefined;
  }
}
