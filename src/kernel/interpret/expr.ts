import { evaluateDim, type Dim } from "../../base/dim.js";
import { decodeFloat, encodeFloat, roundHalfEven } from "../../base/float-formats.js";
import { fail, invariant } from "../../base/diagnostic.js";
import { compareNumber } from "../../ops/evaluate/scalar.js";
import { bitcastLane, laneFn, wrapLane } from "../lane.js";
import type { Expr, LaneFn, LaneType } from "../tile.js";

export type Lane = number | bigint;

/** What an expression may ask of the machine. */
export interface LaneMachine {
  /** Element of a tile, failing when undefined or outside. */
  read(tile: string, element: number): Lane;
  pitch(tile: string): number;
  load(buffer: string, index: number): Lane;
  dim(d: Dim): number;
}

type LaneValueAt = (row: number, col: number) => Lane;

export function compileExpr(e: Expr, m: LaneMachine, memo = new Map<Expr, LaneValueAt>()): LaneValueAt {
  const had = memo.get(e);
  if (had) return had;
  const made = build(e, m, memo);
  memo.set(e, made);
  return made;
}

function build(e: Expr, m: LaneMachine, memo: Map<Expr, LaneValueAt>): LaneValueAt {
  const sub = (x: Expr) => compileExpr(x, m, memo);
  switch (e.op) {
    case "tile": {
      const pitch = m.pitch(e.tile);
      const view = (x: Lane) => (e.type === "i32" && typeof x === "number" ? x | 0 : x);
      if (e.as === "full") return (r, c) => view(m.read(e.tile, r * pitch + c));
      if (e.as === "row") return (_, c) => view(m.read(e.tile, c));
      if (e.as === "col") return (r) => view(m.read(e.tile, r * pitch));
      return () => view(m.read(e.tile, 0));
    }
    case "const":
      return () => e.value;
    case "int": {
      const value = m.dim(e.value);
      return () => (e.type === "i64" ? BigInt(value) : value);
    }
    case "index": {
      const [base, step] = [m.dim(e.base), m.dim(e.step)];
      const at = (n: number): Lane => (e.type === "i64" ? BigInt(base + step * n) : base + step * n);
      return e.axis === "row" ? (r) => at(r) : (_, c) => at(c);
    }
    case "fn": {
      const args = e.args.map(sub);
      const type = e.args[0].type;
      return (r, c) => applyFn(e.fn, e.fn === "isnan" || e.fn === "isinf" ? type : e.type, type, args, r, c);
    }
    case "cmp": {
      const [a, b] = e.args.map(sub);
      return (r, c) => (compareNumber[e.fn](a(r, c) as number, b(r, c) as number) ? 1 : 0);
    }
    case "select": {
      const [mask, a, b] = e.args.map(sub);
      return (r, c) => (mask(r, c) ? a(r, c) : b(r, c));
    }
    case "cast": {
      const x = sub(e.args[0]);
      return (r, c) => castLane(x(r, c), e.args[0].type, e.type, e.round, e.overflow);
    }
    case "load": {
      const index = sub(e.index);
      return (r, c) => m.load(e.buffer, Number(index(r, c)));
    }
    default:
      throw e satisfies never;
  }
}

function applyFn(fn: LaneFn, type: LaneType, from: LaneType, args: readonly LaneValueAt[], r: number, c: number): Lane {
  const values = args.map((a) => a(r, c));
  if (type === "i64") return wideFn(fn, values as bigint[]);
  if (fn === "bitcast") return bitcastLane(from, type, values[0] as number);
  const out = laneFn(fn, type, values as number[]);
  return out ?? fail("kernel-function", `${fn} has no meaning on ${type} lanes`);
}

