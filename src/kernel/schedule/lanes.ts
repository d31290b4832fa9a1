/**
 * Lane types: which type a dtype is computed in, and the tile expressions of one primitive function over operands
 * already lowered. Vector maps know f32, i32 and masks; everything wider runs lane by lane.
 */
import { DiagnosticError, fail } from "../../base/diagnostic.js";
import { dtypes, type DType } from "../../base/dtype.js";
import type { BinaryFn, CompareFn, UnaryFn } from "../../ops/primitive.js";
import type { Caps } from "../caps.js";
import { convertsNarrow } from "../expansions/conversion.js";
import { expand } from "../expansions/expand.js";
import { argsOf, topological, type GroupBody, type GroupExpr, type PointExpr } from "../group/expr.js";
import type { BufferType, Expr, LaneType, Tile } from "../tile.js";

export type Mode = "vector" | "scalar";
export type TileType = Tile["type"];

const stored: ReadonlySet<string> = new Set(["f32", "f16", "bf16", "i32", "u32", "i64", "i16", "u16", "i8", "u8", "bool"]);

export function bufferType(dtype: DType): BufferType {
  if (stored.has(dtype)) return dtype as BufferType;
  return fail("unsupported-dtype", `a generated kernel was asked to hold ${dtype}`, {
    why: "kernels hold f32, f16, bf16, integers of 8 to 32 bits, int64 and bool",
    fix: "convert the model's tensors of this type before compiling",
  });
}

export function tileType(dtype: DType): TileType {
  const type = bufferType(dtype);
  return type === "bool" ? "u8" : type;
}

export function sizeOf(type: TileType): number {
  return type === "i64" ? 8 : type === "f32" || type === "i32" || type === "u32" ? 4 : type === "i8" || type === "u8" ? 1 : 2;
}

/** The lane type `dtype` is computed in. */
export function laneType(dtype: DType, mode: Mode): LaneType {
  switch (bufferType(dtype)) {
    case "f32":
    case "f16":
    case "bf16":
      return "f32";
    case "bool":
      return "mask";
    case "i64":
      return "i64";
    case "u32":
      return mode === "scalar" ? "u32" : "i32";
    default:
      return "i32";
  }
}

/** Functions for which an unsigned 32-bit lane cannot pass as a signed one. */
const signed: ReadonlySet<string> = new Set("sign abs truncdiv floordiv mod fmod shr lt le gt ge min max pow cast".split(" "));

/** Narrow integers that the vector unit cannot bring to its lanes, or not back; a bare copy needs neither. */
function isStuck(exprs: readonly GroupExpr[], outputs: readonly GroupExpr[], caps: Caps): boolean {
  const loaded = exprs.flatMap(argsOf).filter((e) => e.op === "read");
  const stored = outputs.filter((e) => e.op !== "read");
  const stuck = (e: GroupExpr, way: "widen" | "narrow") => !convertsNarrow(caps, tileType(e.dtype), way);
  return loaded.some((e) => stuck(e, "widen")) || stored.some((e) => stuck(e, "narrow"));
}

/** Whether the vector unit has arithmetic of a lane type. */
export function computesIn(type: LaneType, { native }: Caps): boolean {
  return native.add?.includes(type) === true;
}

/** Whether the vector unit has no arithmetic for a value's lanes, or cannot compute its function. */
function isBeyond(e: GroupExpr, caps: Caps): boolean {
  const lane = laneType(e.dtype, "vector");
  if (e.op === "read" || e.op === "const" || lane === "i64") return false;
  if (e.op === "position" && !computesIn("i32", caps)) return true;
  const lanes = [lane, ...argsOf(e).map((a) => laneType(a.dtype, "vector"))];
  if (lanes.some((t) => t !== "mask" && t !== "i64" && !computesIn(t, caps))) return true;
  return e.op === "point" && !isUnheardOf(e, caps) && !hasVectorForm(e, caps);
}

/** A type that no instruction of the chip converts: nothing says that its scalar unit does, so the group is refused as it is. */
function isUnheardOf(e: PointExpr, { casts }: Caps): boolean {
  return [e.dtype, ...e.args.map((a) => a.dtype)].includes("bf16") && casts["bf16->f32"] === undefined;
}

const vectorForms = new WeakMap<Caps, Map<string, boolean>>();

function hasVectorForm(e: PointExpr, caps: Caps): boolean {
  const types = e.args.map((a) => laneType(a.dtype, "vector"));
  if (types.includes("i64")) return false;
  const known = vectorForms.get(caps) ?? new Map<string, boolean>();
  vectorForms.set(caps, known);
  const key = [e.fn, e.dtype, ...types].join(" ");
  const had = known.get(key);
  if (had !== undefined) return had;
  const found = tryExpand(e, types, caps);
  known.set(key, found);
  return found;
}

function tryExpand(e: PointExpr, types: readonly LaneType[], caps: Caps): boolean {
  try {
    expand([pointExpr(e, types.map(anyLane), "vector")], caps);
    return true;
  } catch (error) {
    if (error instanceof DiagnosticError && error.diagnostics[0].code === "no-vector-form") return false;
    throw error;
  }
}

/** A lane of which nothing is known. */
function anyLane(type: LaneType, i: number): Expr {
  const tile = (of: TileType): Expr => ({ op: "tile", type: of, tile: `argument ${i}`, as: "full" });
  return type === "mask" ? { op: "cmp", type, fn: "ne", args: [tile("f32"), constant("f32", 0)] } : tile(type);
}

