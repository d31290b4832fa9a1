/** Nodes that do nothing, do the same twice, or say in two steps what one can say. */
import { describe, expect, test } from "vitest";
import { dropDead } from "../../passes/onnx/drop-dead.js";
import { dropNoops } from "../../passes/onnx/drop-noops.js";
import { foldConstants } from "../../passes/onnx/fold-constants.js";
import { foldShapes } from "../../passes/onnx/fold-shapes.js";
import { inlineBranches } from "../../passes/onnx/inline-branches.js";
import { mergeMovement } from "../../passes/onnx/merge-movement.js";
import { primitiveNoops } from "../../passes/primitive/primitive-noops.js";
import { shareCommon } from "../../passes/onnx/share-common.js";
import { checkPass } from "./check-pass.js";

describe("drop-noops", () => {
  test.each([
    ["Identity", "a = Identity(x: f32[N,4])"],
    ["Dropout", "a = Dropout(x: f32[N,4])"],
    ["Cast to the same type", "a = Cast(x: f32[N,4], to=1)"],
    ["Reshape to the same shape", "a = Reshape(x: f32[2,4], s: i64[2]{2, -1})"],
    ["Flatten of a matrix", "a = Flatten(x: f32[N,4])"],
    ["Transpose by the identity", "a = Transpose(x: f32[N,4], perm=[0, 1])"],
    ["Slice of all", "a = Slice(x: f32[N,4], b: i64[1]{0}, e: i64[1]{9223372036854775807}, axes: i64[1]{0})"],
    ["Expand to the same shape", "a = Expand(x: f32[3,4], s: i64[2]{1, 4})"],
    ["Pad by nothing", "a = Pad(x: f32[N,4], p: i64[4]{0, 0, 0, 0})"],
    ["Concat of one", "a = Concat(x: f32[N,4], axis=0)"],
    ["times one", "a = Mul(x: f32[N,4], k: f32[]{1.0})"],
    ["one times", "a = Mul(k: f32[4]{1.0, 1.0, 1.0, 1.0}, x: f32[N,4])"],
    ["a whole number plus zero", "a = Add(x: i32[N,4], k: i32[1]{0})"],
    ["plus -0", "a = Add(x: f32[N,4], k: f32[1]{-0.0})"],
    ["minus zero", "a = Sub(x: f32[N,4], k: f32[1]{0.0})"],
    ["by one", "a = Div(x: f32[N,4], k: f32[1]{1.0})"],
    ["to the first", "a = Pow(x: f32[N,4], k: f32[]{1.0})"],
  ])("%s", (_, text) => void checkPass(dropNoops, `${text}\n y = Relu(a)`, "y = Relu(x)"));

  test("the same of primitives", () => {
    checkPass(primitiveNoops, "a = add(x: i32[4], k: i32[4]{0, 0, 0, 0})\n y = neg(a)", "y = neg(x)");
    checkPass(primitiveNoops, "e = expand(k: f32[1]{-0.0}, shape=dims[4])\n a = add(x: f32[4], e)\n y = neg(a)", "y = neg(x)");
    checkPass(primitiveNoops, "e = expand(k: f32[1]{0.0}, shape=dims[4])\n a = add(x: f32[4], e)\n y = neg(a)");
    checkPass(primitiveNoops, "s = sub(x: i32[4], v: i32[4])\n a = add(s, v)\n y = neg(a)", "y = neg(x)");
    checkPass(primitiveNoops, "s = add(x: i32[4], v: i32[4])\n a = sub(s, v)\n y = neg(a)", "y = neg(x)");
    checkPass(primitiveNoops, "s = sub(x: i32[4], v: i32[4])\n a = add(v, s)\n y = neg(a)");
    checkPass(primitiveNoops, "s = sub(x: i32[4], v: i32[4])\n a = add(s, w: i32[4])\n y = neg(a)");
    checkPass(primitiveNoops, "s = sub(x: f32[4], v: f32[4])\n a = add(s, v)\n y = neg(a)");
    checkPass(primitiveNoops, "a = sub(x: f32[4], k: f32[4]{-0.0, -0.0, -0.0, -0.0})\n y = neg(a)");
  });

  test("Dropout whose mask nobody reads", () =>
    void checkPass(dropNoops, "a, m = Dropout(x: f32[N,4])\n y = Relu(a)\n return y", "y = Relu(x)"));

  test.each([
    ["one minus", "a = Sub(k: f32[1]{0.0}, x: f32[N,4])"],
    ["a neutral element that widens", "a = Add(x: f32[4], k: f32[2,1]{-0.0, -0.0})"],
    ["plus +0, which makes +0 of -0", "a = Add(x: f32[N,4], k: f32[1]{0.0})"],
    ["minus -0, which is plus +0", "a = Sub(x: f32[N,4], k: f32[1]{-0.0})"],
    ["Slice backwards", "a = Slice(x: f32[4], b: i64[1]{3}, e: i64[1]{-5}, axes: i64[1]{0}, steps: i64[1]{-1})"],
    ["Reshape to other extents", "a = Reshape(x: f32[N,4], s: i64[2]{2, -1})"],
    ["Dropout whose mask is read", "a, m = Dropout(x: f32[2])\n z = Not(m)\n y = Relu(a)\n return y, z"],
  ])("declines: %s", (_, text) => void checkPass(dropNoops, text.includes("y =") ? text : `${text}\n y = Relu(a)`));
});

