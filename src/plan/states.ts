/**
 * Values that a context holds from run to run: what one run gives out is what the next begins with, and neither passes the
 * caller. Two buffers change hands at the end of a run; both are zero before the first.
 */
import { fail } from "../base/diagnostic.js";
import { isConst, sameDim } from "../base/dim.js";
import { rankedType, type Graph, type Value } from "../ir/graph.js";
import type { DraftControl } from "./draft-control.js";

/** An input, and the output that it is in the next run. */
type Pair = readonly [Value, Value];

/** The graph as a caller sees it, and its states. Throws `state-unknown` and `state-mismatch`. */
export function withoutStates(
  graph: Graph,
  states: ReadonlyMap<string, string>,
): { readonly graph: Graph; readonly pairs: readonly Pair[] } {
  const pairs = [...states].map(([input, output]): Pair => {
    const pair: Pair = [named(graph.inputs, input, "input"), named(graph.outputs, output, "output")];
    requireAlike(pair);
    return pair;
  });
  pairs.forEach(([input, output], i) => {
    const other = pairs.findIndex((p) => p[1] === output);
    if (other < i)
      fail("state-mismatch", `"${output.name}" cannot be the next "${input.name}": it is the next "${pairs[other][0].name}" already`, {
        why: "Two buffers change hands at the end of a run, and each is one state's.",
        fix: "Give the second state an output of its own, made with Identity.",
      });
  });
  if (pairs.length === 0) return { graph, pairs };
  const held = new Set(pairs.flat());
  return {
    graph: { ...graph, inputs: graph.inputs.filter((v) => !held.has(v)), outputs: graph.outputs.filter((v) => !held.has(v)) },
    pairs,
  };
}

function named(values: readonly Value[], name: string, what: "input" | "output"): Value {
  return (
    values.find((v) => v.name === name) ??
    fail("state-unknown", `the model has no ${what} "${name}" to hold from run to run`, {
      fix: `The ${what}s: ${values.map((v) => v.name).join(", ")}.`,
    })
  );
}

/** A state has one size for good. */
function requireAlike([a, b]: Pair): void {
  const [x, y] = [rankedType(a), rankedType(b)];
  const isAlike = x && y && x.dtype === y.dtype && x.shape.length === y.shape.length && x.shape.every((d, i) => sameDim(d, y.shape[i]));
  if (isAlike && x.shape.every(isConst)) return;
  const spelt = (t: typeof x): string => (t ? `${t.dtype}[${t.shape.join(", ")}]` : "of unknown rank");
  fail("state-mismatch", `"${a.name}" is ${spelt(x)} and "${b.name}" ${spelt(y)}, so that one cannot be the other in the next run`, {
    why: "A state keeps its element type and its fixed extents as long as a context lives.",
    fix: "Fix open extents with --shape or --dim.",
  });
}

/** The last step of a run: what it gave out is what the next begins with. */
export function handOver(pairs: readonly Pair[]): readonly DraftControl[] {
  if (pairs.length === 0) return [];
  const names = pairs.map(([input]) => input.name);
  return [
    {
      op: "bind",
      label: `${names[0]}_next`,
      origin: names,
      touches: pairs.flat(),
      bodies: [],
      make: (id) => ({ op: "bind", pairs: pairs.map(([a, b]) => [id(a), id(b)] as const) }),
    },
  ];
}
