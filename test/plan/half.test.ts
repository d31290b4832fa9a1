/** f16 storage: what becomes f16, what stays f32, and where the two meet. */
import { describe, expect, test } from "vitest";
import { inferGraph } from "../../src/ir/infer.js";
import { parse } from "../../src/ir/parse.js";
import { rankedType, type Graph } from "../../src/ir/graph.js";
import { verify } from "../../src/ir/verify.js";
import { catalogue } from "../../src/ops/catalogue.js";
import { storeHalves } from "../../src/plan/half.js";
import { wideValues } from "../../src/plan/wide-range.js";

const typed = (text: string): Graph => inferGraph(parse(text), catalogue).graph;

function storedIn(text: string): Record<string, string | undefined> {
  const out = storeHalves(typed(text), catalogue);
  expect(verify(out, catalogue)).toEqual([]);
  return Object.fromEntries(out.nodes.flatMap((n) => n.outputs.map((v) => [v?.name ?? "", rankedType(v)?.dtype])));
}

test("values become f16, inputs and outputs keep their types", () => {
  const out = storeHalves(typed("a = Relu(x: f32[4])\n y = Sigmoid(a)"), catalogue);
  expect(out.inputs.map((v) => rankedType(v)?.dtype)).toEqual(["f32"]);
  expect(out.outputs.map((v) => rankedType(v)?.dtype)).toEqual(["f32"]);
  expect(out.nodes.map((n) => n.op)).toEqual(["Cast", "Relu", "Sigmoid", "Cast"]);
  expect(out.nodes.slice(1, 3).map((n) => rankedType(n.outputs[0])?.dtype)).toEqual(["f16", "f16"]);
});

test("scales of a Resize are no data", () => {
  const out = storeHalves(typed("r = Relu(x: f32[1,1,2,2])\n y = Resize(r, _, s: f32[4]{1, 1, 2, 2})"), catalogue);
  expect([...out.constants.keys()].map((v) => rankedType(v)?.dtype)).toEqual(["f32"]);
});

describe("stays f32", () => {
  const wide = (text: string): string[] => [...wideValues(typed(text))].map((v) => v.name).sort();

  test("a power spectrum up to its logarithm, and the transform before it", () => {
    const text = `
      re = MatMul(x: f32[4,8], w: f32[8,8]!)
      p = Mul(re, re)
      m = MatMul(p, mel: f32[8,3]!)
      c = Clip(m, lo: f32[]{1e-10})
      l = Log(c)
      y = Relu(l)`;
    expect(wide(text)).toEqual(["c", "m", "p", "re", "x"]);
    expect(storedIn(text)).toMatchObject({ p: "f32", m: "f32", c: "f32", "l'": "f32", "l''": "f16" });
  });

  test("a variance up to its square root, not what it divides", () => {
    const text =
      "h = Relu(x: f32[2,8])\n s = Pow(h, two: f32[]{2})\n v = ReduceMean(s, k: i64[1]{1})\n e = Add(v, eps: f32[]{1e-6})\n d = Sqrt(e)\n y = Div(h, d)";
    expect(wide(text)).toEqual(["e", "s", "v"]);
  });

  test("not a square that nothing brings back", () => expect(wide("h = Relu(x: f32[4])\n s = Mul(h, h)\n y = Sigmoid(s)")).toEqual([]));
});

test("a constant that both kinds of node read is there in both types", () => {
  const out = storeHalves(typed("h = Relu(x: f32[4])\n e = Exp(h)\n a = Add(e, k: f32[4]!)\n l = Log(a)\n y = Mul(l, k)"), catalogue);
  expect([...out.constants.values()].map((c) => c.dtype).sort()).toEqual(["f16", "f32"]);
});
