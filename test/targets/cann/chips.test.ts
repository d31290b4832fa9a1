/** What differs between Ascend's chips is data: calls that one of them refuses are not made there. */
import { describe, expect, test } from "vitest";
import { compileText, textFiles } from "../../plan/compile-text.js";

const all = async (model: string, chip: string, options = {}): Promise<string> =>
  [...textFiles(await compileText(model, { target: `cann:${chip}`, ...options })).values()].join("\n");

const average = "y = AveragePool(x: f32[1,4,8,8], kernel_shape=[2, 2])";
const scatter = `y = ScatterElements(x: f32[N,5], i: i64[N,3], u: f32[N,3], axis=1)`;
const conv = "y = Conv(x: f32[1,3,8,8], w: f32[4,3,3,3]!)";

describe("calls by chip", () => {
  test("an average of f32 is a library call on arch 2201 and a kernel on 2002", async () => {
    expect(await all(average, "Ascend910B2")).toMatch(/aclnnAvgPool2d\(/);
    for (const chip of ["Ascend310P3", "Ascend310P1"]) expect(await all(average, chip)).not.toMatch(/aclnnAvgPool2d\(/);
  });

  test("arch 2002 flushes its scalar stores without naming a destination", async () => {
    expect(await all(scatter, "Ascend910B3")).toMatch(
      /DataCacheCleanAndInvalid<\w+, CacheLine::ENTIRE_DATA_CACHE, DcciDst::CACHELINE_OUT>/,
    );
    expect(await all(scatter, "Ascend310P3")).toMatch(/DataCacheCleanAndInvalid<\w+, CacheLine::ENTIRE_DATA_CACHE>/);
  });

  test("HF32 is taken when it is allowed, and where there is f32 to round", async () => {
    expect(await all(conv, "Ascend910B2")).toMatch(/aclnnConvolutionGetWorkspaceSize\([^)]*, 0, &call/);
    expect(await all(conv, "Ascend910B2", { allowHf32: true })).toMatch(/aclnnConvolutionGetWorkspaceSize\([^)]*, 3, &call/);
    expect(await all(conv, "Ascend910B2", { allowHf32: true, precision: "fp16" })).toMatch(
      /aclnnConvolutionGetWorkspaceSize\([^)]*, 0, &call/,
    );
    expect(await all(conv, "Ascend310P3", { allowHf32: true })).toMatch(/aclnnConvolutionGetWorkspaceSize\([^)]*, 0, &call/);
  });
});

test("the vector unit is done with a buffer before the scalar unit begins an index in it", async () => {
  const text = await all("t = Transpose(x: f32[33,70,5], perm=[2, 1, 0])\n y = Mul(t, t)", "Ascend910B2");
  if (!text.includes("MoveLanes")) return expect(text).not.toContain("CreateVecIndex");
  expect(text).toMatch(/Sync<HardEvent::V_S>\(\);[^\n]*\n\s*CreateVecIndex/);
});
