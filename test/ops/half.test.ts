/** What a formula itself brings stays f32 where it meets half tensors: counts of elements, constants, weights. */
import { expect, test } from "vitest";
import { fromNumbers, toNumbers } from "../../src/base/float-formats.js";
import { catalogue } from "../../src/ops/catalogue.js";
import { evaluateGraph } from "../../src/ir/evaluate/evaluate.js";
import { parse } from "../../src/ir/text/parse.js";

/** The output of a graph of one input, whose elements are given. */
function outputOf(text: string, dtype: "f16" | "bf16", shape: readonly number[], values: readonly number[]): number[] {
  const graph = parse(text);
  const out = evaluateGraph(graph, catalogue, new Map([[graph.inputs[0], fromNumbers(dtype, shape, values)]]));
  return [...toNumbers([...out.values()][0])];
}

const same = (n: number, value: number): number[] => new Array<number>(n).fill(value);

test("257 elements are 257 in bf16", () => {
  expect(outputOf("y = ReduceMean(x: bf16[257], keepdims=0)", "bf16", [257], same(257, 3))).toEqual([3]);
});

test("counts beyond what f16 holds are finite", () => {
  expect(outputOf("y = ReduceMean(x: f16[70000], keepdims=0)", "f16", [70000], same(70000, 1))).toEqual([1]);
  expect(outputOf("y = GlobalAveragePool(x: f16[1,1,260,260])", "f16", [1, 1, 260, 260], same(67600, 2))).toEqual([2]);
});

test("an epsilon below what f16 holds is not 0", () => {
  const text = "y = InstanceNormalization(x: f16[1,1,4], s: f16[1]{1.0}, b: f16[1]{0.0}, epsilon=1e-9)";
  expect(outputOf(text, "f16", [1, 1, 4], same(4, 0.5))).toEqual(same(4, 0));
});

test("whole numbers become halves by one rounding", () => {
  const graph = parse("y = Cast(x: i32[2], to=16)");
  const x = { dtype: "i32" as const, shape: [2], data: Int32Array.from([16842753, 257]) };
  const out = evaluateGraph(graph, catalogue, new Map([[graph.inputs[0], x]]));
  expect([...toNumbers([...out.values()][0])]).toEqual([16908288, 256]);
});
