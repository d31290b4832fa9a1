/** Placement: buffers that live together never overlap, and no plan beats the bound. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { arenaAlign, arenaOrder, conflicts, firstFit, lowerBound, paddedBytes, type Lifetime } from "../../src/program/placement.js";

const lives = fc.array(fc.tuple(fc.nat(30), fc.nat(10), fc.nat(5000)), { minLength: 1, maxLength: 25 });

test("first fit never overlaps what lives at the same time, and never beats the bound", () => {
  fc.assert(
    fc.property(lives, (drawn) => {
      const lifetimes: Lifetime[] = drawn.map(([first, length], buffer) => ({ buffer, first, last: first + length }));
      const bytes = (b: number): number => drawn[b][2];
      const pairs = conflicts(lifetimes);
      const { offsets, total } = firstFit(arenaOrder(lifetimes, pairs, bytes), pairs, bytes);
      for (const a of lifetimes)
        for (const b of lifetimes) {
          if (a.buffer >= b.buffer || a.last < b.first || b.last < a.first) continue;
          expect(pairs).toContainEqual([a.buffer, b.buffer]);
          const [x, y] = [offsets.get(a.buffer) as number, offsets.get(b.buffer) as number];
          expect(x + paddedBytes(bytes(a.buffer)) <= y || y + paddedBytes(bytes(b.buffer)) <= x).toBe(true);
        }
      expect([...offsets.values()].every((o) => o % arenaAlign === 0)).toBe(true);
      expect(total).toBeGreaterThanOrEqual(lowerBound(lifetimes, bytes));
    }),
    { numRuns: 200 },
  );
});

test("buffers that never live together share their bytes", () => {
  const lifetimes = [0, 1, 2].map((buffer) => ({ buffer, first: 2 * buffer, last: 2 * buffer + 1 }));
  const pairs = conflicts(lifetimes);
  expect(pairs).toEqual([]);
  expect(firstFit([0, 1, 2], pairs, () => 100).total).toBe(paddedBytes(100));
});
