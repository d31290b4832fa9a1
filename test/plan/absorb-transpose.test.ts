/** Weights that a product takes the other way round stay as they lie, and a tied one is there once. */
import { describe, expect, test } from "vitest";
import { foldConstants } from "../../passes/fold-constants.js";
import { foldWeights } from "../../passes/fold-weights.js";
import { bytesSource } from "../../src/base/byte-source.js";
import { inferGraph } from "../../src/ir/infer/infer.js";
import { parse } from "../../src/ir/text/parse.js";
import { sketch } from "../../src/ir/text/print.js";
import type { Graph } from "../../src/ir/graph.js";
import { importOnnx } from "../../src/onnx/import/import.js";
import { catalogue } from "../../src/ops/catalogue.js";
import { absorbTransposes } from "../../src/plan/absorb-transpose.js";
import { checkPass, expectSameNumbers } from "../passes/check-pass.js";
import { compileText, manifestText, modelBytes } from "./compile-text.js";

const imported = (text: string): Graph => importOnnx(bytesSource(modelBytes(text)), { catalogue, openBeside: () => undefined }).graph;
const yes = (): boolean => true;

/** A head whose weight is the embedding's, larger than what is worth a second copy. */
const tied = `e = Gather(w: f32[700,500]!, i: i64[N,3])
  t = Transpose(w, perm=[1, 0])
  y = MatMul(e, t)`;

describe("absorb-transpose", () => {
  test("a tied weight is read by both as it lies", () => {
    const graph = inferGraph(parse(tied), catalogue).graph;
    const out = absorbTransposes(graph, yes);
    expect(sketch(out)).toMatch(/y = contract\(e, w, transa=0, transb=1/);
    expect(sketch(absorbTransposes(graph, () => false))).toBe(sketch(graph));
  });

  test("a folded weight goes back to the bytes in the model's file", () => {
    const graph = imported(`t = Transpose(w: f32[300,200]!, perm=[1, 0])\n y = MatMul(x: f32[N,4,200], t)`);
    const folded = foldConstants.run(graph, { catalogue });
    expect(sketch(folded)).not.toMatch(/Transpose/);
    const out = absorbTransposes(folded, yes);
    expect(sketch(out)).toMatch(/contract\(x, .*transb=1/);
    expect([...out.constants.values()].some((c) => c.at && c.shape[0] === 300)).toBe(true);
  });

  test("a Gemm turns its flag round", () => {
    const graph = inferGraph(parse(`t = Transpose(w: f32[5,3]!)\n y = Gemm(x: f32[N,3], t, b: f32[5]!)`), catalogue).graph;
    const out = absorbTransposes(graph, yes);
    expect(sketch(out)).toMatch(/Gemm\(x, w, b, .*transB=1/);
    expectSameNumbers(graph, out);
  });

  test.each([
    ["a is a vector", `t = Transpose(w: f32[5,3]!)\n y = MatMul(x: f32[3], t)`],
    ["the weight is computed", `t = Transpose(w: f32[5,3])\n y = MatMul(x: f32[2,3], t)`],
    ["three axes", `t = Transpose(w: f32[2,5,3]!, perm=[0, 2, 1])\n y = MatMul(x: f32[2,4,3], t)`],
  ])("declines: %s", (_, text) => {
    const graph = inferGraph(parse(text), catalogue).graph;
    expect(absorbTransposes(graph, yes)).toBe(graph);
  });

  test.each(["cann", "bang", "kunlun"])("the bundle for %s holds a tied weight once", async (target) => {
    const compiled = await compileText(tied, { target });
    const { program } = JSON.parse(manifestText(compiled)) as { program: { weights: { from: { length: number } }[] } };
    expect(program.weights.map(({ from }) => from.length).filter((n) => n > 1000)).toEqual([4 * 700 * 500]);
  });
});

describe("folding leaves a tied weight alone", () => {
  test("by itself", () => void checkPass(foldConstants, tied));
  test("as a weight", () => void checkPass(foldWeights, tied));
  test("and folds one that nobody else reads", () =>
    void checkPass(foldConstants, `t = Transpose(w: f32[700,500]!, perm=[1, 0])\n y = MatMul(x: f32[N,500], t)`, "y = MatMul(x, t)"));
});
