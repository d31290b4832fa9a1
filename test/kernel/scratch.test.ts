import fc from "fast-check";
import { expect, test } from "vitest";
import { lowerMemory } from "../../src/kernel/lower/memory.js";
import type { MapStmt } from "../../src/kernel/lower/prepare.js";
import { scratchTiles } from "../../src/kernel/lower/scratch.js";
import type { Expr } from "../../src/kernel/tile.js";
import { ascend910b, mlu590, p800 } from "./chips.js";
import { kernelOf, trees } from "./lower/random-map.js";

const bytes = (form: "lanes" | "bits", capacity: number) => (form === "bits" ? capacity / 8 : capacity * 4);

test("the bound covers what the lowering takes", () => {
  fc.assert(
    fc.property(trees.f, fc.constantFrom(ascend910b, mlu590), (value, caps) => {
      const stmt: MapStmt = { op: "map", mode: "vector", rows: 3, cols: 40, out: [{ tile: "y", value }] };
      const { slots } = lowerMemory(kernelOf(stmt), caps);
      const need = scratchTiles([value], caps);
      const whole = 3 * 64;
      const bound = need.full * bytes("lanes", whole) + need.masks * bytes("bits", 256) + (need.row + need.col) * bytes("lanes", whole);
      expect(slots.reduce((sum, s) => sum + bytes(s.form, s.capacity), 0)).toBeLessThanOrEqual(bound + 256 * slots.length);
    }),
    { numRuns: 200 },
  );
});

const x: Expr = { op: "tile", type: "f32", tile: "a", as: "full" };
const apply = (fn: "add" | "exp" | "tanh" | "erf", ...args: Expr[]): Expr => ({ op: "fn", type: "f32", fn, args });

test("sums need none, functions a few, registers none", () => {
  expect(scratchTiles([apply("add", x, x)], ascend910b)).toEqual({ full: 0, masks: 0, row: 0, col: 0 });
  expect(scratchTiles([apply("exp", x)], p800).full).toBe(0);
  for (const fn of ["tanh", "erf"] as const)
    for (const caps of [ascend910b, mlu590]) expect(scratchTiles([apply(fn, x)], caps).full).toBeLessThanOrEqual(8);
});
