/** Whole numbers beyond 2^53 through every pass and through a file: not a digit is lost, and INT64_MAX stays an end. */
import { describe, expect, test } from "vitest";
import { runPasses } from "../../passes/pipeline.js";
import { bytesSource } from "../../src/base/byte-source.js";
import { evaluateGraph } from "../../src/ir/evaluate/evaluate.js";
import type { Graph } from "../../src/ir/graph.js";
import { parse } from "../../src/ir/text/parse.js";
import { spellType } from "../../src/ir/text/spelling.js";
import { exportOnnx } from "../../src/onnx/export/export.js";
import { importOnnx } from "../../src/onnx/import/import.js";
import { catalogue } from "../../src/ops/catalogue.js";

const far = 2n ** 53n + 1n;
const most = 2n ** 63n - 1n;

/** The graph as the passes and a file leave it. */
function processed(text: string): Graph {
  const { graph } = runPasses(parse(text), { catalogue });
  return importOnnx(bytesSource(Buffer.concat([...exportOnnx(graph)])), { catalogue, openBeside: () => undefined }).graph;
}

function valuesOf(graph: Graph): bigint[] {
  const [out] = evaluateGraph(
    graph,
    catalogue,
    new Map(graph.inputs.map((v) => [v, { dtype: "i64", shape: [1], data: new BigInt64Array(1) }])),
  );
  return [...(out[1].data as BigInt64Array)];
}

const c = (name: string, ...list: bigint[]) => `${name}: i64[${list.length}]{${list.join(", ")}}`;

describe("constants of shape arithmetic and data alike", () => {
  test.each([
    ["Add", `k = Add(${c("a", far)}, ${c("b", 2n)})`, [far + 2n]],
    ["Sub", `k = Sub(${c("a", -far)}, ${c("b", 2n)})`, [-far - 2n]],
    ["Mul", `k = Mul(${c("a", 3037000499n)}, ${c("b", 3037000493n)})`, [3037000499n * 3037000493n]],
    ["Div", `k = Div(${c("a", -most)}, ${c("b", 2n)})`, [-(most / 2n)]],
    ["Mod", `k = Mod(${c("a", -far)}, ${c("b", 10n)})`, [10n - (far % 10n)]],
    ["Neg", `k = Neg(${c("a", far)})`, [-far]],
    ["Abs", `k = Abs(${c("a", -far)})`, [far]],
    ["Max", `k = Max(${c("a", far)}, ${c("b", far - 1n)})`, [far]],
    ["Unsqueeze", `s = Squeeze(${c("a", far)})\n k = Unsqueeze(s, ${c("z", 0n)})`, [far]],
    ["Concat", `k = Concat(${c("a", far)}, ${c("b", most)}, axis=0)`, [far, most]],
    ["Gather", `k = Gather(${c("a", 1n, far)}, ${c("i", 1n)})`, [far]],
    ["Slice", `k = Slice(${c("a", 1n, far)}, ${c("s", 1n)}, ${c("e", most)})`, [far]],
    ["Where", `q = Equal(${c("a", far)}, ${c("b", far - 1n)})\n k = Where(q, ${c("d", 1n)}, ${c("e", far)})`, [far]],
    ["Expand", `k = Expand(${c("a", far)}, ${c("s", 2n)})`, [far, far]],
    ["ScatterND", `k = ScatterND(${c("a", 1n, 2n)}, i: i64[1,1]{1}, ${c("u", far)})`, [1n, far]],
    ["Pad", `k = Pad(${c("a", 1n)}, ${c("p", 0n, 1n)}, v: i64[]{${far}})`, [1n, far]],
    ["Cast", `h = Cast(${c("a", 2n ** 40n + 3n)}, to=6)\n k = Cast(h, to=7)`, [3n]],
    ["ReduceSum", `k = ReduceSum(${c("a", far, 2n)})`, [far + 2n]],
    ["CumSum", `k = CumSum(${c("a", far, 2n)}, z: i64[]{0})`, [far, far + 2n]],
    ["TopK", `k, i = TopK(${c("a", far - 1n, far, 3n)}, ${c("n", 2n)})`, [far, far - 1n]],
    ["Unique", `k = Unique(${c("a", far, 4n, far, far - 1n)})`, [4n, far - 1n, far]],
    ["NonZero", `n = NonZero(${c("a", 0n, far, 0n, 1n)})\n k = Reshape(n, ${c("s", -1n)})`, [1n, 3n]],
    ["OneHot", `o = OneHot(i: i64[]{1}, d: i64[]{2}, ${c("v", far, most)})\n k = Identity(o)`, [far, most]],
  ])("%s", (_, text, expected) => {
    const graph = processed(`${text}\n y = Concat(x: i64[1], k, axis=0)\n return y`);
    expect(valuesOf(graph).slice(1)).toEqual(expected);
    expect(graph.nodes.map((n) => n.op)).toEqual(["Concat"]);
  });

  test("beside a shape", () => {
    const graph = processed(`s = Shape(x: i64[1])\n k = Concat(s, ${c("a", far)}, axis=0)\n y = Add(x, k)\n return y`);
    expect(valuesOf(graph)).toEqual([1n, far]);
  });
});

describe("ends that stand for as far as it goes", () => {
  const sliced = (ends: string, extra = "") =>
    runPasses(
      parse(
        `${ends}\n y = Slice(${ends.includes("x:") ? "x" : "x: f32[N,8]"}, ${extra === "" ? "s: i64[2]{0, 1}" : "s: i64[2]{0, 7}"}, e${extra})`,
      ),
      { catalogue },
    ).graph.outputs.map((v) => spellType(v.type))[0];

  test("through Unsqueeze and Concat", () =>
    expect(sliced(`m = Squeeze(${c("a", most)})\n u = Unsqueeze(m, ${c("z", 0n)})\n e = Concat(u, ${c("b", most)}, axis=0)`)).toBe(
      "f32[N,7]",
    ));

  test("beside an extent", () =>
    expect(sliced(`q = Shape(x: f32[N,8], start=0, end=1)\n e = Concat(q, ${c("b", most)}, axis=0)`)).toBe("f32[N,7]"));

  test("backwards, from the last element to before the first", () =>
    expect(sliced(`e = Concat(${c("a", -most)}, ${c("b", -most - 1n)}, axis=0)`, `, ax: i64[2]{0, 1}, t: i64[2]{-1, -1}`)).toBe(
      "f32[min(1, N),8]",
    ));

  test("the smaller of an extent and INT64_MAX is the extent", () =>
    expect(sliced(`q = Shape(x: f32[N,8])\n e = Min(q, ${c("b", most, most)})`)).toBe("f32[N,7]"));
});

test("what is neither size nor end is refused with its value", () =>
  expect(() => runPasses(parse(`y = Reshape(x: f32[4], ${c("s", far)})`), { catalogue })).toThrow(/"shape" holds 9007199254740993/));
