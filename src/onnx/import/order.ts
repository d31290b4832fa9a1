/**
 * Puts a graph's nodes into an order in which every value is defined before it is read. The standard asks exporters for
 * such an order; some editors leave another one. A node also waits for what its subgraphs read from outside.
 */
import { fail } from "../../base/diagnostic.js";
import type { OnnxGraph, OnnxNode } from "../bytes/schema.js";

/** Outer names that a node's subgraphs read. */
export function captures(node: OnnxNode): ReadonlySet<string> {
  const names = new Set<string>();
  for (const a of node.attributes) for (const g of a.g ? [a.g, ...a.graphs] : a.graphs) for (const name of freeNames(g)) names.add(name);
  return names;
}

/** Every name that nodes or their subgraphs read. */
export function namesRead(nodes: readonly OnnxNode[]): ReadonlySet<string> {
  return new Set(nodes.flatMap((n) => [...n.inputs, ...captures(n)]));
}

const known = new WeakMap<OnnxGraph, ReadonlySet<string>>();

function freeNames(graph: OnnxGraph): ReadonlySet<string> {
  const had = known.get(graph);
  if (had) return had;
  const own = new Set<string>([
    ...graph.inputs.map((v) => v.name),
    ...graph.initializers.map((t) => t.name),
    ...graph.sparseInitializers.map((t) => t.values.name),
    ...graph.nodes.flatMap((n) => n.outputs),
  ]);
  const read = [...graph.nodes.flatMap((n) => [...n.inputs, ...captures(n)]), ...graph.outputs.map((v) => v.name)];
  const free = new Set(read.filter((name) => name !== "" && !own.has(name)));
  known.set(graph, free);
  return free;
}

/** The same nodes, ordered; the given order where it serves. Throws `graph-cyclic`. */
export function inOrder(nodes: readonly OnnxNode[]): readonly OnnxNode[] {
  const definedBy = new Map<string, number>();
  nodes.forEach((n, i) => n.outputs.forEach((name) => name !== "" && !definedBy.has(name) && definedBy.set(name, i)));
  const needs = nodes.map((n) => neededNodes(n, definedBy));
  if (needs.every((list, i) => list.every((j) => j < i))) return nodes;
  const ordered: OnnxNode[] = [];
  const state = new Uint8Array(nodes.length);
  for (let i = 0; i < nodes.length; i++) visit(i, nodes, needs, state, ordered);
  return ordered;
}

function neededNodes(node: OnnxNode, definedBy: ReadonlyMap<string, number>): number[] {
  const out: number[] = [];
  for (const names of [node.inputs, captures(node)]) {
    for (const name of names) {
      const i = definedBy.get(name);
      if (i !== undefined) out.push(i);
    }
  }
  return out;
}

const underWay = 1;
const done = 2;

/** Depth first with a stack of its own: chains are longer than the call stack is deep. */
function visit(root: number, nodes: readonly OnnxNode[], needs: readonly number[][], state: Uint8Array, ordered: OnnxNode[]): void {
  const stack = [{ node: root, next: 0 }];
  while (stack.length > 0) {
    const top = stack[stack.length - 1];
    if (state[top.node] === done) {
      stack.pop();
      continue;
    }
    state[top.node] = underWay;
    const need = needs[top.node][top.next++];
    if (need === undefined) {
      state[top.node] = done;
      ordered.push(nodes[top.node]);
      stack.pop();
    } else if (state[need] === underWay) {
      cyclic(stack.slice(stack.findIndex((s) => s.node === need)).map((s) => nodes[s.node]));
    } else if (state[need] !== done) stack.push({ node: need, next: 0 });
  }
}

function cyclic(cycle: readonly OnnxNode[]): never {
  const names = cycle.map(nodeLabel).reverse();
  const shown = names.slice(0, 6).map((n) => JSON.stringify(n));
  fail(
    "graph-cyclic",
    `${names.length} node(s) wait for each other: ${shown.join(" -> ")}${names.length > 6 ? " -> ..." : ""} -> ${shown[0]}`,
    {
      location: { node: names[0] },
      why: "An ONNX graph has no cycles; loops are Loop and Scan nodes with a body of their own.",
      fix: "Find the edit that fed a later result back, or export the model again.",
    },
  );
}

/** What people call a node: its name, or its first output, or its operator. */
export function nodeLabel(node: OnnxNode): string {
  return node.name || node.outputs.find((o) => o !== "") || node.op;
}
