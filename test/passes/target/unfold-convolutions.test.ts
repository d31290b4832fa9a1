/** Convolutions of levels as the products that they are, where the library multiplies levels and convolves none. */
import { describe, test } from "vitest";
import { unfoldConvolutions } from "../../../passes/target/unfold-convolutions.js";
import { cann } from "../../../targets/cann/target.js";
import { kunlun } from "../../../targets/kunlun/target.js";
import { checkPass } from "../check-pass.js";

const on = { target: cann, chip: cann.chips["Ascend910B2"], error: 0 } as const;
const plain = 'strides=[1, 1], pads=[0, 0, 0, 0], dilations=[1, 1], group=1, acc="i32"';

describe("unfold-convolutions", () => {
  test("of one image: the filter times what each place sees, a column each", () =>
    void checkPass(
      unfoldConvolutions,
      `y = conv(x: i8[1,2,4,4], w: i8[3,2,2,2]!, strides=[2, 1], pads=[1, 0, 1, 0], dilations=[1, 2], group=1, acc="i32")`,
      `y'' = pad(x, y', low=dims[0, 0, 1, 0], high=dims[0, 0, 1, 0])
       y'3 = window(y'', axes=[2, 3], sizes=[2, 2], strides=[2, 1], dilations=[1, 2])
       y'4 = transpose(y'3, perm=[0, 1, 4, 5, 2, 3])
       y'5 = reshape(y'4, shape=dims[8, 6])
       y'6 = reshape(w, shape=dims[3, 8])
       y'7 = contract(y'6, y'5, transa=0, transb=0, acc="i32")
       y = reshape(y'7, shape=dims[1, 3, 3, 2])`,
      on,
    ));

  test("of several: what each place sees, a row each, times the filter turned", () =>
    void checkPass(
      unfoldConvolutions,
      `y = conv(x: i8[N,2,4,4], w: i8[3,2,2,2]!, ${plain})`,
      `y' = window(x, axes=[2, 3], sizes=[2, 2], strides=[1, 1], dilations=[1, 1])
       y'' = transpose(y', perm=[0, 2, 3, 1, 4, 5])
       y'3 = reshape(y'', shape=dims[9*N, 8])
       y'4 = reshape(w, shape=dims[3, 8])
       y'5 = contract(y'3, y'4, transa=0, transb=1, acc="i32")
       y'6 = reshape(y'5, shape=dims[N, 9, 3])
       y'7 = transpose(y'6, perm=[0, 2, 1])
       y = reshape(y'7, shape=dims[N, 3, 3, 3])`,
      on,
    ));

  test("a filter of one tap sees the image as it lies; where places are open, they come first", () =>
    void checkPass(
      unfoldConvolutions,
      `y = conv(x: i8[1,2,H,4], w: i8[3,2,1,1]!, ${plain})`,
      `y' = transpose(x, perm=[0, 2, 3, 1])
       y'' = reshape(y', shape=dims[4*H, 2])
       y'3 = reshape(w, shape=dims[3, 2])
       y'4 = contract(y'3, y'', transa=0, transb=1, acc="i32")
       y = reshape(y'4, shape=dims[1, 3, H, 4])`,
      on,
    ));

  const image = "y = conv(x: i8[1,2,4,4], w: i8[3,2,1,1]!";
  test.each([
    ["in groups", `y = conv(x: i8[1,2,4,4], w: i8[2,1,1,1]!, ${plain.replace("group=1", "group=2")})`, on],
    ["with zero points", `${image}, p: i8[]{1}, q: i8[]{0}, ${plain})`, on],
    ["of floats", `y = conv(x: f32[1,2,4,4], w: f32[3,2,1,1]!, ${plain.replace("i32", "f32")})`, on],
    ["that the library takes", `${image}, ${plain})`, { target: kunlun, chip: kunlun.chips["R200"] }],
    ["whose product it does not take", `${image}, ${plain})`, { target: cann, chip: cann.chips["Ascend310P3"] }],
  ])("leaves convolutions %s", (_, text, where) => void checkPass(unfoldConvolutions, text, undefined, where)); // prettier-ignore
});
