/** Integers that a vector unit cannot convert are computed lane by lane; those it can are not, and copies need neither. */
import { expect, test } from "vitest";
import { compileText } from "./compile-text.js";

const ways = async (text: string, target: string) =>
  (await compileText(text, { target, prefer: "kernels" })).emitted.steps.map((s) => s.act.kind);

test.each(["cann", "cann:Ascend310P3", "bang"])("uint16 arithmetic takes the scalar schedule on %s", async (target) => {
  expect(await ways("y = Add(x: u16[n,7], z: u16[7])", target)).toEqual(["scalar"]);
});

test.each(["cann", "bang"])("int16 and uint8 arithmetic keeps the vector unit on %s", async (target) => {
  expect(await ways("y = Add(x: i16[n,7], z: i16[7])", target)).toEqual(["kernel"]);
  expect(await ways("y = Add(x: u8[n,7], z: u8[7])", target)).toEqual(["kernel"]);
});

test("a uint16 tensor is copied by DMA alone", async () => {
  expect(await ways("y = Transpose(x: u16[4,7], perm=[1,0])", "cann")).toEqual(["kernel"]);
});

test("a matrix product over nothing is left to a kernel, for CNNL refuses empty operands", async () => {
  const compiled = await compileText("y = MatMul(a: f32[4,0], b: f32[0,3])", { target: "bang" });
  expect(compiled.emitted.steps.filter((s) => s.act.kind === "library")).toEqual([]);
});

test("a 64-bit mask is converted apart: what it is multiplied with stays vectors", async () => {
  const text = "r = Sqrt(s: f32[64,1])\n d = Div(x: f32[64,64], r)\n m = Cast(k: i64[64,1], to=1)\n y = Mul(d, m)";
  const { plan, emitted } = await compileText(text, { target: "cann" });
  expect(plan.program.steps.map((s, i) => `${s.origin.join()} ${emitted.steps[i].act.kind}`)).toEqual(["m scalar", "r,d,y kernel"]);
});
