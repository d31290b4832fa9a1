/** Weights that a product takes the other way round stay as they lie, and a tied one is there once. */
import { describe, expect, test } from "vitest";
import { foldConstants } from "../../../passes/onnx/fold-constants.js";
import { foldWeights } from "../../../passes/onnx/fold-weights.js";
import { bytesSource } from "../../../src/base/byte-source.js";
import { sketch } from "../../../src/ir/text/print.js";
import type { Graph } from "../../../src/ir/graph.js";
import { importOnnx } from "../../../src/onnx/import/import.js";
import { catalogue } from "../../../src/ops/catalogue.js";
import { absorbTransposes } from "../../../passes/target/absorb-transposes.js";
import { checkPass } from "../check-pass.js";
import { bang } from "../../../targets/bang/target.js";
import { compileText, manifestText, modelBytes } from "../../plan/compile-text.js";

const imported = (text: string): Graph => importOnnx(bytesSource(modelBytes(text)), { catalogue, openBeside: () => undefined }).graph;
const on = { target: bang, chip: bang.chips["MLU590"], precision: "fp32", catalogue } as const;
const without = { ...on, target: { ...bang, rows: [] } };

/** A head whose weight is the embedding's, larger than what is worth a second copy. */
const tied = `e = Gather(w: f32[700,500]!, i: i64[N,3])
  t = Transpose(w, perm=[1, 0])
  y = MatMul(e, t)`;

describe("absorb-transpose", () => {
  test("a tied weight is read by both as it lies", () => {
    checkPass(
      absorbTransposes,
      tied,
      'e = Gather(w, i)\n t = Transpose(w, perm=[1, 0])\n y = contract(e, w, transa=0, transb=1, acc="f32")',
    );
    checkPass(absorbTransposes, tied, undefined, without);
  });

  test("a folded weight goes back to the bytes in the model's file", () => {
    const graph = imported(`t = Transpose(w: f32[300,200]!, perm=[1, 0])\n y = MatMul(x: f32[N,4,200], t)`);
    const folded = foldConstants.run(graph, { catalogue });
    expect(sketch(folded)).not.toMatch(/Transpose/);
    const out = absorbTransposes.run(folded, on);
    expect(sketch(out)).toMatch(/contract\(x, .*transb=1/);
    expect([...out.constants.values()].some((c) => c.at && c.shape[0] === 300)).toBe(true);
  });

  test("a Gemm turns its flag round", () => {
    checkPass(
      absorbTransposes,
      `t = Transpose(w: f32[5,3]!)\n y = Gemm(x: f32[N,3], t, b: f32[5]!)`,
      `t = Transpose(w)\n y = Gemm(x, w, b, transB=1)`,
    );
  });

  test("in a body, with a weight from outside", () => {
    const branch = (name: string, op: string): string => `graph ${name}() -> (${name}y) {\n ${name}y: f32[4,5] = ${op}\n}`;
    const model = (a: string, b: string): string =>
      `t = Transpose(w: f32[5,3]!)\n z = Neg(x: f32[4,3])\n y = If(c: bool[], then_branch=${branch("a", a)}, else_branch=${branch("b", b)})`;
    const turned = 'contract(z, w, transa=0, transb=1, acc="f32")';
    const after = model(turned, turned).replaceAll(/: (?:bool|f32)\[(?:5,3|4,3)?\]!?/g, "");
    checkPass(absorbTransposes, model("MatMul(z, t)", "MatMul(z, t)"), after);
  });

  test.each([
    ["a is a vector", `t = Transpose(w: f32[5,3]!)\n y = MatMul(x: f32[3], t)`],
    ["the weight is computed", `t = Transpose(w: f32[5,3])\n y = MatMul(x: f32[2,3], t)`],
    ["three axes", `t = Transpose(w: f32[2,5,3]!, perm=[0, 2, 1])\n y = MatMul(x: f32[2,4,3], t)`],
  ])("declines: %s", (_, text) => {
    checkPass(absorbTransposes, text);
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
