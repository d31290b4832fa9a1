/** CNNL's positions, scales and offsets, and the levels they give. */
import { describe, expect, test } from "vitest";
import { decodeFloats } from "../../../src/base/float-formats.js";
import {
  cnnlAsymmetric,
  cnnlDequantise,
  cnnlFloat,
  cnnlInt31,
  cnnlOf,
  cnnlPosition,
  cnnlQuantise,
  cnnlScale,
  cnnlSymmetric,
} from "../../../src/quant/formats/vendor/cnnl.js";
import { fraction, nearTies, over, plus, times, toFloat, toInteger, values } from "./exact.js";

const halves = decodeFloats(
  "f16",
  Uint16Array.from({ length: 65536 }, (_, i) => i),
);

describe("CNNL", () => {
  const one = (absmax: number, bits: 8 | 16 | 31): readonly number[] => Object.values(cnnlSymmetric(absmax, bits));

  test("position, scale and offset of known ranges", () => {
    expect(cnnlPosition(5, 8)).toEqual({ position: -4, scale: 1, offset: 0 });
    expect(one(5, 8)).toEqual([-4, Math.fround(127 / 80), 0]);
    expect(one(4, 16)).toEqual([-12, Math.fround(32767 / 2 ** 14), 0]);
    expect(one(4, 31)).toEqual([-27, 1, 0]);
    expect(one(0, 8)).toEqual([0, 1, 0]);
    expect(cnnlPosition(0, 16).position).toBe(0);
    expect(cnnlAsymmetric(-1, 3, 8)).toEqual({ position: -5, scale: Math.fround(255 / 128), offset: -64 });
    expect(cnnlAsymmetric(2, 3, 8)).toEqual({ position: -6, scale: Math.fround(Math.fround(255 / 64) / 3), offset: -128 });
    expect(cnnlAsymmetric(-3, -2, 16).offset).toBe(32767);
    expect(cnnlAsymmetric(-2, 2, 8).offset).toBe(-1);
    expect(cnnlAsymmetric(0, 0, 8)).toEqual({ position: 0, scale: 1, offset: 0 });
  });

  test("the helper's float32 logarithm takes what lies just below a power of two for it", () => {
    const below = 256 * (1 - 2 ** -24);
    expect([cnnlPosition(below, 8).position, cnnlPosition(255, 8).position]).toEqual([2, 1]);
  });

  test.each([
    ["even", 0.5],
    ["half-up", 0.5],
    ["away", 0.5],
    ["even", 1.7],
  ] as const)("%s: every half, with scale %d", (rounding, s) => {
    const p = { position: -1, scale: Math.fround(s), offset: 3 };
    const q = cnnlQuantise(halves, p, 8, rounding);
    const wrong = halves.findIndex((h, i) => {
      if (Number.isNaN(h)) return q[i] !== 0;
      if (!Number.isFinite(h)) return q[i] !== (h > 0 ? 127 : -128);
      const v = toFloat(plus(times(fraction(toFloat(times(fraction(h), fraction(p.scale)))), [2n, 1n]), [3n, 1n]));
      const clamped = Math.min(Math.max(v, -128), 127);
      return q[i] !== Number(toInteger(fraction(clamped), rounding));
    });
    expect(wrong).toBe(-1);
  });

  test("the three round modes differ at ties alone", () => {
    const ties = Float32Array.of(0.5, 1.5, -0.5, -1.5, 2.4, -200);
    const p = { position: 0, scale: 1, offset: 0 };
    expect([...cnnlQuantise(ties, p, 8, "even")]).toEqual([0, 2, 0, -2, 2, -128]);
    expect([...cnnlQuantise(ties, p, 8, "half-up")]).toEqual([1, 2, 0, -1, 2, -128]);
    expect([...cnnlQuantise(ties, p, 16, "away")]).toEqual([1, 2, -1, -2, 2, -200]);
  });

  test("levels give back the range within half a step", () => {
    const x = values(500, 31);
    const [min, max] = [Math.min(...x), Math.max(...x)];
    for (const [p, bits] of [
      [cnnlSymmetric(Math.max(-min, max), 8), 8],
      [cnnlAsymmetric(min, max, 8), 8],
      [cnnlAsymmetric(min, max, 16), 16],
    ] as const) {
      const back = cnnlDequantise(cnnlQuantise(x, p, bits, "even"), p);
      const off = Math.max(...x.map((v, i) => Math.abs(v - back[i])));
      expect(off).toBeLessThan(cnnlScale(p) * 0.51 + 1e-6 + (p.offset === 0 ? 0 : cnnlScale(p) * 0.5));
    }
  });

  test("the product is a float32, and so is the sum with the offset", () => {
    for (const s of [0.7, 0.93].map(Math.fround))
      for (const p of [
        { position: -3, scale: s, offset: 0 },
        { position: -3, scale: s, offset: 5 },
      ]) {
        const x = nearTies((level) => (level - p.offset) / 8 / s);
        const q = cnnlQuantise(x, p, 8, "even");
        const wrong = x.findIndex((v, i) => {
          const product = toFloat(times(fraction(v), fraction(s)));
          const sum = toFloat(plus(times(fraction(product), [8n, 1n]), fraction(p.offset)));
          return q[i] !== Number(toInteger(fraction(Math.min(Math.max(sum, -128), 127)), "even"));
        });
        expect(wrong).toBe(-1);
      }
  });

  test("31 bits round ties away from zero", () => {
    const units = Float32Array.of(2 ** 29, 5.5, -5.5, 5.25, -5.25, -70000.5).map((v) => v * 2 ** -29);
    const { low, high } = cnnlInt31(units);
    expect([...low].map((l, i) => l + high[i] * 32768)).toEqual([2 ** 29, 6, -6, 5, -5, -70001]);
  });

  test("31 bits are two planes of 16", () => {
    const x = values(300, 41);
    const planes = cnnlInt31(x);
    const back = cnnlFloat(planes);
    const most = Math.max(...x.map(Math.abs));
    expect(planes.position).toBe(Math.floor(Math.log2(most)) - 29);
    for (let i = 0; i < x.length; i++) {
      expect(Math.abs(back[i] - x[i])).toBeLessThanOrEqual(most * 2 ** -24);
      expect(Math.abs(planes.low[i])).toBeLessThan(32768);
    }
    expect(cnnlInt31(new Float32Array(2))).toEqual({ low: new Int16Array(2), high: new Int16Array(2), position: 0 });
    expect(cnnlInt31(Float32Array.of(1, -0.25))).toEqual({ low: Int16Array.of(0, 0), high: Int16Array.of(16384, -4096), position: -29 });
  });

  test("an ONNX scale comes back from position and scale, and its zero point is the offset", () => {
    for (const s of [1, 0.5, 0.0123, 3, 1e-20, 2 ** -20, 7e10].map(Math.fround)) {
      const { value, loss } = cnnlOf(s, -7);
      expect(value.scale > 0.5 && value.scale <= 1 && value.offset === -7).toBe(true);
      expect(loss).toBeLessThanOrEqual(2 ** -23);
      expect(Math.abs(cnnlScale(value) / s - 1)).toBe(loss);
    }
  });

  test("quantises with it as ONNX does, but for the rounding of a division", () => {
    const x = values(2000, 51);
    const { value } = cnnlOf(Math.fround(0.11), 9);
    const q = cnnlQuantise(x, value, 8, "even");
    const onnx = Int8Array.from(x, (v) => {
      const level = toInteger(fraction(toFloat(over(fraction(v), fraction(Math.fround(0.11))))), "even") + 9n;
      return Math.min(Math.max(Number(level), -128), 127);
    });
    expect(q.filter((v, i) => Math.abs(v - onnx[i]) > 1).length).toBe(0);
    expect(q.filter((v, i) => v !== onnx[i]).length).toBeLessThan(5);
  });
});
