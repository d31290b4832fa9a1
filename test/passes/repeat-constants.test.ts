/** A constant that only repeats itself is small again; one that somebody needs in memory stays. */
import { expect, test } from "vitest";
import { repeatConstants } from "../../passes/primitive/repeat-constants.js";
import { checkPass } from "./check-pass.js";

test("a scalar that was spread over a tensor", () => {
  const out = checkPass(
    repeatConstants,
    "y = max(x: f32[2,3], z: f32[2,3]{0, 0, 0, 0, 0, 0})",
    "z = expand(z', shape=dims[2, 3])\n y = max(x, z)",
  );
  expect([...out.constants.values()].map((c) => c.shape)).toEqual([[1, 1]]);
});

test("a row and a column", () => {
  checkPass(repeatConstants, "y = add(x: f32[2,3], r: f32[2,3]{1, 2, 3, 1, 2, 3})", "r = expand(r', shape=dims[2, 3])\n y = add(x, r)");
  checkPass(repeatConstants, "y = add(x: f32[2,3], c: f32[2,3]{1, 1, 1, 2, 2, 2})", "c = expand(c', shape=dims[2, 3])\n y = add(x, c)");
});

test("zeros of two signs are two values", () => checkPass(repeatConstants, "y = div(x: f32[2], z: f32[2]{0, -0})"));

test("declines when a gather reads it", () =>
  checkPass(repeatConstants, "a = gather(c: f32[2,2]{1, 1, 1, 1}, i: i64[2]{1, 0}, axis=0)\n y = add(a, c)\n return y"));
