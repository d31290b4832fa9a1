import { expect, test } from "vitest";
import { Sheet } from "../../../targets/kit/sheet.js";

test("declarations nobody reads are left out, with what only they read", () => {
  const w = new Sheet();
  w.branch("if (a)", () => {
    w.declare("x", () => "int x = 1;");
    w.declare("y", () => `int y = ${w.say("x")};`);
    w.declare("z", () => `int z = ${w.say("n")};`);
    w.line(`f(${w.say("z")});`);
  });
  w.branch("if (b)", () => w.line(`g(${w.say("y")}, ${w.say("x")});`));
  const { text, names } = w.read();
  expect(text).toBe("  if (a) {\n    int z = n;\n    f(z);\n  }\n  if (b) {\n    g(y, x);\n  }\n");
  expect([...names].sort()).toEqual(["n", "x", "y", "z"]);
});

test("what an unread declaration says is not said", () => {
  const w = new Sheet();
  w.declare("x", () => `int x = ${w.say("m")};`);
  w.line(`f(${w.say("n")});`);
  expect(w.read()).toEqual({ text: "  f(n);\n", names: new Set(["n"]) });
});

test("names said without a line count for the block they are said in", () => {
  const w = new Sheet();
  w.loop("for (;;)", () => {
    w.declare("x", () => "int x = 1;");
    w.declare("y", () => "int y = 2;");
    w.line(`f(${w.say("x")});`);
    w.declare("z", () => "int z = 3;");
    w.say("z");
  });
  w.say("y");
  expect(w.read()).toEqual({ text: "  for (;;) {\n    int x = 1;\n    f(x);\n    int z = 3;\n  }\n", names: new Set(["y", "z", "x"]) });
});
