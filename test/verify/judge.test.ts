/** A verdict without figures says why; one with figures says which limit was passed. */
import { expect, test } from "vitest";
import type { Tensor } from "../../src/base/tensor.js";
import { judge } from "../../src/verify/judge.js";

const f32 = (shape: number[], ...values: number[]): Tensor => ({ dtype: "f32", shape, data: Float32Array.from(values) });
const want = f32([2], 1, -1);

test.each([
  ["no such output", undefined],
  ["shape [1,2], expected [2]", f32([1, 2], 1, -1)],
  ["element type i32, expected f32", { dtype: "i32", shape: [2], data: Int32Array.of(1, -1) }],
] as const)("%s", (reason, got) => {
  const verdict = judge("y", [got], [want], {});
  expect(verdict).toMatchObject({ ok: false, reason, maxAbs: null, cosine: null, sqnrDb: null, sameShape: false });
});

test("limits passed are named with both numbers", () => {
  expect(judge("y", [f32([2], 1, -1.5)], [want], {}).reason).toMatch(
    /^max abs error 5.00e-1, allowed 2.00e-3; cosine 0.98\d+, wanted 0.99999$/,
  );
});

test("equal and near values agree; within one step of float32 only those whose scale is 1", () => {
  expect(judge("y", [want], [want], {})).toMatchObject({ ok: true, maxAbs: 0, cosine: 1 });
  expect(judge("y", [f32([2], 1.0001, -1)], [want], {}).ok).toBe(true);
  const [got, tiny] = [[f32([2], 9e-8, 0)], [f32([2], 0, 1e-8)]];
  expect(judge("y", got, tiny, {}).ok).toBe(false);
  expect(judge("y", got, tiny, { unitScale: true })).toMatchObject({
    ok: true,
    reason: expect.stringContaining("2^-23") as string,
  });
});

test("a factor shows where a cosine is blind to it: one number, a constant, whole numbers, fp16", () => {
  const i64 = (x: bigint): Tensor => ({ dtype: "i64", shape: [1], data: BigInt64Array.of(x) });
  expect(judge("y", [f32([1], 300)], [f32([1], 3)], {}).ok).toBe(false);
  expect(judge("y", [f32([1], 3.001)], [f32([1], 3)], {}).ok).toBe(true);
  expect(judge("y", [f32([2], 2, 2)], [f32([2], 1, 1)], {}).ok).toBe(false);
  expect(judge("y", [i64(7n)], [i64(3n)], {})).toMatchObject({ ok: false, reason: "whole numbers differ" });
  expect(judge("y", [f32([2], 2, -2)], [want], { precision: "fp16" }).reason).toMatch(/^signal to error 0.0 dB/);
  expect(judge("y", [f32([2], 1.01, -1)], [want], { precision: "fp16" }).ok).toBe(true);
});

test("a tolerance that the caller gives is the last word", () =>
  expect(judge("y", [f32([2], 9e-8, 0)], [f32([2], 0, 1e-8)], { unitScale: true, tolerance: { maxAbs: 1e-9 } }).ok).toBe(false));

test("NaN where a number should be is named, and neither a cosine nor a signal ratio is made of it", () => {
  const [got, want] = [f32([2], Number.NaN, 1), f32([2], 0.5, 1)];
  const { ok, reason, sqnrDb, cosine } = judge("y", [got], [want], {});
  expect({ ok, reason, sqnrDb, cosine }).toEqual({
    ok: false,
    reason: "NaN or an infinity where it should not be",
    sqnrDb: -Infinity,
    cosine: Number.NaN,
  });
});
