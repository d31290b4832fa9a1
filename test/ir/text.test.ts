/** The text form prints back what it reads, whatever is in it. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { canonical, print, sketch } from "../../src/ir/text/print.js";
import { parse } from "../../src/ir/text/parse.js";

const everything = readFileSync(new URL("./everything.txt", import.meta.url), "utf8");

function roundTrip(text: string): string {
  const once = print(parse(text));
  expect(print(parse(once))).toBe(once);
  return once;
}

describe("the whole form", () => {
  test("prints back every kind of type, attribute, name and constant", () => expect(roundTrip(everything)).toBe(everything));

  test("canonical text carries a hash for each constant and parses back", () => {
    const text = canonical(parse(everything));
    expect(text.match(/sha256:[0-9a-f]{64}/g)).toHaveLength(6);
    expect(canonical(parse(text))).toBe(text);
  });

  test("a constant known by its hash says so when its values are asked for", () => {
    const graph = parse(canonical(parse("y = Add(x: f32[2], w: f32[2]!)")));
    expect(() => [...graph.constants.values()][0].load()).toThrow(/text-constant-missing/);
  });
});

describe("the brief form", () => {
  test("declares operands where they first appear and yields what nobody reads", () => {
    const graph = parse(`
      c = Conv(x: f32[N,3,8,8], w: f32[4,3,3,3]!, pads=[1, 1, 1, 1])
      y, _ = Dropout(c)`);
    expect(graph.inputs.map((v) => v.name)).toEqual(["x"]);
    expect(graph.outputs.map((v) => v.name)).toEqual(["y"]);
    expect([...graph.constants.keys()].map((v) => v.name)).toEqual(["w"]);
    expect(graph.symbols.map((s) => s.name)).toEqual(["N"]);
    expect(sketch(graph)).toBe("c = Conv(x, w, pads=[1, 1, 1, 1])\ny, _ = Dropout(c)");
    roundTrip(print(graph));
  });

  test("what follows # is for people", () => expect(sketch(parse("# before\n y = Relu(x: f32[2]) # beside\n# after"))).toBe("y = Relu(x)"));

  test("constants spelled out and returns chosen", () => {
    const graph = parse("y = Reshape(x: f32[2,3], s: i64[2]{3, 2})\n z = Relu(y)\n return y, z");
    expect(graph.outputs.map((v) => v.name)).toEqual(["y", "z"]);
    expect([...graph.constants.values()][0].load().data).toEqual(new BigInt64Array([3n, 2n]));
  });
});

describe("errors", () => {
  test.each([
    ["y = Add(x: f32[2], )", /text-syntax: line 1, column 20: expected a name/],
    ["y = Add(a, b)", /text-undefined-value: "a"/],
    ["y = Add(x: f33[2], x)", /"f33" is no element type/],
    ["y = Add(x: f32[2], x)\ny = Relu(x)", /line 2.*"y" is defined twice/],
    ["y = Add(x: f32[2], w: f32[N]!)", /fixed extents/],
    ["y = call Conv(x: f32[2])", /expected target::row/],
    ["y = call v::Conv(x: f32[2] as [a])", /expected an axis/],
  ])("%s", (text, message) => expect(() => parse(text)).toThrow(message));
});
