import { tensorType, type ValueType } from "../../base/value-type.js";
import { collectSymbols } from "../build.js";
import type { Fact } from "./facts.js";
import type { Graph, Node, Value } from "../graph.js";
import { exchangeReads, mapBodies } from "../walk.js";

/** The graph with every shape that is only declared taken away; `recall` gives them back. */
export function forgetDeclared(
  graph: Graph,
  facts: ReadonlyMap<Value, Fact>,
): { readonly graph: Graph; readonly recall: (g: Graph) => Graph } {
  const declared = [...facts].filter(([v, f]) => f.declared && v.type.kind === "tensor" && v.type.shape).map(([v]) => v);
  if (declared.length === 0) return { graph, recall: (g) => g };
  const bare = new Map(declared.map((v) => [v, withoutShape(v)] as const));
  const types = new Map(declared.map((v) => [v.name, v.type] as const));
  return {
    graph: exchanged(graph, (v) => bare.get(v) ?? v),
    recall: (g) => {
      const recalled = exchanged(g, recalling(types));
      // What was declared may be as large as a symbol says that nothing else mentions any more.
      return { ...recalled, symbols: collectSymbols({ ...recalled, symbols: [...graph.symbols, ...g.symbols] }) };
    },
  };
}

function withoutShape(v: Value): Value {
  return v.type.kind === "tensor" ? { ...v, type: tensorType(v.type.dtype, undefined) } : v;
}

/** One new value for each old one of unknown rank that had a declared type. */
function recalling(types: ReadonlyMap<string, ValueType>): (v: Value) => Value {
  const made = new Map<Value, Value>();
  return (v) => {
    const type = types.get(v.name);
    if (!type || v.type.kind !== "tensor" || v.type.shape) return v;
    const had = made.get(v) ?? { ...v, type };
    made.set(v, had);
    return had;
  };
}

/** The graph with values exchanged wherever they stand, in bodies too. */
function exchanged(graph: Graph, by: (v: Value) => Value): Graph {
  const node = (n: Node): Node => {
    const read = exchangeReads(n, by);
    return { ...read, attrs: mapBodies(read.attrs, (g) => exchanged(g, by)), outputs: read.outputs.map((v) => v && by(v)) };
  };
  return {
    ...graph,
    inputs: graph.inputs.map(by),
    constants: new Map([...graph.constants].map(([v, data]) => [by(v), data])),
    nodes: graph.nodes.map(node),
    outputs: graph.outputs.map(by),
  };
}
