/** Whole tiles of one number are filled once a kernel where the chip asks for it, and nothing writes over them. */
import { expect, test } from "vitest";
import { planUnits } from "../../src/kernel/group/group.js";
import { lowerMemory } from "../../src/kernel/lower/memory.js";
import type { Caps } from "../../src/kernel/caps.js";
import type { Kernel } from "../../src/kernel/tile.js";
import { mlu590 } from "./chips.js";
import { Sketch } from "./plan-helpers.js";

const noScalarExtremes = mlu590.scalarForms.filter((f) => f !== "min" && f !== "max");
const keeping: Caps = { ...mlu590, scalarForms: noScalarExtremes, keepsConstants: true };

/** clip(x, lo, hi) and more bounds, one after another. */
function kernelOf(bounds: readonly number[], caps: Caps): Kernel {
  const s = new Sketch();
  const shape = [200, 300];
  const x = s.input("f32", shape);
  const y = bounds.reduce((acc, b, i) => s.apply(i % 2 === 0 ? "max" : "min", [s.apply("mul", [acc, acc]), s.scalar(b, shape)]), x);
  const units = planUnits(s.graph(y), { caps, isLibrary: () => false, ranges: () => undefined, prefix: "k_" });
  const unit = units.find((u) => u.kind === "kernels");
  if (unit?.kind !== "kernels") throw new Error("no kernel");
  return unit.kernels[0].kernel;
}

const fills = (kernel: Kernel, caps: Caps) =>
  [...lowerMemory(kernel, caps).maps.values()].flatMap((m) => m.blocks.flatMap((b) => b.body.filter((i) => i.op === "fill")));

test("constants have slots of their own that no map writes", () => {
  const kernel = kernelOf([-4, 4, -4], keeping);
  const { slots, constants, maps } = lowerMemory(kernel, keeping);
  expect(constants.map((c) => c.value)).toEqual([-4, 4]);
  expect(constants.every((c) => slots[c.slot].capacity >= kernel.tiles[0].capacity)).toBe(true);
  const written = [...maps.values()].flatMap((m) => m.blocks.flatMap((b) => b.body.map((i) => i.dst)));
  const kept = new Set(constants.map((c) => c.slot));
  expect(written.filter((v) => v.kind === "scratch" && kept.has(v.slot))).toEqual([]);
  expect(fills(kernel, keeping)).toEqual([]);
});

test("other chips fill them in every tile, and more than four are filled there anyway", () => {
  const others = { ...keeping, keepsConstants: false };
  expect(fills(kernelOf([-4, 4], others), others)).toHaveLength(2);
  const many = kernelOf([-6, 5, -4, 3, -2, 1], keeping);
  expect(lowerMemory(many, keeping).constants).toHaveLength(4);
  expect(fills(many, keeping)).toHaveLength(2);
});
