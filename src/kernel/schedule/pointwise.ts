/** Groups without reductions: every tile of the output is loaded, computed and stored on its own. */
import { mul, product, symbol } from "../../base/dim.js";
import type { GroupBody } from "../group/expr.js";
import type { Stmt } from "../tile.js";
import { kernelOf, type ScheduleContext, type Scheduled } from "./context.js";
import { loopOf } from "./draft.js";
import { pitchOf, type Frame } from "./frame.js";
import { decode, geometryOf, parallelismOf, spanOf } from "./geometry.js";
import type { Layout } from "./layout.js";
import { modeOf } from "./lanes.js";
import { full } from "./operands.js";
import { Scope } from "./scope.js";

export function schedulePointwise(body: GroupBody, layout: Layout, context: ScheduleContext): Scheduled | undefined {
  const mode = modeOf(body, context.caps);
  const bare = body.outputs.every((o) => o.expr.op === "read");
  const schedule = mode === "scalar" ? "scalar" : bare && layout.transposed ? "transpose" : "pointwise";
  return kernelOf(body, schedule, context, (draft) => {
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
    const outer = new Map(g.outer.map((a, k) => [a, at[k]]));
    const pitch = pitchOf(draft, g.tileCols);
    const frame: Frame = { draft, mode, row: row.span, col: col.span, pitch, size: full, outer, pipelined: true };
    const names = [...lets, ...row.lets, ...col.lets];
    const sink: { load: Stmt[]; compute: Stmt[] } = { load: [...names], compute: [...names] };
    const store: Stmt[] = [...names];
    const scope = new Scope({ frame, sink, isWide: () => true, shared: new Set() });
    for (const o of body.outputs) scope.store(o, store);
    const items = mul(product(g.outer.map((a) => a.extent)), g.rowTiles, g.colTiles);
    const count = draft.int(items, "tiles in all");
    return { parallelism: parallelismOf(g, items), body: [loopOf(draft, { index, count, over: "cores", ...sink, store })] };
  });
}
