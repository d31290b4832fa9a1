import { add, ceilDiv, max, min, mul, roundUp, symbol, type Dim } from "../../base/dim.js";
import type { Value } from "../../ir/graph.js";
import { convertsNarrow } from "../expansions/conversion.js";
import { dtypeOf } from "../group/build.js";
import type { Region, Stmt } from "../tile.js";
import { emitKernel, type ScheduleContext, type Scheduled } from "./context.js";
import type { Draft } from "./draft.js";
import { named } from "./frame.js";
import { constant, laneType, narrow, tileType } from "./lanes.js";

/** Elements that follow each other in the output: read from a tensor, or all one number, or all one element. */
export type Run =
  | { readonly kind: "copy"; readonly from: Value; readonly length: Dim }
  | { readonly kind: "fill"; readonly value: number | bigint; readonly like: Value; readonly length: Dim }
  | { readonly kind: "repeat"; readonly from: Value; readonly length: Dim };

/** out = `times` rounds of all runs; a copied tensor gives its next `length` elements every round. */
export function scheduleRuns(out: Value, times: Dim, runs: readonly Run[], context: ScheduleContext): Scheduled | undefined {
  return emitKernel(
    (n) => `${n(out)} = ${runs.map((r) => ("from" in r ? n(r.from) : r.value)).join(", ")}`,
    "pointwise",
    context,
    (draft) => {
      const round = draft.fresh("o");
      const whole = runs.reduce<Dim>((sum, r) => add(sum, r.length), 0);
      let start: Dim = mul(symbol(round), draft.int(whole, "elements of a round"));
      const body: Stmt[] = [];
      for (const run of runs) {
        body.push(...oneRun(draft, out, run, start, symbol(round)));
        start = add(start, draft.int(run.length, "elements of a part"));
      }
      const loop: Stmt = { op: "for", index: round, count: draft.int(times, "rounds"), over: "serial", body };
      return { parallelism: 1, body: [{ op: "for", index: draft.fresh("t"), count: 1, over: "cores", body: [loop] }] };
    },
  );
}

function oneRun(draft: Draft, out: Value, run: Run, start: Dim, round: Dim): Stmt[] {
  const type = tileType(dtypeOf(out));
  const to = draft.buffer(out, "write");
  const index = draft.fresh("k");
  const most = draft.int(min(run.length, draft.lanes));
  const tile = draft.tile("a", type, draft.int(roundUp(min(run.length, draft.lanes), draft.granule)), { lanes: 1 }, false);
  const at = mul(symbol(index), most);
  const count = named(draft, "c", min(most, add(draft.int(run.length), mul(-1, at))));
  const line = (buffer: string, offset: Dim): Region => ({
    buffer,
    offset,
    dims: [
      { size: 1, stride: 0 },
      { size: count.name, stride: 1 },
    ],
  });
  const store: Stmt = { op: "store", from: tile, to: line(to, add(start, at)) };
  const body = [...count.stmts, ...fillTile(draft, run, tile, count.name, line, add(mul(round, draft.int(run.length)), at)), store];
  const tiles = draft.int(ceilDiv(run.length, max(1, min(run.length, draft.lanes))));
  return [{ op: "for", index, count: tiles, over: "serial", body }];
}

function fillTile(draft: Draft, run: Run, tile: string, count: Dim, line: (buffer: string, offset: Dim) => Region, from: Dim): Stmt[] {
  switch (run.kind) {
    case "copy":
      return [{ op: "load", from: line(draft.buffer(run.from, "read"), from), to: tile }];
    case "fill": {
      const dtype = dtypeOf(run.like);
      const wide = dtype === "i64" || dtype === "u32" || !convertsNarrow(draft.caps, tileType(dtype), "narrow");
      const value = narrow(constant(laneType(dtype, wide ? "scalar" : "vector"), run.value), dtype);
      if (!wide) draft.note(value);
      return [{ op: "map", mode: wide ? "scalar" : "vector", rows: 1, cols: count, out: [{ tile, value }] }];
    }
    case "repeat": {
      const one = draft.tile("a", tileType(dtypeOf(run.from)), 1, { elements: 1 }, false);
      const region: Region = {
        buffer: draft.buffer(run.from, "read"),
        offset: 0,
        dims: [
          { size: 1, stride: 0 },
          { size: 1, stride: 1 },
        ],
      };
      return [
        { op: "load", from: region, to: one },
        { op: "move", to: tile, from: one, rows: 1, cols: count, offset: 0, rowStride: 0, colStride: 0 },
      ];
    }
    default:
      throw run satisfies never;
  }
}
