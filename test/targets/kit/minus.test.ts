/** Signs beside signs: found by a random program whose kernel did not compile. */
import { expect, test } from "vitest";
import { minus } from "../../../targets/kit/lanes.js";
import { compileText, textFiles } from "../../plan/compile-text.js";

test("a negative literal is negated in parentheses", () => {
  expect([minus("v1"), minus("5.0f"), minus("-5.0f")]).toEqual(["-v1", "-5.0f", "-(-5.0f)"]);
});

test("the magnitude of a negative constant on the scalar unit is no decrement", async () => {
  const text = `v = Mod(x: f32[1,1000,1,1], c: f32[]{-5.0}, fmod=1)
    p = ArgMin(v, axis=0, keepdims=0, select_last_index=1)
    q = Pad(p, n: i64[6]{0, 0, 0, 0, 0, 0}, mode="edge")
    r = Squeeze(q, o: i64[2]{1, 2})
    t = ScatterElements(r, i: i64[4]{-608, 601, 212, 835}, u: i64[4]{14, 16, 3, 11}, axis=0, reduction="add")
    w = Neg(t)
    y = CumSum(w, a: i32[]{-1}, exclusive=0, reverse=0)`;
  const kernels = [...textFiles(await compileText(text, { target: "cann:Ascend310P3" })).values()].join("\n");
  expect(kernels).toContain("-(-5.0f)");
  expect(kernels).not.toMatch(/--\d/);
});
