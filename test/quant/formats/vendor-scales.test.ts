/** Scales as vendors write them: bits, positions and maxima, and what each loses of an ONNX scale. */
import { describe, expect, test } from "vitest";
import { decodeFloats } from "../../../src/base/float-formats.js";
import {
  ascendQuantOperands,
  deqScaleOf,
  packDeqScales,
  unpackDeqScales,
  widenScales,
} from "../../../src/quant/formats/vendor/ascend-scale.js";
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
import { kunlunMaxOf, kunlunQuantise, kunlunScale, quant2d } from "../../../src/quant/formats/vendor/kunlun.js";
import { codeOf, fraction, nearTies, over, plus, times, toFloat, toInteger, values } from "./exact.js";

const halves = decodeFloats(
  "f16",
  Uint16Array.from({ length: 65536 }, (_, i) => i),
);
const view = new DataView(new ArrayBuffer(4));

function bitsOf(x: number): number {
  view.setFloat32(0, x);
  return view.getUint32(0);
}

describe("Ascend's UINT64 scale", () => {
  const scales = values(4000, 21).map((v, i) => v * 2 ** ((i % 200) - 100));

  test("is the cut float32 with bit 46, the offset at bit 37", () => {
    const words = packDeqScales(
      scales,
      "truncate",
      Float32Array.from(scales, (_, i) => (i % 700) - 350 + (i % 2) / 2),
    );
    for (let i = 0; i < scales.length; i++) {
      const offset = Number(toInteger(fraction((i % 700) - 350 + (i % 2) / 2), "even"));
      const nine = BigInt.asUintN(9, BigInt(Math.min(Math.max(offset, -256), 255)));
      expect(words[i]).toBe((BigInt(bitsOf(scales[i])) & 0xffffe000n) | (1n << 46n) | (nine << 37n));
    }
  });

  test("rounded, it is the nearest value with 10 bits of mantissa, ties to even", () => {
    const { scales: kept } = unpackDeqScales(packDeqScales(scales, "even"));
    for (let i = 0; i < scales.length; i++) expect(kept[i]).toBe(toFloat(fraction(scales[i]), 11, -1000));
    const tie = Float32Array.of(1 + 2 ** -11, 1 + 3 * 2 ** -11, 1 + 2 ** -11 + 2 ** -23, 2 - 2 ** -12, 2 ** -130, -(2 ** -130));
    const even = unpackDeqScales(packDeqScales(tie, "even")).scales;
    expect([...even]).toEqual([1, 1 + 2 ** -9, 1 + 2 ** -10, 2, 0, -0]);
    expect([...unpackDeqScales(packDeqScales(tie, "truncate")).scales].slice(0, 5)).toEqual([1, 1 + 2 ** -10, 1, 2 - 2 ** -10, 2 ** -130]);
  });

  test("every 9-bit offset comes back; one offset serves all scales", () => {
    const offsets = Float32Array.from({ length: 512 }, (_, i) => i - 256);
    const words = packDeqScales(new Float32Array(512).fill(0.75), "truncate", offsets);
    expect([...unpackDeqScales(words).offsets]).toEqual([...offsets]);
    expect([...unpackDeqScales(packDeqScales(Float32Array.of(1, 2), "even", Float32Array.of(-2.5))).offsets]).toEqual([-2, -2]);
  });

  test("says what it loses: up to 2^-10 cut, up to 2^-11 rounded", () => {
    const worst = (rounding: "truncate" | "even"): number => Math.max(...Array.from(scales, (s) => deqScaleOf(s, rounding).loss));
    expect(worst("truncate")).toBeLessThan(2 ** -10);
    expect(worst("truncate")).toBeGreaterThan(2 ** -11);
    expect(worst("even")).toBeLessThanOrEqual(2 ** -11);
    expect(worst("even")).toBeGreaterThan(2 ** -12);
    expect(deqScaleOf(0.5, "truncate")).toEqual({ value: 0.5, loss: 0 });
  });

  test("the host's shortcut keeps all bits and sets none", () => {
    expect([...widenScales(Float32Array.of(0.1, 1))]).toEqual([BigInt(bitsOf(0.1)), 0x3f800000n]);
    expect(unpackDeqScales(new BigUint64Array(widenScales(Float32Array.of(0.1)).buffer)).scales[0]).toBe(Math.fround(0.1));
  });

  test("takes no infinity and no NaN, nor what rounds to one", () => {
    for (const s of [Infinity, -Infinity, NaN, 3.4028234663852886e38])
      expect(codeOf(() => packDeqScales(Float32Array.of(s), "even"))).toBe("scale-not-finite");
    expect(codeOf(() => packDeqScales(Float32Array.of(3.4028234663852886e38), "truncate"))).toBe("none");
  });

  test("AscendQuant takes the reciprocal, which half precision shortens", () => {
    expect(ascendQuantOperands(0.25, -3, "f16")).toEqual({ value: { scale: 4, offset: -3 }, loss: 0 });
    const { value, loss } = ascendQuantOperands(Math.fround(0.1), 5, "f16");
    expect([value.scale, value.offset]).toEqual([10, 5]);
    expect(loss).toBeCloseTo(1.49e-8, 9);
    expect(ascendQuantOperands(0.3, 0, "f16").loss).toBeGreaterThan(1e-5);
  });
});

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

