/** Operators taken apart as a stage: what is left whole, and bodies. */
import { test } from "vitest";
import { decomposeOperators } from "../../passes/primitive/decompose.js";
import { checkPass } from "./check-pass.js";

test("an operator becomes the primitives of its formula; a call stays", () =>
  void checkPass(
    decomposeOperators,
    "c: f32[2,3] = call v::Neg(x: f32[2,3])\n y = Transpose(c, perm=[1, 0])",
    "c = call v::Neg(x)\n y = transpose(c, perm=[1, 0])",
  ));

test("an If becomes if, its branches decomposed", () => {
  const branch = (name: string, op: string): string => `graph ${name}() -> (${name}y) {\n ${name}y: f32[2] = ${op}\n}`;
  checkPass(
    decomposeOperators,
    `z = Neg(x: f32[2])\n y = If(c: bool[], then_branch=${branch("a", "Exp(z)")}, else_branch=${branch("b", "Abs(z)")})`,
    `z = neg(x)\n y = if(c, then=${branch("a", "exp(z)")}, else=${branch("b", "abs(z)")})`,
  );
});

test("declines: primitives and calls", () => void checkPass(decomposeOperators, "a = neg(x: f32[2])\n y = call v::Relu(a)"));
