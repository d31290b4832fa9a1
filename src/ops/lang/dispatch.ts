/**
 * `$`, what the rewritten operators of a formula call: numbers compute, extents make extent expressions, tensors make
 * nodes. Every call carries the author's "line:column", so each error points into the author's file.
 */
import { decide, type Cond } from "../../base/cond.js";
import { add, dimKey, divideExactly, mod, mul, sub, type Dim } from "../../base/dim.js";
import { DiagnosticError, fail } from "../../base/diagnostic.js";
import { isInteger } from "../../base/dtype.js";
import type { CompareFn, PrimitiveName } from "../primitive.js";
import { applyWrapped, handleOf, isTensor, pointwise } from "./core.js";
import { absent, describe, DimValue, fromDim, isDimLike, toDim, Undecided, type Num } from "./value.js";

interface Arithmetic {
  readonly primitive: PrimitiveName;
  readonly numbers: (a: number, b: number) => number;
  readonly bigints: (a: bigint, b: bigint) => bigint;
  readonly dims: (a: Dim, b: Dim) => Dim | undefined;
}

const table = {
  add: { primitive: "add", numbers: (a, b) => a + b, bigints: (a, b) => a + b, dims: add },
  sub: { primitive: "sub", numbers: (a, b) => a - b, bigints: (a, b) => a - b, dims: sub },
  mul: { primitive: "mul", numbers: (a, b) => a * b, bigints: (a, b) => a * b, dims: (a, b) => mul(a, b) },
  div: { primitive: "div", numbers: (a, b) => a / b, bigints: (a, b) => a / b, dims: divideExactly },
  rem: { primitive: "fmod", numbers: (a, b) => a % b, bigints: (a, b) => a % b, dims: mod },
  pow: { primitive: "pow", numbers: (a, b) => a ** b, bigints: (a, b) => a ** b, dims: power },
} satisfies Record<string, Arithmetic>;

function power(a: Dim, b: Dim): Dim | undefined {
  return typeof b === "number" && b >= 0 ? mul(...new Array<Dim>(b).fill(a)) : undefined;
}

function arithmetic(op: keyof typeof table, a: unknown, b: unknown): unknown {
  const row: Arithmetic = table[op];
  if (isTensor(a) || isTensor(b)) return onTensors(op, row, a, b);
  if (typeof a === "number" && typeof b === "number") return row.numbers(a, b);
  if (typeof a === "bigint" && typeof b === "bigint") return row.bigints(a, b);
  if (isDimLike(a) && isDimLike(b)) {
    const out = row.dims(toDim(a), toDim(b));
    if (out === undefined)
      fail("formula-type", `${describe(a)} ${op} ${describe(b)} is no whole extent`, { fix: "Use floorDiv or ceilDiv." });
    return fromDim(out);
  }
  if (typeof a === "string" && typeof b === "string" && op === "add") return a + b;
  if (a === undefined || b === undefined) return absent();
  return fail("formula-type", `cannot ${op} ${describe(a)} and ${describe(b)}`);
}

function onTensors(op: keyof typeof table, row: Arithmetic, a: unknown, b: unknown): unknown {
  const tensor = isTensor(a) ? a : b;
  const integer = isTensor(tensor) && isInteger(tensor.handle.dtype);
  if (op === "div" && integer) fail("formula-integer-division", "/ on integer tensors", { fix: "Say truncDiv or floorDiv." });
  if (op === "rem" && integer)
    fail("formula-integer-division", "% on integer tensors", { fix: "Say mod (sign of the divisor) or fmod (sign of the dividend)." });
  // Small whole powers are products: exact, and no chip has to call pow.
  if (op === "pow" && (b === 2 || b === 3)) {
    const square = pointwise("mul", [a, a]);
    return b === 2 ? square : pointwise("mul", [square, a]);
  }
  return pointwise(row.primitive, [a, b]);
}

type Comparison = (a: Dim, b: Dim) => Cond;

const comparisons: Readonly<Record<CompareFn, { dims: Comparison; plain: (a: number, b: number) => boolean }>> = {
  eq: { dims: (a, b) => ({ op: "eq", a, b }), plain: (a, b) => a === b },
  ne: { dims: (a, b) => ({ op: "ne", a, b }), plain: (a, b) => a !== b },
  lt: { dims: (a, b) => ({ op: "lt", a, b }), plain: (a, b) => a < b },
  le: { dims: (a, b) => ({ op: "le", a, b }), plain: (a, b) => a <= b },
  gt: { dims: (a, b) => ({ op: "lt", a: b, b: a }), plain: (a, b) => a > b },
  ge: { dims: (a, b) => ({ op: "le", a: b, b: a }), plain: (a, b) => a >= b },
};

