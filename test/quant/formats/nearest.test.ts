/** Packing in bands against the plain formats, bit for bit: whatever the order of the matrix, the bands, the group and the values. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { roundHalfEven, roundTo } from "../../../src/base/float-formats.js";
import { fittedParameters, fittedScale } from "../../../src/quant/formats/fit.js";
import { gridOf, symmetricAffine, type Grid } from "../../../src/quant/formats/grid.js";
import { packNBits } from "../../../src/quant/formats/layouts/onnx.js";
import { packBand, packingOf, type Packing } from "../../../src/quant/formats/nearest.js";
import { quantise } from "../../../src/quant/formats/quantise.js";
import { roomWith } from "../../../src/quant/formats/runs.js";
import { weight } from "../../../src/quant/formats/weight.js";

/** Floats of every kind: usual weights, levels' exact halves, zeros of both signs, subnormals, the largest. */
const float = fc.oneof(
  { weight: 8, arbitrary: fc.float({ min: -1, max: 1, noNaN: true }) },
  { weight: 2, arbitrary: fc.integer({ min: -16, max: 16 }).map((i) => i / 2) },
  fc.constantFrom(0, -0, 2 ** -149, -(2 ** -140), 2 ** -126),
  fc.float({ noNaN: true, noDefaultInfinity: true }),
);
const shapes = fc.record({
  n: fc.integer({ min: 1, max: 37 }),
  k: fc.integer({ min: 1, max: 150 }),
  group: fc.constantFrom(16, 32, 64, 128),
  bits: fc.constantFrom(4, 8),
  dtype: fc.constantFrom("f32", "f16", "bf16"),
  byResult: fc.boolean(),
  tall: fc.integer({ min: 1, max: 3 }),
  seed: fc.array(float, { minLength: 1, maxLength: 64 }),
});
type Shape = typeof shapes extends fc.Arbitrary<infer T> ? T : never;

/** [n, k], of the seed's values in an order that does not repeat with the rows. */
const matrixOf = ({ n, k, seed }: Shape): Float32Array =>
  Float32Array.from({ length: n * k }, (_, i) => seed[(i * 7 + Math.floor(i / 13)) % seed.length] * (1 + ((i * 5) % 11) / 16));

function packed(shape: Shape, x: Float32Array): Packing | undefined {
  const { n, k, group, bits, dtype, byResult, tall } = shape;
  const into = packingOf({ n, k, group, bits, dtype, grid: gridOf(bits === 4 ? "i4" : "i8") }, (bytes) => new ArrayBuffer(bytes));
  const stored = byResult ? x : Float32Array.from({ length: n * k }, (_, i) => x[(i % n) * k + Math.floor(i / n)]);
  const [rows, columns, step] = byResult ? [n, k, tall] : [k, n, tall * group];
  // Bands from the last to the first: none hangs on another.
  for (let first = Math.floor((rows - 1) / step) * step; first >= 0; first -= step) {
    const count = Math.min(step, rows - first);
    const values = stored.subarray(first * columns, (first + count) * columns);
    if (!packBand({ byResult, first, count, values }, into)) return undefined;
  }
  return into;
}

test("levels and scales are those of the plain formats", () => {
  fc.assert(
    fc.property(shapes, (shape) => {
      const { n, k, group, bits, dtype } = shape;
      const x = matrixOf(shape).map((v) => (Number.isFinite(v) ? v : 1));
      const [grid, spread] = [gridOf(bits === 4 ? "i4" : "i8"), { shape: [n, k], axis: 1, group }];
      const scales = fittedParameters(x, spread, grid).scales.map((s) => roundTo(dtype as "f32", s) || 1);
      const got = packed(shape, x);
      if (!scales.every(Number.isFinite)) {
        expect(got).toBeUndefined();
        return;
      }
      const levels = quantise(x, spread, { scales, zeros: new Int32Array(scales.length) }, grid) as Int8Array;
      const want = packNBits(weight({ bits, n, k, group, levels, scales, scaleType: "f32" }));
      expect(got?.scales).toEqual(scales);
      expect(got?.levels).toEqual(want.b.data);
    }),
    { numRuns: 300, endOnFailure: true },
  );
});

test("a NaN or an infinity anywhere is refused", () => {
  fc.assert(
    fc.property(shapes, fc.nat(), fc.constantFrom(NaN, Infinity, -Infinity), (shape, at, broken) => {
      const x = matrixOf(shape).map((v) => (Number.isFinite(v) ? v : 1));
      x[at % x.length] = broken;
      expect(packed(shape, x)).toBeUndefined();
    }),
    { numRuns: 200, endOnFailure: true },
  );
});

/** The same candidates and the same sums, without a trick. */
function plainScale(x: Float32Array, grid: Grid): number {
  const whole = symmetricAffine(Math.max(0, ...x.map(Math.abs)), grid).scale;
  let [best, least, worse] = [NaN, Infinity, 0];
  for (const part of [1, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.65]) {
    const scale = Math.fround(whole * part);
    const sums = [0, 0];
    x.forEach((v, i) => {
      const level = Math.max(grid.low, Math.min(grid.high, roundHalfEven(v * (1 / scale))));
      sums[i % 2] += (level * scale - v) ** 2;
    });
    const error = sums[0] + sums[1];
    if (error < least) [best, least, worse] = [scale, error, 0];
    else if (++worse === 2) break;
  }
  return best;
}

test("the scale is that of the plain search, for any number of elements", () => {
  fc.assert(
    fc.property(fc.array(float, { minLength: 1, maxLength: 140 }), fc.constantFrom("i4", "i8"), fc.nat(3), (values, dtype, at) => {
      const x = Float32Array.from(values);
      const around = Float32Array.from([...Array<number>(at).fill(1e30), ...x, 1e30]);
      const [room, end] = roomWith(around, at, x.length);
      expect(fittedScale(room, 0, end, gridOf(dtype))).toBe(plainScale(x, gridOf(dtype)));
    }),
    { numRuns: 500, endOnFailure: true },
  );
});
