/**
 * Sizes at which a library call would get an operand without elements for a result that has some: no library says what it
 * then does. They are refused when the sizes are set, with the extent named.
 */
import type { Cond } from "../base/cond.js";
import { boundsOf, type Ranges } from "../base/dim-bounds.js";
import { isConst, sameDim, type Dim } from "../base/dim.js";
import { rankedType, type Node, type Value } from "../ir/graph.js";
import type { ProgramGuard } from "../program/program.js";

/** One guard an extent. Inputs without elements are left to the libraries, which refuse them aloud. */
export function emptyGuards(calls: readonly Node[], ranges: Ranges): readonly ProgramGuard[] {
  const guards = new Map<string, ProgramGuard>();
  for (const node of calls)
    for (const v of node.inputs)
      for (const d of shapeOf(v)) {
        const guard = guardOf(node, v, d, ranges);
        if (guard && !guards.has(`${d}`)) guards.set(`${d}`, guard);
      }
  return [...guards.values()];
}

function shapeOf(v: Value | undefined): readonly Dim[] {
  return rankedType(v)?.shape ?? [];
}

function guardOf(node: Node, v: Value | undefined, d: Dim, ranges: Ranges): ProgramGuard | undefined {
  const given: Ranges = (name) => ({ lo: Math.max(1, ranges(name)?.lo ?? 1), hi: ranges(name)?.hi ?? Infinity });
  if (isConst(d) || boundsOf(d, given).lo >= 1) return undefined;
  const results = node.outputs.flatMap((o) => shapeOf(o)).filter((o) => !isConst(o));
  if (results.some((o) => sameDim(o, d))) return undefined;
  const nothing = results.map((o): Cond => ({ op: "le", a: o, b: 0 }));
  const when: Cond = { op: "or", all: [{ op: "lt", a: 0, b: d }, ...nothing] };
  return {
    when,
    message: `${node.origin[0] ?? node.op}: the extent ${d} of "${v?.name ?? ""}" is 0 at these sizes, and its result is not`,
  };
}
