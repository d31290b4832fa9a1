import { add, dimKey, isConst, mul, roundUp, symbol, type Dim } from "../../base/dim.js";
import { stepOf, type Affine, type Axis } from "../group/access.js";
import type { Expr, Stmt } from "../tile.js";
import type { Draft, TileSize } from "./draft.js";
import { cast, type Mode } from "./lanes.js";

/** One direction of a tile: `count` positions from `start`; `most` bounds the count and is known to the host. */
export interface Span {
  readonly axis: Axis | undefined;
  readonly start: Dim;
  readonly count: Dim;
  readonly most: Dim;
}

export interface Frame {
  readonly draft: Draft;
  readonly mode: Mode;
  readonly row: Span;
  readonly col: Span;
  /** Elements between rows of a full tile, and how many it holds. */
  readonly pitch: Dim;
  readonly size: TileSize;
  /** Where loops outside the tile stand. */
  readonly outer: ReadonlyMap<Axis, Dim>;
  /** Its tiles live in a pipeline. */
  readonly pipelined: boolean;
}

export const single: Span = { axis: undefined, start: 0, count: 1, most: 1 };

export function pitchOf(draft: Draft, cols: Dim): Dim {
  return draft.int(roundUp(cols, draft.granule), "pitch of a tile");
}

/** The step of an access along one direction of the tile, as the kernel sees it. */
export function stepAlong(f: Frame, at: Affine, span: Span): Dim {
  return f.draft.int(stepOf(at, span.axis), stepName(f, span.axis));
}

function stepName(f: Frame, axis: Axis | undefined): string {
  return `elements from ${axis === f.row.axis ? "row to row" : axis === f.col.axis ? "column to column" : "one outer turn to the next"}`;
}

/** Position of the tile's first lane. */
export function originOf(f: Frame, at: Affine): Dim {
  const parts = at.terms.map((t) => {
    const step = f.draft.int(t.step, stepName(f, t.axis));
    if (t.axis === f.row.axis) return mul(step, f.row.start);
    if (t.axis === f.col.axis) return mul(step, f.col.start);
    const position = f.outer.get(t.axis);
    if (position === undefined) throw new Error(`internal: loop ${t.axis.name} has no position in this frame`);
    return mul(step, position);
  });
  return add(f.draft.int(at.offset, "where an operand begins"), ...parts);
}

/** The value of an affine index in every lane. */
function positionExpr(f: Frame, at: Affine, type: "i32" | "i64"): Expr {
  const [row, col] = [stepAlong(f, at, f.row), stepAlong(f, at, f.col)];
  const base = originOf(f, at);
  if (row === 0 && col === 0) return { op: "int", type, value: base };
  if (row === 0) return { op: "index", type, axis: "col", base, step: col };
  const rows: Expr = { op: "index", type, axis: "row", base, step: row };
  if (col === 0) return rows;
  return { op: "fn", type, fn: "add", args: [rows, { op: "index", type, axis: "col", base: 0, step: col }] };
}

/** As `positionExpr`, in the lane type of a dtype. */
export function positionLane(f: Frame, at: Affine, lane: "f32" | "i32" | "i64" | "u32"): Expr {
  return lane === "i64" ? positionExpr(f, at, "i64") : cast(lane, positionExpr(f, at, "i32"));
}

/** Small enough that loading the gaps costs less than picking elements by DMA. */
export function isSmallStep(step: Dim): step is number {
  return isConst(step) && step !== 0 && Math.abs(step) <= 8;
}

/** A plain name: an extent that is one needs no second. */
const bareName = /^[A-Za-z_]\w*$/;

/** A `let` and the symbol that reads it. */
export function named(draft: Draft, stem: string, value: Dim): { readonly stmts: readonly Stmt[]; readonly name: Dim } {
  if (isConst(value) || bareName.test(dimKey(value))) return { stmts: [], name: value };
  const name = draft.fresh(stem);
  return { stmts: [{ op: "let", name, value }], name: symbol(name) };
}
