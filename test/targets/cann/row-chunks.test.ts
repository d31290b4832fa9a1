/** Reductions that go over results in chunks compare 64 lanes at a time: a chunk that ends elsewhere reads beyond its tile. */
import { expect, test } from "vitest";
import { compileText, textFiles } from "../../plan/compile-text.js";

test.each(["cann:Ascend310P3", "cann:Ascend910B2"])("%s takes rows in whole comparisons", async (target) => {
  const compiled = await compileText("y = Hardmax(x: f32[n,12,n,m], axis=3)", { target });
  const kernels = [...textFiles(compiled).values()].join("\n");
  const chunks = [...kernels.matchAll(/first < rows; first \+= (\d+)/g)].map((m) => Number(m[1]));
  expect(chunks.length).toBeGreaterThan(0);
  expect(chunks.filter((n) => n % 64 !== 0)).toEqual([]);
});
