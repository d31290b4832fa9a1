/**
 * What both lowerings do first to a map's expressions: expand them for the chip, find each value's shape, and bring
 * operands into the order in which vendors take scalars and broadcast rows (last).
 */
import { mul, sameDim, type Dim } from "../../base/dim.js";
import { invariant } from "../../base/diagnostic.js";
import type { BinaryFn, CompareFn } from "../../ops/primitive.js";
import type { Caps } from "../caps.js";
import { expand } from "../expansions/expand.js";
import { Builder, isConst, operandsOf, withOperands } from "../expansions/build.js";
import type { Expr, Kernel, LaneType, Stmt, Tile } from "../tile.js";
import type { Lanes } from "./memory-form.js";

export type MapStmt = Extract<Stmt, { op: "map" }>;
export type ReduceStmt = Extract<Stmt, { op: "reduce" }>;

/** A map's lanes and the kernel's tiles. */
export interface Frame {
  readonly caps: Caps;
  readonly rows: Dim;
  readonly cols: Dim;
  readonly pitch: Dim;
  readonly tiles: ReadonlyMap<string, Tile>;
}

export interface Prepared {
  readonly frame: Frame;
  readonly values: readonly Expr[];
  /** A value's shape; constants and host integers are "scalar". */
  shape(e: Expr): Lanes;
  readonly build: Builder;
}

export function tilesOf(kernel: Kernel): ReadonlyMap<string, Tile> {
  return new Map(kernel.tiles.map((t) => [t.name, t]));
}

export function tileNamed(frame: Pick<Frame, "tiles">, name: string): Tile {
  const tile = frame.tiles.get(name);
  invariant(tile, `the kernel declares no tile "${name}"`);
  return tile;
}

/** The frame of a map: the pitch of its first output; a packed column written as one row is as long as the row. */
export function mapFrame(stmt: MapStmt, tiles: ReadonlyMap<string, Tile>, caps: Caps): Frame {
  const own = tileNamed({ tiles }, stmt.out[0].tile).pitch;
  const pitch = stmt.rows === 1 && own === 1 ? stmt.cols : own;
  return { caps, rows: stmt.rows, cols: stmt.cols, pitch, tiles };
}

/** The frame of a reduction: the pitch of the first tile it reads whole, else its cols. */
export function reduceFrame(stmt: ReduceStmt, tiles: ReadonlyMap<string, Tile>, caps: Caps): Frame {
  const whole = leaves([stmt.value]).find((e) => e.op === "tile" && e.as === "full");
  const pitch = whole?.op === "tile" ? tileNamed({ tiles }, whole.tile).pitch : stmt.cols;
  return { caps, rows: stmt.rows, cols: stmt.cols, pitch, tiles };
}

/** Tiles, integers, indices and constants below these expressions, each object once. */
export function leaves(exprs: readonly Expr[]): Expr[] {
  const seen = new Set<Expr>();
  const visit = (e: Expr): void => {
    if (seen.has(e)) return;
    seen.add(e);
    operandsOf(e).forEach(visit);
  };
  exprs.forEach(visit);
  return [...seen].filter((e) => operandsOf(e).length === 0);
}

/** The value whose bits this is: bit reinterpretations need no instruction. */
export function stripped(e: Expr): Expr {
  return e.op === "fn" && e.fn === "bitcast" ? stripped(e.args[0]) : e;
}

export function prepare(exprs: readonly Expr[], frame: Frame): Prepared {
  const build = new Builder(frame.caps);
  const shapes = new Map<Expr, Lanes>();
  const shape = (e: Expr): Lanes => {
    const had = shapes.get(e);
    if (had) return had;
    const found = shapeOf(e, frame, shape);
    shapes.set(e, found);
    return found;
  };
  const done = new Map<Expr, Expr>();
  const visit = (e: Expr): Expr => {
    const had = done.get(e);
    if (had) return had;
    const out = canonical(normalLeaf(build.intern(withOperands(e, operandsOf(e).map(visit))), frame, build), shape, build);
    done.set(e, out);
    return out;
  };
  return { frame, values: expand(exprs, frame.caps).map(visit), shape, build };
}

/** Whether a packed column is what this map walks, so that column and lane are one. */
function isColumn(frame: Frame): boolean {
  return frame.cols === 1 && frame.pitch === 1;
}

