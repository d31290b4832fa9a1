/** Ranges: each rule against what it promises, over values whose best range is known. */
import { describe, expect, test } from "vitest";
import { Histogram } from "../../../src/quant/observe/histogram.js";
import { chooseRange, type Levels, type RangeRule } from "../../../src/quant/observe/range.js";
import { randomSource } from "../../../src/verify/seeded.js";

const affine: Levels = { steps: 255, symmetric: false };
const rules: readonly RangeRule[] = ["minmax", "percentile", "entropy", "mse"];

function rangeOf(values: readonly number[], rule: RangeRule, levels = affine) {
  const seen = new Histogram();
  seen.add(values);
  return chooseRange(seen, rule, levels);
}

/** Normal numbers with a few far outliers. */
function withOutliers(count: number, outlier: number): number[] {
  const random = randomSource(5);
  const normal = (): number => Math.sqrt(-2 * Math.log(random() || 1e-12)) * Math.cos(2 * Math.PI * random());
  return Array.from({ length: count }, (_, i) => (i % 50_000 === 17 ? outlier : normal()));
}

/** Mean squared error of the values themselves on the grid over a range. */
function errorOf(values: readonly number[], { lo, hi }: { lo: number; hi: number }, { steps }: Levels): number {
  const step = (hi - lo) / steps;
  const zero = Math.round(-lo / step);
  const error = (x: number): number => (Math.min(steps, Math.max(0, Math.round(x / step) + zero)) - zero) * step - x;
  return values.reduce((sum, x) => sum + error(x) ** 2, 0) / values.length;
}

describe.each(rules)("%s", (rule) => {
  test("holds zero, even where all values lie on one side", () => {
    const { lo, hi } = rangeOf([3, 4, 5, 6], rule);
    expect(lo).toBeLessThanOrEqual(0);
    expect(hi).toBeGreaterThan(0);
    const below = rangeOf([-3, -4, -5], rule);
    expect(below.hi).toBeGreaterThanOrEqual(0);
    expect(below.lo).toBeLessThan(0);
  });

  test("never leaves what was seen, and is even where the grid is", () => {
    const values = withOutliers(20_000, 40);
    const { lo, hi } = rangeOf(values, rule);
    expect(lo).toBeGreaterThanOrEqual(Math.min(...values));
    expect(hi).toBeLessThanOrEqual(Math.max(...values));
    const even = rangeOf(values, rule, { steps: 254, symmetric: true });
    expect(even.lo).toBe(-even.hi);
  });

  test("has no width where nothing was seen but zeros", () => {
    expect(rangeOf([0, 0, -0], rule)).toEqual({ lo: 0, hi: 0 });
    expect(rangeOf([], rule)).toEqual({ lo: 0, hi: 0 });
  });
});

test("minmax keeps all, percentile cuts outliers off, mse loses least", () => {
  const values = withOutliers(100_000, 100);
  const [all, cut, best] = [rangeOf(values, "minmax"), rangeOf(values, "percentile"), rangeOf(values, "mse")];
  expect(all.hi).toBe(100);
  expect(cut.hi).toBeLessThan(100);
  const errors = rules.map((rule) => errorOf(values, rangeOf(values, rule), affine));
  // The grid of the least error is found though bins stand for values: nobody else is better by more than a hundredth.
  expect(errorOf(values, best, affine)).toBeLessThanOrEqual(1.01 * Math.min(...errors));
});

test("mse finds the best of all ranges for 15 levels", () => {
  const values = withOutliers(20_000, 6);
  const coarse: Levels = { steps: 15, symmetric: true };
  const best = errorOf(values, rangeOf(values, "mse", coarse), coarse);
  const others = Array.from({ length: 200 }, (_, i) => errorOf(values, { lo: -6 * (1 - i / 220), hi: 6 * (1 - i / 220) }, coarse));
  expect(best).toBeLessThanOrEqual(1.02 * Math.min(...others));
});
