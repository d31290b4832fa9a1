/**
 * What expressions mean, evaluated on arrays of lanes: the reference that expansions and lowerings are tested against.
 * Narrow floats are rounded by the caller's `round16`; vector semantics only (no `load`).
 */
import { invariant } from "../../base/diagnostic.js";
import { roundHalfEven } from "../../base/float-formats.js";
import { operandsOf } from "../expansions/build.js";
import { compareNumber } from "../../ops/evaluate/scalar.js";
import { laneCompute, wrapLane, type LaneValue } from "../lane.js";
import type { Expr, LaneFn, LaneType } from "../tile.js";
import type { CompareFn } from "../../ops/primitive.js";

interface LaneSource {
  readonly lanes: number;
  /** A tile, host integer or index at a lane. */
  leaf(e: Expr, lane: number): LaneValue;
  /** The nearest f16 or bf16. */
  round16(type: "f16" | "bf16", x: number): number;
}

/**
 * Values of 32-bit lanes as bits, so that moving them keeps the payload of a NaN. f32 and, as the f32 of equal value,
 * f16 and bf16 are read as floats; everything else as integers.
 */
export class LaneArray {
  readonly type: LaneType;
  readonly bits: Int32Array;
  readonly #floats: Float32Array;
  readonly #words: Uint32Array;

  constructor(type: LaneType, bits: Int32Array) {
    this.type = type;
    this.bits = bits;
    this.#floats = new Float32Array(bits.buffer, bits.byteOffset, bits.length);
    this.#words = new Uint32Array(bits.buffer, bits.byteOffset, bits.length);
  }

  /** The lanes by number. */
  get view(): Int32Array | Float32Array | Uint32Array {
    if (this.type === "f32" || this.type === "f16" || this.type === "bf16") return this.#floats;
    return this.type === "u32" ? this.#words : this.bits;
  }

  static of(type: LaneType, lanes: number, value: (lane: number) => LaneValue): LaneArray {
    const out = new LaneArray(type, new Int32Array(lanes));
    const { view } = out;
    for (let i = 0; i < lanes; i++) view[i] = value(i);
    return out;
  }
}

/** One array of lane values for each expression; a shared node is evaluated once. */
export function evaluateExprs(exprs: readonly Expr[], source: LaneSource): LaneArray[] {
  const done = new Map<Expr, LaneArray>();
  const visit = (e: Expr): LaneArray => {
    const had = done.get(e);
    if (had) return had;
    const out = evaluateNode(e, operandsOf(e).map(visit), source);
    done.set(e, out);
    return out;
  };
  return exprs.map(visit);
}

function evaluateNode(e: Expr, args: readonly LaneArray[], source: LaneSource): LaneArray {
  const { lanes } = source;
  switch (e.op) {
    case "const":
      return LaneArray.of(e.type, lanes, () => wrapLane(e.type, Number(e.value)));
    case "tile":
    case "int":
    case "index":
      return LaneArray.of(e.type, lanes, (i) => source.leaf(e, i));
    case "fn":
      return applyLanes(e.fn, e.type, args);
    case "cmp":
      return compareLanes(e.fn, args[0], args[1]);
    case "select":
      return selectLanes(args[0], args[1], args[2]);
    case "cast":
      return castLanes(args[0], e.type, e.round, e.overflow, source.round16);
    case "load":
      return invariant(false, "vector expressions do not load from global memory") as never;
    default:
      throw e satisfies never;
  }
}

export function applyLanes(fn: LaneFn, type: LaneType, args: readonly LaneArray[]): LaneArray {
  const [x] = args;
  if (fn === "bitcast") return new LaneArray(type, x.bits);
  const compute = laneCompute(fn, x.type);
  invariant(compute, `${fn} has no meaning on ${x.type}`);
  const [a, b = a, c = a] = args.map((arg) => arg.view);
  return LaneArray.of(type, a.length, (i) => compute(a[i], b[i], c[i]));
}

export function compareLanes(fn: CompareFn, a: LaneArray, b: LaneArray): LaneArray {
  const [compare, x, y] = [compareNumber[fn], a.view, b.view];
  return LaneArray.of("mask", x.length, (i) => (compare(x[i], y[i]) ? 1 : 0));
}

export function selectLanes(m: LaneArray, a: LaneArray, b: LaneArray): LaneArray {
  return new LaneArray(
    a.type,
    m.bits.map((yes, i) => (yes ? a.bits[i] : b.bits[i])),
  );
}

export function castLanes(
  x: LaneArray,
  to: LaneType,
  round: "trunc" | "rint",
  overflow: "wrap" | "saturate",
  round16: LaneSource["round16"],
): LaneArray {
  const { view } = x;
  return LaneArray.of(to, view.length, (i) => castLane(x.type, to, round, overflow, view[i], round16));
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
  const whole =
    from === "f32" || from === "f16" || from === "bf16" ? (round === "rint" ? roundHalfEven(bounded) : Math.trunc(bounded)) : bounded;
  if (Number.isNaN(whole)) return 0;
  return range ? wrapInteger(whole, range) : whole;
}

function wrapInteger(x: number, [lo, hi]: readonly [number, number]): number {
  const size = hi - lo + 1;
  return x - Math.floor((x - lo) / size) * size;
}
