/**
 * Rewrites primitives that have no schedule of their own into ones that do: arg-reductions, sorts, reversed scans, and
 * what no library claimed of contractions and convolutions become reductions; gathers and scatters of every kind become
 * gathers and scatters of rows at i32 positions.
 */
import type { ConstData, Graph, Node, Value } from "../../ir/graph.js";
import type { Caps } from "../caps.js";
import type { PrimitiveName } from "../../ops/primitive.js";
import { rewriteContract, rewriteConv } from "./contract.js";
import { rewriteArgReduce, rewriteScan, rewriteSort } from "./order.js";
import { Rewriter } from "./rewriter.js";
import { rewriteGather, rewriteGatherElements, rewriteGatherNd, rewriteScatterElements, rewriteScatterNd } from "./positions.js";

interface Simplified {
  readonly nodes: readonly Node[];
  /** The graph's node behind every node made here. */
  readonly originals: ReadonlyMap<Node, Node>;
  /** The graph's constants and those made here. */
  readonly constants: ReadonlyMap<Value, ConstData>;
  /** Values that no group takes in from its operands. */
  readonly apart: ReadonlySet<Value>;
}

/** Emits the replacement of `node`; returns false to keep it. */
export type Rewrite = (node: Node, to: Rewriter) => boolean;

const rewrites: Readonly<Partial<Record<PrimitiveName, Rewrite>>> = {
  argreduce: rewriteArgReduce,
  sort: rewriteSort,
  scan: rewriteScan,
  contract: rewriteContract,
  conv: rewriteConv,
  gather: rewriteGather,
  gatherelements: rewriteGatherElements,
  gathernd: rewriteGatherNd,
  scatterelements: rewriteScatterElements,
  scatternd: rewriteScatterNd,
};

export function simplifyPrimitives(graph: Graph, isLibrary: (n: Node) => boolean, caps: Caps): Simplified {
  const to = new Rewriter(graph.constants, caps);
  for (const node of graph.nodes) {
    const rewrite = isLibrary(node) ? undefined : rewrites[node.op as PrimitiveName];
    to.from = node;
    if (!rewrite || !rewrite(node, to)) to.nodes.push(node);
  }
  return { nodes: to.nodes, originals: to.originals, constants: to.constants, apart: to.apart };
}
