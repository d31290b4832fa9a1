import { getFloat16, setFloat16 } from "@petamoriken/float16";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeFloat, encodeFloat, fromNumbers, roundHalfEven, toNumbers, type PackedFloat } from "../../src/base/float-formats.js";

const view = new DataView(new ArrayBuffer(8));
const eight: PackedFloat[] = ["f8e4m3fn", "f8e4m3fnuz", "f8e5m2", "f8e5m2fnuz", "f8e8m0"];

describe("f16", () => {
  test("decodes every pattern as float16 does", () => {
    for (let bits = 0; bits < 65536; bits++) {
      view.setUint16(0, bits);
      expect(Object.is(decodeFloat("f16", bits), getFloat16(view, 0)), `0x${bits.toString(16)}`).toBe(true);
    }
  });
  test("encodes any double as float16 does", () => {
    fc.assert(
      fc.property(fc.oneof(fc.double({ noNaN: true }), fc.float({ noNaN: true, min: -70000, max: 70000 })), (x) => {
        setFloat16(view, 0, x);
        return encodeFloat("f16", x) === view.getUint16(0);
      }),
      { numRuns: 20000 },
    );
  });
  test("rounds midpoints between neighbours to even", () => {
    for (let bits = 0; bits < 0x7bff; bits++) {
      const mid = (decodeFloat("f16", bits) + decodeFloat("f16", bits + 1)) / 2;
      expect(encodeFloat("f16", mid)).toBe(bits % 2 === 0 ? bits : bits + 1);
    }
  });
});

describe("bf16", () => {
  test("decodes to the upper half of an f32", () => {
    for (let bits = 0; bits < 65536; bits++) {
      view.setUint32(0, bits << 16);
      expect(Object.is(decodeFloat("bf16", bits), view.getFloat32(0))).toBe(true);
    }
  });
  test("encodes an f32 as adding the rounding bit does", () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true }), (x) => {
        view.setFloat32(0, x);
        const u = view.getUint32(0);
        return encodeFloat("bf16", x) === ((u + 0x7fff + ((u >>> 16) & 1)) >>> 16) % 65536;
      }),
      { numRuns: 20000 },
    );
  });
});

describe.each([...eight, "f4e2m1", "f16", "bf16"] as PackedFloat[])("%s", (dtype) => {
  const count = dtype === "f16" || dtype === "bf16" ? 65536 : dtype === "f4e2m1" ? 16 : 256;
  test("every value encodes to its own pattern", () => {
    for (let bits = 0; bits < count; bits++) {
      const value = decodeFloat(dtype, bits);
      if (Number.isNaN(value)) expect(decodeFloat(dtype, encodeFloat(dtype, value))).toBeNaN();
      else expect(encodeFloat(dtype, value)).toBe(bits);
    }
  });
});

test("saturation and overflow follow the formats", () => {
  expect(decodeFloat("f8e4m3fn", encodeFloat("f8e4m3fn", 1e9, true))).toBe(448);
  expect(decodeFloat("f8e4m3fn", encodeFloat("f8e4m3fn", 1e9))).toBeNaN();
  expect(decodeFloat("f8e5m2", encodeFloat("f8e5m2", -1e9))).toBe(-Infinity);
  expect(decodeFloat("f8e5m2fnuz", encodeFloat("f8e5m2fnuz", 1e9, true))).toBe(57344);
  expect(decodeFloat("f4e2m1", encodeFloat("f4e2m1", -100))).toBe(-6);
  expect(encodeFloat("f8e8m0", 3, false, "up")).toBe(129);
  expect(encodeFloat("f8e8m0", 3, false, "down")).toBe(128);
});

test("tensors round like their element type", () => {
  expect([...toNumbers(fromNumbers("i4", [4], [7, 8, -8, -9]))]).toEqual([7, -8, -8, 7]);
  expect([...toNumbers(fromNumbers("u8", [3], [255, 256, -1]))]).toEqual([255, 0, 255]);
  expect([...toNumbers(fromNumbers("f16", [2], [65520, 1 / 3]))]).toEqual([Infinity, 0.333251953125]);
  expect([...toNumbers(fromNumbers("i64", [2], [-3.7, 2 ** 40]))]).toEqual([-3, 2 ** 40]);
  expect([...toNumbers(fromNumbers("bool", [2], [0.5, 0]))]).toEqual([1, 0]);
});

test("half-even rounding", () => {
  expect([0.5, 1.5, 2.5, -0.5, -1.5, 2.4].map(roundHalfEven)).toEqual([0, 2, 2, -0, -2, 2]);
});
