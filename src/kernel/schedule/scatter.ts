/**
 * Scatters of rows: y[position[r], q] (op)= update[r, q], in order. One core does it all: repeated positions must combine
 * in order, and stores of two cores into one cache line would corrupt each other.
 */
import { add, ceilDiv, floorDiv, max, min, mul, product, roundUp, symbol } from "../../base/dim.js";
import { invariant } from "../../base/diagnostic.js";
import { textAttr, type Node, type Value } from "../../ir/graph.js";
import { shapeOf } from "../group/access.js";
import { dtypeOf } from "../group/build.js";
import type { Expr, Region, Stmt } from "../tile.js";
import { emitKernel, type ScheduleContext, type Scheduled } from "./context.js";
import { pitchOf } from "./frame.js";
import { decode, spanOf } from "./geometry.js";
import { fn, tileType } from "./lanes.js";

type Combine = Extract<Stmt, { op: "scatter" }>["combine"];
const combines: readonly Combine[] = ["none", "add", "mul", "max", "min"];

/** `positions` is i32 [r, 1], `updates` [r, q], `out` holds the old values already. */
export function scheduleScatter(node: Node, positions: Value, updates: Value, out: Value, context: ScheduleContext): Scheduled | undefined {
  const combine = combines.find((c) => c === (textAttr(node, "reduction") ?? "none"));
  invariant(combine, `scatter by ${textAttr(node, "reduction") ?? ""}`);
  const [count, width] = [product(shapeOf(positions)), shapeOf(updates)[1]];
  return emitKernel(
    (n) => `${n(out)}[${n(positions)}] ${combine}= ${n(updates)}`,
    "scalar",
    context,
    (draft) => {
      const [at, from, to] = [draft.buffer(positions, "read"), draft.buffer(updates, "read"), draft.buffer(out, "readwrite")];
      const tileCols = max(1, min(width, draft.lanes));
      const tileRows = max(1, min(count, floorDiv(draft.lanes, roundUp(tileCols, draft.granule))));
      const [rowTiles, colTiles] = [ceilDiv(count, tileRows), ceilDiv(width, tileCols)];
      const index = draft.fresh("t");
      const digits = [rowTiles, colTiles].map((n) => ({ name: "i", count: n }));
      const place = decode(draft, symbol(index), digits);
      const row = spanOf(draft, { name: "r", extent: count }, tileRows, rowTiles, place.at[0]);
      const col = spanOf(draft, { name: "q", extent: width }, tileCols, colTiles, place.at[1]);
      const [rows, cols, q] = [row.span.count, col.span.count, draft.int(width, "elements of a row")];
      const which = draft.tile("i", "i32", 1, { columns: 1 }, false);
      const type = tileType(dtypeOf(updates));
      const given = draft.tile("a", type, pitchOf(draft, tileCols), { lanes: 1 }, false);
      const line = fn("mul", "i32", { op: "tile", type: "i32", tile: which, as: "col" }, { op: "int", type: "i32", value: q });
      const element: Expr = fn("add", "i32", line, { op: "index", type: "i32", axis: "col", base: col.span.start, step: 1 });
      const value: Expr = { op: "tile", type, tile: given, as: "full" };
      const region = (
        buffer: string,
        offset: Region["offset"],
        r: Region["offset"],
        stride: Region["offset"],
        c: Region["offset"],
      ): Region => ({
        buffer,
        offset,
        dims: [
          { size: r, stride },
          { size: c, stride: 1 },
        ],
      });
      const body: Stmt[] = [
        ...place.lets,
        ...row.lets,
        ...col.lets,
        { op: "load", from: region(at, row.span.start, 1, 0, rows), to: which },
        { op: "load", from: region(from, add(mul(row.span.start, q), col.span.start), rows, q, cols), to: given },
        { op: "scatter", rows, cols, buffer: to, index: element, value, combine },
      ];
      const tiles: Stmt = { op: "for", index, count: draft.int(mul(rowTiles, colTiles), "tiles in all"), over: "serial", body };
      return { parallelism: 1, body: [{ op: "for", index: draft.fresh("t"), count: 1, over: "cores", body: [tiles] }] };
    },
  );
}
