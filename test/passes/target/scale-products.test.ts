/** Products of float32 through halves: scaled into their range, the same but for the rounding, whatever the operands' size. */
import { describe, expect, test } from "vitest";
import { fromNumbers, roundTo, toNumbers } from "../../../src/base/float-formats.js";
import type { Tensor } from "../../../src/base/tensor.js";
import { evaluateGraph } from "../../../src/ir/evaluate/evaluate.js";
import { rankedType, type Graph, type Node, type Value } from "../../../src/ir/graph.js";
import { inferGraph } from "../../../src/ir/infer/infer.js";
import { decompose } from "../../../src/ir/rewrite/decompose.js";
import { parse } from "../../../src/ir/text/parse.js";
import { verify } from "../../../src/ir/verify.js";
import { cann } from "../../../targets/cann/target.js";
import { checkPass, expectSameNumbers } from "../check-pass.js";
import { catalogue } from "../../../src/ops/catalogue.js";
import { isSingle, scaleProducts, scaled as scaledProducts } from "../../../passes/target/scale-products.js";

const products = new Set(["contract", "conv", "convtranspose"]);
const isProduct = (n: Node): boolean => products.has(n.op) && isSingle(n);

function primitives(text: string): Graph {
  return decompose(inferGraph(parse(text), catalogue).graph, catalogue, () => false);
}

/** The graph as a chip has it that multiplies halves: every operand and result of a product rounded to f16. */
function onHalves(graph: Graph, inputs: ReadonlyMap<Value, Tensor>): readonly Tensor[] {
  const values = new Map<Value, Tensor>([...inputs, ...[...graph.constants].map(([v, c]) => [v, c.load()] as const)]);
  const rounded = (t: Tensor): Tensor =>
    fromNumbers(
      "f32",
      t.shape,
      [...toNumbers(t)].map((x) => roundTo("f16", x)),
    );
  for (const node of graph.nodes) {
    const read = node.inputs.filter((v) => v !== undefined);
    const own = new Map(read.map((v) => [v, isProduct(node) ? rounded(values.get(v) as Tensor) : (values.get(v) as Tensor)]));
    const alone: Graph = { ...graph, inputs: [...own.keys()], constants: new Map(), nodes: [node], outputs: node.outputs as Value[] };
    for (const [v, t] of evaluateGraph(alone, catalogue, own)) values.set(v, isProduct(node) ? rounded(t) : t);
  }
  return graph.outputs.map((v) => values.get(v) as Tensor);
}

/** Seeded numbers between -size and size, the first of them the size itself. */
function drawn(shape: readonly number[], size: number): Tensor {
  const count = shape.reduce((a, b) => a * b, 1);
  return fromNumbers(
    "f32",
    shape,
    Array.from({ length: count }, (_, i) => (i === 0 ? size : size * Math.sin(i * 12.9898 + 1))),
  );
}

const texts = {
  "a product of two inputs": "y = MatMul(x: f32[2,5,300], w: f32[300,4])",
  "a batch of matrices, turned": "y = Gemm(x: f32[40,5], w: f32[7,40], transA=1, transB=1)",
  "rows times a small constant of few terms": "y = MatMul(x: f32[3,4], w: f32[4,2]{0.005, 0.01, 0.02, 0.004, 0.03, 0.02, 0.01, 0.005})",
  "a turned constant": "y = Gemm(x: f32[4,3], w: f32[2,4]{1e-9, 2e-9, 3e-9, 4e-9, 5e-9, 6e-9, 7e-9, 8e-9}, transA=1, transB=1)",
  "a batch shared by one matrix": "y = MatMul(x: f32[2,3,5], w: f32[5,4])",
  "a convolution by few small weights": "y = Conv(x: f32[1,3,2,2], w: f32[2,3,1,1]{0.01, 0.03, 0.02, 0.01, 0.02, 0.03})",
  "a convolution in groups": "y = Conv(x: f32[2,4,9,8], w: f32[6,2,3,3], group=2, pads=[1, 1, 1, 1])",
  "a transposed convolution": "y = ConvTranspose(x: f32[2,3,5], w: f32[3,2,4], strides=[2])",
};

describe.each(Object.entries(texts))("%s", (_, text) => {
  const plain = primitives(text);
  const scaled = scaledProducts(plain, catalogue, isProduct);

  test.each([
    [1, 1],
    [1e9, 1e-3],
    [3e-12, 2],
    [1e18, 1e18],
    [0, 5],
  ])("of operands as large as %f and %f", (a, b) => {
    expect(verify(scaled)).toEqual([]);
    const sizes = [a, b];
    const inputs = (g: Graph): ReadonlyMap<Value, Tensor> =>
      new Map(g.inputs.map((v, i) => [v, drawn(rankedType(v)?.shape as number[], sizes[i])]));
    const [want] = evaluateGraph(plain, catalogue, inputs(plain)).values();
    const [got] = onHalves(scaled, inputs(scaled));
    const sizesOf = (list: ReadonlyMap<Value, Tensor>) =>
      new Map([...list].map(([v, t]) => [v, fromNumbers("f32", t.shape, [...toNumbers(t)].map(Math.abs))] as const));
    const [magnitudes] = evaluateGraph(plain, catalogue, sizesOf(inputs(plain))).values();
    // Both operands and the result are rounded to 11 bits.
    const bound = (i: number): number => 3 * 2 ** -11 * toNumbers(magnitudes)[i] * 1.01;
    toNumbers(want).forEach((x, i) => expect(Math.abs(toNumbers(got)[i] - x)).toBeLessThanOrEqual(bound(i)));
  });
});

