import { infoOf, type DType } from "../../src/base/dtype.js";
import { tensorType } from "../../src/base/value-type.js";
import { rankedType, textAttr, type Node, type Value } from "../../src/ir/graph.js";
import { compareFns } from "../../src/ops/primitive.js";
import { definedValues, subgraphsOf } from "../../src/ir/walk.js";
import { mapped } from "../constants.js";
import type { Pass } from "../pass.js";

/** What gives elements that it was given, or says how they compare, whatever type holds them. */
const keeping: ReadonlySet<string> = new Set([
  ...compareFns,
  ...["cast", "concat", "expand", "gather", "gatherelements", "gathernd", "Identity", "max", "min", "pad", "reshape", "select"],
  ...["slice", "transpose", "window", "If", "Loop"],
]);
const scatters: ReadonlySet<string> = new Set(["scatterelements", "scatternd"]);

/**
 * v: small  =>  v: the type that holds it (`held` of an element type)
 *
 * of all values of types that no kernel stores: inputs, outputs, constants and what lies between. What makes such a value gives
 * numbers of the small type already (`round-small`), so that nothing changes but their width. In bodies likewise.
 *
 * Skipped for the whole graph where something computes with such values: there the type would matter.
 */
export const holdWider: Pass = {
  name: "hold-wider",
  run(graph) {
    const small = new Set(definedValues(graph).filter((v) => heldAs(v) !== undefined));
    const touches = (n: Node): boolean => [...n.inputs, ...n.outputs].some((v) => v && small.has(v));
    if (small.size === 0 || !graph.nodes.every((n) => !touches(n) || isKeeping(n))) return graph;
    const wide = new Map([...small].map((v) => [v, widened(v)]));
    const of = (v: Value): Value => wide.get(v) ?? v;
    return {
      ...graph,
      inputs: graph.inputs.map(of),
      outputs: graph.outputs.map(of),
      nodes: graph.nodes.map((n) => (touches(n) ? retyped(n, of) : n)),
      constants: new Map([...graph.constants].map(([v, data]) => [of(v), small.has(v) ? mapped(data, (x) => x, heldAs(v)) : data])),
    };
  },
};

function heldAs(v: Value): DType | undefined {
  const dtype = rankedType(v)?.dtype;
  return dtype && infoOf(dtype).held;
}

function isKeeping(node: Node): boolean {
  if (subgraphsOf(node).length > 0) return false;
  return keeping.has(node.op) || (scatters.has(node.op) && textAttr(node, "reduction") === "none");
}

function widened(v: Value): Value {
  return { name: v.name, type: tensorType(heldAs(v) ?? "f32", rankedType(v)?.shape) };
}

function retyped(node: Node, of: (v: Value) => Value): Node {
  const outputs = node.outputs.map((v) => v && of(v));
  const to = node.op === "cast" && outputs[0] ? rankedType(outputs[0])?.dtype : undefined;
  const attrs = to ? { ...node.attrs, to: { kind: "text", value: to } as const } : node.attrs;
  return { ...node, attrs, inputs: node.inputs.map((v) => v && of(v)), outputs };
}
