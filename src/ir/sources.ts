/** Where in a model a value comes from: what a user can fix so that it becomes known. */
import type { Graph, Node, Value } from "./graph.js";
import { eachGraph, readsOf } from "./walk.js";

export interface Sources {
  /** Inputs whose values it is computed from. */
  readonly values: readonly Value[];
  /** Inputs of which it sees the shape alone. */
  readonly shapes: readonly Value[];
}

const looksAtShape: ReadonlySet<string> = new Set(["Shape", "Size"]);

/** The graph's inputs that a value of it, or of a body in it, is computed from. */
export function sourcesOf(v: Value, graph: Graph): Sources {
  const makers = new Map<Value, Node>();
  eachGraph(graph, (g) => g.nodes.forEach((n) => n.outputs.forEach((y) => y && makers.set(y, n))));
  const inputs = new Set(graph.inputs);
  const [values, shapes, seen] = [new Set<Value>(), new Set<Value>(), new Map<Value, boolean>()];
  const visit = (at: Value, byShape: boolean): void => {
    const had = seen.get(at);
    if (had === false || had === byShape) return;
    seen.set(at, byShape);
    if (inputs.has(at)) (byShape ? shapes : values).add(at);
    const maker = makers.get(at);
    if (maker) readsOf(maker).forEach((x) => visit(x, byShape || looksAtShape.has(maker.op)));
  };
  visit(v, false);
  return { values: [...values], shapes: [...shapes].filter((x) => !values.has(x)) };
}
