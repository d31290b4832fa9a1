/** Row-resident reductions: whole rows fit the scratchpad, so softmax or layernorm reads its input once. */
import { boundsOf } from "../../base/dim-bounds.js";
import { min, mul, symbol } from "../../base/dim.js";
import type { GroupBody } from "../group/expr.js";
import type { Stmt } from "../tile.js";
import { kernelOf, type ScheduleContext, type Scheduled } from "./context.js";
import { loopOf } from "./draft.js";
import { pitchOf, type Frame } from "./frame.js";
import { decode, geometryOf, inGranules, parallelismOf, spanOf } from "./geometry.js";
import { modeOf } from "./lanes.js";
import { isWide, type Layout } from "./layout.js";
import { columnOf, full } from "./operands.js";
import { accumulatorType, parallelItems, reducedValue, reduceTile, sharedExprs, thinFrame } from "./reductions.js";
import { Scope } from "./scope.js";

/** Whether an output has an element for each that is reduced. */
function isLong({ at }: GroupBody["outputs"][number], { reduced }: GroupBody): boolean {
  return reduced.some((a) => at.terms.some((t) => t.axis === a));
}

/**
 * undefined when the reduced loops are not one whole row, when a row may be longer than the scratchpad, or may be empty and have
 * a result all the same: rounds that are none are streamed.
 */
export function scheduleRowReduce(body: GroupBody, layout: Layout, context: ScheduleContext): Scheduled | undefined {
  if (layout.along !== "cols" || body.reduced.length !== 1 || !layout.col) return undefined;
  const { lo: shortest, hi: longest } = boundsOf(layout.col.extent, context.ranges);
  if (shortest < 1 && body.outputs.some((o) => !isLong(o, body))) return undefined;
  const mode = modeOf(body, context.caps);
  if (mode === "scalar") return undefined;
  return kernelOf(body, "rowreduce", context, (draft) => {
    const fewest = inGranules(draft, body, layout) ? draft.granule : 1;
    if (!draft.probing && fewest * Math.ceil(longest / draft.granule) * draft.granule > draft.lanes) return undefined;
    const g = geometryOf(draft, body, layout, true);
    if (!g) return undefined;
    const index = draft.fresh("t");
    const digits = [...g.outer.map((a) => ({ name: "o", count: a.extent })), { name: "i", count: g.rowTiles }];
    const { lets, at } = decode(draft, symbol(index), digits);
    const row = spanOf(draft, layout.row, g.tileRows, g.rowTiles, at[g.outer.length]);
    const col = spanOf(draft, layout.col, g.tileCols, 1, 0);
    const outer = new Map(g.outer.map((a, k) => [a, at[k]]));
    const pitch = pitchOf(draft, g.tileCols);
    const frame: Frame = { draft, mode, row: row.span, col: col.span, pitch, size: full, outer, pipelined: true };
    const narrow = thinFrame(frame, "cols", true);
    const names = [...lets, ...row.lets];
    const sink: { load: Stmt[]; compute: Stmt[] } = { load: [...names], compute: [...names] };
    const store: Stmt[] = [...names];
    const wideExpr = isWide(body);
    const thin: Scope = new Scope({
      frame: narrow,
      sink,
      isWide: () => true,
      shared: new Set(),
      reduce: (e) => {
        const out = draft.tile("r", accumulatorType(e, mode), 1, columnOf, false);
        sink.compute.push(reduceTile(e, wide, { out, along: "cols", carry: false }));
        thin.define(e, reducedValue(e, out, mode));
      },
    });
    const wide = new Scope({ frame, sink, thin: { scope: thin, as: "col" }, isWide: wideExpr, shared: sharedExprs(body, wideExpr) });
    for (const o of body.outputs) {
      (isLong(o, body) ? wide : thin).store(o, store);
    }
    const items = parallelItems(g, "cols");
    // Of empty rows there is nothing to launch for.
    const work = shortest < 1 ? mul(items, min(1, layout.col?.extent ?? 1)) : items;
    const pipeline: Stmt = loopOf(draft, { index, count: draft.int(items, "tiles in all"), over: "cores", ...sink, store });
    return { parallelism: parallelismOf(g, work), body: [pipeline] };
  });
}
