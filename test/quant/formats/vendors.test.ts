/** What Ascend's and tmo's quantisers compute, checked against exact arithmetic. */
import { describe, expect, test } from "vitest";
import { decodeFloats, roundTo } from "../../../src/base/float-formats.js";
import {
  ascendQuant,
  dynamicQuant,
  dynamicQuant310p,
  dynamicQuantV2,
  type AscendQuantMode,
} from "../../../src/quant/formats/vendor/ascend-quantise.js";
import { tmoQuantise } from "../../../src/quant/formats/vendor/tmo.js";
import { fraction, nearTies, over, plus, times, toFloat, toHalf, toInteger, values, type Fraction } from "./exact.js";

const halves = decodeFloats(
  "f16",
  Uint16Array.from({ length: 65536 }, (_, i) => i),
);
const f = (x: number): Fraction => fraction(x);
const single = (x: Fraction): number => toFloat(x);

/** An integer kept within its bits. */
const clamp = (x: bigint, bits = 8): number => Math.min(Math.max(Number(x), -(2 ** (bits - 1))), 2 ** (bits - 1) - 1);

const plain: AscendQuantMode = { roundMode: "round", sqrtMode: false, bits: 8 };

describe("aclnnAscendQuant", () => {
  const ways = { round: "even", floor: "floor", ceil: "ceil", trunc: "truncate" } as const;

  test.each(["round", "floor", "ceil", "trunc"] as const)("%s, for every half", (roundMode) => {
    const [s, o] = [roundTo("f16", 2.7), 3.5];
    const q = ascendQuant(halves, Float32Array.of(s), Float32Array.of(o), { ...plain, roundMode });
    const wrong = halves.findIndex((h, i) => {
      if (Number.isNaN(h)) return q[i] !== 0;
      if (!Number.isFinite(h)) return q[i] !== (h > 0 ? 127 : -128);
      const sum = single(plus(f(single(times(f(h), f(s)))), f(o)));
      return q[i] !== clamp(toInteger(f(sum), ways[roundMode]));
    });
    expect(wrong).toBe(-1);
  });

  test("every operation gives a float32", () => {
    const [s, o] = [Math.fround(13.7), Math.fround(2.3)];
    for (const offset of [undefined, Float32Array.of(o)]) {
      const x = nearTies((level) => (level - (offset ? o : 0)) / s);
      const q = ascendQuant(x, Float32Array.of(s), offset, plain);
      const product = (v: number): number => single(times(f(v), f(s)));
      const sum = (v: number): number => (offset ? single(plus(f(product(v)), f(o))) : product(v));
      expect(x.findIndex((v, i) => q[i] !== clamp(toInteger(f(sum(v)), "even")))).toBe(-1);
    }
  });

  test("sqrtMode multiplies twice, channels are the last dimension, int4 keeps to -8..7", () => {
    const x = Float32Array.of(1, 1, 10, -10);
    expect([...ascendQuant(x, Float32Array.of(3, 5), undefined, { ...plain, sqrtMode: true })]).toEqual([9, 25, 90, -128]);
    expect([...ascendQuant(x, Float32Array.of(3, 5), Float32Array.of(0, -1), { ...plain, bits: 4 })]).toEqual([3, 4, 7, -8]);
  });
});

