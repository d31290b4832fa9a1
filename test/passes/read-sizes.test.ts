/** Integers that data decide and operators must know are read back. */
import { expect, test } from "vitest";
import { readSizes } from "../../passes/onnx/read-sizes.js";
import { everyStep } from "../../src/program/flow.js";
import { compile } from "../../src/api/compile.js";
import { compileText, modelBytes } from "../plan/compile-text.js";
import { checkPass } from "./check-pass.js";

test("an end that is computed is read once, for all who need it", () => {
  const out = checkPass(
    readSizes,
    `const axis: i64[1] = {0}
     const first: i64[1] = {0}
     m = Abs(n: i64[1])
     a = Slice(x: f32[N], first, m, axis)
     b = Slice(x, first, m, axis)
     y = Concat(a, b, axis=0)`,
    `m = Abs(n)
     m' = read(m, value=dims["m[0]"])
     a = Slice(x, first, m', axis)
     b = Slice(x, first, m', axis)
     y = Concat(a, b, axis=0)`,
  );
  expect(out.symbols.map((s) => s.name)).toEqual(["N", "m[0]"]);
});

test("extents beside it keep what is known of them, and what they size may decide the next", () => {
  const out = checkPass(
    readSizes,
    `const axis: i64[1] = {0}
     const first: i64[1] = {0}
     m = Abs(n: i64[1])
     rows = Shape(x: f32[N,1], start=0, end=1)
     to = Concat(rows, m, axis=0)
     a = Expand(x, to)
     s = ReduceSum(a)
     e = Cast(s, to=7)
     f = Abs(e)
     g = Reshape(f, first)
     y = Slice(x, first, g, axis)`,
    `m = Abs(n)
     m' = read(m, value=dims["m[0]"])
     rows = Shape(x, start=0, end=1)
     to = Concat(rows, m', axis=0)
     a = Expand(x, to)
     s = ReduceSum(a)
     e = Cast(s, to=7)
     f = Abs(e)
     f' = read(f, value=dims["f[0]"])
     g = Reshape(f', first)
     y = Slice(x, first, g, axis)`,
  );
  expect(out.nodes[5].outputs[0]?.type).toMatchObject({ dtype: "f32" });
});

test("in a body too", () => {
  checkPass(
    readSizes,
    `graph m(x: f32[9], k: bool[], n: i64[1]) -> (y) {
       const axis: i64[1] = {0}
       const first: i64[1] = {0}
       y: f32[] = If(k, then_branch=graph then() -> (a) {
         m: i64[1] = Abs(n)
         l: f32[*] = Slice(x, first, m, axis)
         a: f32[] = ReduceSum(l, axis, keepdims=0)
       }, else_branch=graph else() -> (b) {
         b: f32[] = ReduceMax(x, axis, keepdims=0)
       })
     }`,
    `y = If(k, then_branch=graph then() -> (a) {
       m: i64[1] = Abs(n)
       m': i64[1] = read(m, value=dims["m[0]"]) from ("m")
       l: f32[*] = Slice(x, first, m', axis)
       a: f32[] = ReduceSum(l, axis, keepdims=0)
     }, else_branch=graph else() -> (b) {
       b: f32[] = ReduceMax(x, axis, keepdims=0)
     })`,
  );
});

test.each([
  ["what follows from sizes", "s = Shape(x: f32[N,4], start=0, end=1)\nz = ConstantOfShape(s)\ny = ReduceSum(z)"],
  ["floats", "r = Range(a: f32[], n: f32[], b: f32[])\ny = ReduceSum(r)"],
])("declines %s", (_, text) => {
  checkPass(readSizes, text);
});

test("an output of a size that only data know is refused by its name", async () => {
  const text = "const axis: i64[1] = {0}\nconst first: i64[1] = {0}\ny = Slice(x: f32[N], first, n: i64[1], axis)";
  await expect(compileText(text)).rejects.toThrow(/output "y" \[min\(.*n\[0\].*\)\] is as large as values decide/);
});

test("a round's own number is the host's: nothing is read for it", async () => {
  const { plan } = await compileText(`graph m(x: f32[9], n: i64[]) -> (y) {
    const go: bool[] = {1}
    const axis: i64[1] = {0}
    const first: i64[1] = {0}
    const zero: f32[] = {0.0}
    y: f32[] = Loop(n, go, zero, body=graph b(i: i64[], c: bool[], t: f32[]) -> (c2, t2) {
      c2: bool[] = Identity(c)
      e: i64[1] = Unsqueeze(i, axis)
      cut: f32[*] = Slice(x, first, e, axis)
      q: f32[] = ReduceSum(cut, axis, keepdims=0)
      t2: f32[] = Add(q, t)
    })
  }`);
  const steps = [...everyStep(plan.program.steps)].map((s) => s.op as string);
  expect(steps.filter((op) => op === "read" || op === "write")).toEqual(["read"]);
});

test("what hangs on sizes alone keeps its own advice beside a read; what hangs on the read names the input to fix", async () => {
  const read = "const axis: i64[1] = {0}\nconst first: i64[1] = {0}\nc = Slice(x: f32[N], first, n: i64[1], axis)\ns = ReduceSum(c)\n";
  const fixOf = async (text: string) => {
    const { diagnostics } = await compile(modelBytes(read + text), { target: "bang" });
    return diagnostics.filter((d) => d.severity === "error").map((d) => d.fix);
  };
  expect((await fixOf('e = Einsum(a: f32[M,M], equation="ii->i")\nk = Tile(e, m: i64[1])\nreturn s, k')).join()).toMatch(/--freeze/);
  const open = await fixOf("q = ConvTranspose(z: f32[1,1,4,4], w: f32[1,1,K,3])\nreturn s, q");
  expect(open.length).toBeGreaterThan(0);
  expect(open.join()).not.toMatch(/--freeze/);
});
