/** Groups that compute the same are scheduled once; each has a kernel under its own name, bound to its own values. */
import { expect, test } from "vitest";
import type { Value } from "../../src/ir/graph.js";
import { planUnits } from "../../src/kernel/group/group.js";
import { plannedChips, Sketch } from "./plan-helpers.js";

const [caps] = plannedChips;

/** The kernels, with what they are bound to, of outputs that each read an input of their own. */
function kernelsOf(...outputs: readonly ((s: Sketch) => Value)[]) {
  const s = new Sketch();
  const units = planUnits(s.graph(...outputs.map((make) => make(s))), {
    caps,
    isLibrary: () => false,
    ranges: () => undefined,
    prefix: "k_",
  });
  return units.flatMap((u) => (u.kind === "kernels" ? u.kernels : []));
}

const scaled = (factor: number, width: number) => (s: Sketch) => {
  const x = s.input("f32", [8, width]);
  return s.apply("tanh", [s.apply("mul", [x, s.scalar(factor, [8, width])])]);
};

test("two layers alike share one body and differ in names and values", () => {
  const [a, b] = kernelsOf(scaled(2, 40), scaled(2, 40));
  expect(b.kernel.body).toBe(a.kernel.body);
  expect(b.kernel.name).not.toBe(a.kernel.name);
  expect(b.kernel.origin).not.toEqual(a.kernel.origin);
  expect(Object.keys(b.bind)).toEqual(Object.keys(a.bind));
  const all = [a, b].flatMap(({ bind }) => Object.values(bind));
  expect(new Set(all).size).toBe(all.length);
});

test.each([
  ["a constant", scaled(3, 40)],
  ["the sign of zero", scaled(-0, 40)],
  ["an extent", scaled(0, 48)],
])("%s tells groups apart", (_, other) => {
  const [a, b] = kernelsOf(scaled(0, 40), other);
  expect(b.kernel.body).not.toBe(a.kernel.body);
});

test("a value read twice is not like two values", () => {
  const [a, b] = kernelsOf(
    (s) => s.apply("add", [s.input("f32", [8, 40]), s.input("f32", [8, 40])]),
    (s) => {
      const x = s.input("f32", [8, 40]);
      return s.apply("add", [x, x]);
    },
  );
  expect(Object.keys(a.bind).length).toBe(3);
  expect(Object.keys(b.bind).length).toBe(2);
});