describe("Kunlun", () => {
  const tops = { i4: 7, i8: 127, i16: 32767, i31: 2 ** 30 - 1 } as const;

  test.each(["i4", "i8", "i16"] as const)("%s: every half, never the lowest level", (type) => {
    const max = Math.fround(6.3);
    const top = tops[type];
    const factor = toFloat(over(fraction(top), fraction(max)));
    const q = kunlunQuantise(halves, max, type);
    const wrong = halves.findIndex((h, i) => {
      if (Number.isNaN(h)) return q[i] !== top;
      const v = Number.isFinite(h) ? toFloat(times(fraction(h), fraction(factor))) : h;
      return q[i] !== Number(toInteger(fraction(Math.min(Math.max(v, -top), top)), "even"));
    });
    expect(wrong).toBe(-1);
  });

  test("the product is a float32 before it is rounded", () => {
    const factor = toFloat(over(fraction(127), fraction(Math.fround(6.3))));
    const x = nearTies((level) => level / factor);
    const q = kunlunQuantise(x, Math.fround(6.3), "i8");
    expect(x.findIndex((v, i) => q[i] !== Number(toInteger(fraction(toFloat(times(fraction(v), fraction(factor)))), "even")))).toBe(-1);
  });

  test("subnormals are zeros, a maximum of nothing saturates by sign, int31 keeps within its own", () => {
    expect([...kunlunQuantise(Float32Array.of(2 ** -127, 1e-37, -1e-37), 1e-37, "i8")]).toEqual([0, 127, -127]);
    expect([...kunlunQuantise(Float32Array.of(1, -1, 0, NaN), 0, "i8")]).toEqual([127, -127, 0, 127]);
    expect([...kunlunQuantise(Float32Array.of(2, -2, 1), 2, "i31")]).toEqual([2 ** 30 - 1, 1 - 2 ** 30, 2 ** 29]);
  });

  test("quant2d finds each row's own maximum", () => {
    const x = values(40, 61);
    const { levels, max } = quant2d(x, 20);
    for (let r = 0; r < 2; r++) {
      const row = x.subarray(r * 20, r * 20 + 20);
      expect(max[r]).toBe(Math.max(...row.map(Math.abs)));
      expect([...levels.subarray(r * 20, r * 20 + 20)]).toEqual([...kunlunQuantise(row, max[r], "i8")]);
    }
  });

  test("an ONNX scale is its maximum by 127, within a rounding; zero points are refused", () => {
    expect(kunlunMaxOf(0.5, 0, "i8")).toEqual({ value: 63.5, loss: 0 });
    for (const s of values(200, 71).map(Math.abs)) {
      const { value, loss } = kunlunMaxOf(s, 0, "i8");
      expect(Math.abs(kunlunScale(value, "i8") / s - 1)).toBe(loss);
      expect(loss).toBeLessThanOrEqual(2 ** -23);
    }
    expect(codeOf(() => kunlunMaxOf(0.5, 3, "i8"))).toBe("symmetric-only");
  });
});
