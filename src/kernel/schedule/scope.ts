/**
 * Lowers group expressions to tile expressions inside one frame, writing the loads, moves and small maps they need as
 * they are met. A wide scope (the whole tile) leans on a thin one (one value a row or a column) for everything that
 * does not vary over the reduced loops.
 */
import type { GroupExpr, GroupOutput, ReduceExpr } from "../group/expr.js";
import type { Expr, Spread, Stmt } from "../tile.js";
import { positionLane, type Frame } from "./frame.js";
import { cast, constant, laneType, narrow, pointExpr, tileType, widen, wrapNarrow, type TileType } from "./lanes.js";
import { fetch, isMovedBeforeStore, storeTile } from "./operands.js";

/** Where a scope's statements go. */
interface Sink {
  readonly load: Stmt[];
  readonly compute: Stmt[];
}

interface ScopeOptions {
  readonly frame: Frame;
  readonly sink: Sink;
  /** The scope for values that do not vary over the reduced loops, and how its tiles look from here. */
  readonly thin?: { readonly scope: Scope; readonly as: Spread };
  /** True for expressions that belong to this scope and not to the thin one. */
  readonly isWide: (e: GroupExpr) => boolean;
  /** Subexpressions worth a tile of their own because several maps read them. */
  readonly shared: ReadonlySet<GroupExpr>;
  /** Computes a reduction when its value is first asked for. */
  readonly reduce?: (e: ReduceExpr) => void;
}

export class Scope {
  readonly options: ScopeOptions;
  readonly #lowered = new Map<GroupExpr, Expr>();
  readonly #tiles = new Map<GroupExpr, Expr>();

  constructor(options: ScopeOptions) {
    this.options = options;
  }

  /** Declares that a reduction's value is in a tile of this frame. */
  define(e: GroupExpr, value: Expr): void {
    this.#lowered.set(e, value);
  }

  lower(e: GroupExpr): Expr {
    const had = this.#lowered.get(e);
    if (had) return had;
    const { thin, isWide, shared } = this.options;
    const value =
      thin && e.op !== "const" && !isWide(e) ? thin.scope.operand(e, thin.as) : shared.has(e) ? this.#tileOf(e, "full") : this.#compute(e);
    this.#lowered.set(e, value);
    return value;
  }

  #compute(e: GroupExpr): Expr {
    const { frame, reduce } = this.options;
    const { mode } = frame;
    switch (e.op) {
      case "const":
        return constant(laneType(e.dtype, mode), e.value);
      case "host":
        return this.#host(e);
      case "position":
        return this.#position(e);
      case "point":
        return pointExpr(
          e,
          e.args.map((a) => this.lower(a)),
          mode,
        );
      case "read":
        return widen(this.#fetched(e), e.dtype, mode);
      case "reduce":
      case "scan":
        reduce?.(e);
        return this.#lowered.get(e) ?? missing();
      default:
        throw e satisfies never;
    }
  }

