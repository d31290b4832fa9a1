import { dims } from "../../src/ir/attr.js";
import { isConst, symbol } from "../../src/base/dim.js";
import { DiagnosticError } from "../../src/base/diagnostic.js";
import { collectSymbols, makeNode } from "../../src/ir/build.js";
import { rankedType, type Graph, type Node, type Value } from "../../src/ir/graph.js";
import { elementsOf, type Knowledge } from "../../src/ir/infer/facts.js";
import { inferGraph } from "../../src/ir/infer/infer.js";
import { inferNode } from "../../src/ir/infer/node.js";
import { Names } from "../../src/ir/rewrite/names.js";
import { definedValues, eachGraph, exchangeReads, mapBodies, subgraphsOf } from "../../src/ir/walk.js";
import { elementCount } from "../../src/base/tensor.js";
import { mostExtents } from "../../src/ops/extents.js";
import type { Catalogue } from "../../src/ops/op.js";
import type { Pass } from "../pass.js";

/**
 * Op(x, n), where n holds integers that data decide and op must know when compiling  =>  Op(x, read(n, value=[n[0], ..]))
 *
 * The running program reads n back from the device, and what follows is as large as it says. Read is what lies deepest in
 * front of the operand, so that extents that stand beside it in a Concat keep what is known of them. The only pass that goes
 * round: what one read makes known shows what else hangs on data.
 *
 * Skipped for floats, for more than 64 integers or an open number of them, for what follows from sizes, and where the operator
 * can do without.
 */
export const readSizes: Pass = {
  name: "read-sizes",
  onCards: true,
  retypes: true,
  run: (graph, { catalogue }) => {
    if (!hasOpenSizes(graph, catalogue)) return graph;
    let now = graph;
    for (;;) {
      const { graph: typed, facts } = inferGraph(now, catalogue);
      const sought = wanted(typed, catalogue, (g) => ({ constant: (v) => g.get(v), fact: (v) => facts.get(v) }));
      if (sought.size === 0) return now;
      now = withReads(typed, sought);
    }
  },
};

type Constants = Graph["constants"];

/** Whether some operand that shapes is computed at all: of most models none is, and nothing is inferred for them. */
function hasOpenSizes(graph: Graph, catalogue: Catalogue): boolean {
  let found = false;
  const constants = new Set<Value>();
  eachGraph(graph, (g) => g.constants.forEach((_, v) => constants.add(v)));
  eachGraph(graph, (g) => g.nodes.forEach((n) => (found ||= shapingOperands(n, catalogue).some((v) => !constants.has(v)))));
  return found;
}

function shapingOperands(node: Node, catalogue: Catalogue): readonly Value[] {
  const { inputs } = catalogue.get(node.op) ?? { inputs: [] };
  return node.inputs.filter((v, i) => inputs[i]?.shaping === true).filter((v) => v !== undefined);
}

/** The values to read, of a graph and its bodies. */
function wanted(graph: Graph, catalogue: Catalogue, knowing: (constants: Constants) => Knowledge): ReadonlySet<Value> {
  const found = new Set<Value>();
  const producers = new Map<Value, Node>();
  const visit = (g: Graph, outer: Constants): void => {
    const constants = new Map([...outer, ...g.constants]);
    const known = knowing(constants);
    for (const node of g.nodes) {
      if (isUndecided(node, catalogue, known))
        for (const v of shapingOperands(node, catalogue)) deepest(v, producers, known).forEach((x) => found.add(x));
      node.outputs.forEach((v) => v && producers.set(v, node));
      for (const body of subgraphsOf(node)) visit(body, constants);
    }
  };
  visit(graph, new Map());
  return found;
}

/** Whether a node's meaning waits for the value of an operand. */
function isUndecided(node: Node, catalogue: Catalogue, known: Knowledge): boolean {
  if (shapingOperands(node, catalogue).every((v) => elementsOf(v, known) || known.constant(v))) return false;
  try {
    const facts = inferNode(node, catalogue, known);
    return !("unknown" in facts) && facts.refused !== undefined;
  } catch (e) {
    if (e instanceof DiagnosticError) return true;
    throw e;
  }
}

/** Operators that only hand integers on, or reckon with them as extents are reckoned with. */
const followed: ReadonlySet<string> = new Set("Cast Concat Squeeze Unsqueeze Reshape Identity Add Sub Mul".split(" "));

/** What data decide among the integers that a value is made of. */
function deepest(v: Value, producers: ReadonlyMap<Value, Node>, known: Knowledge): readonly Value[] {
  if (elementsOf(v, known) || known.constant(v)) return [];
  const by = producers.get(v);
  // Of sizes alone, or read already: what is not known of it then, no read would tell.
  if (known.fact(v)?.sized || by?.op === "read") return [];
  const through = by && followed.has(by.op) ? by.inputs.flatMap((x) => (x ? deepest(x, producers, known) : [])) : [];
  return through.length > 0 ? through : isReadable(v) ? [v] : [];
}

function isReadable(v: Value): boolean {
  const type = rankedType(v);
  if (!type || (type.dtype !== "i64" && type.dtype !== "i32")) return false;
  const fixed = type.shape.filter(isConst);
  return fixed.length === type.shape.length && elementCount(fixed) > 0 && elementCount(fixed) <= mostExtents;
}

/** The graph with a read behind everything sought, whose result all others see in its place. */
function withReads(graph: Graph, sought: ReadonlySet<Value>): Graph {
  const names = new Names(graph);
  const symbols = new Set(graph.symbols.map((s) => s.name));
  const read = (v: Value): Node => {
    const own: Value = { name: names.fresh(v.name), type: v.type };
    const count = elementCount((rankedType(v)?.shape ?? []).filter(isConst));
    const value = Array.from({ length: count }, (_, i) => symbol(unused(`${v.name}[${i}]`, symbols)));
    return makeNode("read", [v], [own], { value: dims(value) }, { origin: [v.name] });
  };
  const rewritten = (g: Graph, seen: ReadonlyMap<Value, Value>): Graph => {
    const own = new Map(seen);
    const nodes: Node[] = [];
    const readAll = (values: readonly (Value | undefined)[]): void => {
      for (const v of values)
        if (v && sought.has(v)) {
          const node = read(v);
          own.set(v, node.outputs[0] as Value);
          nodes.push(node);
        }
    };
    const defined = new Set(definedValues(g));
    readAll(g.inputs);
    for (const n of g.nodes) {
      const outer = exchangeReads(n, (v) => own.get(v) ?? v);
      nodes.push({ ...outer, attrs: mapBodies(outer.attrs, (body) => rewritten(body, own)) });
      readAll(n.outputs);
    }
    return { ...g, nodes, outputs: g.outputs.map((v) => (defined.has(v) ? v : (own.get(v) ?? v))) };
  };
  const out = rewritten(graph, new Map());
  return { ...out, symbols: collectSymbols(out) };
}

function unused(name: string, taken: Set<string>): string {
  let at = name;
  while (taken.has(at)) at += "'";
  taken.add(at);
  return at;
}
