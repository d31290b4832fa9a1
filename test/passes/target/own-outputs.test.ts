/** Every output has bytes of its own. */
import { describe, test } from "vitest";
import { ownOutputs } from "../../../passes/target/own-outputs.js";
import { checkPass } from "../check-pass.js";

describe("own-outputs", () => {
  test("an input given back is copied", () =>
    void checkPass(ownOutputs, "y = neg(x: f32[2,3])\n return y, x", "y = neg(x)\n x' = reshape(x, shape=dims[2, 3])"));
  test("so is a constant, and what is given back twice", () =>
    void checkPass(
      ownOutputs,
      "y = add(x: f32[2], w: f32[2]!)\n return y, y, w",
      "y = add(x, w)\n y' = reshape(y, shape=dims[2])\n w' = reshape(w, shape=dims[2])",
    ));
  test("an Identity that was left is a copy", () =>
    void checkPass(ownOutputs, "y = Identity(x: f32[N,3])", "y = reshape(x, shape=dims[N, 3])"));
  test("a branch gives back no value from outside", () => {
    const branch = (name: string, line: string, y: string): string => `graph ${name}() -> (${y}) {\n ${line}}`;
    const model = (x: string, c: string, a: string, y: string): string =>
      `z = neg(${x})\n y = if(${c}, then=${branch("a", a, y)}, else=${branch("b", "n: f32[3] = neg(z)\n", "n")})`;
    checkPass(
      ownOutputs,
      model("x: f32[3]", "c: bool[]", "", "z").replace("y = if", "y: f32[3] = if"),
      model("x", "c", 'z\': f32[3] = reshape(z, shape=dims[3]) from ("z")\n', "z'"),
    );
  });
  test("declines: outputs of their own", () => void checkPass(ownOutputs, "a = neg(x: f32[2])\n b = exp(x)\n return a, b"));
});
