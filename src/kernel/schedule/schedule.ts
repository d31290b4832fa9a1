/** Chooses the schedule of a group: the first that fits, in order of speed. */
import { isConst, product } from "../../base/dim.js";
import { topological, type GroupBody } from "../group/expr.js";
import type { Caps } from "../caps.js";
import { storesApart } from "./alignment.js";
import type { ScheduleContext, Scheduled } from "./context.js";
import { chooseLayout, collapse, layoutsOf, type Layout } from "./layout.js";
import { schedulePointwise } from "./pointwise.js";
import { scheduleRowReduce } from "./rowreduce.js";
import { scheduleScan } from "./scan.js";
import { splitReduction } from "./split.js";
import { scheduleStreamed } from "./streamed.js";

/** Kernels for one group, in launch order; undefined when none fits the chip. */
export function scheduleGroup(body: GroupBody, context: ScheduleContext): readonly Scheduled[] | undefined {
  const merged = collapse(body);
  const split = merged.reduced.length === 0 || isScan(merged) ? undefined : splitReduction(merged, context);
  if (split) {
    const parts = split.map((part, k) => scheduleGroup(part, { ...context, name: `${context.name}_${k === 0 ? "parts" : "whole"}` }));
    if (parts.every((p) => p !== undefined)) return parts.flat();
  }
  for (const layout of layoutsOf(merged, context.caps, !storesApart(merged, context.caps))) {
    const made = scheduleIn(layout, merged, context);
    if (made) return [made];
  }
  return undefined;
}

function isScan(body: GroupBody): boolean {
  return topological(body.outputs.map((o) => o.expr)).some((e) => e.op === "scan");
}

function scheduleIn(layout: Layout, body: GroupBody, context: ScheduleContext): Scheduled | undefined {
  if (isScan(body)) return scheduleScan(body, layout, context);
  if (body.reduced.length === 0) return schedulePointwise(body, layout, context);
  return scheduleRowReduce(body, layout, context) ?? scheduleStreamed(body, layout, context);
}

/** Whether a group is worth having: nothing is picked element by element, and cores are not starved by fusion. */
export function isWorthwhile(body: GroupBody, caps: Caps): boolean {
  const merged = collapse(body);
  const apart = storesApart(merged, caps);
  const layout = chooseLayout(merged, caps, !apart);
  if (!layout.clean) return false;
  const wideOutput = merged.outputs.some((o) => o.at.terms.some((t) => merged.reduced.includes(t.axis)));
  // A core that stores alone goes front to back, which only whole rows do: none that loops outside the tile cut up.
  const cut = merged.reduced.some((a) => a !== layout.col && a !== layout.row);
  if (wideOutput && !apart && (layout.along !== "cols" || cut)) return false;
  const [rows, length] = [product(merged.parallel.map((a) => a.extent)), product(merged.reduced.map((a) => a.extent))];
  return !(wideOutput && isConst(rows) && rows < 8 && isConst(length) && length > 1 << 14);
}
