/**
 * One sweep over a graph that replaces nodes, in time linear in its size.
 *
 * Nodes are visited in order and patterns look backwards (`bn.x.producer("Conv")`), so everything a pattern sees is
 * final. Producers and use counts stay current while nodes are replaced: a chain folds in one sweep. What nobody reads
 * any more after a replacement is dropped at once, and its origin passes to the nodes that took its place.
 */
import type { Graph, Guard } from "../graph.js";
import type { Make, Outcome, RewriteContext } from "./make.js";
import { Names } from "./names.js";
import { Sweep, type Visit } from "./sweep.js";
import { viewAny, viewNode, type AnyView, type NodeView, type ViewedOp } from "./views.js";
import { countOps } from "../walk.js";

/** Replaces nodes of one operator. Returns the same object when nothing matched. */
export function rewrite<K extends ViewedOp>(
  graph: Graph,
  op: K,
  context: RewriteContext,
  fn: (view: NodeView<K>, make: Make) => Outcome,
): Graph {
  if (!countOps(graph).has(op)) return graph;
  return sweep(graph, context, (node, around, make) => {
    const view = node.op === op ? viewNode(op, node, around) : undefined;
    return view && fn(view, make);
  });
}

/** Replaces nodes of any operator. Returns the same object when nothing matched. */
export function rewriteAny(graph: Graph, context: RewriteContext, fn: (view: AnyView, make: Make) => Outcome): Graph {
  return sweep(graph, context, (node, around, make) => fn(viewAny(node, around), make));
}

function sweep(graph: Graph, context: RewriteContext, visit: Visit): Graph {
  const guards: Guard[] = [];
  let names: Names | undefined;
  const out = new Sweep(graph, { context, visit, guards, names: () => (names ??= new Names(graph)) }).run();
  return guards.length > 0 ? { ...out, guards: [...out.guards, ...guards] } : out;
}