/** Whether any part of a group must run lane by lane. */
export function modeOf({ outputs }: GroupBody, caps: Caps): Mode {
  const roots = outputs.map((o) => o.expr);
  const exprs = topological(roots);
  if (isStuck(exprs, roots, caps) || exprs.some((e) => isBeyond(e, caps))) return "scalar";
  const wide = (e: GroupExpr): boolean => e.dtype === "i64" || argsOf(e).some((a) => a.dtype === "i64");
  const unsigned = (e: GroupExpr): boolean =>
    (e.op === "point" && signed.has(e.fn) && e.args.some((a) => a.dtype === "u32")) ||
    (e.op === "point" && e.fn === "cast" && e.dtype === "u32") ||
    (e.op === "reduce" && e.dtype === "u32" && e.fn !== "sum" && e.fn !== "prod");
  const computed = (e: GroupExpr): boolean => e.op !== "read" && (e.op !== "const" || roots.includes(e));
  return exprs.some((e) => computed(e) && (wide(e) || unsigned(e))) ? "scalar" : "vector";
}

export function constant(type: LaneType, value: number | bigint): Expr {
  return { op: "const", type, value: type === "i64" ? BigInt(value) : Number(value) };
}

export function cast(type: LaneType, x: Expr, round: "trunc" | "rint" = "rint", overflow: "wrap" | "saturate" = "wrap"): Expr {
  return x.type === type ? x : { op: "cast", type, round, overflow, args: [x] };
}

export function fn(name: UnaryFn | BinaryFn, type: LaneType, ...args: readonly Expr[]): Expr {
  return { op: "fn", type, fn: name, args };
}

/** From storage to lanes. */
export function widen(x: Expr, dtype: DType, mode: Mode): Expr {
  const lane = laneType(dtype, mode);
  if (x.type === "u32" && lane === "i32") return x.op === "tile" ? { ...x, type: "i32" } : cast("i32", x);
  return cast(lane, x, "trunc");
}

/** From lanes to storage, rounding once. */
export function narrow(x: Expr, dtype: DType): Expr {
  return cast(tileType(dtype), x, "rint");
}

/** The ends of an integer type narrower than a lane. */
function narrowRange(dtype: DType): readonly [number, number] | undefined {
  const { bits, kind } = dtypes[dtype];
  if (bits >= 32 || (kind !== "int" && kind !== "uint")) return undefined;
  return kind === "uint" ? [0, 2 ** bits - 1] : [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1];
}

/** Brings an i32 lane back into a narrow integer's range, two's complement. */
export function wrapNarrow(x: Expr, dtype: DType): Expr {
  const range = narrowRange(dtype);
  if (!range) return x;
  const bits = constant("i32", range[1] - range[0]);
  if (range[0] === 0) return fn("bitand", "i32", x, bits);
  const shift = constant("i32", -range[0]);
  return fn("sub", "i32", fn("bitand", "i32", fn("add", "i32", x, shift), bits), shift);
}

const staysNarrow: ReadonlySet<string> = new Set("min max bitand bitor bitxor shr mod fmod sign".split(" "));
const comparisons: ReadonlySet<string> = new Set("eq ne lt le gt ge".split(" "));

/** One primitive function over lowered operands. */
export function pointExpr(e: PointExpr, args: readonly Expr[], mode: Mode): Expr {
  const type = laneType(e.dtype, mode);
  if (e.fn === "cast") return castExpr(e, args[0], mode);
  if (e.fn === "select") return selectExpr(args, type);
  if (comparisons.has(e.fn)) return compareExpr(e.fn as CompareFn, args);
  if (type === "mask" && args[0].type === "mask") return logicExpr(e.fn as UnaryFn | BinaryFn, args);
  const out = fn(e.fn as UnaryFn | BinaryFn, type, ...args);
  return staysNarrow.has(e.fn) ? out : wrapNarrow(out, e.dtype);
}

function logicExpr(name: UnaryFn | BinaryFn, args: readonly Expr[]): Expr {
  const alias: Partial<Record<string, BinaryFn>> = {
    min: "and",
    mul: "and",
    bitand: "and",
    max: "or",
    add: "or",
    bitor: "or",
    bitxor: "xor",
  };
  return fn(name === "bitnot" ? "not" : (alias[name] ?? name), "mask", ...args);
}

function compareExpr(name: CompareFn, [a, b]: readonly Expr[]): Expr {
  if (a.type !== "mask") return { op: "cmp", type: "mask", fn: name, args: [a, b] };
  if (name === "ne") return fn("xor", "mask", a, b);
  if (name === "eq") return fn("not", "mask", fn("xor", "mask", a, b));
  return { op: "cmp", type: "mask", fn: name, args: [cast("i32", a), cast("i32", b)] };
}

function selectExpr([mask, a, b]: readonly Expr[], type: LaneType): Expr {
  if (type !== "mask") return { op: "select", type, args: [mask, a, b] };
  return fn("or", "mask", fn("and", "mask", mask, a), fn("and", "mask", fn("not", "mask", mask), b));
}

function castExpr(e: PointExpr, x: Expr, mode: Mode): Expr {
  const type = laneType(e.dtype, mode);
  if (type === "mask" || x.type === "mask") return cast(type, x, "trunc");
  if (type === "f32") return cast("f32", e.dtype === "f32" ? cast("f32", x) : cast(tileType(e.dtype), cast("f32", x)));
  const range = narrowRange(e.dtype);
  const whole = cast(type, x, e.round, range ? (e.overflow === "saturate" ? "saturate" : "wrap") : e.overflow);
  if (!range) return whole;
  if (e.overflow === "wrap") return wrapNarrow(whole, e.dtype);
  return fn("min", "i32", fn("max", "i32", whole, constant("i32", range[0])), constant("i32", range[1]));
}
