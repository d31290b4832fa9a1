/**
 * A parameter is stretched to the data it is applied to, and never the data to it: each program with open extents and with
 * fixed ones, at every combination of some sizes, against what onnxruntime ran when this was written. What it refuses is
 * refused, its result has the data's extents, and one rule leaves one guard.
 */
import { expect, test } from "vitest";
import { holds } from "../../src/base/cond.js";
import { evaluateDim } from "../../src/base/dim.js";
import { DiagnosticError } from "../../src/base/diagnostic.js";
import { rankedType, type Graph } from "../../src/ir/graph.js";
import { inferGraph, type Inferred } from "../../src/ir/infer/infer.js";
import { setDims } from "../../src/ir/rewrite/specialise.js";
import { parse } from "../../src/ir/text/parse.js";
import { condText } from "../../src/ir/text/print.js";
import { catalogue } from "../../src/ops/catalogue.js";

interface Program {
  readonly text: string;
  readonly sizes: Readonly<Record<string, readonly number[]>>;
  /** The result's extents where sizes are open. */
  readonly gives: string;
  /** The sizes, in order, at which onnxruntime 1.30 runs it; it refuses all others. */
  readonly runs: string;
}

const programs: Readonly<Record<string, Program>> = {
  "Gemm's C of one axis": {
    text: "y = Gemm(a: f32[N,2], b: f32[2,M], c: f32[C])",
    sizes: { N: [0, 2], M: [1, 3], C: [1, 2, 3] },
    gives: "[N,M]",
    runs: "0 1 1, 0 3 1, 0 3 3, 2 1 1, 2 3 1, 2 3 3",
  },
  "Gemm's C of two axes": {
    text: "y = Gemm(a: f32[N,2], b: f32[2,M], c: f32[C,D])",
    sizes: { N: [0, 1, 2], M: [1, 3], C: [1, 2], D: [1, 3] },
    gives: "[N,M]",
    runs: "0 1 1 1, 0 3 1 1, 0 3 1 3, 1 1 1 1, 1 3 1 1, 1 3 1 3, 2 1 1 1, 2 1 2 1, 2 3 1 1, 2 3 1 3, 2 3 2 1, 2 3 2 3",
  },
  "Gemm's C of too many axes": {
    text: "y = Gemm(a: f32[N,2], b: f32[2,3], c: f32[C,1,3])",
    sizes: { N: [1, 2], C: [1, 2] },
    gives: "?",
    runs: "",
  },
  "Gemm's C of a known extent": {
    text: "y = Gemm(a: f32[N,2], b: f32[2,M], c: f32[3])",
    sizes: { N: [1, 2], M: [1, 3, 4] },
    gives: "[N,M]",
    runs: "1 3, 2 3",
  },
  "scale of LayerNormalization": {
    text: "y = LayerNormalization(x: f32[N,S], s: f32[D])",
    sizes: { N: [0, 2], S: [1, 2, 3], D: [1, 2, 3] },
    gives: "[N,S]",
    runs: "0 1 1, 0 2 1, 0 2 2, 0 3 1, 0 3 3, 2 1 1, 2 2 1, 2 2 2, 2 3 1, 2 3 3",
  },
  "scale of LayerNormalization on every axis": {
    text: "y = LayerNormalization(x: f32[N,S,4], s: f32[A,D,4], axis=1)",
    sizes: { N: [1, 2], S: [1, 3], A: [1, 2], D: [1, 3] },
    gives: "[N,S,4]",
    runs: "1 1 1 1, 1 3 1 1, 1 3 1 3, 2 1 1 1, 2 1 2 1, 2 3 1 1, 2 3 1 3, 2 3 2 1, 2 3 2 3",
  },
  "bias of LayerNormalization": {
    text: "y = LayerNormalization(x: f32[N,S], s: f32[S], b: f32[D])",
    sizes: { N: [1, 2], S: [1, 2, 3], D: [1, 2, 3] },
    gives: "[N,S]",
    runs: "1 1 1, 1 2 1, 1 2 2, 1 3 1, 1 3 3, 2 1 1, 2 2 1, 2 2 2, 2 3 1, 2 3 3",
  },
  "scale of RMSNormalization": {
    text: "y = RMSNormalization(x: f32[N,S], s: f32[D])",
    sizes: { N: [0, 2], S: [1, 2, 3], D: [1, 2, 3] },
    gives: "[N,S]",
    runs: "0 1 1, 0 2 1, 0 2 2, 0 3 1, 0 3 3, 2 1 1, 2 2 1, 2 2 2, 2 3 1, 2 3 3",
  },
  "parameters of BatchNormalization": {
    text: "y = BatchNormalization(x: f32[N,C], s: f32[D], b: f32[C], m: f32[C], v: f32[D])",
    sizes: { N: [0, 1, 2], C: [1, 2, 3], D: [1, 2, 3] },
    gives: "[N,C]",
    runs: "0 1 1, 0 2 2, 0 3 3, 1 1 1, 1 2 2, 1 3 3, 2 1 1, 2 2 2, 2 3 3",
  },
  "parameters of BatchNormalization on one axis": {
    text: "y = BatchNormalization(x: f32[N], s: f32[D], b: f32[D], m: f32[1], v: f32[1])",
    sizes: { N: [1, 2, 3], D: [1, 2, 3] },
    gives: "[N]",
    runs: "1 1, 2 1, 3 1",
  },
  "scale of InstanceNormalization": {
    text: "y = InstanceNormalization(x: f32[N,C,2], s: f32[D], b: f32[C])",
    sizes: { N: [1, 2], C: [1, 2, 3], D: [1, 2, 3] },
    gives: "[N,C,2]",
    runs: "1 1 1, 1 2 2, 1 3 3, 2 1 1, 2 2 2, 2 3 3",
  },
  "bias of Conv": {
    text: "y = Conv(x: f32[N,2,3], w: f32[M,2,1], b: f32[D])",
    sizes: { N: [1, 2], M: [1, 2], D: [1, 2, 3] },
    gives: "[N,M,3]",
    runs: "1 1 1, 1 2 2, 2 1 1, 2 2 2",
  },
  "bias of ConvTranspose": {
    text: "y = ConvTranspose(x: f32[N,2,3], w: f32[2,M,1], b: f32[D])",
    sizes: { N: [1, 2], M: [1, 2], D: [1, 2, 3] },
    gives: "[N,M,3]",
    runs: "1 1 1, 1 2 2, 2 1 1, 2 2 2",
  },
  "mask of Attention, its batch": {
    text: "y = Attention(q: f32[B,1,2,4], k: f32[B,1,3,4], v: f32[B,1,3,4], m: f32[A,1,2,3])",
    sizes: { B: [1, 2], A: [1, 2, 3] },
    gives: "[B,1,2,4]",
    runs: "1 1, 2 1, 2 2",
  },
  "mask of Attention, its rows": {
    text: "y = Attention(q: f32[1,1,S,4], k: f32[1,1,3,4], v: f32[1,1,3,4], m: f32[R,3])",
    sizes: { S: [1], R: [1, 2, 3] },
    gives: "[1,1,S,4]",
    runs: "1 1",
  },
  "mask of Attention, its heads": {
    text: "y = Attention(q: f32[1,H,2,4], k: f32[1,H,3,4], v: f32[1,H,3,4], m: f32[1,P,2,3])",
    sizes: { H: [1, 2], P: [1, 2, 4] },
    gives: "[1,H,2,4]",
    runs: "1 1, 2 1, 2 2",
  },
  "scale of QuantizeLinear": {
    text: "y = QuantizeLinear(x: f32[N,S], s: f32[D], axis=0)",
    sizes: { N: [0, 1, 2], S: [2], D: [1, 2, 3] },
    gives: "[N,S]",
    runs: "0 2 1, 1 2 1, 2 2 1, 2 2 2",
  },
  "zero point of QuantizeLinear": {
    text: "y = QuantizeLinear(x: f32[N,S], s: f32[D], z: u8[D])",
    sizes: { N: [1, 2], S: [1, 2, 3], D: [1, 2, 3] },
    gives: "[N,S]",
    runs: "1 1 1, 1 2 1, 1 2 2, 1 3 1, 1 3 3, 2 1 1, 2 2 1, 2 2 2, 2 3 1, 2 3 3",
  },
  "scale of DequantizeLinear": {
    text: "y = DequantizeLinear(x: u8[N,S], s: f32[D], z: u8[D])",
    sizes: { N: [1, 2], S: [1, 2, 3], D: [1, 2, 3] },
    gives: "[N,S]",
    runs: "1 1 1, 1 2 1, 1 2 2, 1 3 1, 1 3 3, 2 1 1, 2 2 1, 2 2 2, 2 3 1, 2 3 3",
  },
  "scales of blocks": {
    text: "y = DequantizeLinear(x: u8[N,S], s: f32[M,D], axis=1, block_size=2)",
    sizes: { N: [1, 2], S: [2, 3, 4], M: [1, 2, 3], D: [1, 2] },
    gives: "[N,S]",
    runs: "1 2 1 1, 1 3 1 2, 1 4 1 2, 2 2 2 1, 2 3 2 2, 2 4 2 2",
  },
  "scale of filters": {
    text: "y = QLinearConv(x: u8[N,2,3], p: f32[], q: u8[], w: u8[M,2,1], r: f32[D], s: u8[], t: f32[], u: u8[])",
    sizes: { N: [1, 2], M: [1, 2], D: [1, 2, 3] },
    gives: "[N,M,3]",
    runs: "1 1 1, 1 2 1, 1 2 2, 2 1 1, 2 2 1, 2 2 2",
  },
  "bias of QLinearConv": {
    text: "y = QLinearConv(x: u8[N,2,3], p: f32[], q: u8[], w: u8[M,2,1], r: f32[], s: u8[], t: f32[], u: u8[], b: i32[D])",
    sizes: { N: [1, 2], M: [1, 2], D: [1, 2, 3] },
    gives: "[N,M,3]",
    runs: "1 1 1, 1 2 2, 2 1 1, 2 2 2",
  },
  "scale of columns": {
    text: "y = QLinearMatMul(a: u8[N,2], p: f32[], q: u8[], b: u8[2,M], r: f32[D], s: u8[D], t: f32[], u: u8[])",
    sizes: { N: [1, 2], M: [1, 2], D: [1, 2, 3] },
    gives: "[N,M]",
    runs: "1 1 1, 1 2 1, 1 2 2, 2 1 1, 2 2 1, 2 2 2",
  },
  "scale of rows": {
    text: "y = QLinearMatMul(a: u8[N,2], p: f32[D], q: u8[D], b: u8[2,M], r: f32[], s: u8[], t: f32[], u: u8[])",
    sizes: { N: [1], M: [1, 2], D: [1, 2, 3] },
    gives: "[N,M]",
    runs: "1 1 1, 1 2 1",
  },
  "scale of the result's rows": {
    text: "y = QLinearMatMul(a: u8[N,2], p: f32[], q: u8[], b: u8[2,M], r: f32[], s: u8[], t: f32[D], u: u8[D])",
    sizes: { N: [1], M: [1, 2], D: [1, 2, 3] },
    gives: "[N,M]",
    runs: "1 1 1, 1 2 1",
  },
  "zero point of columns": {
    text: "y = MatMulInteger(a: u8[N,2], b: u8[2,M], p: u8[], q: u8[D])",
    sizes: { N: [1, 2], M: [1, 2], D: [1, 2, 3] },
    gives: "[N,M]",
    runs: "1 1 1, 1 2 1, 1 2 2, 2 1 1, 2 2 1, 2 2 2",
  },
  "zero point of rows": {
    text: "y = MatMulInteger(a: u8[N,2], b: u8[2,M], p: u8[D])",
    sizes: { N: [1], M: [1, 2], D: [1, 2, 3] },
    gives: "[N,M]",
    runs: "1 1 1, 1 2 1",
  },
  "zero point of filters": {
    text: "y = ConvInteger(x: u8[N,2,3], w: u8[M,2,1], p: u8[], q: u8[D])",
    sizes: { N: [1, 2], M: [1], D: [1, 2, 3] },
    gives: "[N,M,3]",
    runs: "1 1 1, 2 1 1",
  },
};

