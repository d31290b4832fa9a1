/** Levels that make up for each other's errors: what their error is, and that it is less than that of the nearest. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { factorOf, type Factor } from "../../../src/quant/compensate/factor.js";
import { betterRows, compensated, weighedScales, withErrors, type Block } from "../../../src/quant/compensate/levels.js";
import { Moments } from "../../../src/quant/compensate/moments.js";
import { fittedParameters } from "../../../src/quant/formats/fit.js";
import { gridOf } from "../../../src/quant/formats/grid.js";
import { quantise } from "../../../src/quant/formats/quantise.js";

const grid = gridOf("i4");

/** Numbers about 0 without a pattern, the same on every machine. */
function noise(seed: number, count: number): Float32Array {
  let state = seed + 1;
  const next = (): number => (state = (state * 48271) % 2147483647) / 2147483647;
  return Float32Array.from({ length: count }, () => next() + next() + next() - 1.5);
}

/** Rows whose channels go together: each mixes a few sources, and a little of its own. */
function mixtures(seed: number, rows: number, count: number, sources = 4): Float32Array {
  const [mix, own] = [noise(1, sources * count), noise(seed + 1, rows * count)];
  const drawn = noise(seed + 2, rows * sources);
  return own.map((x, at) => {
    const [r, c] = [Math.floor(at / count), at % count];
    let sum = 0.1 * x;
    for (let i = 0; i < sources; i++) sum += drawn[r * sources + i] * mix[i * count + c];
    return sum;
  });
}

function momentsOf(x: Float32Array, count: number): Moments {
  const moments = new Moments(count);
  for (let r = 0; r < x.length; r += count)
    moments.add(Float64Array.from({ length: count * count }, (_, at) => x[r + Math.floor(at / count)] * x[r + (at % count)]));
  return moments;
}

function factored(moments: Moments): Factor {
  const factor = factorOf(moments.sums, moments.count);
  if (!factor) throw new Error("nothing was seen");
  return factor;
}

/** Squared error of each result over rows of x. */
function errorsOn(x: Float32Array, { values, n, count, group }: Block, levels: Int8Array, scales: Float32Array): number[] {
  const groups = Math.ceil(count / group);
  return Array.from({ length: n }, (_, row) => {
    let sum = 0;
    for (let r = 0; r < x.length; r += count) {
      let dot = 0;
      for (let k = 0; k < count; k++) {
        const at = row * count + k;
        dot += x[r + k] * (values[at] - levels[at] * scales[row * groups + Math.floor(k / group)]);
      }
      sum += dot * dot;
    }
    return sum;
  });
}

/** The nearest levels, scales of the least squared error of the weight itself. */
function nearest({ values, n, count, group }: Block): { levels: Int8Array; scales: Float32Array } {
  const spread = { shape: [n, count], axis: 1, group };
  const { scales } = fittedParameters(values, spread, grid);
  return { levels: quantise(values, spread, { scales }, grid) as Int8Array, scales };
}

const total = (errors: ArrayLike<number>): number => Array.from(errors).reduce((a, b) => a + b, 0);

test("a factor times its transpose are the sums, the mean of the diagonal's hundredth added", () => {
  const count = 12;
  const { sums } = momentsOf(mixtures(5, 40, count), count);
  const { channels, lower } = factored(momentsOf(mixtures(5, 40, count), count));
  const damp = (0.01 * channels.reduce((sum, _, i) => sum + sums[i * count + i], 0)) / count;
  for (let i = 0; i < count; i++)
    for (let j = 0; j < count; j++) {
      let dot = 0;
      for (let m = 0; m < count; m++) dot += lower[i * count + m] * lower[j * count + m];
      expect(dot).toBeCloseTo(sums[channels[i] * count + channels[j]] + (i === j ? damp : 0), 6);
    }
  expect([...channels].sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => i));
});

test("errors are those of the results, and of the damping", () => {
  fc.assert(
    fc.property(fc.nat(9999), fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 35 }), (seed, n, count) => {
      const x = mixtures(seed, 30, count);
      const block: Block = { values: noise(seed, n * count), n, count, group: 16 };
      const moments = momentsOf(x, count);
      const { levels, scales } = nearest(block);
      const { errors } = withErrors(block, factored(moments), levels, scales);
      const damp = (0.01 * total(Array.from({ length: count }, (_, i) => moments.sums[i * count + i]))) / count;
      const unit = Float32Array.from({ length: count * count }, (_, at) => (Math.floor(at / count) === at % count ? Math.sqrt(damp) : 0));
      const [seen, damped] = [errorsOn(x, block, levels, scales), errorsOn(unit, block, levels, scales)];
      errors.forEach((e, row) => {
        const want = seen[row] + damped[row];
        expect(Math.abs(e - want)).toBeLessThanOrEqual(1e-5 * want + 1e-9);
      });
    }),
    { numRuns: 50, endOnFailure: true },
  );
});

test("errors on rows that were not seen are less than three quarters of the nearest levels'", () => {
  const [n, count, group] = [24, 96, 32];
  const block: Block = { values: noise(3, n * count), n, count, group };
  const factor = factored(momentsOf(mixtures(7, 400, count), count));
  const scales = weighedScales(block, factor, grid, Math.fround);
  const better = compensated(block, factor, grid, scales);
  const near = nearest(block);
  const unseen = mixtures(1000, 400, count);
  const ratio = total(errorsOn(unseen, block, better.levels, scales)) / total(errorsOn(unseen, block, near.levels, near.scales));
  expect(ratio).toBeLessThan(0.75);
  for (const level of better.levels) expect(level >= -8 && level <= 7).toBe(true);
});

test("channels that have nothing to do with each other get the nearest levels", () => {
  const [n, count, group] = [8, 32, 16];
  const block: Block = { values: noise(3, n * count), n, count, group };
  const factor = factored(momentsOf(Float32Array.from({ length: count * count }, (_, at) => (Math.floor(at / count) === at % count ? 1 + (at % 5) : 0)), count)); // prettier-ignore
  const scales = weighedScales(block, factor, grid, Math.fround);
  const { levels } = compensated(block, factor, grid, scales);
  levels.forEach((level, at) => {
    const exact = block.values[at] / scales[Math.floor(at / group)];
    expect(Math.abs(level - Math.max(-8, Math.min(7, exact)))).toBeLessThanOrEqual(0.5 + 1e-6);
  });
});

test("each row is taken from whichever is better", () => {
  const [n, count, group] = [6, 16, 16];
  const block: Block = { values: noise(11, n * count), n, count, group };
  const factor = factored(momentsOf(mixtures(2, 60, count), count));
  const a = compensated(block, factor, grid, weighedScales(block, factor, grid, Math.fround));
  const b = withErrors(block, factor, new Int8Array(n * count), a.scales);
  const worse = { ...a, errors: a.errors.map((e, row) => (row % 2 === 0 ? e : Infinity)) };
  const { errors, levels } = betterRows(worse, b);
  errors.forEach((e, row) => expect(e).toBe(row % 2 === 0 ? a.errors[row] : b.errors[row]));
  expect(levels.subarray(count, 2 * count).every((l) => l === 0)).toBe(true);
});

test("nothing seen has no factor; a value that is no number is noticed", () => {
  expect(factorOf(new Float64Array(9), 3)).toBeUndefined();
  const moments = new Moments(2);
  moments.add([1, 2, 2, 4]);
  expect(moments.isFinite).toBe(true);
  moments.add([1, NaN, NaN, 4]);
  expect(moments.isFinite).toBe(false);
});