describe("merge-movement", () => {
  test("two reshapes are one", () => {
    checkPass(mergeMovement, "a = Reshape(x: f32[2,3,4], s: i64[2]{6, 4})\n y = Flatten(a, axis=0)", "y = Reshape(x, y.shape)");
    const out = checkPass(
      mergeMovement,
      "a = Unsqueeze(x: f32[N,4], d: i64[1]{0})\n y = Reshape(a, s: i64[3]{0, -1, 2})",
      "y = Reshape(x, y.shape)",
    );
    expect([...out.constants.values()].map((c) => c.load().data)).toContainEqual(new BigInt64Array([1n, -1n, 2n]));
  });

  test("two transposes are one", () =>
    checkPass(
      mergeMovement,
      "a = Transpose(x: f32[N,3,4], perm=[2, 0, 1])\n y = Transpose(a, perm=[0, 2, 1])",
      "y = Transpose(x, perm=[2, 1, 0])",
    ));

  test("a cast through a wider type is one cast", () => {
    checkPass(mergeMovement, "a = Cast(x: i8[4], to=1)\n y = Cast(a, to=7)", "y = Cast(x, to=7)");
    checkPass(mergeMovement, "a = Cast(x: f32[4], to=7)\n y = Cast(a, to=1)");
  });

  test("declines for two extents that one Reshape cannot give", () =>
    void checkPass(
      mergeMovement,
      "a = Unsqueeze(x: f32[N,M], d: i64[1]{0})\n b = Transpose(a, perm=[0, 2, 1])\n c = Reshape(b, s: i64[3]{0, 0, 0})\n y = Unsqueeze(c, e: i64[1]{0})"
        .replace("c = Reshape(b, s: i64[3]{0, 0, 0})\n ", "")
        .replace("(c,", "(b,"),
    ));
});

describe("share-common", () => {
  test("equal nodes are one", () =>
    checkPass(shareCommon, "a = Relu(x: f32[4])\n b = Relu(x)\n y = Add(a, b)", "a = Relu(x)\ny = Add(a, a)"));
  test("equal constants are one", () =>
    checkPass(
      shareCommon,
      "a = Add(x: f32[4], k: f32[]{2.0})\n b = Add(x, l: f32[]{2.0})\n y = Mul(a, b)",
      "a = Add(x, k)\ny = Mul(a, a)",
    ));
  test.each([
    ["attributes differ", "a = LeakyRelu(x: f32[4], alpha=0.1)\n b = LeakyRelu(x, alpha=0.2)\n y = Add(a, b)"],
    ["constants differ in type", "a = Add(x: f32[4], k: f32[]{2.0})\n b = Add(x, l: f32[1]{2.0})\n y = Mul(a, b)"],
  ])("declines when %s", (_, text) => void checkPass(shareCommon, text));
});

