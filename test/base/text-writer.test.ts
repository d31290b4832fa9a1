import fc from "fast-check";
import { expect, test } from "vitest";
import { TextWriter, cFloat, cIdentifier, cInt, cString, commentText, identifierPicker } from "../../src/base/text-writer.js";

test("blocks indent and lines remember their origin", () => {
  const w = new TextWriter();
  w.from(["/layer/Relu"], () => w.block("for (;;)", () => w.line("y = x;"))).comment("done");
  expect(w.text()).toBe("for (;;) {\n  y = x;\n}\n// done\n");
  expect(w.spans()).toEqual([{ first: 1, last: 3, origin: "/layer/Relu" }]);
});

test("long comments break at spaces", () => {
  const w = new TextWriter().comment("word ".repeat(40));
  for (const line of w.text().trimEnd().split("\n")) expect(line.length).toBeLessThanOrEqual(118);
});

test("no text ends a comment, continues a line or hides one", () => {
  const hostile = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(fc.constantFrom("*", "/", "\\", "?", "\n", "\u2028", "\u202e", "a")).map((a) => a.join("")),
  );
  fc.assert(
    fc.property(hostile, (text) => {
      const safe = commentText(text);
      expect(safe).not.toMatch(/\*\/|\/\*|[\n\r\u2028\u2029\u202a-\u202e\u2066-\u2069]|\\$|\?\?/);
      for (const line of new TextWriter().comment(text).text().trimEnd().split("\n")) expect(line).toMatch(/^\/\/( |$)/);
    }),
  );
});

test("identifiers are legal and picked once", () => {
  expect(cIdentifier("/layer.3/Softmax")).toBe("layer_3_Softmax");
  expect(cIdentifier("层")).toBe("x");
  expect(cIdentifier("3d")).toBe("x3d");
  expect(cIdentifier("float")).toBe("float_");
  const pick = identifierPicker(["a"]);
  expect([pick("a"), pick("a"), pick("b")]).toEqual(["a_2", "a_3", "b"]);
  fc.assert(fc.property(fc.string(), (name) => /^[A-Za-z][A-Za-z0-9_]*$/.test(cIdentifier(name))));
});

test("string literals spell UTF-8 bytes", () => {
  expect(cString('a"b\\c\n')).toBe('"a\\"b\\\\c\\n"');
  expect(cString("é1")).toBe('"\\303\\2511"');
  expect(cString("??/")).toBe('"\\077\\077/"');
});

test("float literals round-trip", () => {
  expect([1, -0, 0.1, 1e-45, 3.4028234663852886e38, Infinity, -Infinity, NaN, 16777216].map(cFloat)).toEqual([
    "1.0f",
    "-0.0f",
    "0.1f",
    "1e-45f",
    "3.4028235e+38f",
    "__builtin_inff()",
    "-__builtin_inff()",
    '__builtin_nanf("")',
    "16777216.0f",
  ]);
  fc.assert(
    fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (x) => Object.is(Math.fround(Number(cFloat(x).slice(0, -1))), x)),
  );
});

test("integer literals", () => {
  expect([cInt(-5), cInt(-2147483648), cInt(4294967295), cInt(-9223372036854775808n, 64), cInt(7, 64)]).toEqual([
    "-5",
    "(-2147483647 - 1)",
    "4294967295U",
    "(-9223372036854775807LL - 1)",
    "7LL",
  ]);
});
