/** Scales of the least squared error: never worse than the whole range, and better where few elements are far out. */
import { expect, test } from "vitest";
import { fittedParameters } from "../../../src/quant/formats/fit.js";
import { gridOf } from "../../../src/quant/formats/grid.js";
import { dequantise, parametersOf, quantise, type Parameters } from "../../../src/quant/formats/quantise.js";
import { randomSource } from "../../../src/verify/seeded.js";

const random = randomSource(3);
const normal = (): number => Math.sqrt(-2 * Math.log(random() || 1e-12)) * Math.cos(2 * Math.PI * random());
const grid = gridOf("i4");
const spread = { shape: [50, 96], axis: 1, group: 32 };

function errorOf(x: Float32Array, p: Parameters): number {
  const back = dequantise(quantise(x, spread, p, grid), spread, p);
  return x.reduce((sum, v, i) => sum + (v - back[i]) ** 2, 0);
}

test("normal weights lose a tenth less, and no group loses more", () => {
  const x = Float32Array.from({ length: 4800 }, normal);
  const [whole, fitted] = [parametersOf(x, spread, grid, "symmetric"), fittedParameters(x, spread, grid)];
  expect(errorOf(x, fitted)).toBeLessThan(0.9 * errorOf(x, whole));
  for (let j = 0; j < fitted.scales.length; j++) {
    const one = { scales: whole.scales.map((s, i) => (i === j ? fitted.scales[i] : s)) };
    expect(errorOf(x, one)).toBeLessThanOrEqual(errorOf(x, whole));
  }
});

test("weights that the whole range holds exactly keep it, and a group of zeros has a scale", () => {
  const x = Float32Array.from({ length: 4800 }, (_, i) => (i < 32 ? 0 : (i % 8) * 0.5));
  const { scales } = fittedParameters(x, spread, grid);
  expect([scales[0], scales[1]]).toEqual([1, 0.5]);
});
