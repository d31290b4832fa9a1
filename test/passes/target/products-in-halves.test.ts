/** Products of levels as the library's halves, where it gives no sums; what the call computes, `test/targets/levels.test.ts` runs. */
import { describe, expect, test } from "vitest";
import { productsInHalves } from "../../../passes/target/products-in-halves.js";
import { undecided } from "../../../passes/target/stage.js";
import { inferGraph } from "../../../src/ir/infer/infer.js";
import { parse } from "../../../src/ir/text/parse.js";
import { sketch } from "../../../src/ir/text/print.js";
import { verify } from "../../../src/ir/verify.js";
import { toNumbers } from "../../../src/base/float-formats.js";
import { unpackDeqScales } from "../../../src/quant/formats/vendor/ascend-scale.js";
import type { Graph } from "../../../src/ir/graph.js";
import { catalogue } from "../../../src/ops/catalogue.js";
import { cann } from "../../../targets/cann/target.js";
import { checkPass, passOf } from "../check-pass.js";

const on = { target: cann, chip: cann.chips["Ascend310P3"], precision: "fp16" } as const;
const pass = passOf(productsInHalves);

function after(text: string): Graph {
  const { graph, facts } = inferGraph(parse(text), catalogue);
  const out = pass.run(graph, { ...on, catalogue, facts });
  expect(verify(out, catalogue)).toEqual([]);
  return out;
}

const lines = (g: Graph): string[] => sketch(g).split("\n").map((l) => l.trim()).filter((l) => l !== "" && !l.startsWith("return")); // prettier-ignore

/** Numbers of the constants that calls read, by type. */
const read = (g: Graph, dtype: string): number[][] =>
  g.nodes
    .filter((n) => n.call)
    .flatMap((n) => n.inputs)
    .flatMap((v) => {
      const data = v && g.constants.get(v);
      if (data?.dtype !== dtype) return [];
      return [dtype === "u64" ? [...unpackDeqScales(data.load().data as BigUint64Array).scales] : [...toNumbers(data.load())]];
    });

const sums = "p = MatMulInteger(a: i8[N,2], w: i8[2,3]{1,2,3,4,5,6})";
const scaled = (sum: string): string => `r = Cast(${sum}, to=1)\n y = Mul(r, s: f32[3]{0.5,0.25,0.125})`;

describe("products-in-halves", () => {
  test("scales are words of the call, what is added to the sums its bias", () => {
    const out = after(`${sums}\n o = Add(p, c: i32[3]{7,-8,9})\n ${scaled("o")}`);
    expect(lines(out)).toEqual(["y' = call cann::com.microsoft::MatMulIntegerToFloat(a, w, _, y'5, _, _, y'6)", "y = Cast(y', to=1)"]);
    expect([read(out, "u64"), read(out, "i32")]).toEqual([[[0.5, 0.25, 0.125]], [[7, -8, 9]]]);
  });

  test("one scale is one a column, and nothing is added where nothing was", () => {
    const out = after(`${sums}\n r = Cast(p, to=1)\n y = Mul(s: f32[]{0.5}, r)`);
    expect([read(out, "u64"), read(out, "i32")]).toEqual([[[0.5, 0.5, 0.5]], []]);
  });

  test("levels without a sign get one, and their middle goes into the bias", () => {
    const out = after(`${sums.replace("a: i8", "a: u8")}\n ${scaled("p")}`);
    expect(lines(out).slice(0, 3)).toEqual(["a' = Cast(a, to=6)", "a'' = Sub(a', a'4)", "a'3 = Cast(a'', to=3)"]);
    // 128 times the sums of columns: 1 + 4, 2 + 5, 3 + 6.
    expect(read(out, "i32")).toEqual([[640, 896, 1152]]);
  });

  test("a scale keeps ten digits, the nearest", () => {
    const out = after(`${sums}\n r = Cast(p, to=1)\n y = Mul(r, s: f32[]{0.3})`);
    const [[kept]] = read(out, "u64");
    expect(Math.abs(kept / 0.3 - 1)).toBeLessThanOrEqual(2 ** -11);
    expect(kept).not.toBe(Math.fround(0.3));
  });

  test.each<[string, string, Partial<typeof on> | object]>([
    ["floats are wanted", `${sums}\n ${scaled("p")}`, { precision: "fp32" }],
    ["the call gives the sums", `${sums}\n ${scaled("p")}`, { chip: cann.chips["Ascend910B2"] }],
    ["no page names the call", `${sums}\n ${scaled("p")}`, { chip: cann.chips["Ascend310B4"] }],
    ["the scale is data", `${sums}\n r = Cast(p, to=1)\n y = Mul(r, s: f32[3])`, {}],
    ["a scale is negative", `${sums}\n r = Cast(p, to=1)\n y = Mul(r, s: f32[3]{0.5,-0.25,0.125})`, {}],
    ["the weight is data", "p = MatMulInteger(a: i8[N,2], w: i8[2,3])\n r = Cast(p, to=1)\n y = Mul(r, s: f32[]{0.5})", {}],
    ["zero points are the sum's own", `p = MatMulInteger(a: i8[N,2], w: i8[2,3]{1,2,3,4,5,6}, z: i8[]{3})\n ${scaled("p")}`, {}],
    ["somebody reads the sums", `${sums}\n ${scaled("p")}\n return y, p`, {}],
    ["what is added is a number a row", `${sums.replace("N", "3")}\n o = Add(p, c: i32[3,1]{7,-8,9})\n ${scaled("o")}`, {}],
  ])("declines when %s", (_, text, told) => void checkPass(pass, text, undefined, { ...on, ...told }));

  test("declines where halves cannot hold the result", () => {
    const { graph, facts } = inferGraph(parse(`${sums}\n ${scaled("p")}`), catalogue);
    const context = { ...on, catalogue, facts };
    const decided = { ...undecided(graph), wide: new Set(graph.outputs) };
    expect(productsInHalves.decide(decided, context)).toBe(decided);
  });
});
