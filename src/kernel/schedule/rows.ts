import { add, ceilDiv, floorDiv, isConst, max, min, mul, product, roundUp, symbol, type Dim } from "../../base/dim.js";
import { boundsOf } from "../../base/dim-bounds.js";
import type { Value } from "../../ir/graph.js";
import { shapeOf } from "../group/access.js";
import { dtypeOf } from "../group/build.js";
import type { Expr, Region, Stmt } from "../tile.js";
import { granuleOf, isMultiple, spills } from "./alignment.js";
import { emitKernel, type ScheduleContext, type Scheduled } from "./context.js";
import { loopOf, type Draft } from "./draft.js";
import { pitchOf } from "./frame.js";
import { decode, spanOf } from "./geometry.js";
import { computesIn, fn, tileType } from "./lanes.js";

interface Gather {
  readonly x: Value;
  readonly indices: Value;
  readonly out: Value;
  /** Extents: before the axis, of the axis, of the indices, after the axis. */
  readonly p: Dim;
  readonly k: Dim;
  readonly r: Dim;
  readonly q: Dim;
  /** Stores would spill: one core, in ascending order. */
  readonly alone: boolean;
}

/** `indices` are i32. */
export function scheduleRows(
  x: Value,
  indices: Value,
  out: Value,
  axis: number,
  context: ScheduleContext,
): readonly Scheduled[] | undefined {
  const shape = shapeOf(x);
  const [p, q] = [product(shape.slice(0, axis)), product(shape.slice(axis + 1))];
  const r = product(shapeOf(indices));
  const granule = granuleOf(out, context.caps);
  const apart = isMultiple(q, granule) || (q === 1 && (p === 1 || isMultiple(r, granule)));
  const gather: Gather = { x, indices, out, p, k: shape[axis], r, q, alone: spills(context.caps) && !apart };
  const made = q === 1 ? (lookUp(gather, context) ?? loadOneByOne(gather, context)) : fetchRows(gather, context);
  return made && [made];
}

const axisOf = (name: string, extent: Dim) => ({ name, extent });

