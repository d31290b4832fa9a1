/** Extents the host knows, as a tensor on the device: one element at a time, there are only a few. */
import type { Dim } from "../../base/dim.js";
import type { Value } from "../../ir/graph.js";
import { dtypeOf } from "../group/build.js";
import type { Stmt } from "../tile.js";
import { emitKernel, type ScheduleContext, type Scheduled } from "./context.js";
import { cast, tileType } from "./lanes.js";

export function scheduleDims(out: Value, values: readonly Dim[], context: ScheduleContext): readonly Scheduled[] | undefined {
  const type = tileType(dtypeOf(out));
  const made = emitKernel(`${out.name} = extents`, "scalar", context, (draft) => {
    const buffer = draft.buffer(out, "write");
    const body = values.flatMap((value, k): Stmt[] => {
      const tile = draft.tile("y", type, 1, { elements: 1 }, false);
      const lane = cast(type, { op: "int", type: "i64", value: draft.int(value) });
      const dims = [1, 1].map((size) => ({ size, stride: 1 }));
      return [
        { op: "map", mode: "scalar", rows: 1, cols: 1, out: [{ tile, value: lane }] },
        { op: "store", from: tile, to: { buffer, offset: k, dims } },
      ];
    });
    const once: Stmt = { op: "for", index: draft.fresh("t"), count: 1, over: "cores", body };
    return { parallelism: 1, body: [once] };
  });
  return made && [made];
}
