/** Looking through a graph and the bodies nested in its nodes: what they read, and copies with values exchanged. */
import type { Attr, Graph, Node, Value } from "./graph.js";

/** The bodies a node carries (If, Loop, Scan), in attribute order. */
export function subgraphsOf(node: Node): Graph[] {
  const out: Graph[] = [];
  for (const name in node.attrs) {
    const a = node.attrs[name];
    if (a.kind === "graph") out.push(a.value);
    else if (a.kind === "graphs") out.push(...a.value);
  }
  return out;
}

const captureCache = new WeakMap<Graph, readonly Value[]>();

/** Values a graph reads (also as an output) but does not define: what a body captures from the graphs around it. */
export function capturesOf(graph: Graph): readonly Value[] {
  const known = captureCache.get(graph);
  if (known) return known;
  const defined = new Set<Value>([...graph.inputs, ...graph.constants.keys()]);
  const captured = new Set<Value>();
  const read = (v: Value | undefined): void => {
    if (v && !defined.has(v)) captured.add(v);
  };
  for (const node of graph.nodes) {
    readsOf(node).forEach(read);
    for (const v of node.outputs) if (v) defined.add(v);
  }
  graph.outputs.forEach(read);
  const out = [...captured];
  captureCache.set(graph, out);
  return out;
}

/** Everything a node reads: its inputs, a value read twice listed twice, then what its bodies capture. */
export function readsOf(node: Node): Value[] {
  const out: Value[] = [];
  for (const v of node.inputs) if (v) out.push(v);
  for (const body of subgraphsOf(node)) out.push(...capturesOf(body));
  return out;
}

/** Whether a node runs even where nobody reads its results: what the host learns stands in shapes and extents. */
export function runsAnyway({ op }: Node): boolean {
  return op === "read";
}

/** Calls `visit` with a graph, then with every graph nested in it, outermost first. */
export function eachGraph(graph: Graph, visit: (g: Graph) => void): void {
  visit(graph);
  for (const node of graph.nodes) for (const body of subgraphsOf(node)) eachGraph(body, visit);
}

/** A body with the constants that it can read of the graph around it. */
export function seenFrom(body: Graph, outer: Graph): Graph {
  return outer.constants.size === 0 ? body : { ...body, constants: new Map([...outer.constants, ...body.constants]) };
}

/** Every value defined in a graph itself, in order of definition. */
export function definedValues(graph: Graph): Value[] {
  const out: Value[] = [...graph.inputs, ...graph.constants.keys()];
  for (const node of graph.nodes) for (const v of node.outputs) if (v) out.push(v);
  return out;
}

const countCache = new WeakMap<Graph, ReadonlyMap<string, number>>();

/** How many nodes there are, those in bodies included, by operator. */
export function countOps(graph: Graph): ReadonlyMap<string, number> {
  const known = countCache.get(graph);
  if (known) return known;
  const counts = new Map<string, number>();
  eachGraph(graph, (g) => {
    for (const { op } of g.nodes) counts.set(op, (counts.get(op) ?? 0) + 1);
  });
  countCache.set(graph, counts);
  return counts;
}

/** Whether a node runs graphs of its own, which may be lowered by themselves already. */
export function runsBodies(node: Node): boolean {
  return node.op === "If" || node.op === "Loop" || subgraphsOf(node).length > 0;
}

/** The attributes with every body replaced; the same object when nothing changed. */
export function mapBodies(attrs: Node["attrs"], f: (g: Graph) => Graph): Node["attrs"] {
  let changed: Record<string, Attr> | undefined;
  for (const name in attrs) {
    const a = attrs[name];
    if (a.kind === "graph") {
      const value = f(a.value);
      if (value !== a.value) (changed ??= { ...attrs })[name] = { kind: "graph", value };
    } else if (a.kind === "graphs") {
      const value = a.value.map(f);
      if (value.some((g, i) => g !== a.value[i])) (changed ??= { ...attrs })[name] = { kind: "graphs", value };
    }
  }
  return changed ?? attrs;
}

/** The node with the values it reads exchanged, also inside its bodies; the same object when it reads none of them. */
export function exchangeReads(node: Node, by: (v: Value) => Value): Node {
  const inputs = node.inputs.some((v) => v && by(v) !== v) ? node.inputs.map((v) => v && by(v)) : node.inputs;
  const attrs = mapBodies(node.attrs, (g) => exchangeCaptures(g, by));
  return inputs === node.inputs && attrs === node.attrs ? node : { ...node, inputs, attrs };
}

/** The graph with captured values exchanged; the same object when it captures none of them. */
function exchangeCaptures(graph: Graph, by: (v: Value) => Value): Graph {
  if (capturesOf(graph).every((v) => by(v) === v)) return graph;
  return { ...graph, nodes: graph.nodes.map((n) => exchangeReads(n, by)), outputs: graph.outputs.map(by) };
}
