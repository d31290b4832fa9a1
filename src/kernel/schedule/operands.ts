import { add, mul, roundUp, sub, type Dim } from "../../base/dim.js";
import { invariant } from "../../base/diagnostic.js";
import type { DType } from "../../base/dtype.js";
import type { Value } from "../../ir/graph.js";
import type { Affine } from "../group/access.js";
import type { Region, Spread, Stmt } from "../tile.js";
import { scaleSize, type TileSize } from "./draft.js";
import { isSmallStep, originOf, stepAlong, type Frame } from "./frame.js";
import { tileType } from "./lanes.js";

interface Fetched {
  readonly tile: string;
  readonly as: Spread;
  /** DMA in. */
  readonly load: readonly Stmt[];
  /** Moves to the layout the tile is read in. */
  readonly move: readonly Stmt[];
}

/** Lanes of a full tile, of a row of it, or of a column of it. */
export const full: TileSize = { lanes: 1 };
export const columnOf: TileSize = { columns: 1 };

function line(buffer: string, offset: Dim, count: Dim): Region {
  return {
    buffer,
    offset,
    dims: [
      { size: 1, stride: 0 },
      { size: count, stride: 1 },
    ],
  };
}

function block(buffer: string, offset: Dim, rows: Dim, stride: Dim, cols: Dim): Region {
  return {
    buffer,
    offset,
    dims: [
      { size: rows, stride },
      { size: cols, stride: 1 },
    ],
  };
}

/** Loads what lanes of the frame read at `at`, choosing the narrowest spread. `stored`: a moved operand's tile is stored as it is. */
export function fetch(f: Frame, value: Value, dtype: DType, at: Affine, stored = false): Fetched {
  const [row, col] = [stepAlong(f, at, f.row), stepAlong(f, at, f.col)];
  const buffer = f.draft.buffer(value, "read");
  const type = tileType(dtype);
  const origin = originOf(f, at);
  const tile = (pitch: Dim, size: TileSize, use: "loaded" | "moved") =>
    f.draft.tile(use === "loaded" ? "a" : "m", type, pitch, size, f.pipelined && (use === "loaded" || stored));
  if (row === 0 && col === 0) {
    const to = tile(1, { elements: 1 }, "loaded");
    return { tile: to, as: "scalar", load: [{ op: "load", from: line(buffer, origin, 1), to }], move: [] };
  }
  if (col === 0) return fetchLine(f, { buffer, origin, step: row, count: f.row.count }, "col", tile);
  if (row === 0 && f.row.axis) return fetchLine(f, { buffer, origin, step: col, count: f.col.count }, "row", tile);
  return fetchBlock(f, { buffer, origin, row, col }, tile);
}

type MakeTile = (pitch: Dim, size: TileSize, use: "loaded" | "moved") => string;

function fetchLine(
  f: Frame,
  from: { readonly buffer: string; readonly origin: Dim; readonly step: Dim; readonly count: Dim },
  as: "row" | "col",
  tile: MakeTile,
): Fetched {
  const { buffer, origin, step, count } = from;
  const size = as === "col" ? columnOf : f.size;
  const pitch = as === "col" ? 1 : f.pitch;
  const to = tile(pitch, size, step === 1 ? "loaded" : "moved");
  if (step === 1) return { tile: to, as, load: [{ op: "load", from: line(buffer, origin, count), to }], move: [] };
  if (isSmallStep(step)) {
    const gap = Math.abs(step);
    const last = mul(gap, sub(count, 1));
    const staged = tile(pitch === 1 ? 1 : mul(gap, pitch), scaleSize(size, gap), "loaded");
    const start = step < 0 ? sub(origin, last) : origin;
    return {
      tile: to,
      as,
      load: [{ op: "load", from: line(buffer, start, add(last, 1)), to: staged }],
      move: [{ op: "move", to, from: staged, rows: 1, cols: count, offset: step < 0 ? last : 0, rowStride: 0, colStride: step }],
    };
  }
  const g = f.draft.granule;
  const staged = tile(g, scaleSize(size, g), "loaded");
  return {
    tile: to,
    as,
    load: [{ op: "load", from: block(buffer, origin, count, step, 1), to: staged }],
    move: [{ op: "move", to, from: staged, rows: 1, cols: count, offset: 0, rowStride: 0, colStride: g }],
  };
}

