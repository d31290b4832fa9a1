/** Ascend's words for scales: their bits, and what they lose of an ONNX scale. */
import { describe, expect, test } from "vitest";
import {
  ascendQuantOperands,
  deqScaleOf,
  packDeqScales,
  unpackDeqScales,
  widenScales,
} from "../../../src/quant/formats/vendor/ascend-scale.js";
import { codeOf, fraction, toFloat, toInteger, values } from "./exact.js";

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
