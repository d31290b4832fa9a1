/** The text of a kernel, as `portolan kernel --ir` prints it. */
import { expect, test } from "vitest";
import { printKernel } from "../../src/kernel/text/print.js";
import { planUnits } from "../../src/kernel/group/group.js";
import { kernelUnits, plannedChips, Sketch } from "./plan-helpers.js";

test("a broadcast add reads as loads, one map and a store", () => {
  const s = new Sketch();
  const y = s.apply("add", [s.input("f32", [4, 50]), s.spread(s.input("f32", [50]), [4, 50])]);
  const units = planUnits(s.graph(y), { caps: plannedChips[0], isLibrary: () => false, ranges: () => undefined, prefix: "m_" });
  const [unit] = kernelUnits(units);
  const text = printKernel(unit.kernels[0].kernel);
  expect(text).toContain(`kernel m_${y.name} pointwise "y2 = x0 + x1"`);
  expect(text).toMatch(/y2 = add.f32\(a0, a1@row\)/);
  expect(text).toMatch(/store y2 -> y2\[.*50 by 1\]/);
});
