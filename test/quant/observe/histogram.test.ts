/** What a histogram remembers hangs on the values alone: not on their order, nor on the parts they came in. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { Histogram } from "../../../src/quant/observe/histogram.js";

function seen(...parts: readonly (readonly number[])[]): Histogram {
  const out = new Histogram();
  parts.forEach((p) => out.add(p));
  return out;
}

const value = fc.oneof(
  fc.double({ noNaN: false }),
  fc.constantFrom(0, -0, 1, -1, 2, -2, 0.5, Infinity, -Infinity, NaN),
  fc.double({ min: -10, max: 10 }),
);

test("order and parts make no difference, nor does a file in between", () => {
  fc.assert(
    fc.property(fc.array(value), fc.array(value), (a, b) => {
      const whole = seen([...a, ...b]).state();
      expect(seen(b, a).state()).toEqual(whole);
      const kept = Histogram.from(JSON.parse(JSON.stringify(seen(a).state())) as ReturnType<Histogram["state"]>);
      kept.add(b);
      expect(kept.state()).toEqual(whole);
    }),
    { seed: 7, endOnFailure: true },
  );
});

test("values stand in a bin no wider than a 4096th of twice the largest", () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: -1000, max: 1000, noNaN: true }), { minLength: 1 }), (list) => {
      const { middle, count, zeros } = seen(list).bins();
      expect(count.reduce((a, b) => a + b, zeros)).toBe(list.length);
      const width = Math.max(2 ** -60, 2 * Math.max(...list.map(Math.abs))) / 4096;
      for (const x of list) if (Math.abs(x) >= 2 ** -60) expect(Math.min(...middle.map((m) => Math.abs(m - x)))).toBeLessThanOrEqual(width);
    }),
    { seed: 8, endOnFailure: true },
  );
});

test("NaN and infinities are counted and stand nowhere", () => {
  const { lo, hi, seen: finite, broken } = seen([NaN, Infinity, -Infinity, 3, -1]);
  expect({ lo, hi, finite, broken }).toEqual({ lo: -1, hi: 3, finite: 2, broken: 3 });
});
