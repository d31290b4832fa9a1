import { describe, expect, test } from "vitest";
import { decodeFloat, decodeFloats, encodeFloat } from "../../../src/base/float-formats.js";
import { asymmetricAffine, gridOf, saturate, symmetricAffine, type GridType } from "../../../src/quant/formats/grid.js";
import { dequantise, dequantiseFloats, parametersOf, quantise, quantiseFloats } from "../../../src/quant/formats/quantise.js";
import type { Rounding } from "../../../src/quant/formats/rounding.js";
import { parameterShape, type Spread } from "../../../src/quant/formats/spread.js";
import { codeOf, fraction, nearTies, over, times, toFloat, toInteger, values } from "./exact.js";

const types: readonly GridType[] = ["i16", "u16", "i8", "u8", "i4", "u4", "i2", "u2"];
const roundings: readonly Rounding[] = ["even", "away", "half-up", "truncate", "floor", "ceil"];

/** The level that exact arithmetic gives. */
function levelOf(x: number, scale: number, zero: number, type: GridType, rounding: Rounding): number {
  const { low, high } = gridOf(type);
  if (Number.isNaN(x)) return Math.max(low, 0);
  if (!Number.isFinite(x)) return x > 0 ? high : low;
  const level = toInteger(fraction(toFloat(over(fraction(x), fraction(scale)))), rounding) + BigInt(zero);
  return Number(level < BigInt(low) ? low : level > BigInt(high) ? high : level);
}

describe("grids", () => {
  test("full and narrow", () => {
    expect(types.map((t) => [gridOf(t).low, gridOf(t).high])).toEqual([
      [-32768, 32767],
      [0, 65535],
      [-128, 127],
      [0, 255],
      [-8, 7],
      [0, 15],
      [-2, 1],
      [0, 3],
    ]);
    expect([gridOf("i8", "narrow"), gridOf("u8", "narrow")]).toMatchObject([
      { low: -127, high: 127 },
      { low: 1, high: 255 },
    ]);
    expect([-1e9, 1e9, NaN, -Infinity].map((x) => saturate(gridOf("i8", "narrow"), x))).toEqual([-127, 127, 0, -127]);
  });

  test("a range becomes a scale and a zero point", () => {
    expect(symmetricAffine(2.54, gridOf("i8"))).toEqual({ scale: Math.fround(Math.fround(2.54) / 127), zero: 0 });
    expect(symmetricAffine(127, gridOf("u8"))).toEqual({ scale: 1, zero: 128 });
    expect(asymmetricAffine(-1, 3, gridOf("u4"))).toEqual({ scale: Math.fround(4 / 15), zero: 4 });
    expect(asymmetricAffine(1, 3, gridOf("i8"))).toEqual({ scale: Math.fround(3 / 255), zero: -128 });
    expect(asymmetricAffine(-3, -1, gridOf("i8"))).toEqual({ scale: Math.fround(3 / 255), zero: 127 });
    expect(asymmetricAffine(-1, 3, gridOf("i8", "narrow"))).toEqual({ scale: Math.fround(4 / 254), zero: -64 });
  });

  test("empty, tiny and enormous ranges have scales", () => {
    expect(symmetricAffine(0, gridOf("i8"))).toEqual({ scale: 1, zero: 0 });
    expect(asymmetricAffine(0, 0, gridOf("u8"))).toEqual({ scale: 1, zero: 0 });
    expect(symmetricAffine(2 ** -149, gridOf("i8")).scale).toBe(1);
    expect(asymmetricAffine(-3e38, 3e38, gridOf("u8")).scale).toBe(Math.fround(6e38 / 255));
    expect(codeOf(() => symmetricAffine(Infinity, gridOf("i8")))).toBe("range-not-finite");
    expect(codeOf(() => asymmetricAffine(NaN, 1, gridOf("i8")))).toBe("range-not-finite");
  });

  test("for u8 as DynamicQuantizeLinear computes it", () => {
    for (let seed = 0; seed < 300; seed++) {
      const [a, b] = values(2, seed);
      const [low, high] = [Math.min(a, b, 0), Math.max(a, b, 0)];
      const scale = Math.fround(Math.fround(high - low) / 255);
      const zero = toInteger(fraction(Math.min(Math.max(Math.fround(-low / scale), 0), 255)), "even");
      expect(asymmetricAffine(Math.min(a, b), Math.max(a, b), gridOf("u8"))).toEqual({ scale, zero: Number(zero) });
    }
  });
});

describe.each(roundings)("quantised with %s", (rounding) => {
  test("every half becomes the int8 of exact arithmetic", () => {
    const halves = decodeFloats(
      "f16",
      Uint16Array.from({ length: 65536 }, (_, i) => i),
    );
    const whole: Spread = { shape: [65536] };
    const q = quantise(halves, whole, { scales: Float32Array.of(1) }, gridOf("i8"), rounding);
    expect(halves.findIndex((h, i) => q[i] !== levelOf(h, 1, 0, "i8", rounding))).toBe(-1);
  });

  test.each(types)("%s with scale and zero point", (type) => {
    const x = values(1500, 7);
    const scale = Math.fround(0.0371);
    const zero = gridOf(type).low + 5;
    const q = quantise(x, { shape: [x.length] }, { scales: Float32Array.of(scale), zeros: Int32Array.of(zero) }, gridOf(type), rounding);
    expect(x.findIndex((v, i) => q[i] !== levelOf(v, scale, zero, type, rounding))).toBe(-1);
  });
});

