/** A product, what is added to its rows and what follows, in the one call of a target that has it. */
import { describe, expect, test } from "vitest";
import { fuseEpilogues } from "../../../passes/target/fuse-epilogues.js";
import { parse } from "../../../src/ir/text/parse.js";
import { print } from "../../../src/ir/text/print.js";
import { bang } from "../../../targets/bang/target.js";
import { cann } from "../../../targets/cann/target.js";
import { kunlun } from "../../../targets/kunlun/target.js";
import { compileText } from "../../plan/compile-text.js";
import { checkPass } from "../check-pass.js";

const onKunlun = { target: kunlun, chip: kunlun.chips[kunlun.defaultChip] };
const onCann = { target: cann, chip: cann.chips["Ascend910B2"] };
const onBang = { target: bang, chip: bang.chips["MLU590"] };
const flags = "alpha=1.0, beta=1.0, transA=0, transB=0";
const layer = "p = MatMul(x: f32[N,3,4], w: f32[4,5]!)\n s = Add(b: f32[5]!, p)\n y = Relu(s)";

describe("fuse-epilogues", () => {
  test("a layer is one call where the call has a bias and an activation", () => {
    const out = checkPass(
      fuseEpilogues,
      layer,
      `x' = reshape(x, shape=dims[3*N, 4])
       y' = call kunlun::Gemm(x', w, b, ${flags}) then Relu
       y = reshape(y', shape=dims[N, 3, 5])`,
      onKunlun,
    );
    expect(print(parse(print(out)))).toBe(print(out));
  });

  test("where it has a bias alone, that", () =>
    void checkPass(
      fuseEpilogues,
      layer,
      `x' = reshape(x, shape=dims[3*N, 4])
       s' = call cann::Gemm(x', w, b, ${flags})
       s = reshape(s', shape=dims[N, 3, 5])
       y = Relu(s)`,
      onCann,
    ));

  test("a Gemm and what follows it", () =>
    void checkPass(
      fuseEpilogues,
      "g = Gemm(x: f32[N,4], w: f32[5,4]!, b: f32[5]!, transB=1)\n y = Tanh(g)",
      "y = call kunlun::Gemm(x, w, b, transB=1, alpha=1.0, beta=1.0, transA=0) then Tanh",
      onKunlun,
    ));

  test("in a body, with weights from outside", () => {
    const branch = (name: string, lines: string, y: string): string => `graph ${name}() -> (${y}) {\n${lines}\n}`;
    const model = (x: string, w: string, c: string, lines: string): string =>
      `z = Neg(${x})\n k = Neg(${w})\n y = If(${c}, then_branch=${branch("a", lines, "t")}, else_branch=${branch("b", "e: f32[2,4] = Neg(z)", "e")})`;
    checkPass(
      fuseEpilogues,
      model(
        "x: f32[2,4]",
        "w: f32[4,4]",
        "c: bool[]",
        "m: f32[2,4] = MatMul(z, k)\n s: f32[2,4] = Add(m, b)\n t: f32[2,4] = Sigmoid(s)",
      ).replace("k = Neg", "o = Neg(b: f32[4]!)\n k = Neg"),
      model("x", "w", "c", `t: f32[2,4] = call kunlun::Gemm(z, k, b, ${flags}) then Sigmoid from ("m", "s", "t")`).replace(
        "k = Neg",
        "o = Neg(b)\n k = Neg",
      ),
      onKunlun,
    );
  });

  test.each([
    ["no call adds anything", layer, onBang],
    ["what is added is no row", "p = MatMul(x: f32[3,4], w: f32[4,5]!)\n y = Add(p, b: f32[3,5])", onKunlun],
    ["somebody else reads the product", "p = MatMul(x: f32[3,4], w: f32[4,5]!)\n y = Add(p, b: f32[5]!)\n return y, p", onKunlun],
    ["w is no matrix", "p = MatMul(x: f32[2,3,4], w: f32[2,4,5])\n y = Add(p, b: f32[5]!)", onKunlun],
    ["the call does not apply what follows", "g = Gemm(x: f32[3,4], w: f32[4,5]!, b: f32[5]!)\n y = Gelu(g)", onKunlun],
    ["nothing follows a Gemm", "y = Gemm(x: f32[3,4], w: f32[4,5]!, b: f32[5]!)", onKunlun],
    ["a chip that multiplies halves only", layer, { ...onCann, chip: cann.chips["Ascend310P3"] }],
  ])("declines: %s", (_, text, on) => void checkPass(fuseEpilogues, text, undefined, on));

  test.each([
    ["kunlun", 1],
    ["cann", 2],
    ["bang", 3],
  ])("leaves as many steps as the library of %s has calls for", async (target, steps) => {
    const text = "m = MatMul(x: f32[3,7,8], w: f32[8,16]!)\n s = Add(m, b: f32[16]!)\n y = Tanh(s)";
    const { emitted } = await compileText(text, { target });
    expect(emitted.steps.length).toBeLessThanOrEqual(steps);
    expect(emitted.steps[0].act.kind).toBe("library");
  });
});