  #host(e: Extract<GroupExpr, { op: "host" }>): Expr {
    const lane = laneType(e.dtype, this.options.frame.mode);
    const type = lane === "i64" || lane === "f32" ? lane : "i32";
    const value: Expr = { op: "int", type, value: this.options.frame.draft.int(e.value) };
    return cast(lane, wrapNarrow(value, e.dtype));
  }

  #position(e: Extract<GroupExpr, { op: "position" }>): Expr {
    const lane = laneType(e.dtype, this.options.frame.mode);
    const value = positionLane(this.options.frame, e.at, lane === "i64" || lane === "f32" || lane === "u32" ? lane : "i32");
    return wrapNarrow(value, e.dtype);
  }

  #fetched(e: Extract<GroupExpr, { op: "read" }>): Expr {
    const { frame, sink } = this.options;
    const got = fetch(frame, e.value, e.dtype, e.at);
    sink.load.push(...got.load);
    sink.compute.push(...got.move);
    return { op: "tile", type: tileType(e.dtype), tile: got.tile, as: got.as };
  }

  /** A value of this scope as seen from a wider one: in a tile, spread as told. */
  operand(e: GroupExpr, as: Spread): Expr {
    const { mode } = this.options.frame;
    if (e.op === "const") return constant(laneType(e.dtype, mode), e.value);
    if (e.op === "host") return this.#host(e);
    if (e.op === "read" || e.op === "reduce" || e.op === "scan") return respread(this.lower(e), as);
    return this.#tileOf(e, as);
  }

  #tileOf(e: GroupExpr, as: Spread): Expr {
    const had = this.#tiles.get(e);
    if (had) return respread(had, as);
    const { sink } = this.options;
    const value = this.#compute(e);
    const type: TileType = value.type === "mask" ? "i32" : value.type;
    const tile = this.map(cast(type, value), type, sink.compute);
    const read: Expr = { op: "tile", type, tile, as: "full" };
    const seen = value.type === "mask" ? cast("mask", read) : read;
    this.#tiles.set(e, seen);
    this.#lowered.set(e, seen);
    return respread(seen, as);
  }

  /** A map of one value over this frame into a fresh tile. */
  map(value: Expr, type: TileType, into: Stmt[], pipelined = false): string {
    const { draft, row, col, pitch, size, mode } = this.options.frame;
    const tile = draft.tile(pipelined ? "y" : "m", type, pitch, size, pipelined);
    if (mode === "vector") draft.note(value);
    into.push({ op: "map", mode, rows: row.count, cols: col.count, out: [{ tile, value }] });
    return tile;
  }

  /** Computes an output, brings it to its store's layout and stores it. */
  store(o: GroupOutput, into: Stmt[]): void {
    const { frame, sink } = this.options;
    const tile = this.#output(o.expr, isMovedBeforeStore(frame, o.at));
    const stored = storeTile(frame, tile, o.value, o.expr.dtype, o.at);
    sink.compute.push(...stored.move);
    into.push(...stored.store);
  }

  /** The tile of an output: moved when it is a bare copy, computed otherwise. */
  #output(e: GroupExpr, turned: boolean): string {
    const { frame, sink, thin, isWide } = this.options;
    const pipelined = frame.pipelined && !turned;
    if (e.op === "read" && (!thin || isWide(e))) return this.#copy(e, pipelined);
    return this.map(narrow(this.lower(e), e.dtype), tileType(e.dtype), sink.compute, pipelined);
  }

  /** Moves an operand unchanged into an output's tile, whatever its type and spread. */
  #copy(e: Extract<GroupExpr, { op: "read" }>, pipelined: boolean): string {
    const { frame, sink } = this.options;
    const from = fetch(frame, e.value, e.dtype, e.at, pipelined);
    sink.load.push(...from.load);
    sink.compute.push(...from.move);
    if (from.move.length > 0 && from.as === "full") return from.tile;
    const { draft, row, col, pitch, size } = frame;
    const tile = draft.tile("y", tileType(e.dtype), pitch, size, pipelined);
    const rowStride = from.as === "full" ? (row.axis ? pitch : 0) : from.as === "col" ? 1 : 0;
    const colStride = from.as === "full" || from.as === "row" ? 1 : 0;
    sink.compute.push({ op: "move", to: tile, from: from.tile, rows: row.count, cols: col.count, offset: 0, rowStride, colStride });
    return tile;
  }
}

function missing(): never {
  throw new Error("internal: a reduction was read before it was computed");
}

/** The same tile read with another spread; scalars stay scalars. A thin frame that is the whole tile's own reads as its reader does. */
function respread(x: Expr, as: Spread): Expr {
  if (as === "full") return x;
  if (x.op === "tile") return { ...x, as: x.as === "scalar" ? "scalar" : as };
  if (x.op === "const" || x.op === "int" || x.op === "index") return x;
  if (x.op === "cast") return { ...x, args: [respread(x.args[0], as)] };
  if (x.op === "cmp") return { ...x, args: [respread(x.args[0], as), respread(x.args[1], as)] };
  if (x.op === "fn") return { ...x, args: x.args.map((a) => respread(a, as)) };
  return missing();
}
