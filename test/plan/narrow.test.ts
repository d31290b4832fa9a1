/** What of int64 is stored in 32 bits. */
import { expect, test } from "vitest";
import { parse } from "../../src/ir/text/parse.js";
import { inferGraph } from "../../src/ir/infer/infer.js";
import { rankedType } from "../../src/ir/graph.js";
import { catalogue } from "../../src/ops/catalogue.js";
import { decompose } from "../../src/ir/rewrite/decompose.js";
import { narrowIntegers } from "../../src/plan/narrow.js";

/** The element type in which the greatest of some widened elements is found. */
function typeOfMaximum(shape: string): string | undefined {
  const text = `c = Cast(x: i32[${shape}], to=7)\ny = ReduceMax(c, a: i64[1]{0}, keepdims=0)`;
  const graph = narrowIntegers(decompose(inferGraph(parse(text), catalogue).graph, catalogue, () => false));
  const [v] = graph.nodes.find((n) => n.op === "reduce")?.inputs ?? [];
  return v && rankedType(v)?.dtype;
}

test("the greatest of elements that fit 32 bits needs no more", () => {
  expect(typeOfMaximum("3,4")).toBe("i32");
  expect(typeOfMaximum("3,n")).toBe("i32");
});

test("the greatest of what may be nothing keeps its width: the end of int64 is another", () => {
  expect(typeOfMaximum("n,4")).toBe("i64");
  expect(typeOfMaximum("0,4")).toBe("i64");
});