function compare(op: CompareFn, a: unknown, b: unknown): unknown {
  if ((op === "eq" || op === "ne") && (a === undefined || b === undefined || a === null || b === null))
    return comparisons[op].plain(a as number, b as number);
  if (isTensor(a) || isTensor(b)) return pointwise(op, [a, b]);
  if (a instanceof DimValue || b instanceof DimValue) {
    const known = decide(comparisons[op].dims(toDim(a), toDim(b)));
    return known ?? new Undecided(`${dimKey(toDim(a))} ${op} ${dimKey(toDim(b))}`);
  }
  return comparisons[op].plain(a as number, b as number);
}

function test(v: unknown): unknown {
  if (isTensor(v))
    fail("formula-condition", `${describe(v)} in a JavaScript condition`, { fix: "Use where, and, or, not: they work lane by lane." });
  if (v instanceof Undecided)
    fail("formula-condition", `${v.text} does not follow from what is known when compiling`, {
      fix: "Fix the extents with --dim or --shape.",
    });
  if (v instanceof DimValue) fail("formula-condition", `${describe(v)} in a JavaScript condition`, { fix: "Compare it with a number." });
  return v;
}

function negate(v: unknown): unknown {
  if (isTensor(v)) return applyWrapped("neg", [handleOf(v)]);
  if (v instanceof DimValue) return fromDim(mul(-1, v.dim));
  return -(v as number);
}

/** Adds a position to diagnostics that have none yet. */
export function locate(error: unknown, path: string, line: number, column: number): unknown {
  if (!(error instanceof DiagnosticError)) return error;
  return new DiagnosticError(
    error.diagnostics.map((d) => (d.location?.line === undefined ? { ...d, location: { ...d.location, path, line, column } } : d)),
  );
}

/** The operators of one formula file. Positions are "line:column", 1-based. */
interface Dispatcher {
  add(a: Num, b: Num, at: string): Num;
  sub(a: Num, b: Num, at: string): Num;
  mul(a: Num, b: Num, at: string): Num;
  div(a: Num, b: Num, at: string): Num;
  rem(a: Num, b: Num, at: string): Num;
  pow(a: Num, b: Num, at: string): Num;
  neg(a: Num, at: string): Num;
  eq(a: unknown, b: unknown, at: string): boolean;
  ne(a: unknown, b: unknown, at: string): boolean;
  lt(a: Num, b: Num, at: string): boolean;
  le(a: Num, b: Num, at: string): boolean;
  gt(a: Num, b: Num, at: string): boolean;
  ge(a: Num, b: Num, at: string): boolean;
  /** Passes its value through unless it is a tensor or an undecided comparison. */
  test<T>(v: T, at: string): T;
  /** A call of a language function. */
  call<A extends readonly unknown[], R>(at: string, f: (...args: A) => R, ...args: A): R;
}

export function dispatcher(path: string): Dispatcher {
  const at = <T>(position: string, f: () => T): T => {
    try {
      return f();
    } catch (error) {
      const [line, column] = position.split(":").map(Number);
      throw locate(error, path, line, column);
    }
  };
  const binary = (op: keyof typeof table) => (a: Num, b: Num, p: string) => at(p, () => arithmetic(op, a, b) as Num);
  const comparison = (op: CompareFn) => (a: unknown, b: unknown, p: string) => at(p, () => compare(op, a, b) as boolean);
  return {
    add: binary("add"),
    sub: binary("sub"),
    mul: binary("mul"),
    div: binary("div"),
    rem: binary("rem"),
    pow: binary("pow"),
    neg: (a, p) => at(p, () => negate(a) as Num),
    eq: comparison("eq"),
    ne: comparison("ne"),
    lt: comparison("lt"),
    le: comparison("le"),
    gt: comparison("gt"),
    ge: comparison("ge"),
    test: (v, p) => at(p, () => test(v) as typeof v),
    call: (p, f, ...args) => at(p, () => f(...args)),
  };
}
