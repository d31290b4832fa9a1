/**
 * Sizes at which a library call would get an operand without elements for a result that has some: no library says what it
 * then does. They are refused when the sizes are set, with the extent named.
 */
import type { Cond } from "../base/cond.js";
import { boundsOf, type Ranges } from "../base/dim-bounds.js";
import { isConst, sameDim, substitute, symbol, symbolsOf, type Dim } from "../base/dim.js";
import { rankedType, type Node, type Value } from "../ir/graph.js";
import type { ProgramGuard } from "../program/program.js";

/** One guard an extent. Where an extent is 0 with a size alone, and else never, it is the size that is refused. */
export function emptyGuards(calls: readonly Node[], ranges: Ranges): readonly ProgramGuard[] {
  const guards = new Map<string, ProgramGuard>();
  const put = (d: Dim, node: Node, more: readonly Cond[]): void => {
    if (!guards.has(`${d}`)) guards.set(`${d}`, guardOf(d, node, more));
  };
  for (const node of calls)
    for (const d of node.inputs.flatMap(shapeOf)) {
      const results = node.outputs.flatMap(shapeOf).filter((o) => !isConst(o));
      if (isConst(d) || boundsOf(d, ranges).lo >= 1 || results.some((o) => sameDim(o, d))) continue;
      const zeros = symbolsOf(d).filter((name) => (ranges(name)?.lo ?? 0) < 1 && !results.some((o) => isNothingWithout(name, o, ranges)));
      if (boundsOf(d, atLeastOne(ranges)).lo >= 1) for (const name of zeros) put(symbol(name), node, []);
      else
        put(
          d,
          node,
          results.map((o) => ({ op: "le", a: o, b: 0 })),
        );
    }
  return [...guards.values()];
}

function shapeOf(v: Value | undefined): readonly Dim[] {
  return rankedType(v)?.shape ?? [];
}

const atLeastOne =
  (ranges: Ranges): Ranges =>
  (name) => ({ lo: Math.max(1, ranges(name)?.lo ?? 1), hi: ranges(name)?.hi ?? Infinity });

/** Whether an extent comes to nothing where a size is 0. */
function isNothingWithout(name: string, d: Dim, ranges: Ranges): boolean {
  const rest = substitute(d, (s) => (s === name ? 0 : undefined));
  return boundsOf(rest, ranges).hi <= 0;
}

function guardOf(d: Dim, node: Node, nothing: readonly Cond[]): ProgramGuard {
  const some: Cond = { op: "lt", a: 0, b: d };
  const of = node.inputs.find((v) => shapeOf(v).some((x) => sameDim(x, d)))?.name;
  return {
    when: nothing.length === 0 ? some : { op: "or", all: [some, ...nothing] },
    message: `${node.origin[0] ?? node.op}: the extent ${d}${of === undefined ? "" : ` of "${of}"`} is 0 at these sizes, and its result is not`,
  };
}