test.each([1, 3, 1e-9, 2 ** 100])("what is exact in halves stays so: small whole numbers times %f", (size) => {
  const [plain] = [primitives("y = MatMul(x: f32[3,8], w: f32[8,4])")];
  const scaled = scaledProducts(plain, catalogue, isProduct);
  const whole = (shape: readonly number[], by: number) =>
    fromNumbers(
      "f32",
      shape,
      Array.from({ length: 32 }, (_, i) => ((i * 7) % 11) - 5)
        .slice(0, shape[0] * shape[1])
        .map((x) => x * by),
    );
  const inputs = (g: Graph) =>
    new Map([
      [g.inputs[0], whole([3, 8], 2 ** Math.round(Math.log2(size)))],
      [g.inputs[1], whole([8, 4], 1)],
    ] as const);
  const [want] = evaluateGraph(plain, catalogue, inputs(plain)).values();
  expect([...toNumbers(onHalves(scaled, inputs(scaled))[0])]).toEqual([...toNumbers(want)]);
});

test("a row that is NaN or tiny leaves the others alone", () => {
  const plain = primitives("y = MatMul(x: f32[3,4], w: f32[4,2])");
  const scaled = scaledProducts(plain, catalogue, isProduct);
  const x = fromNumbers("f32", [3, 4], [NaN, 1, 1, 1, 3e4, 3e4, 3e4, 3e4, 1e-4, 1e-4, 1e-4, 1e-4]);
  const inputs = new Map([
    [scaled.inputs[0], x],
    [scaled.inputs[1], fromNumbers("f32", [4, 2], [1, 1, 1, 1, 1, 1, 1, 1])],
  ]);
  const [y] = onHalves(scaled, inputs);
  const got = [...toNumbers(y)];
  expect(got.slice(0, 2).every(Number.isNaN)).toBe(true);
  expect(Math.abs(got[2] / 12e4 - 1)).toBeLessThan(2e-3);
  expect(Math.abs(got[4] / 4e-4 - 1)).toBeLessThan(2e-3);
});

test("a constant in f16's range stays as it is; one outside is scaled when compiling", () => {
  const large = primitives("y = MatMul(x: f32[3,4], w: f32[4,2]{1e9, 2e9, 3e9, 4e9, 5e9, 6e9, 7e9, 8e9})");
  const small = primitives("y = MatMul(x: f32[3,4], w: f32[4,2]{1, 2, 3, 4, 5, 6, 7, 8})");
  const operand = (g: Graph): readonly number[] => {
    const scaled = scaledProducts(g, catalogue, isProduct);
    const node = scaled.nodes.find((n) => n.op === "contract") as Node;
    return [...toNumbers((scaled.constants.get(node.inputs[1] as Value) as { load: () => Tensor }).load())];
  };
  expect(operand(small)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  expect(Math.max(...operand(large))).toBeLessThan(65504);
  expect(operand(large)[7] / operand(large)[0]).toBeCloseTo(8, 5);
});

describe("as a pass", () => {
  const on = { target: cann, chip: cann.chips["Ascend310P3"] };
  const product = (x: string, w: string): string => `y = contract(${x}, ${w}, transa=0, transb=0, acc="f32")`;

  test("a factor for each row of what is computed", () => {
    const out = checkPass(scaleProducts, product("x: f32[3,4]", "w: f32[4,2]!"), undefined, { ...on, chip: cann.chips["Ascend910B2"] });
    expect(out.nodes).toHaveLength(1);
    const typed = primitives("y = MatMul(x: f32[3,4], w: f32[4,2])");
    const ops = scaleProducts.run(typed, { ...on, precision: "fp32", catalogue }).nodes.map((n) => n.op);
    expect(ops.filter((op) => op === "contract")).toHaveLength(1);
    expect(ops).toEqual(expect.arrayContaining(["abs", "reduce", "div", "mul"]));
  });

  test("in a body", () => {
    const branch = (name: string, line: string, y: string): string => `graph ${name}() -> (${y}) {\n${line}\n}`;
    const text = `p = neg(x: f32[3,4])\n q = neg(w: f32[4,2])\n y: f32[3,2] = if(c: bool[], then=${branch("a", `t: f32[3,2] = ${product("p", "q").slice(4)}`, "t")}, else=${branch("b", 'e: f32[3,2] = contract(p, q, transa=0, transb=0, acc="f32")', "e")})`;
    const graph = inferGraph(parse(text), catalogue).graph;
    const out = scaleProducts.run(graph, { ...on, precision: "fp32", catalogue });
    expect(verify(out)).toEqual([]);
    const then = out.nodes[2].attrs["then"];
    expect(then.kind === "graph" && then.value.nodes.map((n) => n.op)).toContain("div");
    expectSameNumbers(graph, out);
  });

  test.each([
    ["a constant well within f16's range", product("x: f32[2,2]{1, 2, 3, 4}", "w: f32[2,2]{1, 2, 3, 4}")],
    ["halves", 'y = contract(x: f16[3,4], w: f16[4,2], transa=0, transb=0, acc="f16")'],
  ])("declines: %s", (_, text) => void checkPass(scaleProducts, text, undefined, on));

  test("declines: no row takes the product", () =>
    void checkPass(scaleProducts, product("x: f32[3,4]", "w: f32[4,2]"), undefined, { ...on, target: { ...cann, rows: [] } }));
});
