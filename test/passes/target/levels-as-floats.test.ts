/** Sums of products of levels in the type that the library gives. */
import { describe, test } from "vitest";
import { levelsAsFloats } from "../../../passes/target/levels-as-floats.js";
import { cann } from "../../../targets/cann/target.js";
import { kunlun } from "../../../targets/kunlun/target.js";
import { checkPass } from "../check-pass.js";

const on = { target: kunlun, chip: kunlun.chips["R200"] } as const;
const product = 'contract(a: i8[3,4], b: i8[4,2]!, transa=0, transb=0, acc="i32")';
const inFloats = 'contract(a, b, transa=0, transb=0, acc="f32")';
const float = 'to="f32", round="trunc", overflow="wrap"';

describe("levels-as-floats", () => {
  test("a cast goes into the product", () =>
    void checkPass(levelsAsFloats, `s = ${product}\n y = cast(s, ${float})`, `y = ${inFloats}`, on));

  test("through what moves it and what is added, whose constant is cast before it is repeated", () =>
    void checkPass(
      levelsAsFloats,
      `s = ${product}
       t = transpose(s, perm=[1, 0])
       c = expand(k: i32[1,3]{-5, 7, 100000}, shape=dims[2, 3])
       u = sub(t, c)
       d = expand(l: i32[2,1]{1, 2}, shape=dims[2, 3])
       v = add(u, d)
       y = cast(v, ${float})`,
      `y' = ${inFloats}
       y'' = transpose(y', perm=[1, 0])
       y'3 = cast(k, to="f32")
       y'4 = expand(y'3, shape=dims[2, 3])
       y'5 = sub(y'', y'4)
       y'6 = cast(l, to="f32")
       y'7 = expand(y'6, shape=dims[2, 3])
       y = add(y'5, y'7)`,
      on,
    ));

  test("convolutions too", () =>
    void checkPass(
      levelsAsFloats,
      `s = conv(x: i8[1,2,4,4], w: i8[3,2,1,1]!, strides=[1, 1], pads=[0, 0, 0, 0], dilations=[1, 1], group=1, acc="i32")\n y = cast(s, ${float})`,
      `y = conv(x, w, strides=[1, 1], pads=[0, 0, 0, 0], dilations=[1, 1], group=1, acc="f32")`,
      on,
    ));

  test.each([
    ["the library gives integers", `s = ${product}\n y = cast(s, ${float})`, { target: cann, chip: cann.chips["Ascend910B2"] }],
    ["it gives nothing", `s = ${product}\n y = cast(s, ${float})`, { target: cann, chip: cann.chips["Ascend310P3"] }],
    ["somebody else reads the integers", `s = ${product}\n z = neg(s)\n y = cast(s, ${float})\n return y, z`, on],
    ["halves are wanted", `s = ${product}\n y = cast(s, to="f16", round="trunc", overflow="wrap")`, on],
  ])("declines when %s", (_, text, where) => void checkPass(levelsAsFloats, text, undefined, where)); // prettier-ignore
});
