/** Sizes that the standard leaves no meaning for are refused with the numbers, before any code is made for them. */
import { describe, expect, test } from "vitest";
import { condText } from "../../src/ir/text/print.js";
import { inferGraph } from "../../src/ir/infer/infer.js";
import { parse } from "../../src/ir/text/parse.js";
import { spellType } from "../../src/ir/text/spelling.js";
import { catalogue } from "../../src/ops/catalogue.js";

function typed(text: string) {
  const { graph, diagnostics } = inferGraph(parse(text), catalogue);
  const errors = diagnostics.filter((d) => d.severity === "error");
  return { type: graph.outputs.map((v) => spellType(v.type))[0], errors, guards: graph.guards.map((g) => condText(g.when)) };
}

describe("windows", () => {
  test.each([
    ["Conv", "y = Conv(x: f32[1,2,6,6], w: f32[3,2,3,3]!, pads=[-1, 0, -1, 0])"],
    ["ConvInteger", "y = ConvInteger(x: u8[1,2,6,6], w: u8[3,2,3,3]!, pads=[-1, 0, -1, 0])"],
    ["AveragePool", "y = AveragePool(x: f32[1,2,6,6], kernel_shape=[3, 3], pads=[-1, 0, -1, 0])"],
    ["MaxPool", "y = MaxPool(x: f32[1,2,6,6], kernel_shape=[3, 3], pads=[-1, 0, -1, 0])"],
  ])("%s with negative pads", (_, text) => {
    const [error] = typed(text).errors;
    expect(error).toMatchObject({ code: "operator-rule", location: { node: "y" } });
    expect(error.message).toMatch(/pads \[-1, 0, -1, 0\] are negative/);
  });

  test.each([
    [8, "f32[1,3,8]"],
    [9, "f32[1,3,9]"],
    [5, "f32[1,3,5]"],
  ])("ConvTranspose to an output_shape of %i", (extent, type) =>
    expect(typed(`y = ConvTranspose(x: f32[1,2,4], w: f32[2,3,2]!, strides=[2], output_shape=[${extent}])`).type).toBe(type),
  );

  test("ConvTranspose to an output_shape that its input cannot fill", () => {
    const [error] = typed("y = ConvTranspose(x: f32[1,2,4], w: f32[2,3,2]!, strides=[2], output_shape=[12])").errors;
    expect(error).toMatchObject({ code: "operator-rule" });
    expect(error.message).toMatch(/asks for 12 on axis 2, and 4 elements give at most 9/);
  });
});

test.each(["edge", "reflect", "wrap"])("Pad of mode %s reckons the positions of a long axis, and keeps no table of them", (mode) =>
  expect(typed(`y = Pad(x: f32[2], p: i64[2]{0, 2147483648}, mode="${mode}")`).type).toBe("f32[2147483650]"),
);

describe("a choice from elements that may be none is taken for granted to have some", () => {
  test.each([
    ["ArgMax(x: f32[B,N], axis=1)", ["any((1 <= N), (B == 0))"]],
    ["ArgMin(x: f32[3,N], axis=1)", ["(1 <= N)"]],
    ["ArgMax(x: f32[B,4], axis=1)", []],
    ["TopK(x: f32[N], k: i64[1]{5})", ["(5 <= N)"]],
    ['Einsum(x: f32[A,B], equation="ii->i")', ["(A == B)"]],
  ])("%s", (text, guards) => expect(typed(`y = ${text}`)).toMatchObject({ errors: [], guards }));
});
