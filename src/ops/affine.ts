/**
 * Tensors whose elements follow from where they stand: the element at i is base + sum of steps[k] * i[k], base and steps
 * following from input sizes. That is what ranges, their sums and their unsqueezed grids are, of any length, where no
 * list of elements can be. From it comes what indices reach, which the axis they pick from must have.
 */
import { decide } from "../base/cond.js";
import { isSymbol } from "../base/dim-ask.js";
import { add, dimKey, isConst, mul, sameDim, sub, type Dim } from "../base/dim.js";
import type { Range } from "../base/dim-bounds.js";
import { dtypes, type DType } from "../base/dtype.js";
import { isDim, type Element } from "../base/element.js";
import type { PrimitiveAttrs } from "./op.js";
import { dimsOf, dtypeOf, intOf, intsOf } from "./primitive-attrs.js";
import type { PrimitiveName } from "./primitive.js";

interface Affine {
  readonly base: Dim;
  /** One an axis; 0 where the extent is 1. */
  readonly steps: readonly Dim[];
}

/** One form for the whole tensor, or one for each place on its last axis, as in tuples of indices; steps there are 0. */
export type Positions = readonly Affine[];

interface Operand {
  readonly shape: readonly Dim[];
  readonly dtype: DType;
  readonly elements: readonly Element[] | undefined;
  readonly positions: Positions | undefined;
}

/** The least and the most of some elements, where there are any. */
export interface Reach {
  readonly least: Dim;
  readonly most: Dim;
}

/** Types that sizes and their differences do not wrap in. */
const holdsSizes = (type: DType): boolean => dtypes[type].kind === "int" && dtypes[type].bits >= 32;

const zeros = (shape: readonly Dim[]): number[] => shape.map(() => 0);

const same = (base: Dim, shape: readonly Dim[]): Affine => ({ base, steps: zeros(shape) });

/** An operand of one value everywhere is the plainest form. */
function formsOf({ shape, elements, positions }: Operand): Positions | undefined {
  if (positions || !elements || elements.length === 0) return positions;
  const [first] = elements;
  return isDim(first) && elements.every((e) => isDim(e) && sameDim(e, first)) ? [same(first, shape)] : undefined;
}

/** Undefined where a step's sign hangs on sizes. */
function reachOf({ base, steps }: Affine, shape: readonly Dim[]): Reach | undefined {
  const spans = steps.map((s, k) => mul(s, sub(shape[k], 1)));
  const up = steps.map((s) => decide({ op: "le", a: 0, b: s }));
  if (up.some((u, k) => u === undefined && decide({ op: "le", a: steps[k], b: 0 }) !== true)) return undefined;
  return {
    least: add(base, ...spans.filter((_, k) => !up[k])),
    most: add(base, ...spans.filter((_, k) => up[k])),
  };
}

/** What the elements reach, one entry a form; undefined where that is not known. */
export function reachesOf(positions: Positions, shape: readonly Dim[]): readonly (Reach | undefined)[] {
  return positions.map((p) => reachOf(p, shape));
}

function sum(a: Affine, b: Affine, sign: 1 | -1): Affine {
  return { base: add(a.base, mul(sign, b.base)), steps: a.steps.map((s, k) => add(s, mul(sign, b.steps[k]))) };
}

function scaled({ base, steps }: Affine, by: Dim): Affine {
  return { base: mul(base, by), steps: steps.map((s) => mul(s, by)) };
}

/** The value where it is one everywhere. */
function valueOf({ base, steps }: Affine): Dim | undefined {
  return steps.every((s) => s === 0) ? base : undefined;
}

const conditions: Readonly<Partial<Record<PrimitiveName, "lt" | "le">>> = { lt: "lt", le: "le", gt: "le", ge: "lt" };

/** A comparison that is the same everywhere, as 0 or 1. */
function compared(op: PrimitiveName, a: Affine, b: Affine, shape: readonly Dim[]): Affine | undefined {
  const how = conditions[op];
  const reach = how && reachOf(sum(a, b, -1), shape);
  if (!reach) return undefined;
  // Of no elements anything is true.
  const some = new Set(shape.filter(isSymbol).map(dimKey));
  const range = (name: string): Range => ({ lo: some.has(name) ? 1 : 0, hi: Infinity });
  const [least, most] = [reach.least, reach.most].map((a) => decide({ op: how, a, b: 0 }, range));
  if (least === undefined || least !== most) return undefined;
  return same(least === (op === "lt" || op === "le") ? 1 : 0, shape);
}

