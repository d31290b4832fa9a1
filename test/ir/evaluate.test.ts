/** Graphs run the same at both levels, with control flow and symbols. */
import { describe, expect, test } from "vitest";
import type { Tensor } from "../../src/base/tensor.js";
import { decompose } from "../../src/ir/rewrite/decompose.js";
import { evaluateGraph } from "../../src/ir/evaluate/evaluate.js";
import type { Graph } from "../../src/ir/graph.js";
import { inferGraph } from "../../src/ir/infer/infer.js";
import { parse } from "../../src/ir/text/parse.js";
import { freezeInputs, setDims, setShapes } from "../../src/ir/rewrite/specialise.js";
import { littleCatalogue } from "./helpers.js";

const f32 = (shape: number[], ...data: number[]): Tensor => ({ dtype: "f32", shape, data: Float32Array.from(data) });
const i64 = (shape: number[], ...data: number[]): Tensor => ({ dtype: "i64", shape, data: BigInt64Array.from(data, BigInt) });
const bool = (x: number): Tensor => ({ dtype: "bool", shape: [], data: Uint8Array.of(x) });

function run(graph: Graph, ...inputs: Tensor[]): number[][] {
  const results = evaluateGraph(graph, littleCatalogue, new Map(graph.inputs.map((v, i) => [v, inputs[i]])));
  return [...results.values()].map((t) => Array.from(t.data as ArrayLike<number>, Number));
}

function bothLevels(text: string, ...inputs: Tensor[]): number[][] {
  const { graph, facts } = inferGraph(parse(text), littleCatalogue);
  const out = run(graph, ...inputs);
  expect(
    run(
      decompose(graph, littleCatalogue, () => false, { facts }),
      ...inputs,
    ),
  ).toEqual(out);
  return out;
}

describe("evaluateGraph", () => {
  test("symbols take the inputs' extents", () =>
    expect(
      bothLevels(
        "s = Shape(x: f32[N,2])\n t = Mul(s, k: i64[2]{2, 1})\n a = Relu(x)\n y = Add(a, z: f32[1,2])\n return y, t",
        f32([2, 2], -1, 2, 3, -4),
        f32([1, 2], 10, 20),
      ),
    ).toEqual([
      [10, 22, 13, 20],
      [4, 2],
    ]));

  test("If runs one branch, with what it captures", () => {
    const branches = "then_branch=graph t() -> (p) { p = Neg(a) }, else_branch=graph e() -> (q) { q = Add(a, a) }";
    const text = `a = Relu(x: f32[2])\n y: f32[2] = If(c: bool[], ${branches})`;
    expect(bothLevels(text, f32([2], 1, 2), bool(1))).toEqual([[-1, -2]]);
    expect(bothLevels(text, f32([2], 1, 2), bool(0))).toEqual([[2, 4]]);
  });

  test("Loop carries and stacks", () =>
    expect(
      bothLevels(
        "y, s = Loop(n: i64[], _, x: f32[1], body=graph b(i: i64[], c: bool[], v: f32[1]) -> (c2, u, u2) { c2 = Identity(c)\n u = Add(v, v)\n u2 = Neg(u) })",
        i64([], 3),
        f32([1], 1),
      ),
    ).toEqual([[8], [-2, -4, -8]]));

  test("a tensor that contradicts its type is refused", () =>
    expect(() => run(parse("y = Add(a: f32[N], b: f32[N])"), f32([2], 1, 2), f32([1], 1))).toThrow(/evaluate-extent/));
});

describe("specialise", () => {
  const graph = inferGraph(parse("y = Add(x: f32[N,M], b: f32[N,1])"), littleCatalogue).graph;
  const shapes = (g: Graph) => [...g.inputs, ...g.outputs].map((v) => (v.type.kind === "tensor" ? v.type.shape?.join() : ""));

  test("a dim is replaced everywhere", () => {
    const out = setDims(graph, new Map([["N", 4]]));
    expect(shapes(out)).toEqual(["4,M", "4,1", "4,M"]);
    expect(out.symbols.map((s) => s.name)).toEqual(["M"]);
  });

  test("a shape settles the symbols it names", () =>
    expect(shapes(setShapes(graph, new Map([["x", [4, 5]]])))).toEqual(["4,5", "4,1", "4,5"]));

  test("a frozen input becomes a constant and fixes its extents", () => {
    const out = freezeInputs(graph, new Map([["b", f32([2, 1], 1, 2)]]));
    expect(shapes(out)).toEqual(["2,M", "2,M"]);
    expect(run(out, f32([2, 1], 10, 20))).toEqual([[11, 22]]);
  });

  test.each([
    [() => setDims(graph, new Map([["K", 1]])), /dim-unknown.*"K"/],
    [() => setShapes(graph, new Map([["q", [1]]])), /shape-unknown-input/],
    [() => setShapes(graph, new Map([["x", [1]]])), /shape-rank/],
    [() => setShapes(graph, new Map([["b", [1, 2]]])), /shape-conflict/],
    [() => freezeInputs(graph, new Map([["b", i64([1, 1], 1)]])), /freeze-type/],
  ])("%s", (f, message) => expect(f).toThrow(message));
});

test("a call gives what its operator does, whichever way operands and results lie", () => {
  const plain = parse("y = transpose(x: f32[2,3,4], perm=[1, 2, 0])");
  const called = parse("y: f32[2,3,4] as [2, 0, 1] = call v::Move for transpose(x: f32[4,2,3] as [2, 0, 1], perm=[1, 2, 0])");
  const numbers = Array.from({ length: 24 }, (_, i) => i);
  const [want] = run(plain, f32([2, 3, 4], ...numbers));
  const turned = numbers.map((_, i) => numbers[(i % 6) * 4 + Math.floor(i / 6)]);
  const [got] = run(called, f32([4, 2, 3], ...turned));
  // y lies as [2, 0, 1] of the result, which is [3, 4, 2].
  expect(got).toEqual(numbers.map((_, i) => want[(i % 12) * 2 + Math.floor(i / 12)]));
});

test("what a call then does with its result is part of it", () => {
  const [y] = run(parse("y: f32[3] = call v::Sum for Add(a: f32[3], b: f32[3]) then Relu"), f32([3], 1, -5, 2), f32([3], 1, 1, -3));
  expect(y).toEqual([2, 0, 0]);
});
