/**
 * What expressions mean, evaluated on arrays of lanes: the reference that expansions and lowerings are tested against.
 * Narrow floats are rounded by the caller's `round16`; vector semantics only (no `load`).
 */
import { invariant } from "../base/diagnostic.js";
import { operandsOf } from "./expansions/build.js";
import { bitcastLane, compareLane, laneCompute, rint, wrapLane, type LaneValue } from "./lane.js";
import type { Expr, LaneType } from "./tile.js";

export interface LaneSource {
  readonly lanes: number;
  /** A tile, host integer or index at a lane. */
  leaf(e: Expr, lane: number): LaneValue;
  /** The nearest f16 or bf16. */
  round16(type: "f16" | "bf16", x: number): number;
}

export type LaneValues = readonly LaneValue[];

type Node<Op extends Expr["op"]> = Extract<Expr, { op: Op }>;
type Compute = (lane: number) => LaneValue;

/** One array of lane values for each expression; a shared node is evaluated once. */
export function evaluateExprs(exprs: readonly Expr[], source: LaneSource): LaneValues[] {
  const done = new Map<Expr, LaneValues>();
  const visit = (e: Expr): LaneValues => {
    const had = done.get(e);
    if (had) return had;
    const compute = computeOf(e, operandsOf(e).map(visit), source);
    const out: number[] = [];
    for (let i = 0; i < source.lanes; i++) out.push(compute(i));
    done.set(e, out);
    return out;
  };
  return exprs.map(visit);
}

function computeOf(e: Expr, args: readonly LaneValues[], source: LaneSource): Compute {
  const [a, b, c] = args;
  switch (e.op) {
    case "const":
      return () => wrapLane(e.type, Number(e.value));
    case "tile":
    case "int":
    case "index":
      return (i) => source.leaf(e, i);
    case "fn":
      return fnOf(e, args);
    case "cmp":
      return (i) => (compareLane[e.fn](a[i], b[i]) ? 1 : 0);
    case "select":
      return (i) => (a[i] ? b[i] : c[i]);
    case "cast":
      return (i) => castLane(e.args[0].type, e.type, e.round, e.overflow, a[i], source.round16);
    case "load":
      return invariant(false, "vector expressions do not load from global memory") as never;
    default:
      throw e satisfies never;
  }
}

function fnOf(e: Node<"fn">, args: readonly LaneValues[]): Compute {
  const from = e.args[0].type;
  if (e.fn === "bitcast") return (i) => bitcastLane(from, e.type, args[0][i]);
  const compute = laneCompute(e.fn, from);
  invariant(compute, `${e.fn} has no meaning on ${from}`);
  const [a, b = a, c = a] = args;
  return (i) => compute(a[i], b[i], c[i]);
}

const limits: Readonly<Partial<Record<LaneType, readonly [number, number]>>> = {
  i8: [-128, 127],
  u8: [0, 255],
  i16: [-32768, 32767],
  u16: [0, 65535],
  i32: [-(2 ** 31), 2 ** 31 - 1],
  u32: [0, 2 ** 32 - 1],
  f16: [-65504, 65504],
};

/** One conversion; NaN to an integer gives 0. */
export function castLane(
  from: LaneType,
  to: LaneType,
  round: "trunc" | "rint",
  overflow: "wrap" | "saturate",
  x: LaneValue,
  round16: LaneSource["round16"],
): LaneValue {
  if (to === "mask") return x !== 0 ? 1 : 0;
  if (to === "f32") return Math.fround(x);
  const range = limits[to];
  const bounded = overflow === "saturate" && range ? Math.min(Math.max(x, range[0]), range[1]) : x;
  if (to === "f16" || to === "bf16") return round16(to, bounded);
  const whole = from === "f32" || from === "f16" || from === "bf16" ? (round === "rint" ? rint(bounded) : Math.trunc(bounded)) : bounded;
  if (Number.isNaN(whole)) return 0;
  return range ? wrapInteger(whole, range) : whole;
}

function wrapInteger(x: number, [lo, hi]: readonly [number, number]): number {
  const size = hi - lo + 1;
  return x - Math.floor((x - lo) / size) * size;
}