/** With one row, rows are whole and columns single; with one packed column the other way round. */
function normalSpread(as: Lanes, frame: Frame): Lanes {
  if (frame.rows === 1) return as === "row" ? "full" : as === "col" ? "scalar" : as;
  if (isColumn(frame)) return as === "col" ? "full" : as === "row" ? "scalar" : as;
  return as;
}

function normalLeaf(e: Expr, frame: Frame, build: Builder): Expr {
  if (e.op === "tile") return build.intern({ ...e, as: normalSpread(e.as, frame) });
  const still = e.op === "index" && (e.axis === "row" ? frame.rows === 1 : frame.cols === 1);
  if (still) return build.intern({ op: "int", type: e.type, value: e.base });
  if (e.op === "cast" && e.args[0].op === "int" && e.type === "f32") return build.intern({ ...e.args[0], type: "f32" });
  return e;
}

function shapeOf(e: Expr, frame: Frame, shape: (e: Expr) => Lanes): Lanes {
  if (e.op === "tile") return e.as;
  if (e.op === "index") return normalSpread(e.axis === "row" ? "col" : "row", frame);
  return operandsOf(e).map(shape).reduce<Lanes>(joinShapes, "scalar");
}

function joinShapes(a: Lanes, b: Lanes): Lanes {
  if (a === b || b === "scalar") return a;
  return a === "scalar" ? b : "full";
}

const commutative: ReadonlySet<string> = new Set([
  "add",
  "mul",
  "min",
  "max",
  "bitand",
  "bitor",
  "bitxor",
  "and",
  "or",
  "xor",
  "eq",
  "ne",
] satisfies (BinaryFn | CompareFn)[]);

const mirrored: Readonly<Record<CompareFn, CompareFn>> = { eq: "eq", ne: "ne", lt: "gt", gt: "lt", le: "ge", ge: "le" };
const widths: Readonly<Record<Lanes, number>> = { scalar: 1, row: 2, col: 2, full: 3 };

/** Narrower operands last; a difference with a narrower operand as a sum with its negative, where only sums take scalars. */
function canonical(e: Expr, shape: (e: Expr) => Lanes, build: Builder): Expr {
  const { scalarForms } = build.caps;
  if ((e.op !== "fn" && e.op !== "cmp") || e.args.length !== 2) return e;
  const [a, b] = e.args;
  const width = (x: Expr) => (isConst(x) || x.op === "int" ? 0 : widths[shape(x)]);
  const firstNarrow = width(a) < width(b);
  if (e.op === "cmp") {
    const takes = commutative.has(e.fn) || scalarForms.includes(mirrored[e.fn]);
    return firstNarrow && takes ? build.intern({ ...e, fn: mirrored[e.fn], args: [b, a] }) : e;
  }
  if (firstNarrow && commutative.has(e.fn)) return build.intern({ ...e, args: [b, a] });
  if (e.fn !== "sub" || width(a) === width(b) || !scalarForms.includes("add") || !scalarForms.includes("mul")) return e;
  if (firstNarrow) return build.intern({ ...e, fn: "add", args: [negative(b, build), a] });
  return scalarForms.includes("sub") ? e : build.intern({ ...e, fn: "add", args: [a, negative(b, build)] });
}

/**
 * -x, exactly: x - s and x + (-s) are the same number. The host's integers have no negative zero, so one that is read as
 * a float is negated on the chip unless its value is known: -0 - 0 is -0, but -0 + 0 is 0.
 */
function negative(x: Expr, build: Builder): Expr {
  if (isConst(x)) return build.constant(x.type, -Number(x.value));
  if (x.op === "int" && x.type !== "f32") return build.intern({ ...x, value: mul(-1, x.value) });
  if (x.op === "int" && typeof x.value === "number") return build.constant("f32", -x.value);
  return build.fn("mul", x, build.constant(x.type, -1));
}

/** Whether a tile read whole lies as the map's lanes do, so that one instruction can run over all rows. */
export function hasMapPitch(frame: Frame, tile: Tile): boolean {
  return frame.rows === 1 || sameDim(tile.pitch, frame.pitch);
}

/** Bytes of a lane in scratch or in a tile. */
export function laneBytes(type: LaneType): number {
  if (type === "i64") return 8;
  if (type === "i8" || type === "u8") return 1;
  return type === "f16" || type === "bf16" || type === "i16" || type === "u16" ? 2 : 4;
}