/** int64 lanes, wrapping; division by zero gives 0. */
function wideFn(fn: LaneFn, [a, b = 0n]: readonly bigint[]): bigint {
  const negative = (x: bigint) => x < 0n;
  const floorMod = (): bigint => {
    const r = a % b;
    return r !== 0n && negative(r) !== negative(b) ? r + b : r;
  };
  const table: Partial<Record<LaneFn, () => bigint>> = {
    neg: () => -a,
    abs: () => (a < 0n ? -a : a),
    sign: () => (a > 0n ? 1n : a < 0n ? -1n : 0n),
    add: () => a + b,
    sub: () => a - b,
    mul: () => a * b,
    truncdiv: () => (b === 0n ? 0n : a / b),
    floordiv: () => (b === 0n ? 0n : (a - floorMod()) / b),
    mod: () => (b === 0n ? 0n : floorMod()),
    fmod: () => (b === 0n ? 0n : a % b),
    pow: () => (b < 0n ? (a === 1n ? 1n : a === -1n ? (b % 2n === 0n ? 1n : -1n) : 0n) : a ** b),
    min: () => (a < b ? a : b),
    max: () => (a > b ? a : b),
    bitand: () => a & b,
    bitor: () => a | b,
    bitxor: () => a ^ b,
    bitnot: () => ~a,
    shl: () => a << (b & 63n),
    shr: () => a >> (b & 63n),
  };
  const compute = table[fn];
  return compute ? BigInt.asIntN(64, compute()) : fail("kernel-function", `${fn} has no meaning on i64 lanes`);
}

const ranges: Partial<Record<LaneType, readonly [number, number]>> = {
  i8: [-128, 127],
  u8: [0, 255],
  i16: [-32768, 32767],
  u16: [0, 65535],
  i32: [-(2 ** 31), 2 ** 31 - 1],
  u32: [0, 2 ** 32 - 1],
};

export function castLane(x: Lane, from: LaneType, to: LaneType, round: "trunc" | "rint", overflow: "wrap" | "saturate"): Lane {
  if (to === "mask") return Number(x) !== 0 ? 1 : 0;
  if (to === "f32") return Math.fround(Number(x));
  if (to === "f16" || to === "bf16") return decodeFloat(to, encodeFloat(to, Number(x)));
  const real = from === "f32" || from === "f16" || from === "bf16";
  const whole = real ? (round === "rint" ? roundHalfEven(x as number) : Math.trunc(x as number)) : x;
  return overflow === "saturate" ? saturate(whole, to) : wrap(whole, to);
}

function saturate(x: Lane, to: LaneType): Lane {
  if (to === "i64") return typeof x === "bigint" ? x : saturateWide(x);
  const [lo, hi] = ranges[to] ?? [0, 0];
  const n = Number(x);
  return Number.isNaN(n) ? 0 : Math.max(lo, Math.min(hi, n)) + 0;
}

function saturateWide(x: number): bigint {
  if (Number.isNaN(x)) return 0n;
  const [lo, hi] = [-(2n ** 63n), 2n ** 63n - 1n];
  return x <= Number(lo) ? lo : x >= Number(hi) ? hi : BigInt(x);
}

function wrap(x: Lane, to: LaneType): Lane {
  const wide = typeof x === "bigint" ? x : Number.isFinite(x) ? BigInt(x) : 0n;
  if (to === "i64") return BigInt.asIntN(64, wide);
  const bits = to === "i8" || to === "u8" ? 8 : to === "i16" || to === "u16" ? 16 : 32;
  return Number(to.startsWith("u") ? BigInt.asUintN(bits, wide) : BigInt.asIntN(bits, wide));
}

/** Combines two values as `reduce` and `scatter` do. */
export function combineLanes(fn: "sum" | "prod" | "max" | "min", type: LaneType, a: Lane, b: Lane): Lane {
  const name = fn === "sum" ? "add" : fn === "prod" ? "mul" : fn;
  if (type === "i64") return wideFn(name, [a as bigint, b as bigint]);
  const out = laneFn(name, type, [a as number, b as number]);
  invariant(out !== undefined, `${name} on ${type}`);
  return wrapLane(type, out);
}

/** Evaluates a Dim under the variables in scope. */
export function dimValue(d: Dim, scope: ReadonlyMap<string, number>): number {
  return typeof d === "number" ? d : evaluateDim(d, scope);
}