describe("aclnnDynamicQuant", () => {
  const rows = Float32Array.of(...values(37, 1), ...values(37, 2).map((v) => v * 300)).map((v) => roundTo("f16", v));

  test.each([4, 8] as const)("on 910b to int%d: the reciprocal of the maximum in float32, ties to even", (bits) => {
    const { levels, scales } = dynamicQuant(rows, 37, bits);
    for (let r = 0; r < 2; r++) {
      const row = rows.subarray(r * 37, r * 37 + 37);
      const m = single(over(f(2 ** (bits - 1) - 1), f(Math.max(...row.map(Math.abs)))));
      expect(scales[r]).toBe(single(over(f(1), f(m))));
      row.forEach((v, i) => expect(levels[r * 37 + i]).toBe(clamp(toInteger(f(single(times(f(v), f(m)))), "even"), bits)));
    }
  });

  test("310P's scale is absmax times a rounded 1/127, not absmax / 127; 910b's is a reciprocal twice", () => {
    const maxima = values(200, 3).map((v) => roundTo("f16", Math.abs(v) + 0.01));
    const third = single(over(f(1), f(127)));
    expect([...dynamicQuant310p(maxima, 1).scales]).toEqual([...maxima].map((m) => single(times(f(m), f(third)))));
    expect([...dynamicQuant310p(maxima, 1).scales]).not.toEqual([...maxima].map((m) => Math.fround(m / 127)));
    expect([...dynamicQuant(maxima, 1, 8).scales]).not.toEqual([...maxima].map((m) => Math.fround(m / 127)));
  });

  test("on 310P: half precision, ties away from zero, the scale by a rounded 1/127", () => {
    const { levels, scales } = dynamicQuant310p(rows, 37);
    for (let r = 0; r < 2; r++) {
      const row = rows.subarray(r * 37, r * 37 + 37);
      const max = Math.max(...row.map(Math.abs));
      const m = toHalf(f(single(over(f(127), f(max)))));
      expect(scales[r]).toBe(single(times(f(max), f(single(over(f(1), f(127)))))));
      row.forEach((v, i) => expect(levels[r * 37 + i]).toBe(clamp(toInteger(f(toHalf(times(f(v), f(m)))), "away"))));
    }
  });

  test("every half in a row with 100: the two chips differ in ties and in the multiply's precision", () => {
    const below = halves.filter((h) => Math.abs(h) <= 100);
    const [a2, p] = [dynamicQuant(below, below.length, 8).levels, dynamicQuant310p(below, below.length).levels];
    const apart = below.filter((_, i) => a2[i] !== p[i]);
    expect(apart.length).toBeGreaterThan(10);
    expect(below.every((_, i) => Math.abs(a2[i] - p[i]) <= 1)).toBe(true);
    const ties = Float32Array.of(127, 0.5, -0.5, 2.5, -2.5);
    expect([...dynamicQuant(ties, 5, 8).levels]).toEqual([127, 0, 0, 2, -2]);
    expect([...dynamicQuant310p(ties, 5).levels]).toEqual([127, 1, -1, 3, -3]);
  });

  test("smooth scales multiply first", () => {
    const x = Float32Array.of(1, 2, 3, 4, 5, 6);
    const smooth = Float32Array.of(6, 0.5, 2);
    expect(dynamicQuant(x, 3, 8, smooth)).toEqual(dynamicQuant(Float32Array.of(6, 1, 6, 24, 2.5, 12), 3, 8));
  });

  test("rows of zeros, and rows too small for half precision's factor", () => {
    expect(dynamicQuant(new Float32Array(3), 3, 8)).toEqual({ levels: new Int8Array(3), scales: new Float32Array(1) });
    expect(dynamicQuant310p(new Float32Array(3), 3)).toEqual({ levels: new Int8Array(3), scales: new Float32Array(1) });
    const small = Float32Array.of(0.001, -0.0001, 0).map((v) => roundTo("f16", v));
    expect([...dynamicQuant310p(small, 3).levels]).toEqual([127, -128, 0]);
    expect([...dynamicQuant(small, 3, 8).levels]).toEqual([127, -13, 0]);
  });
});

describe("aclnnDynamicQuantV2", () => {
  test.each([4, 8] as const)("to int%d: an offset that is no integer, the range the row's own", (bits) => {
    const x = values(60, 9).map((v) => v + 2);
    const { levels, scales, offsets } = dynamicQuantV2(x, 30, bits);
    const [high, steps] = [2 ** (bits - 1) - 1, 2 ** bits - 1];
    for (let r = 0; r < 2; r++) {
      const row = x.subarray(r * 30, r * 30 + 30);
      const [min, max] = [Math.min(...row), Math.max(...row)];
      const s = single(over(f(single(plus(f(max), f(-min)))), f(steps)));
      const o = single(plus(f(high), f(-single(over(f(max), f(s))))));
      expect([scales[r], offsets[r]]).toEqual([s, o]);
      const m = single(over(f(1), f(s)));
      row.forEach((v, i) =>
        expect(levels[r * 30 + i]).toBe(clamp(toInteger(f(single(plus(f(single(times(f(v), f(m)))), f(o)))), "even"), bits)),
      );
    }
    expect(offsets.every((o) => !Number.isInteger(o))).toBe(true);
  });

  test("product and sum are each a float32", () => {
    const [least, most] = [-1.37, 2.9].map(Math.fround);
    const { scales, offsets } = dynamicQuantV2(Float32Array.of(least, most), 2, 8);
    const m = single(over(f(1), f(scales[0])));
    const x = nearTies((level) => (level - offsets[0]) / m).map((v) => Math.min(Math.max(v, least), most));
    const row = Float32Array.of(least, most, ...x);
    const { levels } = dynamicQuantV2(row, row.length, 8);
    const wrong = row.findIndex(
      (v, i) => levels[i] !== clamp(toInteger(f(single(plus(f(single(times(f(v), f(m)))), f(offsets[0])))), "even")),
    );
    expect(wrong).toBe(-1);
  });

  test("a constant row has the least scale", () => {
    expect(dynamicQuantV2(new Float32Array(2), 2, 8)).toMatchObject({ scales: Float32Array.of(1e-12), offsets: Float32Array.of(127) });
  });
});

test("tmo quantize multiplies by the reciprocal of each channel and uses -128", () => {
  const scale = Float32Array.of(2, 10);
  const q = tmoQuantise(halves, scale);
  const wrong = halves.findIndex((h, i) => {
    if (Number.isNaN(h)) return q[i] !== 0;
    if (!Number.isFinite(h)) return q[i] !== (h > 0 ? 127 : -128);
    return q[i] !== clamp(toInteger(f(single(times(f(h), f(scale[i % 2])))), "even"));
  });
  expect(wrong).toBe(-1);
});

test("tmo's product is a float32 before it is rounded", () => {
  const s = Math.fround(7.3);
  const x = nearTies((level) => level / s);
  const q = tmoQuantise(x, Float32Array.of(s));
  expect(x.findIndex((v, i) => q[i] !== clamp(toInteger(f(single(times(f(v), f(s)))), "even")))).toBe(-1);
});
