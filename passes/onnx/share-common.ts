import { dtypes } from "../../src/base/dtype.js";
import { elementCount } from "../../src/base/tensor.js";
import { attrKey } from "../../src/ir/attr.js";
import type { ConstData, Graph, Value } from "../../src/ir/graph.js";
import { contentHash } from "../../src/ir/hash.js";
import type { AnyView, Surroundings, ValueView } from "../../src/ir/rewrite/views.js";
import { exchangeReads, subgraphsOf } from "../../src/ir/walk.js";
import { definePass } from "../pass.js";

/**
 * y1 = f(x); y2 = f(x)  =>  y1 = f(x), read twice
 *
 * Constants are shared first: those of the same bytes in the same file, and small ones of equal content. Skipped for
 * nodes with bodies, for random operators, and across graphs (a body's values are not visible outside it).
 */
export const shareCommon = definePass("share-common", (graph) => {
  const seen = new Map<Surroundings, Map<string, AnyView>>();
  const ids = new Map<Value, number>();
  return graph.with(shareConstants(graph.graph)).rewriteAny((view, make) => {
    if (subgraphsOf(view.node).length > 0 || /^(Random|Bernoulli$|Multinomial$)/.test(view.node.op)) return;
    let here = seen.get(make.facts);
    if (!here) seen.set(make.facts, (here = new Map()));
    const key = keyOf(view, ids);
    const twin = here.get(key);
    if (twin) return twin.outputs;
    here.set(key, view);
    return;
  });
});

function idOf(v: ValueView | undefined, ids: Map<Value, number>): number {
  if (!v) return -1;
  let id = ids.get(v.value);
  if (id === undefined) ids.set(v.value, (id = ids.size));
  return id;
}

/** Which outputs are asked for is part of it, so that a twin never lacks one. */
function keyOf({ node, inputs }: AnyView, ids: Map<Value, number>): string {
  const attrs = Object.keys(node.attrs)
    .sort()
    .map((k) => `${k}=${attrKey(node.attrs[k])}`);
  const call = node.call && JSON.stringify(node.call);
  return [node.op, call, node.version, inputs.map((v) => idOf(v, ids)), node.outputs.map((v) => (v ? 1 : 0)), ...attrs].join("|");
}

/** Larger constants are compared by where they lie, never by content: that would read every weight. */
const mostCompared = 256;

function constantKey(data: ConstData, sources: Map<object, number>): string | undefined {
  const type = `${data.dtype}[${data.shape.join()}]`;
  if (elementCount(data.shape) <= mostCompared && dtypes[data.dtype].kind !== "string") return `${type}:${contentHash(data)}`;
  if (!data.at) return undefined;
  const { source, offset, length } = data.at;
  if (!sources.has(source)) sources.set(source, sources.size);
  return `${type}@${sources.get(source)}:${offset}:${length}`;
}

function shareConstants(graph: Graph): Graph {
  const first = new Map<string, Value>();
  const twin = new Map<Value, Value>();
  const sources = new Map<object, number>();
  for (const [v, data] of graph.constants) {
    const key = constantKey(data, sources);
    const kept = key === undefined ? undefined : first.get(key);
    if (kept && !graph.outputs.includes(v)) twin.set(v, kept);
    else if (key !== undefined && !kept) first.set(key, v);
  }
  if (twin.size === 0) return graph;
  const exchange = (v: Value): Value => twin.get(v) ?? v;
  const constants = new Map([...graph.constants].filter(([v]) => !twin.has(v)));
  return { ...graph, constants, nodes: graph.nodes.map((n) => exchangeReads(n, exchange)) };
}
