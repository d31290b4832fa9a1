/** A model's nodes as one list, and which of them takes what of whom: bodies lie open in it, so that a branch is seen as one. */
import type { Graph, Node, Value } from "../ir/graph.js";
import { subgraphsOf } from "../ir/walk.js";
import type { NodeReport } from "./report.js";

interface Wired {
  readonly nodes: readonly Node[];
  /** As a report has them: `ModelReport.ends`. */
  readonly wires: readonly Pick<NodeReport, "reads" | "within">[];
  readonly ends: readonly (number | null)[];
}

/** What a body gives out is read by the node it belongs to; what that node hands to its body is read by the body's nodes. */
export function wired(graph: Graph): Wired {
  const nodes: Node[] = [];
  const wires: Pick<NodeReport, "reads" | "within">[] = [];
  const makers = new Map<Value, number>(graph.inputs.map((v, i) => [v, -1 - i]));
  const placesOf = (values: readonly (Value | undefined)[]): number[] => {
    const places = values.flatMap((v) => (v === undefined ? [] : (makers.get(v) ?? [])));
    return [...new Set(places)].sort((a, b) => a - b);
  };
  const add = (n: Node): number => {
    const bodies = subgraphsOf(n);
    const within = bodies.map((body) => {
      body.inputs.forEach((v, i) => handOver(n.inputs[i], v));
      return body.nodes.map(add);
    });
    wires.push({ reads: placesOf([...n.inputs, ...bodies.flatMap((b) => b.outputs)]) });
    const place = nodes.push(n) - 1;
    within.forEach((places, body) => places.forEach((at) => (wires[at] = { ...wires[at], within: [place, body] })));
    for (const v of n.outputs) if (v) makers.set(v, place);
    return place;
  };
  const handOver = (from: Value | undefined, to: Value): void => {
    const maker = from && makers.get(from);
    if (maker !== undefined) makers.set(to, maker);
  };
  graph.nodes.forEach(add);
  return { nodes, wires, ends: graph.outputs.map((v) => makers.get(v) ?? null) };
}
