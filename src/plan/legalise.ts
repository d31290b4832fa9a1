/** Turns claimed nodes into calls, with what these want around them. */
import { libraryForm } from "../claim/call.js";
import type { Claims } from "../claim/claim.js";
import type { Chip, Target } from "../claim/target.js";
import type { Graph } from "../ir/graph.js";
import { Names } from "../ir/rewrite/names.js";

export function legalise(graph: Graph, claims: Claims, target: Target, chip: Chip): Graph {
  const names = new Names(graph);
  const nodes = graph.nodes.flatMap((node) => {
    const claimed = claims.byNode.get(node);
    return claimed ? libraryForm(claimed, target, chip, names) : [node];
  });
  return { ...graph, nodes };
}
