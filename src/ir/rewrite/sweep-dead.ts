/** Drops what no output needs: nodes, constants, and optional outputs that nobody reads. */
import type { Graph, Node, Value } from "../graph.js";
import { mapBodies, readsOf, runsAnyway } from "../walk.js";

/** Drops nodes and constants that no output needs, in bodies too; the same object when there are none. */
export function sweepDead(graph: Graph): Graph {
  const live = new Set<Value>(graph.outputs);
  const kept: Node[] = [];
  let changed = false;
  for (const node of [...graph.nodes].reverse()) {
    if (!runsAnyway(node) && !node.outputs.some((v) => v && live.has(v))) {
      changed = true;
      continue;
    }
    const attrs = mapBodies(node.attrs, sweepDead);
    const outputs = trimOutputs(node, live);
    changed ||= attrs !== node.attrs || outputs !== node.outputs;
    kept.push(attrs === node.attrs && outputs === node.outputs ? node : { ...node, attrs, outputs });
    for (const v of readsOf(kept[kept.length - 1])) live.add(v);
  }
  const constants = new Map([...graph.constants].filter(([v]) => live.has(v)));
  changed ||= constants.size !== graph.constants.size;
  return changed ? { ...graph, nodes: kept.reverse(), constants } : graph;
}

/** Operators whose outputs after the first may be left out without changing the first. */
const trimmable: ReadonlySet<string> = new Set(["Dropout", "MaxPool", "LayerNormalization", "Unique"]);

/** Optional outputs at the end that nobody reads (a mask, indices) are not asked for. */
function trimOutputs({ op, outputs }: Node, live: ReadonlySet<Value>): Node["outputs"] {
  let n = trimmable.has(op) ? outputs.length : 0;
  while (n > 1 && !(outputs[n - 1] && live.has(outputs[n - 1] as Value))) n--;
  return n === 0 || n === outputs.length ? outputs : outputs.slice(0, n);
}
