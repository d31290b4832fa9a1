/** A model's nodes as one list, and which of them takes what of whom: bodies lie open in it, so that a branch is seen as one. */
import type { Graph, Node, Value } from "../ir/graph.js";
import { subgraphsOf } from "../ir/walk.js";

interface Wired {
  readonly nodes: readonly Node[];
  /** As a report has them: `NodeReport.reads` and `ModelReport.ends`. */
  readonly reads: readonly (readonly number[])[];
  readonly ends: readonly (number | null)[];
}

/** What a body gives out is read by the node it belongs to; what that node hands to its body is read by the body's nodes. */
export function wired(graph: Graph): Wired {
  const nodes: Node[] = [];
  const reads: (readonly number[])[] = [];
  const makers = new Map<Value, number>(graph.inputs.map((v, i) => [v, -1 - i]));
  const placesOf = (values: readonly (Value | undefined)[]): number[] => {
    const places = values.flatMap((v) => (v === undefined ? [] : (makers.get(v) ?? [])));
    return [...new Set(places)].sort((a, b) => a - b);
  };
  const add = (n: Node): void => {
    const bodies = subgraphsOf(n);
    for (const body of bodies) {
      body.inputs.forEach((v, i) => handOver(n.inputs[i], v));
      body.nodes.forEach(add);
    }
    reads.push(placesOf([...n.inputs, ...bodies.flatMap((b) => b.outputs)]));
    const place = nodes.push(n) - 1;
    for (const v of n.outputs) if (v) makers.set(v, place);
  };
  const handOver = (from: Value | undefined, to: Value): void => {
    const maker = from && makers.get(from);
    if (maker !== undefined) makers.set(to, maker);
  };
  graph.nodes.forEach(add);
  return { nodes, reads, ends: graph.outputs.map((v) => makers.get(v) ?? null) };
}
