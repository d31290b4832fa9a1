/** A graph without some of its nodes: what they made comes from outside, and what they read is given out. */
import { rankedType, type Graph, type Node, type Value } from "../ir/graph.js";
import { readsOf } from "../ir/walk.js";

/** Whether a program can take such a value from outside. */
type Enters = (v: Value) => boolean;

interface Cut {
  readonly graph: Graph;
  /** Nodes that were left out besides: what they read from a node that is gone cannot come from outside. */
  readonly behind: ReadonlySet<Node>;
}

export function without(graph: Graph, gone: ReadonlySet<Node>, enters: Enters): Cut {
  const lost = new Set([...gone].flatMap((n) => n.outputs).filter((v) => v !== undefined));
  const behind = new Set<Node>();
  for (const n of graph.nodes) {
    if (gone.has(n) || !readsOf(n).some((v) => lost.has(v) && !isEntering(v, enters))) continue;
    behind.add(n);
    for (const v of n.outputs) if (v) lost.add(v);
  }
  const nodes = graph.nodes.filter((n) => !gone.has(n) && !behind.has(n));
  const made = new Set(nodes.flatMap((n) => n.outputs));
  const read = new Set(nodes.flatMap(readsOf));
  const left = graph.nodes.filter((n) => gone.has(n) || behind.has(n));
  const given = [...graph.outputs, ...left.flatMap(readsOf)].filter((v) => made.has(v));
  const inputs = [...graph.inputs, ...lost].filter((v) => read.has(v));
  return { graph: { ...graph, nodes, inputs, outputs: [...new Set(given)] }, behind };
}

const isEntering = (v: Value, enters: Enters): boolean => rankedType(v) !== undefined && enters(v);
