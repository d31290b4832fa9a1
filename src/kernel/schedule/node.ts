/** Schedules of single primitives that are no loops over affine accesses: gathers, scatters, concatenations, pads. */
import type { ConstData, Node, Value } from "../../ir/graph.js";
import type { ScheduleContext, Scheduled } from "./context.js";

export function scheduleNode(
  _node: Node,
  _constants: ReadonlyMap<Value, ConstData>,
  _context: ScheduleContext,
): readonly Scheduled[] | undefined {
  return undefined;
}