type Sizes = ReadonlyMap<string, number>;

function combinations(sizes: Program["sizes"]): Sizes[] {
  return Object.entries(sizes).reduce(
    (all, [name, list]) => all.flatMap((at) => list.map((n): Sizes => new Map([...at, [name, n]]))),
    [new Map() as Sizes],
  );
}

const shapeOf = ({ graph }: Inferred, at: Sizes): string =>
  `${rankedType(graph.outputs[0])
    ?.shape.map((d) => evaluateDim(d, at))
    .join()}`;

/** The result's extents where the program stands with these sizes, or undefined where it is refused. */
function fixedShape(graph: Graph, at: Sizes): string | undefined {
  try {
    const fixed = inferGraph(setDims(graph, at), catalogue);
    return fixed.diagnostics.some((d) => d.severity === "error") ? undefined : shapeOf(fixed, at);
  } catch (e) {
    if (e instanceof DiagnosticError) return undefined;
    throw e;
  }
}

test.each(Object.entries(programs))("%s", (_, { text, sizes, gives, runs }) => {
  const graph = parse(text);
  const open = inferGraph(graph, catalogue);
  const refused = open.diagnostics.some((d) => d.severity === "error");
  const type = rankedType(open.graph.outputs[0]);
  expect(type ? `[${type.shape.join(",")}]` : "?").toBe(gives);
  const accepts = (at: Sizes): boolean => !refused && open.graph.guards.every((g) => holds(g.when, at));
  const fixed = new Map(combinations(sizes).map((at) => [at, fixedShape(graph, at)]));
  const spelled = (list: readonly Sizes[]): string => list.map((at) => [...at.values()].join(" ")).join(", ");
  const all = [...fixed.keys()];
  expect(spelled(all.filter((at) => fixed.get(at) !== undefined))).toBe(runs);
  expect(spelled(all.filter(accepts)), open.graph.guards.map((g) => condText(g.when)).join("; ")).toBe(runs);
  for (const at of all.filter(accepts)) expect(shapeOf(open, at)).toBe(fixed.get(at));
});
