/** The list itself: order, selection, events, printing, and what a broken pass is told. */
import { describe, expect, test } from "vitest";
import { definePass, type Pass } from "../../passes/pass.js";
import { onnxPasses, primitivePasses, runPasses, selectPasses } from "../../passes/pipeline.js";
import { decompose } from "../../src/ir/rewrite/decompose.js";
import { inferGraph } from "../../src/ir/infer/infer.js";
import { parse } from "../../src/ir/text/parse.js";
import { print, sketch } from "../../src/ir/text/print.js";
import { catalogue } from "../../src/ops/catalogue.js";
import { expectSameNumbers } from "./check-pass.js";

const block = `
  p = Pad(x: f32[N,3,H,W], amounts: i64[8]{0, 0, 1, 1, 0, 0, 1, 1})
  c = Conv(p, w: f32[4,3,3,3]!)
  n = BatchNormalization(c, s: f32[4]!, o: f32[4]!, m: f32[4]!, v: f32[4]!)
  k = Mul(n, k1: f32[4,1,1]!)
  d = Dropout(k)
  r = Relu(d)
  sh = Shape(r)
  b = Gather(sh, zero: i64[1]{0}, axis=0)
  rs = Concat(b, rest: i64[1]{-1}, axis=0)
  f = Reshape(r, rs)
  g = GlobalAveragePool(r)
  h = Flatten(g)
  q = MatMul(h, w2: f32[4,5]!)
  y = Add(q, b2: f32[5]!)
  return y, f`;

test("a block folds to what it means", () => {
  const before = inferGraph(parse(block), catalogue).graph;
  const { graph, table } = runPasses(before, { catalogue });
  expect(sketch(graph)).toMatchInlineSnapshot(`
    "k = Conv(x, w'', o'', pads=[1, 1, 1, 1])
    r = Relu(k)
    f = Reshape(r, f.shape)
    g = GlobalAveragePool(r)
    h = Flatten(g)
    y = Gemm(h, w2, b2)"
  `);
  expect(table.find((r) => r.op === "BatchNormalization")).toEqual({ op: "BatchNormalization", before: 1, after: 0 });
  expectSameNumbers(before, graph);
});

test("after decomposition little is left but the work", () => {
  const typed = inferGraph(runPasses(parse(block), { catalogue }).graph, catalogue);
  const whole = decompose(typed.graph, catalogue, (n) => n.op === "Conv" || n.op === "Gemm", typed);
  const { graph } = runPasses(whole, { catalogue, passes: primitivePasses });
  expect(sketch(graph)).toMatchInlineSnapshot(`
    "k = Conv(x, w'', o'', pads=[1, 1, 1, 1])
    r'3 = expand(r'', shape=dims[N, 4, H, W])
    r = max(k, r'3)
    f = reshape(r, shape=dims[N, 4*H*W])
    g' = reduce(r, fn="sum", axes=[2, 3])
    g'' = dims(value=dims[H*W])
    g'3 = reshape(g'', shape=dims[])
    g'4 = cast(g'3, to="f32", round="trunc", overflow="wrap")
    g'5 = reshape(g'4, shape=dims[1, 1, 1, 1])
    g'6 = expand(g'5, shape=dims[N, 4, 1, 1])
    g = div(g', g'6)
    h = reshape(g, shape=dims[N, 4])
    y = Gemm(h, w2, b2)"
  `);
  expectSameNumbers(typed.graph, graph);
});

describe("selection", () => {
  const names = (...select: string[]) => [...new Set(selectPasses(onnxPasses, select).map((p) => p.name))];
  const all = names();
  test("all, some, all but one, one back", () => {
    expect(names("drop-noops", "drop-dead")).toEqual(["drop-noops", "drop-dead"]);
    expect(names("-fold-pad")).toEqual(all.filter((n) => n !== "fold-pad"));
    expect(names("-fold-pad", "+fold-pad")).toEqual(all);
    const exported = selectPasses(onnxPasses, [], true).map((p) => p.name);
    expect(all.filter((n) => !exported.includes(n))).toEqual(["recurrent-to-scan", "scan-to-loop", "read-sizes", "fold-scalar"]);
    expect(selectPasses(onnxPasses, ["+recurrent-to-scan", "+scan-to-loop", "+read-sizes", "+fold-scalar"], true)).toEqual(onnxPasses);
    expect(() => names("-fold-pads")).toThrow(/unknown-pass.*fold-pads/);
  });
});

test("events tell each pass, and a graph prints where asked", () => {
  const events: string[] = [];
  const prints: [string, string][] = [];
  const { graph } = runPasses(parse("a = Identity(x: f32[2])\n y = Relu(a)"), {
    catalogue,
    passes: onnxPasses,
    select: ["drop-noops", "drop-dead"],
    printAfter: ["drop-dead"],
    onEvent: (e) => events.push(`${e.pass} ${e.index + 1}/${e.of}: ${e.nodesBefore} -> ${e.nodesAfter}`),
    onPrint: (pass, text) => prints.push([pass, text]),
  });
  expect(events).toEqual(["drop-noops 1/3: 2 -> 1", "drop-noops 2/3: 1 -> 1", "drop-dead 3/3: 1 -> 1"]);
  expect(prints).toEqual([["drop-dead", print(graph)]]);
});

test("a graph to print after a pass that does not run is a warning", () => {
  const run = (...select: string[]) =>
    runPasses(parse("y = Relu(x: f32[2])"), { catalogue, select, printAfter: ["fold-pad"] }).diagnostics.map((d) => d.code);
  expect([run("-fold-pad"), run("-fold-pad", "+fold-pad"), run()]).toEqual([["pass-not-run"], [], []]);
});

test("a pass that breaks the graph is named", () => {
  const breaking: Pass = definePass("break-it", (graph) => graph.with({ ...graph.graph, nodes: [...graph.graph.nodes].reverse() }));
  expect(() => runPasses(parse("a = Neg(x: f32[2])\n y = Relu(a)"), { catalogue, passes: [breaking] })).toThrow(
    /pass-broke-graph: after break-it/,
  );
});

test("a model's own fault is told before any pass runs", () =>
  expect(() => runPasses(parse("y = Add(x: f32[2], z: i64[2])"), { catalogue })).toThrow(/type-mismatch|Add "y"/));

test("a run can be called off", () =>
  expect(() => runPasses(parse("y = Relu(x: f32[2])"), { catalogue, signal: AbortSignal.abort() })).toThrow(/abort/i));
