/** The weights of onnxruntime's MatMulNBits. */
import { describe, expect, test } from "vitest";
import { packNBits, unpackNBits } from "../../../src/quant/formats/layouts/onnx.js";
import { codeOf } from "./exact.js";
import { expectSame, someWeight } from "./weights.js";

describe("MatMulNBits", () => {
  test("keeps every weight, the last block short", () => {
    for (const bits of [2, 4, 8])
      for (const [n, k, group] of [
        [1, 1, 16],
        [3, 17, 16],
        [5, 100, 32],
        [2, 256, 128],
      ])
        for (const zeros of [false, true]) {
          const w = someWeight({ bits, n, k, group, zeros, scaleType: "f32" });
          expectSame(unpackNBits(packNBits(w), k, bits, group), w);
        }
  });

  test("B is [n, blocks, bytes] without sign, low nibble first, its zero points a byte for each channel's pair", () => {
    const w = someWeight({ bits: 4, n: 3, k: 40, group: 16, zeros: true });
    const t = packNBits(w);
    expect([t.b.shape, t.scales.shape, t.zeroPoints!.shape]).toEqual([
      [3, 3, 8],
      [3, 3],
      [3, 2],
    ]);
    const bytes = t.b.data as Uint8Array;
    for (let n = 0; n < 3; n++) {
      for (let k = 0; k < 40; k++) expect((bytes[n * 24 + (k >> 1)] >> ((k % 2) * 4)) & 15).toBe(w.levels[n * 40 + k] + 8);
      for (let g = 0; g < 3; g++)
        expect(((t.zeroPoints!.data as Uint8Array)[n * 2 + (g >> 1)] >> ((g % 2) * 4)) & 15).toBe(w.zeros![n * 3 + g] + 8);
    }
  });

  test("without zero points they are the middle, and none are written", () => {
    expect(packNBits(someWeight({ bits: 4, n: 2, k: 16 })).zeroPoints).toBeUndefined();
    const b = { dtype: "u8", shape: [1, 1, 8], data: new Uint8Array(8).fill(0x88) } as const;
    const w = unpackNBits({ b, scales: { dtype: "f32", shape: [1], data: Float32Array.of(1) } }, 16, 4, 16);
    expect([...w.levels]).toEqual(new Array(16).fill(0));
  });

  test("refuses blocks that are no power of two, act order, and tensors that do not fit", () => {
    expect(codeOf(() => packNBits(someWeight({ bits: 4, n: 2, k: 48, group: 24 })))).toBe("layout-group-size");
    expect(codeOf(() => packNBits(someWeight({ bits: 4, n: 2, k: 16, group: 8 })))).toBe("layout-group-size");
    expect(codeOf(() => packNBits(someWeight({ bits: 3, n: 2, k: 32, group: 16 })))).toBe("layout-bits");
    expect(codeOf(() => packNBits(someWeight({ bits: 4, n: 2, k: 32, group: 16, actOrder: true })))).toBe("layout-group-index");
    expect(codeOf(() => unpackNBits(packNBits(someWeight({ bits: 4, n: 2, k: 32, group: 16 })), 33, 4, 16))).toBe("layout-tensors");
  });
});