function pair(op: PrimitiveName, a: Affine, b: Affine, shape: readonly Dim[]): Affine | undefined {
  if (op === "add" || op === "sub") return sum(a, b, op === "add" ? 1 : -1);
  if (op === "mul") {
    const [x, y] = [valueOf(a), valueOf(b)];
    return y !== undefined ? scaled(a, y) : x !== undefined ? scaled(b, x) : undefined;
  }
  if (op !== "min" && op !== "max") return compared(op, a, b, shape);
  const below = compared("le", a, b, shape);
  return below && (valueOf(below) === 1) === (op === "min") ? a : below && b;
}

/** Axes of extent 1 come and go; the others keep their order. */
function reshaped(x: Affine, from: readonly Dim[], to: readonly Dim[]): Affine | undefined {
  const kept = from.flatMap((d, k) => (d === 1 ? [] : [k]));
  const places = to.flatMap((d, k) => (d === 1 ? [] : [k]));
  if (kept.length !== places.length || kept.some((k, i) => !sameDim(from[k], to[places[i]]))) return undefined;
  const steps: Dim[] = zeros(to);
  kept.forEach((k, i) => (steps[places[i]] = x.steps[k]));
  return { base: x.base, steps };
}

function sliced(x: Affine, starts: readonly Dim[], by: readonly number[]): Affine {
  return {
    base: add(x.base, ...x.steps.map((s, k) => mul(s, starts[k]))),
    steps: x.steps.map((s, k) => mul(s, by[k])),
  };
}

/** One form for the whole of an operand, through a primitive that keeps it whole. */
function through(op: PrimitiveName, x: Affine, { shape }: Operand, attrs: PrimitiveAttrs): Affine | undefined {
  switch (op) {
    case "neg":
      return scaled(x, -1);
    case "cast":
      return holdsSizes(dtypeOf(attrs, "to")) ? x : undefined;
    case "reshape":
      return reshaped(x, shape, dimsOf(attrs, "shape"));
    case "transpose":
      return { base: x.base, steps: intsOf(attrs, "perm").map((p) => x.steps[p]) };
    case "expand":
      return x;
    case "slice":
      return sliced(x, dimsOf(attrs, "starts"), intsOf(attrs, "steps"));
    default:
      return undefined;
  }
}

/** Operands of extent 1 on the last axis put side by side there. */
function joined(forms: readonly (Positions | undefined)[], inputs: readonly Operand[], axis: number): Positions | undefined {
  if (inputs.some((x) => axis !== x.shape.length - 1 || x.shape[axis] !== 1)) return undefined;
  const all = forms.map((f) => (f?.length === 1 ? f[0] : undefined));
  return all.every((f) => f !== undefined) ? all : undefined;
}

interface Result {
  readonly shape: readonly Dim[];
  readonly dtype: DType;
}

/** An axis of extent 1, as of one element picked from a range, has no second element for a step to lead to. */
function still({ base, steps }: Affine, shape: readonly Dim[]): Affine {
  return { base, steps: steps.map((s, k) => (shape[k] === 1 ? 0 : s)) };
}

/** The form of a primitive's result of integers; undefined where it has none that follows. */
export function positionsThrough(
  op: PrimitiveName,
  inputs: readonly Operand[],
  attrs: PrimitiveAttrs,
  result: Result,
): Positions | undefined {
  if (!holdsSizes(result.dtype) && result.dtype !== "bool") return undefined;
  return formsThrough(op, inputs, attrs, result)?.map((form) => still(form, result.shape));
}

function formsThrough(
  op: PrimitiveName,
  inputs: readonly Operand[],
  attrs: PrimitiveAttrs,
  { shape, dtype }: Result,
): Positions | undefined {
  if (op === "iota") {
    const axis = intOf(attrs, "axis");
    return [{ base: 0, steps: shape.map((_, k) => (k === axis ? 1 : 0)) }];
  }
  const forms = inputs.map(formsOf);
  if (op === "concat") return joined(forms, inputs, intOf(attrs, "axis"));
  if (op === "select") {
    const condition = forms[0]?.length === 1 ? valueOf(forms[0][0]) : undefined;
    return condition !== undefined && isConst(condition) ? forms[condition === 1 ? 1 : 2] : undefined;
  }
  const ones = forms.map((f) => (f?.length === 1 ? f[0] : undefined));
  if (!ones.every((f) => f !== undefined)) return op === "cast" && holdsSizes(dtype) ? forms[0] : undefined;
  const made =
    ones.length === 2 ? pair(op, ones[0], ones[1], shape) : ones.length === 1 ? through(op, ones[0], inputs[0], attrs) : undefined;
  return made && [made];
}