function fetchBlock(
  f: Frame,
  from: { readonly buffer: string; readonly origin: Dim; readonly row: Dim; readonly col: Dim },
  tile: MakeTile,
): Fetched {
  const { buffer, origin, row, col } = from;
  const { draft } = f;
  const [rows, cols] = [f.row.count, f.col.count];
  const to = tile(f.pitch, f.size, col === 1 ? "loaded" : "moved");
  if (col === 1) return { tile: to, as: "full", load: [{ op: "load", from: block(buffer, origin, rows, row, cols), to }], move: [] };
  if (isSmallStep(col)) {
    const gap = Math.abs(col);
    const last = mul(gap, sub(cols, 1));
    const pitch = mul(gap, f.pitch);
    const staged = tile(pitch, scaleSize(f.size, gap), "loaded");
    const start = col < 0 ? sub(origin, last) : origin;
    return {
      tile: to,
      as: "full",
      load: [{ op: "load", from: block(buffer, start, rows, row, add(last, 1)), to: staged }],
      move: [{ op: "move", to, from: staged, rows, cols, offset: col < 0 ? last : 0, rowStride: pitch, colStride: col }],
    };
  }
  if (isSmallStep(row)) {
    const gap = Math.abs(row);
    const last = mul(gap, sub(rows, 1));
    const pitch = draft.int(roundUp(mul(gap, f.row.most), draft.granule), "pitch of a turned tile");
    const staged = tile(pitch, turnedSize(gap), "loaded");
    const start = row < 0 ? sub(origin, last) : origin;
    return {
      tile: to,
      as: "full",
      load: [{ op: "load", from: block(buffer, start, cols, col, add(last, 1)), to: staged }],
      move: [{ op: "move", to, from: staged, rows, cols, offset: row < 0 ? last : 0, rowStride: row, colStride: pitch }],
    };
  }
  const g = draft.granule;
  const staged = tile(g, scaleSize(f.size, g), "loaded");
  const region: Region = {
    buffer,
    offset: origin,
    dims: [
      { size: rows, stride: row },
      { size: cols, stride: col },
      { size: 1, stride: 1 },
    ],
  };
  return {
    tile: to,
    as: "full",
    load: [{ op: "load", from: region, to: staged }],
    move: [{ op: "move", to, from: staged, rows, cols, offset: 0, rowStride: mul(cols, g), colStride: g }],
  };
}

/** Holds cols x roundUp(gap * rows, granule). */
function turnedSize(gap: number): TileSize {
  return { lanes: gap, turned: true };
}

/** Whether a result is moved in the scratchpad before it is stored, so that its own tile is not the stored one. */
export function isMovedBeforeStore(f: Frame, at: Affine): boolean {
  const col = stepAlong(f, at, f.col);
  return col !== 1 && !(col === 0 && !f.col.axis);
}

interface Stored {
  /** Moves to the layout the store wants. */
  readonly move: readonly Stmt[];
  readonly store: readonly Stmt[];
}

/** Stores a full tile (or, where rows do not vary, its one row) to where lanes of the frame belong. */
export function storeTile(f: Frame, tile: string, value: Value, dtype: DType, at: Affine): Stored {
  const { draft } = f;
  const [row, col] = [stepAlong(f, at, f.row), stepAlong(f, at, f.col)];
  const buffer = draft.buffer(value, "write");
  const origin = originOf(f, at);
  const [rows, cols] = [f.row.count, f.col.count];
  if (col === 1 || (col === 0 && !f.col.axis))
    return { move: [], store: [{ op: "store", from: tile, to: block(buffer, origin, rows, row, cols) }] };
  if (row === 1) {
    const pitch = draft.int(roundUp(f.row.most, draft.granule), "pitch of a turned tile");
    const turned = draft.tile("t", tileType(dtype), pitch, turnedSize(1), f.pipelined);
    return {
      move: [{ op: "move", to: turned, from: tile, rows: cols, cols: rows, offset: 0, rowStride: 1, colStride: f.pitch }],
      store: [{ op: "store", from: turned, to: block(buffer, origin, cols, col, rows) }],
    };
  }
  return storeElements(f, tile, { buffer, origin, col }, tileType(dtype));
}

/** Element by element: right for any step, slow; layouts give such outputs frames of one row. */
function storeElements(
  f: Frame,
  tile: string,
  to: { readonly buffer: string; readonly origin: Dim; readonly col: Dim },
  type: ReturnType<typeof tileType>,
): Stored {
  invariant(!f.row.axis, "an output stored element by element has one row");
  const g = f.draft.granule;
  const spread = f.draft.tile("t", type, g, scaleSize(f.size, g), f.pipelined);
  return {
    move: [{ op: "move", to: spread, from: tile, rows: f.col.count, cols: 1, offset: 0, rowStride: 1, colStride: 0 }],
    store: [{ op: "store", from: spread, to: block(to.buffer, to.origin, f.col.count, to.col, 1) }],
  };
}
