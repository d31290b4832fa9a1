/** What of int64 is stored in 32 bits. */
import { describe, expect, test } from "vitest";
import { parse } from "../../../src/ir/text/parse.js";
import { inferGraph } from "../../../src/ir/infer/infer.js";
import { rankedType } from "../../../src/ir/graph.js";
import { catalogue } from "../../../src/ops/catalogue.js";
import { decompose } from "../../../src/ir/rewrite/decompose.js";
import { checkPass } from "../check-pass.js";
import { narrowIntegers } from "../../../passes/target/narrow-integers.js";

/** The element type in which the greatest of some widened elements is found. */
function typeOfMaximum(shape: string): string | undefined {
  const text = `c = Cast(x: i32[${shape}], to=7)\ny = ReduceMax(c, a: i64[1]{0}, keepdims=0)`;
  const graph = narrowIntegers.run(
    decompose(inferGraph(parse(text), catalogue).graph, catalogue, () => false),
    { catalogue },
  );
  const [v] = graph.nodes.find((n) => n.op === "reduce")?.inputs ?? [];
  return v && rankedType(v)?.dtype;
}

test("the greatest of elements that fit 32 bits needs no more", () => {
  expect(typeOfMaximum("3,4")).toBe("i32");
  expect(typeOfMaximum("3,n")).toBe("i32");
});

test("the greatest of what may be nothing keeps its width: the end of int64 is another", () => {
  expect(typeOfMaximum("n,4")).toBe("i64");
  expect(typeOfMaximum("0,4")).toBe("i64");
});

describe("as a pass", () => {
  test("what only addresses, and the constant it is computed with", () =>
    void checkPass(
      narrowIntegers,
      "j = max(i: i64[3]{0, 1, 2}, k: i64[3]{1, 1, 1})\n y = gather(x: f32[9,2], j, axis=0)",
      "j = max(i, k)\n y = gather(x, j, axis=0)",
    ));

  test("a reader that wants 64 bits gets a cast", () =>
    void checkPass(
      narrowIntegers,
      'p = cast(x: i32[3], to="i64", round="trunc", overflow="wrap")\n y = mul(p, k: i64[3])',
      `p = cast(x, to="i32", round="trunc", overflow="wrap")
       p' = cast(p, to="i64", round="trunc", overflow="wrap")
       y = mul(p', k)`,
    ));

  test("in a body: what is narrow outside is cast where it leaves, what is narrow inside is so", () => {
    const model = (x: string, c: string, to: string, then: string, out: string): string =>
      `p = cast(${x}, to="${to}", round="trunc", overflow="wrap")
       y${c === "c" ? "" : ": i64[3]"} = if(${c}, then=graph a() -> (t) {
         ${then}
       }, else=graph b() -> (${out}) {
         ${out === "p" ? "" : `p': i64[3] = cast(p, to="i64", round="trunc", overflow="wrap") from ("p")`}
       })`;
    checkPass(
      narrowIntegers,
      model("x: i32[3]", "c: bool[]", "i64", "m: i64[3] = max(p, p)\n t: i64[3] = mul(m, m)", "p"),
      model(
        "x",
        "c",
        "i32",
        `m: i32[3] = max(p, p)
         m': i64[3] = cast(m, to="i64", round="trunc", overflow="wrap") from ("t")
         m'': i64[3] = cast(m, to="i64", round="trunc", overflow="wrap") from ("t")
         t: i64[3] = mul(m', m'')`,
        "p'",
      ),
    );
  });

  test("declines: data of unknown range", () => void checkPass(narrowIntegers, "y = mul(i: i64[3], k: i64[3])"));
});