describe("fold-constants", () => {
  test("what only constants feed is a constant", () => {
    const out = checkPass(
      foldConstants,
      "a = Mul(k: f32[2]{1.0, 2.0}, l: f32[2]{3.0, 4.0})\n b = Neg(a)\n y = Add(x: f32[2], b)",
      "y = Add(x, b)",
    );
    expect([...out.constants].find(([v]) => v.name === "b")?.[1].load().data).toEqual(new Float32Array([-3, -8]));
  });
  test("an output stays an output", () => checkPass(foldConstants, "y = Neg(k: f32[2]!)", "y = Identity(y')"));
  test("declines what would take more room", () =>
    void checkPass(foldConstants, "a = Expand(k: f32[1]!, s: i64[2]{200, 200})\n y = Add(a, x: f32[200,200])"));
});

describe("fold-shapes", () => {
  test("known shape arithmetic is a constant", () => {
    const out = checkPass(
      foldShapes,
      "s = Shape(x: f32[2,3])\n p = ReduceProd(s, keepdims=0)\n f = Cast(p, to=1)\n y = Mul(x, f)",
      "f = Cast(p, to=1)\ny = Mul(x, f)",
    );
    expect([...out.constants].find(([v]) => v.name === "p")?.[1].load().data).toEqual(new BigInt64Array([6n]));
  });

  test("a Reshape's computed shape becomes constant, copying and computing what is open", () => {
    const text =
      "s = Shape(x: f32[N,M,4])\n b = Gather(s, i: i64[1]{0}, axis=0)\n c = Concat(b, r: i64[2]{2, -1}, axis=0)\n y = Reshape(x, c)";
    const out = checkPass(foldShapes, text, "y = Reshape(x, y.shape)");
    expect([...out.constants.values()].map((c) => c.load().data)).toContainEqual(new BigInt64Array([0n, 2n, -1n]));
  });

  test("declines for data", () => void checkPass(foldShapes, "s = Shape(x: f32[N,3])\n y = Mul(s, k: i64[2])"));
});

test("drop-dead drops nodes and constants, not inputs", () =>
  checkPass(dropDead, "a = Relu(x: f32[2])\n b = Add(a, k: f32[2]!)\n y = Neg(z: f32[2])\n return y", "y = Neg(z)"));

describe("inline-branches", () => {
  const branches = "then_branch=graph t() -> (p) { p = Neg(a) }, else_branch=graph e() -> (q) { q = Abs(a)\n r = Exp(q)\n }";
  test("the branch that runs takes the If's place", () => {
    checkPass(inlineBranches, `a = Relu(x: f32[2])\n y = If(c: bool[]{1}, ${branches})`, "a = Relu(x)\ny = Neg(a)");
    checkPass(inlineBranches, `a = Relu(x: f32[2])\n y = If(c: bool[]{0}, ${branches})`, "a = Relu(x)\ny = Abs(a)\nr = Exp(y)");
  });

  test("a value from outside is passed on, a nested If goes too, constants come along", () =>
    checkPass(
      inlineBranches,
      `a = Relu(x: f32[2])
       y = If(c: bool[]{1}, then_branch=graph t() -> (p) {
         const k: f32[1] = {2.0}
         i = If(c, then_branch=graph u() -> (s) { s = Mul(a, k) }, else_branch=graph w() -> (z) { z = Neg(a) })
         p = Add(i, k)
       }, else_branch=graph e() -> (a) { })
       v = If(c, then_branch=graph t2() -> (a) { }, else_branch=graph e2() -> (a) { })`,
      "a = Relu(x)\ni = Mul(a, k)\ny = Add(i, k)\nv = Identity(a)",
    ));

  test("a condition computed from shapes counts", () =>
    checkPass(
      inlineBranches,
      `s = Shape(x: f32[2,3], start=0, end=1)\n c = Equal(s, k: i64[1]{2})\n a = Relu(x)\n y = If(c, ${branches})`,
      "s = Shape(x, start=0, end=1)\nc = Equal(s, k)\na = Relu(x)\ny = Neg(a)",
    ));
});
