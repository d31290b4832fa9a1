/** Transposes move below what does not care for the order of axes, and cancel there. */
import { describe, test } from "vitest";
import { sinkTranspose } from "../../passes/primitive/sink-transpose.js";
import { checkPass } from "./check-pass.js";

describe("sinks through", () => {
  test("arithmetic on two transposed operands", () =>
    checkPass(
      sinkTranspose,
      "a = transpose(x: f32[2,3,4], perm=[0, 2, 1])\n b = transpose(z: f32[2,3,4], perm=[0, 2, 1])\n y = add(a, b)",
      "y' = add(x, z)\n y = transpose(y', perm=[0, 2, 1])",
    ));

  test("arithmetic with a small operand and a constant", () =>
    checkPass(
      sinkTranspose,
      "a = transpose(x: f32[2,4,3], perm=[0, 2, 1])\n e = expand(s: f32[1,3,1], shape=dims[2, 3, 4])\n y = mul(a, e)",
      "y' = transpose(s, perm=[0, 2, 1])\n y'' = expand(y', shape=dims[2, 4, 3])\n y'3 = mul(x, y'')\n y = transpose(y'3, perm=[0, 2, 1])",
    ));

  test.each([
    ["concat", "y = concat(a, a, axis=1)", "y' = concat(x, x, axis=2)"],
    ["reduce", 'y = reduce(a, fn="sum", axes=[0, 1])', 'y\' = reduce(x, fn="sum", axes=[0, 2])'],
    [
      "slice",
      "y = slice(a, starts=dims[0, 1, 0], sizes=dims[2, 2, 4], steps=[1, 1, 1])",
      "y' = slice(x, starts=dims[0, 0, 1], sizes=dims[2, 4, 2], steps=[1, 1, 1])",
    ],
    ["pad", "y = pad(a, k: f32[]{5}, low=dims[0, 1, 0], high=dims[0, 0, 2])", "y' = pad(x, k, low=dims[0, 0, 1], high=dims[0, 2, 0])"],
  ])(
    "%s",
    (_, before, after) =>
      void checkPass(
        sinkTranspose,
        `a = transpose(x: f32[2,4,3], perm=[0, 2, 1])\n ${before}`,
        `${after}\n y = transpose(y', perm=[0, 2, 1])`,
      ),
  );

  test("a three-cycle, whose inverse is another permutation", () =>
    checkPass(
      sinkTranspose,
      "a = transpose(x: f32[2,4,3], perm=[2, 0, 1])\n y = concat(a, a, axis=0)",
      "y' = concat(x, x, axis=2)\n y = transpose(y', perm=[2, 0, 1])",
    ));
});

test("what meets cancels", () =>
  checkPass(
    sinkTranspose,
    `a = transpose(x: f32[2,3,4,5], perm=[0, 3, 1, 2])
     b = neg(a)
     c = transpose(b, perm=[0, 2, 3, 1])
     y = exp(c)`,
    "b' = neg(x)\n y = exp(b')",
  ));

describe("declines", () => {
  test.each([
    ["two orders", "a = transpose(x: f32[3,3], perm=[1, 0])\n y = add(a, x)"],
    [
      "a transposed value that something else needs as it is",
      "a = transpose(x: f32[2,3], perm=[1, 0])\n b = neg(a)\n z = reshape(a, shape=dims[6])\n return b, z",
    ],
  ])("%s", (_, text) => void checkPass(sinkTranspose, text));
});

test("operators that broadcast by themselves", () =>
  checkPass(
    sinkTranspose,
    "a = transpose(x: f32[2,4,3], perm=[0, 2, 1])\n b = Mul(a, k: f32[]{2})\n y = Add(b, c: f32[1,3,1]{1, 2, 3})",
    "b' = Mul(x, k)\n y' = transpose(c, perm=[0, 2, 1])\n y'' = Add(b', y')\n y = transpose(y'', perm=[0, 2, 1])",
  ));