test("the quotient is a float32 before it is rounded", () => {
  for (const scale of [0.1, 0.0371, 3.3, 1e-20].map(Math.fround)) {
    const x = nearTies((level) => level * scale);
    const q = quantise(x, { shape: [x.length] }, { scales: Float32Array.of(scale) }, gridOf("i8"));
    expect(x.findIndex((v, i) => q[i] !== levelOf(v, scale, 0, "i8", "even"))).toBe(-1);
  }
});

const spreads: readonly Spread[] = [
  { shape: [] },
  { shape: [5] },
  { shape: [3, 7], axis: 0 },
  { shape: [3, 7], axis: 1 },
  { shape: [2, 3, 5], axis: 1 },
  { shape: [3, 7], axis: 1, group: 3 },
  { shape: [7, 3], axis: 0, group: 3 },
  { shape: [2, 5, 3], axis: 1, group: 2 },
  { shape: [2, 5], axis: 1, group: 8 },
  { shape: [1, 1], axis: 0, group: 1 },
];

/** The scale of an element, found by its index. */
function parameterAt(s: Spread, flat: number): number {
  if (s.axis === undefined) return 0;
  const index: number[] = [];
  for (let i = s.shape.length - 1, rest = flat; i >= 0; rest = Math.floor(rest / s.shape[i]), i--) index[i] = rest % s.shape[i];
  if (s.group === undefined) return index[s.axis];
  const to = parameterShape(s);
  index[s.axis] = Math.floor(index[s.axis] / s.group);
  return index.reduce((at, v, i) => at * to[i] + v, 0);
}

test.each(spreads)("each element of %o reads its own scale", (spread) => {
  const count = spread.shape.reduce((a, b) => a * b, 1);
  const x = values(count, 3);
  const scales = values(
    parameterShape(spread).reduce((a, b) => a * b, 1),
    11,
  ).map((v) => Math.abs(v) + 2 ** -7);
  const zeros = Int32Array.from(scales, (_, i) => (i % 9) - 3);
  const q = quantise(x, spread, { scales, zeros }, gridOf("i8"));
  const back = dequantise(q, spread, { scales, zeros });
  for (let i = 0; i < count; i++) {
    const j = parameterAt(spread, i);
    expect(q[i]).toBe(levelOf(x[i], scales[j], zeros[j], "i8", "even"));
    expect(back[i]).toBe(Math.fround((q[i] - zeros[j]) * scales[j]));
  }
});

test("scales of a tensor's own range lose half a step at most, and say 0 exactly", () => {
  const spread: Spread = { shape: [4, 11], axis: 1, group: 4 };
  const x = values(44, 5);
  for (const [how, type] of [
    ["symmetric", "i4"],
    ["asymmetric", "u4"],
    ["asymmetric", "i8"],
  ] as const) {
    const p = parametersOf(x, spread, gridOf(type), how);
    const back = dequantise(quantise(x, spread, p, gridOf(type)), spread, p);
    for (let i = 0; i < x.length; i++) expect(Math.abs(back[i] - x[i])).toBeLessThanOrEqual(p.scales[parameterAt(spread, i)] * 0.5001);
    expect(dequantise(quantise(new Float32Array(44), spread, p, gridOf(type)), spread, p)).toEqual(new Float32Array(44));
  }
});

test("NaN counts for nothing in a range, an infinity is refused", () => {
  expect(parametersOf(Float32Array.of(NaN, 2, -4), { shape: [3] }, gridOf("i8"), "symmetric").scales[0]).toBe(Math.fround(4 / 127));
  expect(codeOf(() => parametersOf(Float32Array.of(1, Infinity), { shape: [2] }, gridOf("i8"), "symmetric"))).toBe("range-not-finite");
});

test.each(["f8e4m3fn", "f8e5m2", "f16", "bf16"] as const)(
  "%s by group: the cast of the quotient, kept within the finite values",
  (type) => {
    const spread: Spread = { shape: [3, 7], axis: 1, group: 3 };
    const x = values(21, 13).map((v, i) => (i === 4 ? v * 1e8 : v));
    const scales = values(9, 15).map((v) => Math.abs(v) + 2 ** -7);
    const bits = quantiseFloats(x, spread, scales, type);
    const back = dequantiseFloats(bits, spread, scales, type);
    x.forEach((v, i) => {
      const s = scales[parameterAt(spread, i)];
      const quotient = toFloat(over(fraction(v), fraction(s)));
      expect(bits[i]).toBe(encodeFloat(type, quotient, true));
      expect(back[i]).toBe(toFloat(times(fraction(decodeFloat(type, bits[i])), fraction(s))));
    });
    const down = quantiseFloats(x, spread, scales, type, "truncate");
    expect(down.filter((b, i) => b !== bits[i]).length).toBeGreaterThan(0);
    expect(down.every((b, i) => Math.abs(decodeFloat(type, b)) <= Math.abs(decodeFloat(type, bits[i])))).toBe(true);
  },
);
