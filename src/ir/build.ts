/** Making graphs by hand: values, nodes and constants with everything optional left out. */
import type { DType } from "../base/dtype.js";
import { symbolsOf, type Dim } from "../base/dim.js";
import type { Tensor } from "../base/tensor.js";
import { tensorType, type ValueType } from "../base/value-type.js";
import type { Attr, ConstData, Graph, Node, SymbolInfo, Value } from "./graph.js";
import { definedValues, eachGraph } from "./walk.js";

export function value(name: string, type: ValueType = { kind: "unknown" }): Value {
  return { name, type };
}

export function tensorValue(name: string, dtype: DType, shape: readonly Dim[] | undefined): Value {
  return { name, type: tensorType(dtype, shape) };
}

/** A node that comes from itself: its origin is its first output's name unless `more` says otherwise. */
export function makeNode(
  op: string,
  inputs: readonly (Value | undefined)[],
  outputs: readonly (Value | undefined)[],
  attrs: Readonly<Record<string, Attr>> = {},
  more: Partial<Pick<Node, "origin" | "version" | "call">> = {},
): Node {
  const first = outputs.find((v) => v !== undefined);
  return { op, inputs, outputs, attrs, origin: first ? [first.name] : [], ...more };
}

/** A constant held in memory: for small values and for what a user gave. */
export function constData(t: Tensor): ConstData {
  return { dtype: t.dtype, shape: t.shape, load: () => t };
}

/** A graph with the parts given; symbols are collected from the types unless listed. */
export function makeGraph(parts: Partial<Graph> & Pick<Graph, "inputs" | "outputs" | "nodes">): Graph {
  const graph: Graph = { name: "main", constants: new Map(), guards: [], symbols: [], metadata: {}, ...parts };
  return parts.symbols ? graph : { ...graph, symbols: collectSymbols(graph) };
}

/** The extents a type mentions, whatever its kind. */
function dimsOfType(type: ValueType): readonly Dim[] {
  switch (type.kind) {
    case "tensor":
    case "sparse":
      return type.shape ?? [];
    case "sequence":
    case "optional":
    case "map":
      return type.of ? dimsOfType(type.of) : [];
    case "unknown":
      return [];
    default:
      throw type satisfies never;
  }
}

/** Every symbol that a shape or a primitive's extents mention, sorted by name; ranges already known are kept. */
export function collectSymbols(graph: Graph): SymbolInfo[] {
  const known = new Map(graph.symbols.map((s) => [s.name, s]));
  const met = new Set<string>();
  const seen = new Set<Dim>();
  const note = (d: Dim): void => {
    if (typeof d === "number" || seen.has(d)) return;
    seen.add(d);
    symbolsOf(d).forEach((s) => met.add(s));
  };
  eachGraph(graph, (g) => {
    for (const v of definedValues(g)) dimsOfType(v.type).forEach(note);
    for (const n of g.nodes) for (const k in n.attrs) if (n.attrs[k].kind === "dims") (n.attrs[k].value as readonly Dim[]).forEach(note);
  });
  return [...met].sort().map((name) => known.get(name) ?? { name, range: { lo: 0, hi: Infinity } });
}
