/** Operands that are pure expressions of open extents shape the program as numbers do; what cannot be says so as a limit of ours. */
import { describe, expect, test } from "vitest";
import { evaluateDim, type Dim } from "../../src/base/dim.js";
import { DiagnosticError, type Diagnostic } from "../../src/base/diagnostic.js";
import { decompose } from "../../src/ir/rewrite/decompose.js";
import { rankedType } from "../../src/ir/graph.js";
import { inferGraph } from "../../src/ir/infer/infer.js";
import { parse } from "../../src/ir/text/parse.js";
import { spellType } from "../../src/ir/text/spelling.js";
import { catalogue as builtIn } from "../../src/ops/catalogue.js";

const typed = (text: string) => inferGraph(parse(text), builtIn);
const outputs = (text: string) => typed(text).graph.outputs.map((v) => spellType(v.type));
const ops = (text: string) => decompose(typed(text).graph, builtIn, () => false).nodes.map((n) => n.op);

function refusals(text: string): readonly Diagnostic[] {
  try {
    ops(text);
  } catch (e) {
    if (e instanceof DiagnosticError) return e.diagnostics;
    throw e;
  }
  return [];
}

describe("operands that are expressions of open extents", () => {
  test.each([
    ["ConstantOfShape", "s = Shape(x: f32[n,3])\n y = ConstantOfShape(s)", "f32[n,3]"],
    ["Expand", "s = Shape(x: f32[n,3])\n y = Expand(b: f32[3]!, s)", "f32[n,3]"],
    ["Range", "s = Shape(x: f32[n,3], start=0, end=1)\n l = Squeeze(s)\n y = Range(a: i64[]{0}, l, d: i64[]{1})", "i64[n]"],
    [
      "Range over floats that are whole",
      "s = Shape(x: f32[n,3], start=0, end=1)\n l = Squeeze(s)\n f = Cast(l, to=1)\n y = Range(a: f32[]{0.0}, f, d: f32[]{2.0})",
      "f32[floordiv(n + 1, 2)]",
    ],
    ["Slice to a shape", "s = Shape(x: f32[n,3], start=0, end=1)\n y = Slice(t: f32[64,8]!, a: i64[1]{0}, s)", "f32[min(64, n),8]"],
    [
      "Resize to another tensor's sizes",
      's = Shape(z: f32[n,3,H,W])\n y = Resize(x: f32[n,3,h,w], _, _, s, mode="linear")',
      "f32[n,3,H,W]",
    ],
  ])("%s", (_, text, type) => {
    expect(outputs(text)).toEqual([type]);
    expect(refusals(text)).toEqual([]);
  });

  test("a slice that leaves out the first and one that leaves out the last element have one extent", () =>
    expect(
      outputs(
        "s = Shape(x: f32[n,3], start=0, end=1)\n e = Sub(s, k: i64[1]{1})\n" +
          "y = Slice(x, z: i64[1]{0}, e)\n w = Slice(x, k, m: i64[1]{9223372036854775807})",
      ),
    ).toEqual(["f32[max(0, n - 1),3]", "f32[max(0, n - 1),3]"]));

  test.each([-9, -3, -2, -1, 0, 2])("a bound n + %i of any sign is clamped as the standard says", (k) => {
    const text =
      `s = Shape(x: f32[n,3], start=0, end=1)\n b = Add(s, k: i64[1]{${k}})\n` +
      "y = Slice(x, z: i64[1]{0}, b)\n w = Slice(x, b, m: i64[1]{9223372036854775807})\n v = Slice(x, b, l: i64[1]{-9223372036854775808}, a: i64[1]{0}, r: i64[1]{-1})";
    const extents = typed(text).graph.outputs.map((o) => rankedType(o)?.shape[0] as Dim);
    for (let n = 0; n <= 10; n++) {
      const at = n + k < 0 ? n + k + n : n + k;
      const within = Math.min(Math.max(at, 0), n);
      const backwards = Math.min(Math.max(at, 0), n - 1) + 1;
      expect([n, ...extents.map((d) => evaluateDim(d, { n }))]).toEqual([n, within, n - within, backwards]);
    }
  });
});

describe("what stays impossible", () => {
  test("a recurrent layer over an open length is a limit of ours and names the length", () =>
    expect(refusals("y = LSTM(x: f32[t,1,4], w: f32[1,8,4]!, r: f32[1,8,2]!, hidden_size=2)")).toMatchObject([
      {
        code: "dynamic-extent",
        message: expect.stringMatching(/sequence length must be known when compiling, but t is/) as string,
        why: expect.stringMatching(/limit of Portolan/) as string,
        location: { node: "y" },
      },
    ]));

  test("an operand computed from data says so, one computed from extents gives them", () => {
    expect(refusals("y = Unsqueeze(x: f32[n], a: i64[1])")[0]?.message).toMatch(/computed from data/);
    expect(refusals("s = Shape(x: f32[n])\n y = Unsqueeze(x, s)")[0]?.message).toMatch(/it is \[n\]/);
  });
});

test("a built-in formula's type error is a mismatch in the model, not advice to a formula's author", () => {
  const [d] = typed("y = Add(a: f32[3], b: i64[3])").diagnostics;
  expect(d).toMatchObject({ code: "type-mismatch", severity: "error", location: { node: "y" } });
  expect(d.fix).toMatch(/Cast in front/);
});