function atLeastOne(d: Dim): Dim {
  return max(1, d);
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

function fetchRows(g: Gather, context: ScheduleContext): Scheduled | undefined {
  return emitKernel(
    (n) => `${n(g.out)} = rows of ${n(g.x)} at ${n(g.indices)}`,
    "rows",
    context,
    (draft) => {
      const [x, indices, out] = [draft.buffer(g.x, "read"), draft.buffer(g.indices, "read"), draft.buffer(g.out, "write")];
      const tileCols = draft.int(atLeastOne(min(g.q, draft.lanes)), "columns of a tile");
      const pitch = pitchOf(draft, tileCols);
      const most = floorDiv(draft.lanes, pitch);
      const tileRows = draft.int(atLeastOne(min(g.r, min(most, max(1, ceilDiv(mul(g.p, g.r), draft.caps.cores))))), "rows of a tile");
      const [rowTiles, colTiles] = [ceilDiv(g.r, tileRows), ceilDiv(g.q, tileCols)].map((d) => draft.int(d));
      const index = draft.fresh("t");
      const digits = [g.p, rowTiles, colTiles].map((count) => ({ name: "i", count }));
      const { lets, at } = decode(draft, symbol(index), digits);
      const row = spanOf(draft, axisOf("r", g.r), tileRows, rowTiles, at[1]);
      const col = spanOf(draft, axisOf("q", g.q), tileCols, colTiles, at[2]);
      const [r0, rows, c0, cols] = [row.span.start, row.span.count, col.span.start, col.span.count];
      const which = draft.tile("i", "i32", 1, { columns: 1 }, false);
      const to = draft.tile("a", tileType(dtypeOf(g.x)), pitch, { lanes: 1 }, false);
      const [k, r, q] = [draft.int(g.k, "rows of the table"), draft.int(g.r, "indices"), draft.int(g.q, "elements of a row")];
      const body: Stmt[] = [
        ...lets,
        ...row.lets,
        ...col.lets,
        { op: "load", from: block(indices, r0, 1, 0, rows), to: which },
        { op: "loadrows", buffer: x, offset: addUp(mul(at[0], k, q), c0), rowStride: q, index: which, to, rows, cols },
        { op: "store", from: to, to: block(out, addUp(mul(at[0], r, q), mul(r0, q), c0), rows, q, cols) },
      ];
      const items = mul(g.p, rowTiles, colTiles);
      return {
        parallelism: g.alone ? min(1, items) : items,
        body: [{ op: "for", index, count: draft.int(items, "tiles in all"), over: "cores", body }],
      };
    },
  );
}

/** Tables of up to a tile: positions within the scratchpad are computed as lanes. */
function lookUp(g: Gather, context: ScheduleContext): Scheduled | undefined {
  const longest = boundsOf(g.k, context.ranges).hi;
  if (!Number.isFinite(longest)) return undefined;
  return emitKernel(
    (n) => `${n(g.out)} = ${n(g.x)} at ${n(g.indices)}`,
    "rows",
    context,
    (draft) => {
      const reach = Math.ceil(longest / draft.granule) * draft.granule;
      if (!draft.probing && reach > draft.lanes) return undefined;
      const tablePitch = roundUp(g.k, draft.granule);
      const tileCols = draft.int(atLeastOne(min(g.r, g.alone ? draft.lanes : Math.max(draft.granule, Math.min(draft.lanes, reach)))));
      const pitch = roundUp(tileCols, draft.granule);
      const most = floorDiv(draft.lanes, max(pitch, atLeastOne(tablePitch)));
      const tileRows = draft.int(atLeastOne(min(g.p, min(most, max(1, ceilDiv(g.p, draft.caps.cores))))), "rows of a tile");
      const [rowTiles, colTiles] = [ceilDiv(g.p, tileRows), ceilDiv(g.r, tileCols)].map((d) => draft.int(d));
      const index = draft.fresh("t");
      const { lets, at } = decode(
        draft,
        symbol(index),
        [rowTiles, colTiles].map((count) => ({ name: "i", count })),
      );
      const row = spanOf(draft, axisOf("p", g.p), tileRows, rowTiles, at[0]);
      const col = spanOf(draft, axisOf("r", g.r), tileCols, colTiles, at[1]);
      const names = [...lets, ...row.lets, ...col.lets];
      const store: Stmt[] = [...names];
      const sink = { load: [...names], compute: [...names] };
      lookUpTile(
        draft,
        g,
        { tablePitch: draft.int(tablePitch, "pitch of a table"), pitch: draft.int(pitch, "pitch of a tile"), row: row.span, col: col.span },
        sink,
        store,
      );
      const items = mul(rowTiles, colTiles);
      return {
        parallelism: g.alone ? min(1, items) : items,
        body: [loopOf(draft, { index, count: draft.int(items, "tiles in all"), over: "cores", ...sink, store })],
      };
    },
  );
}

interface LookUpTile {
  readonly tablePitch: Dim;
  readonly pitch: Dim;
  readonly row: { readonly start: Dim; readonly count: Dim };
  readonly col: { readonly start: Dim; readonly count: Dim };
}

function lookUpTile(draft: Draft, g: Gather, f: LookUpTile, sink: { load: Stmt[]; compute: Stmt[] }, store: Stmt[]): void {
  const [x, indices, out] = [draft.buffer(g.x, "read"), draft.buffer(g.indices, "read"), draft.buffer(g.out, "write")];
  const type = tileType(dtypeOf(g.x));
  const [k, r] = [draft.int(g.k, "elements of a table"), draft.int(g.r, "indices")];
  const [rows, cols] = [f.row.count, f.col.count];
  const table = draft.tile("a", type, f.tablePitch, { lanes: 1 }, true);
  const which = draft.tile("i", "i32", f.pitch, { lanes: 1 }, true);
  sink.load.push(
    { op: "load", from: block(x, mul(f.row.start, k), rows, k, k), to: table },
    { op: "load", from: block(indices, f.col.start, 1, 0, cols), to: which },
  );
  const oneRow = isConst(g.p) && g.p === 1;
  const places = oneRow ? which : draft.tile("m", "i32", f.pitch, { lanes: 1 }, false);
  if (!oneRow) {
    const value = fn(
      "add",
      "i32",
      { op: "tile", type: "i32", tile: which, as: "row" },
      { op: "index", type: "i32", axis: "row", base: 0, step: f.tablePitch },
    );
    const mode = computesIn("i32", draft.caps) ? "vector" : "scalar";
    if (mode === "vector") draft.note(value);
    sink.compute.push({ op: "map", mode, rows, cols, out: [{ tile: places, value }] });
  }
  const to = draft.tile("y", type, f.pitch, { lanes: 1 }, true);
  sink.compute.push({ op: "lookup", to, from: table, index: places, rows, cols });
  store.push({ op: "store", from: to, to: block(out, addUp(mul(f.row.start, r), f.col.start), rows, r, cols) });
}

/** Data-dependent addresses in global memory: the last resort. */
function loadOneByOne(g: Gather, context: ScheduleContext): Scheduled | undefined {
  return emitKernel(
    (n) => `${n(g.out)} = ${n(g.x)} at ${n(g.indices)}`,
    "scalar",
    context,
    (draft) => {
      const [x, indices, out] = [draft.buffer(g.x, "read"), draft.buffer(g.indices, "read"), draft.buffer(g.out, "write")];
      const type = tileType(dtypeOf(g.x));
      const tileCols = atLeastOne(min(g.r, Math.min(draft.lanes, 1024)));
      const tiles = ceilDiv(g.r, tileCols);
      const index = draft.fresh("t");
      const { lets, at } = decode(
        draft,
        symbol(index),
        [g.p, tiles].map((count) => ({ name: "i", count })),
      );
      const col = spanOf(draft, axisOf("r", g.r), tileCols, tiles, at[1]);
      const pitch = pitchOf(draft, tileCols);
      const which = draft.tile("i", "i32", pitch, { lanes: 1 }, true);
      const to = draft.tile("y", type, pitch, { lanes: 1 }, true);
      const names = [...lets, ...col.lets];
      const { start, count } = col.span;
      const base: Expr = { op: "int", type: "i32", value: mul(at[0], draft.int(g.k)) };
      const place = fn("add", "i32", { op: "tile", type: "i32", tile: which, as: "full" }, base);
      const value: Expr = { op: "load", type, buffer: x, index: place };
      const items = mul(g.p, tiles);
      const loop = loopOf(draft, {
        index,
        count: draft.int(items, "tiles in all"),
        over: "cores",
        load: [...names, { op: "load", from: block(indices, start, 1, 0, count), to: which }],
        compute: [...names, { op: "map", mode: "scalar", rows: 1, cols: count, out: [{ tile: to, value }] }],
        store: [...names, { op: "store", from: to, to: block(out, addUp(mul(at[0], draft.int(g.r)), start), 1, 0, count) }],
      });
      return { parallelism: g.alone ? min(1, items) : items, body: [loop] };
    },
  );
}

function addUp(...parts: readonly Dim[]): Dim {
  return parts.reduce((a, b) => add(a, b));
}
