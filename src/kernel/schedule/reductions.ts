import { product, type Dim } from "../../base/dim.js";
import { identityOf } from "../group/build.js";
import { argsOf, topological, type GroupBody, type GroupExpr, type ReduceExpr } from "../group/expr.js";
import { leaves, type ReduceStmt } from "../lower/prepare.js";
import type { Expr, Spread } from "../tile.js";
import { single, type Frame } from "./frame.js";
import type { Geometry } from "./geometry.js";
import { cast, constant, laneType, wrapNarrow, type Mode, type TileType } from "./lanes.js";
import type { Along } from "./layout.js";
import { columnOf, full } from "./operands.js";
import type { Scope } from "./scope.js";

/** The type a reduction accumulates in: masks count as f32. */
export function accumulatorType(e: ReduceExpr, mode: Mode): TileType {
  const lane = laneType(e.dtype, mode);
  return lane === "mask" ? "f32" : lane;
}

/** The reduction's operand in accumulator lanes. */
export function accumulated(e: ReduceExpr, value: Expr, mode: Mode): Expr {
  return cast(accumulatorType(e, mode), value);
}

/**
 * One reduction over the tile of a wide scope. A value made of rows and columns alone, as a broadcast product is, gets a
 * whole tile of its own where lanes are computed in the scratchpad: only a tile says how far apart the rows are.
 */
export function reduceTile(e: ReduceExpr, scope: Scope, to: Pick<ReduceStmt, "out" | "along" | "carry">): ReduceStmt {
  const { frame, sink } = scope.options;
  const { draft, mode, row, col } = frame;
  const lanes = accumulated(e, scope.lower(e.arg), mode);
  const type = accumulatorType(e, mode);
  const whole = draft.caps.compute === "register" || leaves([lanes]).some((x) => x.op === "tile" && x.as === "full");
  const value: Expr = whole ? lanes : { op: "tile", type, tile: scope.map(lanes, type, sink.compute), as: "full" };
  draft.note(value, "reduce");
  return { op: "reduce", ...to, fn: e.fn, value, rows: row.count, cols: col.count };
}

/** The reduction's value, given its accumulator as a tile read in the thin frame. */
export function reducedValue(e: ReduceExpr, tile: string, mode: Mode): Expr {
  const read: Expr = { op: "tile", type: accumulatorType(e, mode), tile, as: "full" };
  return e.dtype === "bool" ? cast("mask", read) : wrapNarrow(read, e.dtype);
}

export function identityExpr(e: ReduceExpr, mode: Mode): Expr {
  return constant(accumulatorType(e, mode), identityOf(e.fn, e.dtype));
}

/** The frame of per-row (or per-column) values: one line of the tile that is not reduced. */
export function thinFrame(wide: Frame, along: Along, pipelined: boolean): Frame {
  if (along === "none") return { ...wide, pipelined };
  const line = along === "cols" ? wide.row : wide.col;
  const shape = along === "cols" ? { pitch: 1, size: columnOf } : { pitch: wide.pitch, size: full };
  return { ...wide, ...shape, row: single, col: line, pipelined };
}

export function thinSpread(along: Along): Spread {
  return along === "cols" ? "col" : along === "rows" ? "row" : "full";
}

/** Independent work items: everything parallel outside the tile, and the tiles of its parallel directions. */
export function parallelItems(g: Geometry, along: Along): Dim {
  const own = [along === "rows" ? 1 : g.rowTiles, along === "cols" ? 1 : g.colTiles];
  return product([...g.outer.map((a) => a.extent), ...own]);
}

const cheap: ReadonlySet<string> = new Set("neg abs add sub mul min max select cast eq ne lt le gt ge and or xor not".split(" "));

/** Wide subexpressions that several maps of one kernel would compute and that cost more than a tile. */
export function sharedExprs(body: GroupBody, isWide: (e: GroupExpr) => boolean): ReadonlySet<GroupExpr> {
  const all = topological(body.outputs.map((o) => o.expr));
  const stages = [...body.outputs.map((o) => o.expr), ...all.flatMap((e) => (e.op === "reduce" ? [e.arg] : []))];
  const count = new Map<GroupExpr, number>();
  for (const stage of stages) for (const e of stageExprs(stage, isWide)) count.set(e, (count.get(e) ?? 0) + 1);
  const costly = new Map<GroupExpr, boolean>();
  for (const e of all) costly.set(e, e.op === "point" && isWide(e) && (!cheap.has(e.fn) || e.args.some((a) => costly.get(a))));
  const shared = new Set<GroupExpr>();
  for (const e of [...all].reverse()) {
    if ((count.get(e) ?? 0) < 2 || !costly.get(e)) continue;
    const outside = stages.includes(e) || all.some((user) => argsOf(user).includes(e) && !shared.has(user));
    if (outside) shared.add(e);
  }
  return shared;
}

function stageExprs(stage: GroupExpr, isWide: (e: GroupExpr) => boolean): ReadonlySet<GroupExpr> {
  const seen = new Set<GroupExpr>();
  const visit = (e: GroupExpr): void => {
    if (seen.has(e) || e.op === "reduce" || !isWide(e)) return;
    seen.add(e);
    argsOf(e).forEach(visit);
  };
  visit(stage);
  return seen;
}
