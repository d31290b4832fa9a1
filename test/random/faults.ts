/**
 * Where onnxruntime itself differs from the standard, each with a public place that says so. An output that depends on
 * such a node is not held to it. At most 20 rows: more would say that we are the ones who are wrong.
 */
import { evaluateDim, symbolsOf } from "../../src/base/dim.js";
import { floatAttr, intAttr, rankedType, textAttr, type Graph, type Node, type Value } from "../../src/ir/graph.js";
import { eachGraph, readsOf, subgraphsOf } from "../../src/ir/walk.js";

/** A graph at the sizes of one run. */
interface Around {
  readonly shape: (v: Value | undefined) => readonly number[];
  readonly constant: (v: Value | undefined) => readonly number[];
  readonly producer: (v: Value | undefined) => Node | undefined;
}

export interface Fault {
  readonly what: string;
  readonly source: string;
  /** It ends the process, so nothing is asked of it. */
  readonly deadly?: true;
  readonly applies: (node: Node, around: Around) => boolean;
}

const dividing: ReadonlySet<string> = new Set(["Trilu", "TopK", "Einsum", "OneHot", "InstanceNormalization", "LRN", "Scan"]);

export const faults: readonly Fault[] = [
  {
    what: "Resize with align_corners and scales that give no whole number of elements takes the rounded length, the standard the product",
    source: "https://github.com/onnx/onnx/issues/2462",
    applies: (n, { shape, constant }) =>
      textAttr(n, "coordinate_transformation_mode") === "align_corners" &&
      shape(n.inputs[0]).some((d, i) => !Number.isInteger(d * (constant(n.inputs[2])[i] ?? 1))),
  },
  {
    what: "reductions of empty tensors keep or drop axes by other rules, and sums of nothing stay unset",
    source: "https://github.com/microsoft/onnxruntime/issues/8146",
    applies: (n, { shape }) => /^(Reduce|Arg)/.test(n.op) && shape(n.inputs[0]).includes(0),
  },
  {
    what: "matrix products over no element stay unset here and there",
    source: "https://github.com/microsoft/onnxruntime/issues/21483",
    applies: (n, { shape }) => /MatMul/.test(n.op) && shape(n.inputs[0]).at(-1) === 0,
  },
  {
    what: "a Gemm over no element gives its third operand without the factor beta",
    source: "https://github.com/microsoft/onnxruntime/pull/22111",
    applies: (n, { shape }) =>
      n.op === "Gemm" && (floatAttr(n, "beta") ?? 1) !== 1 && shape(n.inputs[0])[intAttr(n, "transA") === 1 ? 0 : 1] === 0,
  },
  {
    what: "products and means of halves are summed in halves, a block or an operand at a time",
    source: "https://github.com/microsoft/onnxruntime/blob/main/onnxruntime/core/mlas/lib/halfgemm.h",
    applies: (n) => /^(MatMul|Gemm|Einsum|Conv|Mean|Sum)/.test(n.op) && rankedType(n.inputs[0])?.dtype === "f16",
  },
  {
    what: "comparisons of int64 in vectors are wrong where values differ beyond 32 bits",
    source: "https://github.com/microsoft/onnxruntime/pull/25280",
    applies: (n) => /^(Reduce(Max|Min)|Max|Min|Clip|Sign)$/.test(n.op) && rankedType(n.inputs[0])?.dtype === "i64",
  },
  {
    what: "two conversions in a row become one, even where the first one loses something",
    source: "https://github.com/microsoft/onnxruntime/issues/13418",
    applies: (n, { producer }) => n.op === "Cast" && producer(n.inputs[0])?.op === "Cast",
  },
  {
    what: "the remainder of 64-bit integers with fmod=1 goes through a double",
    source: "https://github.com/microsoft/onnxruntime/blob/main/onnxruntime/core/providers/cpu/math/element_wise_ops.cc",
    applies: (n) => n.op === "Mod" && intAttr(n, "fmod") === 1 && /64$/.test(rankedType(n.inputs[0])?.dtype ?? ""),
  },
  {
    what: "wrapping over an axis by more than it is long reads beside it",
    source: "https://github.com/microsoft/onnxruntime/pull/32725",
    applies: (n, { shape, constant }) => {
      const [extents, pads] = [shape(n.inputs[0]), constant(n.inputs[1])];
      const isFarther = (d: number, i: number): boolean => (pads[i] ?? 0) > d || (pads[i + extents.length] ?? 0) > d;
      return n.op === "Pad" && textAttr(n, "mode") === "wrap" && extents.some(isFarther);
    },
  },
  {
    what: "windows wider than the padded axis count as one where C++ divides toward zero",
    source: "https://github.com/microsoft/onnxruntime/pull/29627",
    applies: (n, { shape }) => /Pool$/.test(n.op) && shape(n.outputs[0]).includes(0) && !shape(n.inputs[0]).includes(0),
  },
  {
    what: "kernels that walk a tensor by its extents divide by those that are 0",
    source: "https://github.com/microsoft/onnxruntime/issues/20659",
    deadly: true,
    applies: (n, { shape }) => dividing.has(n.op) && [...n.inputs, ...n.outputs].some((v) => shape(v).includes(0)),
  },
];

function around(graph: Graph, symbols: Readonly<Record<string, number>>): Around {
  const graphs: Graph[] = [];
  eachGraph(graph, (g) => graphs.push(g));
  const makers = new Map(graphs.flatMap((g) => g.nodes.flatMap((n) => n.outputs.map((v) => [v, n] as const))));
  const constants = new Map(graphs.flatMap((g) => [...g.constants]));
  return {
    // An extent that only the run tells is none of those that faults ask for.
    shape: (v) => (rankedType(v)?.shape ?? []).map((d) => (symbolsOf(d).every((s) => s in symbols) ? evaluateDim(d, symbols) : NaN)),
    constant: (v) => {
      const data = v && constants.get(v);
      return data ? Array.from(data.load().data as Float32Array, Number) : [];
    },
    producer: (v) => makers.get(v),
  };
}

/** A node and those of its bodies. */
const within = (node: Node): Node[] => [node, ...subgraphsOf(node).flatMap((g) => g.nodes.flatMap(within))];

/** Values that depend on a node with a fault. */
function touchedBy(graph: Graph, known: Around): ReadonlySet<Value> {
  const touched = new Set<Value>();
  for (const n of graph.nodes)
    if (readsOf(n).some((v) => touched.has(v)) || within(n).some((m) => faults.some((f) => f.applies(m, known))))
      for (const v of n.outputs) if (v) touched.add(v);
  return touched;
}

/** The outputs of a graph that no fault touches, by position. */
export function undisputed(graph: Graph, symbols: Readonly<Record<string, number>>): boolean[] {
  const touched = touchedBy(graph, around(graph, symbols));
  return graph.outputs.map((v) => !touched.has(v));
}

/** Whether onnxruntime would end the process: what it makes of an empty reduction may be empty where the standard's is not. */
export function isDeadly(graph: Graph, symbols: Readonly<Record<string, number>>): boolean {
  const known = around(graph, symbols);
  const touched = touchedBy(graph, known);
  const ends = (n: Node): boolean => faults.some((f) => f.deadly && f.applies(n, known));
  const isEnd = (n: Node): boolean => ends(n) || (dividing.has(n.op) && n.inputs.some((v) => v && touched.has(v)));
  return graph.nodes.some((n) => within(n).some(isEnd));
}
