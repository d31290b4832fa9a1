import { rankedType, type Graph, type Node, type Value } from "../../src/ir/graph.js";
import { nodeAttrs } from "../../src/ir/primitive-node.js";
import { Names } from "../../src/ir/rewrite/names.js";
import { capturesOf, mapBodies } from "../../src/ir/walk.js";
import type { Pass } from "../pass.js";

/**
 * return x, for an input, a constant, what is given out before, or what lies outside a body  =>  x' = reshape(x), return x'
 * so that every output has bytes of its own. An Identity is left only where an output has to stay apart from what it
 * equals: it becomes a reshape too, which copies.
 *
 * Skipped for all other outputs. Whoever gives the outputs back calls them by the names that the model has for them.
 */
export const ownOutputs: Pass = {
  name: "own-outputs",
  run: (graph) => owned(graph, new Names(graph), []),
};

function owned(graph: Graph, names: Names, outer: readonly Value[]): Graph {
  const nodes = graph.nodes.map((n) => copying(n, names));
  const taken = new Set<Value>([...graph.inputs, ...graph.constants.keys(), ...outer]);
  const outputs = graph.outputs.map((v): Value => {
    const own = taken.has(v) ? { name: names.fresh(v.name), type: v.type } : v;
    taken.add(own);
    if (own !== v) nodes.push(copyOf(v, own));
    return own;
  });
  const isSame = nodes.length === graph.nodes.length && nodes.every((n, i) => n === graph.nodes[i]);
  return isSame ? graph : { ...graph, nodes, outputs };
}

function copying(node: Node, names: Names): Node {
  const shape = node.op === "Identity" ? rankedType(node.outputs[0])?.shape : undefined;
  if (shape) return { ...node, op: "reshape", attrs: nodeAttrs("reshape", { shape }) };
  const attrs = mapBodies(node.attrs, (body) => owned(body, names, capturesOf(body)));
  return attrs === node.attrs ? node : { ...node, attrs };
}

function copyOf(v: Value, copy: Value): Node {
  const type = rankedType(v);
  return { op: "reshape", inputs: [v], outputs: [copy], attrs: nodeAttrs("reshape", { shape: type?.shape ?? [] }), origin: [v.name] };
}
