/** Products of levels with zero points or without a sign, as products of signed levels: the same integers. */
import { describe, expect, test } from "vitest";
import { signedProducts } from "../../../passes/target/signed-products.js";
import { bang } from "../../../targets/bang/target.js";
import { cann } from "../../../targets/cann/target.js";
import { kunlun } from "../../../targets/kunlun/target.js";
import type { TargetContext } from "../../../passes/target/stage.js";
import { checkPass, expectSameNumbers } from "../check-pass.js";
import { inferGraph } from "../../../src/ir/infer/infer.js";
import { parse } from "../../../src/ir/text/parse.js";
import { catalogue } from "../../../src/ops/catalogue.js";

const on = { target: cann, chip: cann.chips["Ascend910B2"], error: 0 } as const;
const sums = 'transa=0, transb=0, acc="i32"';

describe("signed-products", () => {
  test("levels without a sign move down by 128, and their zero point with them", () =>
    void checkPass(
      signedProducts,
      `y = contract(a: u8[3,4], b: i8[4,2]!, p: u8[]{130}, q: i8[]{0}, ${sums})`,
      `y'4 = cast(a, to="i32", round="trunc", overflow="wrap")
       y'5 = reshape(y', shape=dims[1, 1])
       y'6 = expand(y'5, shape=dims[3, 4])
       y'7 = sub(y'4, y'6)
       y'8 = cast(y'7, to="i8", round="trunc", overflow="wrap")
       y'9 = contract(y'8, y'', transa=0, transb=0, acc="i32")
       y'10 = expand(y'3, shape=dims[3, 2])
       y = sub(y'9, y'10)`,
      on,
    ));

  const same = (text: string, where: Pick<TargetContext, "target" | "chip"> = on): readonly string[] => {
    const { graph, facts } = inferGraph(parse(text), catalogue);
    const out = signedProducts.run(graph, { ...where, precision: "fp32", catalogue, facts });
    expect(out).not.toBe(graph);
    const products = out.nodes.filter((n) => n.op === "contract" || n.op === "conv");
    expect(products.every((n) => n.inputs.length === 2 && n.inputs.every((v) => v?.type.kind === "tensor" && v.type.dtype === "i8"))).toBe(
      true,
    );
    expectSameNumbers(graph, out, 0);
    return out.nodes.map((n) => n.op);
  };

  test.each([
    ["a weight without a sign whose zero point is its middle", `y = contract(a: i8[3,4], b: u8[4,2]{1,200,128,3,77,255,0,9}, p: i8[]{3}, q: u8[]{128}, ${sums})`],
    ["a weight whose zero point is elsewhere: rows are added up", `y = contract(a: u8[3,4], b: u8[4,2]{1,200,128,3,77,255,0,9}, p: u8[]{3}, q: u8[]{7}, ${sums})`],
    ["a zero point of the data that only the run knows", `y = contract(a: u8[3,4], b: i8[4,2]{1,20,-128,3,77,55,0,9}, p: u8[], q: i8[]{0}, ${sums})`],
    ["one for each row", `y = contract(a: u8[3,4], b: i8[4,2]{1,20,-128,3,77,55,0,9}, p: u8[3,1], q: i8[]{0}, ${sums})`],
    ["turned operands", `y = contract(a: u8[4,3], b: u8[2,4]{1,200,128,3,77,255,0,9}, p: u8[]{9}, q: u8[]{7}, transa=1, transb=1, acc="i32")`],
    ["a batch", `y = contract(a: u8[2,3,4], b: u8[4,2]{1,200,128,3,77,255,0,9}, p: u8[]{9}, q: u8[]{120}, ${sums})`],
    ["data on both sides", `y = contract(a: u8[2,3,4], b: u8[2,4,5], p: u8[]{9}, q: u8[]{120}, ${sums})`],
    ["data on both sides, turned, with zero points that only the run knows", `y = contract(a: i8[2,4,3], b: u8[2,5,4], p: i8[], q: u8[], transa=1, transb=1, acc="i32")`],
    ["a zero point of the weight that only the run knows", `y = contract(a: i8[3,4], b: i8[4,2]{1,20,-128,3,77,55,0,9}, p: i8[]{0}, q: i8[], ${sums})`],
    ["a zero point for each column of which one does not fit", `y = contract(a: u8[3,4], b: u8[4,2]{0,200,255,203,77,255,98,190}, p: u8[]{7}, q: u8[1,2]{100,200}, ${sums})`],
    ["zero points of the weight that go with it", `y = contract(a: i8[3,4], b: u8[4,2]{100,200,128,203,77,255,98,190}, p: i8[]{0}, q: u8[1,2]{100,200}, ${sums})`],
  ])("%s", (_, text) => void same(text)); // prettier-ignore

  test("a convolution is padded with the level of its zero point", () =>
    expect(
      same(
        `y = conv(x: u8[2,3,5,5], w: u8[2,3,1,2]{1,200,128,3,77,255,128,9,130,131,132,133}, p: u8[]{9}, q: u8[]{128}, strides=[2, 1], pads=[1, 0, 0, 2], dilations=[1, 2], group=1, acc="i32")`,
      ),
    ).toContain("pad"));

  test.each([
    ["of padded data", "p: u8[]{9}", "pads=[1, 0, 0, 2]"],
    ["of data whose zero is 0", "p: u8[]{128}", "pads=[1, 0, 0, 2]"],
    ["of data whose zero point only the run knows", "p: u8[]", "pads=[0, 1, 1, 0]"],
  ])(
    "a filter that cannot take its zero point in: what each place sees is added up, %s",
    (_, zero, pads) =>
      void same(
        `y = conv(x: u8[2,3,5,5], w: u8[2,3,1,2]{1,200,128,3,77,255,128,9,130,131,132,133}, ${zero}, q: u8[]{7}, strides=[2, 1], ${pads}, dilations=[1, 2], group=1, acc="i32")`,
      ),
  );

  const grouped = `y = conv(x: u8[1,2,4,4], w: i8[2,1,1,2]{1,-20,12,3}, strides=[1, 1], pads=[0, 1, 0, 1], dilations=[1, 1], group=2, acc="i32")`;
  test("a convolution in groups, where the library convolves levels", () =>
    void same(grouped, { target: kunlun, chip: kunlun.chips["R200"] }));

  test.each([
    ["a filter is data", `y = conv(x: u8[1,2,4,4], w: u8[1,2,1,1], strides=[1, 1], pads=[0, 0, 0, 0], dilations=[1, 1], group=1, acc="i32")`],
    ["a filter in groups cannot take its zero point in", `y = conv(x: u8[1,2,4,4], w: u8[2,1,1,1]{1,255}, p: u8[]{0}, q: u8[]{7}, strides=[1, 1], pads=[0, 0, 0, 0], dilations=[1, 1], group=2, acc="i32")`],
    ["the library convolves no groups of levels", grouped],
    ["nothing is to be done", `y = contract(a: i8[3,4], b: i8[4,2]!, ${sums})`],
  ])("declines when %s", (_, text) => void checkPass(signedProducts, text, undefined, on)); // prettier-ignore

  test("declines on a chip whose library multiplies no levels", () =>
    void checkPass(signedProducts, `y = contract(a: u8[3,4], b: i8[4,2]!, ${sums})`, undefined, {
      target: bang,
      chip: bang.chips["MLU290"],
    }));
});
