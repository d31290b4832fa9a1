import { valueOf, type Element } from "../../src/base/element.js";
import { makeNode } from "../../src/ir/build.js";
import { constantElements } from "../../src/ir/infer/facts.js";
import type { ConstData, Graph, Node, Value } from "../../src/ir/graph.js";
import { eachGraph, exchangeReads, mapBodies } from "../../src/ir/walk.js";
import { definePass } from "../pass.js";

type Known = (v: Value) => readonly Element[] | undefined;

/**
 * If(true, then, else)  =>  the nodes of `then`, in its place
 * and likewise for a condition that is known to be false, also inside bodies.
 *
 * Skipped while the condition is computed at run time. What a branch returns takes the name of the If's output; an
 * Identity stays where it returns a value from outside.
 */
export const inlineBranches = definePass("inline-branches", (graph) => {
  const constants = new Map<Value, ConstData>();
  eachGraph(graph.graph, (g) => g.constants.forEach((data, v) => constants.set(v, data)));
  return graph.with(
    inlined(graph.graph, (v) => {
      const data = constants.get(v);
      return graph.fact(v)?.elements ?? (data && constantElements(data));
    }),
  );
});

/** The same object when no condition is known. */
function inlined(graph: Graph, known: Known): Graph {
  const constants = new Map(graph.constants);
  let changed = false;
  const nodes = graph.nodes.flatMap((original): Node[] => {
    const attrs = mapBodies(original.attrs, (g) => inlined(g, known));
    const node = attrs === original.attrs ? original : { ...original, attrs };
    const branch = liveBranch(node, known);
    changed ||= node !== original || branch !== undefined;
    if (!branch) return [node];
    branch.constants.forEach((data, v) => constants.set(v, data));
    return spliced(node, branch);
  });
  return changed ? { ...graph, nodes, constants } : graph;
}

function liveBranch(node: Node, known: Known): Graph | undefined {
  if (node.op !== "If" || !node.inputs[0]) return undefined;
  const [first] = known(node.inputs[0]) ?? [];
  const cond = first === undefined ? undefined : valueOf(first);
  if (cond === undefined) return undefined;
  const body = node.attrs[cond !== 0 ? "then_branch" : "else_branch"];
  return body?.kind === "graph" ? body.value : undefined;
}

/** The branch's nodes, with its results defined as the If's outputs. */
function spliced(node: Node, branch: Graph): Node[] {
  const made = new Set(branch.nodes.flatMap((n) => n.outputs));
  const renamed = new Map<Value, Value>();
  const passed: Node[] = [];
  node.outputs.forEach((y, i) => {
    const from = branch.outputs[i];
    if (!y) return;
    if (made.has(from) && !renamed.has(from)) renamed.set(from, y);
    else passed.push({ ...makeNode("Identity", [renamed.get(from) ?? from], [y]), origin: node.origin });
  });
  const exchange = (v: Value): Value => renamed.get(v) ?? v;
  return [...branch.nodes.map((n) => ({ ...exchangeReads(n, exchange), outputs: n.outputs.map((v) => v && exchange(v)) })), ...passed];
}
