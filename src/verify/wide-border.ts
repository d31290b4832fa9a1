/**
 * A model for onnxruntime, whose binding has no arrays of small types: the same graph with a Cast behind each such input and in front of
 * each such output, so that the arrays have the type that holds the small one's numbers.
 */
import { dtypes, infoOf, type DType } from "../base/dtype.js";
import type { Tensor } from "../base/tensor.js";
import { tensorType } from "../base/value-type.js";
import { rankedType, type Graph, type Node, type Value } from "../ir/graph.js";
import { Names } from "../ir/rewrite/names.js";
import { exchangeReads } from "../ir/walk.js";
import { evaluateCast } from "../ops/evaluate/cast.js";

interface WideBorder {
  readonly graph: Graph;
  /** The small types at the border, as ONNX calls them. */
  readonly types: readonly string[];
  widen(feed: ReadonlyMap<string, Tensor>): Map<string, Tensor>;
  narrow(outputs: ReadonlyMap<string, Tensor>): Map<string, Tensor>;
}

/** Undefined where the border has no such type. */
export function wideBorder(graph: Graph): WideBorder | undefined {
  const small = new Set([...graph.inputs, ...graph.outputs].filter((v) => infoOf(dtypeOf(v)).held !== undefined));
  if (small.size === 0) return undefined;
  const types = new Map([...small].map((v) => [v.name, dtypeOf(v)]));
  return {
    graph: withCasts(graph, small),
    types: [...new Set([...types.values()].map((d) => dtypes[d].onnxName))],
    widen: (feed) => new Map([...feed].map(([name, t]) => [name, cast(t, infoOf(t.dtype).held ?? t.dtype)])),
    narrow: (outputs) => new Map([...outputs].map(([name, t]) => [name, cast(t, types.get(name) ?? t.dtype)])),
  };
}

const dtypeOf = (v: Value): DType => rankedType(v)?.dtype ?? "f32";
const cast = (t: Tensor, to: DType): Tensor => evaluateCast(t, to, { round: "trunc", overflow: "wrap" });

function withCasts(graph: Graph, small: ReadonlySet<Value>): Graph {
  const names = new Names(graph);
  const outside = new Map<Value, Value>();
  const inside = new Map<Value, Value>();
  for (const v of small) {
    outside.set(v, { name: v.name, type: tensorType(infoOf(dtypeOf(v)).held ?? "f32", rankedType(v)?.shape) });
    inside.set(v, { name: names.fresh(v.name), type: v.type });
  }
  const outer = (v: Value): Value => outside.get(v) ?? v;
  const inner = (v: Value): Value => inside.get(v) ?? v;
  const given = new Set(graph.inputs);
  const nodes = [
    ...graph.inputs.filter((v) => small.has(v)).map((v) => castNode(outer(v), inner(v))),
    ...graph.nodes.map((n) => ({ ...exchangeReads(n, inner), outputs: n.outputs.map((v) => v && inner(v)) })),
    ...[...new Set(graph.outputs)].filter((v) => small.has(v) && !given.has(v)).map((v) => castNode(inner(v), outer(v))),
  ];
  const constants = new Map([...graph.constants].map(([v, data]) => [inner(v), data]));
  return { ...graph, inputs: graph.inputs.map(outer), outputs: graph.outputs.map(outer), nodes, constants };
}

function castNode(from: Value, to: Value): Node {
  const attrs = { to: { kind: "int", value: BigInt(dtypes[dtypeOf(to)].onnx) } } as const;
  return { op: "Cast", inputs: [from], outputs: [to], attrs, origin: [to.name] };
}
