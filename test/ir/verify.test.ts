/** The verifier names every fault of a broken graph. */
import { expect, test } from "vitest";
import { makeGraph, makeNode, tensorValue } from "../../src/ir/build.js";
import type { ConstData } from "../../src/ir/graph.js";
import { parse } from "../../src/ir/text/parse.js";
import { verify } from "../../src/ir/verify.js";
import { littleCatalogue } from "./helpers.js";

const x = tensorValue("x", "f32", [2]);
const y = tensorValue("y", "f32", [2]);
const codes = (parts: Parameters<typeof makeGraph>[0]) => verify(makeGraph(parts)).map((d) => d.code);

test("a sound graph has no fault", () => expect(verify(parse("y: f32[2] = Relu(x: f32[2])"), littleCatalogue)).toEqual([]));

test("many faults are reported at once", () => {
  const z = tensorValue("y", "f32", [2]);
  const nodes = [
    makeNode("Relu", [y], [z]),
    makeNode("Relu", [x], [y]),
    makeNode("Relu", [x], [y]),
    makeNode("Relu", [tensorValue("w", "f32", [2])], []),
  ];
  expect(codes({ inputs: [x], outputs: [tensorValue("q", "f32", [2])], nodes })).toEqual([
    "value-order",
    "duplicate-name",
    "value-redefined",
    "value-undefined",
    "node-without-output",
    "value-undefined",
  ]);
});

test("a body's value is not visible outside", () => {
  const inner = tensorValue("inner", "f32", [2]);
  const body = makeGraph({ inputs: [], outputs: [inner], nodes: [makeNode("Relu", [x], [inner])] });
  const node = makeNode("If", [x], [y], { then_branch: { kind: "graph", value: body } });
  expect(codes({ inputs: [x], outputs: [inner], nodes: [node] })).toEqual(["value-order"]);
});

test("constants hold what their type says, symbols are listed", () => {
  const data: ConstData = { dtype: "f32", shape: [3], load: () => ({ dtype: "f32", shape: [3], data: new Float32Array(3) }) };
  expect(codes({ inputs: [], outputs: [y], nodes: [], constants: new Map([[y, data]]) })).toEqual(["constant-type"]);
  const graph = parse("y: f32[N] = Relu(x: f32[N])");
  expect(verify({ ...graph, symbols: [] }).map((d) => d.code)).toEqual(["symbol-unlisted"]);
});

test("types are held against inference", () =>
  expect(verify(parse("y: i64[2] = Relu(x: f32[2])"), littleCatalogue).map((d) => d.code)).toEqual(["type-mismatch"]));
