/** Positions that all count are a range. */
import { expect, test } from "vitest";
import { countPositions } from "../../passes/onnx/count-positions.js";
import { compileText } from "../plan/compile-text.js";
import { checkPass } from "./check-pass.js";

test("all positions of a filled vector are a range", () =>
  checkPass(
    countPositions,
    "n = Shape(x: f32[N,4], start=0, end=1)\nc = ConstantOfShape(n, value=tensor f32[1] {1.0})\ny = NonZero(c)",
    "n = Shape(x, start=0, end=1)\ny'4 = Squeeze(n)\ny'5 = Range(y', y'4, y'')\ny = Unsqueeze(y'5, y'3)",
  ));

test.each(["value=tensor f32[1] {0.0}", ""])("a vector filled with 0 has none: %s", (value) => {
  const text = `n = Shape(x: f32[N,4], start=0, end=1)\nc = ConstantOfShape(n${value && `, ${value}`})\ny = NonZero(c)`;
  checkPass(countPositions, text);
});

test("positions in an open extent compile", async () => {
  const text = "n = Shape(x: f32[N,4], start=0, end=1)\nc = ConstantOfShape(n, value=tensor f32[1] {1.0})\ny = NonZero(c)";
  const { plan } = await compileText(text, { target: "kunlun" });
  expect(plan.program.symbols.map((s) => s.name)).toEqual(["N"]);
});
