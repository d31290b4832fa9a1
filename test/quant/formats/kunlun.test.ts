/** Kunlun's maxima, and the levels they give. */
import { describe, expect, test } from "vitest";
import { decodeFloats } from "../../../src/base/float-formats.js";
import { kunlunMaxOf, kunlunQuantise, kunlunScale, quant2d } from "../../../src/quant/formats/vendor/kunlun.js";
import { codeOf, fraction, nearTies, over, times, toFloat, toInteger, values } from "./exact.js";

const halves = decodeFloats(
  "f16",
  Uint16Array.from({ length: 65536 }, (_, i) => i),
);

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
