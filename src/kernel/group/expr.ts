/**
 * What a group computes, as one expression per output over the group's loops: producers are inlined, movement is gone
 * (folded into the indices of the reads), reductions bind the group's reduction loops.
 */
import type { Dim } from "../../base/dim.js";
import type { DType } from "../../base/dtype.js";
import type { Value } from "../../ir/graph.js";
import type { BinaryFn, CompareFn, UnaryFn } from "../../ops/primitive.js";
import type { Affine, Axis } from "./access.js";
import type { ReduceFn } from "../tile.js";

export type PointFn = UnaryFn | BinaryFn | CompareFn | "select" | "cast";

/** A DAG by object identity: equal subexpressions of one group are the same object. */
export type GroupExpr =
  /** An element of a dense buffer; `at` counts elements. */
  | { readonly op: "read"; readonly dtype: DType; readonly value: Value; readonly at: Affine }
  | { readonly op: "const"; readonly dtype: DType; readonly value: number | bigint }
  | { readonly op: "position"; readonly dtype: DType; readonly at: Affine }
  /** An integer the host knows. */
  | { readonly op: "host"; readonly dtype: DType; readonly value: Dim }
  | {
      readonly op: "point";
      readonly dtype: DType;
      readonly fn: PointFn;
      readonly args: readonly GroupExpr[];
      /** Casts only. */
      readonly round: "trunc" | "rint";
      readonly overflow: "wrap" | "saturate";
    }
  /** Over all of the group's reduction axes. */
  | { readonly op: "reduce"; readonly dtype: DType; readonly fn: ReduceFn; readonly arg: GroupExpr }
  /** Running combination along the group's one scan axis. */
  | { readonly op: "scan"; readonly dtype: DType; readonly fn: ReduceFn; readonly arg: GroupExpr };

export type PointExpr = Extract<GroupExpr, { op: "point" }>;
export type ReduceExpr = Extract<GroupExpr, { op: "reduce" | "scan" }>;

/** One output of a group: `at` says which element of its dense buffer an iteration writes. */
export interface GroupOutput {
  readonly value: Value;
  readonly at: Affine;
  readonly expr: GroupExpr;
}

/** What one or two kernels compute: for all positions of the parallel axes, all outputs. */
export interface GroupBody {
  readonly parallel: readonly Axis[];
  /** Empty for pointwise groups. */
  readonly reduced: readonly Axis[];
  readonly outputs: readonly GroupOutput[];
  /** Elements of every value's buffer. */
  readonly elements: (value: Value) => Dim;
}

export function argsOf(e: GroupExpr): readonly GroupExpr[] {
  return e.op === "point" ? e.args : e.op === "reduce" || e.op === "scan" ? [e.arg] : [];
}

/** Every subexpression once, operands before users. */
export function topological(roots: readonly GroupExpr[]): readonly GroupExpr[] {
  const seen = new Set<GroupExpr>();
  const visit = (e: GroupExpr): void => {
    if (seen.has(e)) return;
    for (const a of argsOf(e)) visit(a);
    seen.add(e);
  };
  roots.forEach(visit);
  return [...seen];
}

/** The axes an expression's value varies over; a reduction no longer varies over the reduced ones. */
export function variesOver(body: Pick<GroupBody, "reduced">): (e: GroupExpr) => ReadonlySet<Axis> {
  const memo = new Map<GroupExpr, ReadonlySet<Axis>>();
  const visit = (e: GroupExpr): ReadonlySet<Axis> => {
    const had = memo.get(e);
    if (had) return had;
    const out = new Set<Axis>();
    if (e.op === "read" || e.op === "position") e.at.terms.forEach((t) => out.add(t.axis));
    for (const a of argsOf(e)) visit(a).forEach((x) => out.add(x));
    if (e.op === "reduce") body.reduced.forEach((x) => out.delete(x));
    memo.set(e, out);
    return out;
  };
  return visit;
}

/** Sign and how tightly it binds. */
const signs: Readonly<Record<string, readonly [sign: string, binding: number]>> = {
  add: ["+", 1],
  sub: ["-", 1],
  mul: ["*", 2],
  div: ["/", 2],
};

/** The fewest digits that still mean this f32. */
function shortest(value: number): string {
  for (let digits = 1; digits < 9; digits++) {
    const text = Number(value.toPrecision(digits));
    if (Math.fround(text) === Math.fround(value)) return `${text}`;
  }
  return `${value}`;
}

/** `y = x - max(z)`, for a kernel's header; a function of one operand is a reduction where pointwise it takes two. Cut when long. */
export function summarise(outputs: readonly GroupOutput[], nameOf: (v: Value) => string): string {
  const infix = ({ fn, args }: Extract<GroupExpr, { op: "point" }>, depth: number, outer: number): string => {
    const [sign, binding] = signs[fn];
    const both = `${text(args[0], depth + 1, binding)} ${sign} ${text(args[1], depth + 1, binding + 1)}`;
    return binding < outer ? `(${both})` : both;
  };
  const text = (e: GroupExpr, depth: number, outer = 0): string => {
    if (depth > 9) return "...";
    switch (e.op) {
      case "read":
        return nameOf(e.value);
      case "const":
        return typeof e.value === "number" ? shortest(e.value) : `${e.value}`;
      case "position":
        return "position";
      case "host":
        return `${e.value}`.length > 20 ? "extent" : `${e.value}`;
      case "point":
        if (Object.hasOwn(signs, e.fn)) return infix(e, depth, outer);
        return e.fn === "cast" ? `${e.dtype}(${text(e.args[0], depth)})` : `${e.fn}(${e.args.map((a) => text(a, depth + 1)).join(", ")})`;
      case "reduce":
        return `${e.fn}(${text(e.arg, depth + 1)})`;
      case "scan":
        return `running ${e.fn}(${text(e.arg, depth + 1)})`;
      default:
        throw e satisfies never;
    }
  };
  const whole = outputs.map((o) => `${nameOf(o.value)} = ${text(o.expr, 0)}`).join("; ");
  return whole.length > 160 ? `${whole.slice(0, 157)}...` : whole;
}
