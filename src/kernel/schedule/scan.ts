/** Running sums and the like: the scanned loop runs serially, every step a tile of independent lanes. */
import { symbol } from "../../base/dim.js";
import { topological, type GroupBody, type ReduceExpr } from "../group/expr.js";
import type { Stmt } from "../tile.js";
import { kernelOf, type ScheduleContext, type Scheduled } from "./context.js";
import { loopOf } from "./draft.js";
import { pitchOf, type Frame } from "./frame.js";
import { decode, geometryOf, parallelismOf, spanOf } from "./geometry.js";
import { cast, fn, modeOf } from "./lanes.js";
import type { Layout } from "./layout.js";
import { full } from "./operands.js";
import { accumulatorType, accumulated, identityExpr, parallelItems, reducedValue } from "./reductions.js";
import { Scope } from "./scope.js";

export function scheduleScan(body: GroupBody, layout: Layout, context: ScheduleContext): Scheduled | undefined {
  const all = topological(body.outputs.map((o) => o.expr));
  const mode = modeOf(body, context.caps);
  const scans = all.filter((e): e is ReduceExpr => e.op === "scan");
  const [scanned] = body.reduced;
  return kernelOf(body, mode === "scalar" ? "scalar" : "colreduce", context, (draft) => {
    const g = geometryOf(draft, body, layout);
    if (!g) return undefined;
    const index = draft.fresh("t");
    const digits = [
      ...g.outer.map((a) => ({ name: "o", count: a.extent })),
      { name: "i", count: g.rowTiles },
      { name: "j", count: g.colTiles },
    ];
    const { lets, at } = decode(draft, symbol(index), digits);
    const row = spanOf(draft, layout.row, g.tileRows, g.rowTiles, at[g.outer.length]);
    const col = spanOf(draft, layout.col, g.tileCols, g.colTiles, at[g.outer.length + 1]);
    const step = draft.fresh("k");
    const outer = new Map([...g.outer.map((a, k) => [a, at[k]] as const), [scanned, symbol(step)] as const]);
    const pitch = pitchOf(draft, g.tileCols);
    const frame: Frame = { draft, mode, row: row.span, col: col.span, pitch, size: full, outer, pipelined: true };
    const item: Stmt[] = [...lets, ...row.lets, ...col.lets];
    const sink: { load: Stmt[]; compute: Stmt[] } = { load: [], compute: [] };
    const scope = new Scope({ frame, sink, isWide: () => true, shared: new Set() });
    for (const e of scans) {
      const type = accumulatorType(e, mode);
      const tile = scope.map(identityExpr(e, mode), type, item);
      const combine = e.fn === "sum" ? "add" : e.fn === "prod" ? "mul" : e.fn;
      const value = fn(combine, type, { op: "tile", type, tile, as: "full" }, cast(type, accumulated(e, scope.lower(e.arg), mode)));
      if (mode === "vector") draft.note(value);
      sink.compute.push({ op: "map", mode, rows: row.span.count, cols: col.span.count, out: [{ tile, value }] });
      scope.define(e, reducedValue(e, tile, mode));
    }
    const store: Stmt[] = [];
    for (const o of body.outputs) scope.store(o, store);
    const count = draft.int(scanned.extent);
    item.push(loopOf(draft, { index: step, count, over: "serial", ...sink, store }));
    const items = parallelItems(g, "none");
    return {
      parallelism: parallelismOf(g, items),
      body: [{ op: "for", index, count: draft.int(items, "tiles in all"), over: "cores", body: item }],
    };
  });
}
