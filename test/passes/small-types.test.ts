/** Numbers of a type that no kernel stores are made by rounding, and held in a wider one. */
import { describe, expect, test } from "vitest";
import { holdWider } from "../../passes/primitive/hold-wider.js";
import { roundSmall } from "../../passes/primitive/round-small.js";
import { inferGraph } from "../../src/ir/infer/infer.js";
import { rankedType, type Value } from "../../src/ir/graph.js";
import { parse } from "../../src/ir/text/parse.js";
import { sketch } from "../../src/ir/text/print.js";
import { catalogue } from "../../src/ops/catalogue.js";
import { checkPass } from "./check-pass.js";

const as = (to: string, overflow = "wrap"): string => `to="${to}", round="trunc", overflow="${overflow}"`;

describe("round-small", () => {
  test("limits whole numbers", () =>
    void checkPass(
      roundSmall,
      `q = cast(x: i32[5], ${as("i4", "saturate")})\n y = cast(q, ${as("f32")})`,
      `q'3 = reshape(q', shape=dims[1])
       q'4 = expand(q'3, shape=dims[5])
       q'5 = max(x, q'4)
       q'6 = reshape(q'', shape=dims[1])
       q'7 = expand(q'6, shape=dims[5])
       q'8 = min(q'5, q'7)
       q'9 = cast(q'8, to="i8", round="trunc", overflow="saturate")
       q = cast(q'9, ${as("i4")})
       y = cast(q, ${as("f32")})`,
    ));

  test.each(["f8e4m3fn", "f8e4m3fnuz", "f8e5m2", "f8e5m2fnuz", "f4e2m1", "f8e8m0"])("%s has the same numbers as the cast alone", (to) => {
    for (const overflow of ["wrap", "saturate"]) {
      const text = `q = cast(x: f32[9,31], ${as(to, overflow)})\n y = cast(q, ${as("f32")})`;
      const { graph } = inferGraph(parse(text), catalogue);
      const out = roundSmall.run(graph, { catalogue });
      expect(out.nodes.length).toBeGreaterThan(10);
      checkPass(roundSmall, text, sketch(out));
    }
  });

  test("leaves casts to what kernels store", () => void checkPass(roundSmall, `y = cast(x: f32[5], ${as("u8")})`));
});

const typesOf = (values: readonly Value[]): string[] => values.map((v) => `${v.name} ${rankedType(v)?.dtype}`);

describe("hold-wider", () => {
  test("between casts, through what moves elements and compares them", () =>
    void checkPass(
      holdWider,
      `a = cast(x: u8[2,3], ${as("u4")})
       t = transpose(a, perm=[1, 0])
       c = concat(t, k: u4[3,1]{1, 2, 3}, axis=1)
       s = slice(c, starts=dims[0, 0], sizes=dims[2, 3], steps=[1, 1])
       e = lt(s, s)
       y = cast(s, ${as("f32")})`,
      `a = cast(x, ${as("u8")})
       t = transpose(a, perm=[1, 0])
       c = concat(t, k, axis=1)
       s = slice(c, starts=dims[0, 0], sizes=dims[2, 3], steps=[1, 1])
       e = lt(s, s)
       y = cast(s, ${as("f32")})`,
    ).constants.forEach((data) => expect(data.dtype).toBe("u8")));

  test("inputs and outputs keep their names", () => {
    const { graph } = inferGraph(parse(`y = reshape(x: i2[2,3], shape=dims[6])\n z = cast(y, ${as("f32")})\n w = cast(v: f32[4], ${as("f8e5m2")})`), catalogue); // prettier-ignore
    const out = holdWider.run(graph, { catalogue });
    expect([typesOf(out.inputs), typesOf(out.outputs)]).toEqual([
      ["x i8", "v f32"],
      ["z f32", "w f32"],
    ]);
  });

  test("not where something computes in the type", () =>
    void checkPass(holdWider, `a = cast(x: u8[3], ${as("u4")})\n b = add(a, a)\n y = cast(b, ${as("u8")})`));
});
