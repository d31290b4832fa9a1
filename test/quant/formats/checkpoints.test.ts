/** The layouts in which checkpoints come: what they store, that they lose nothing, and what they refuse. */
import { describe, expect, test } from "vitest";
import { packAwq, unpackAwq } from "../../../src/quant/formats/layouts/awq.js";
import {
  packIntQuantized,
  packQuantized,
  unpackIntQuantized,
  unpackQuantized,
} from "../../../src/quant/formats/layouts/compressed-tensors.js";
import { packGptq, unpackGptq } from "../../../src/quant/formats/layouts/gptq.js";
import { codeOf } from "./exact.js";
import { expectSame, someWeight } from "./weights.js";

/** What a word or byte holds at a place, without sign. */
const field = (words: ArrayLike<unknown>, word: number, bit: number, bits: number): number =>
  Number((BigInt.asUintN(32, BigInt(words[word] as number)) >> BigInt(bit)) & ((1n << BigInt(bits)) - 1n));

describe("GPTQ", () => {
  test.each(["gptq", "gptq_v2"] as const)("%s keeps every weight", (version) => {
    for (const bits of [2, 3, 4, 8])
      for (const [k, group] of [
        [32, 32],
        [96, 32],
        [160, 64],
      ])
        for (const [zeros, actOrder] of [
          [false, false],
          [true, false],
          [true, true],
        ]) {
          const w = someWeight({ bits, n: 32, k, group, zeros, actOrder });
          expectSame(unpackGptq(packGptq(w, version), bits, group === k ? -1 : group, version), w);
        }
  });

  test("levels run along k and zero points along n, from the lowest bits on", () => {
    const w = someWeight({ bits: 4, n: 16, k: 24, group: 8, zeros: true });
    const t = packGptq(w, "gptq_v2");
    expect([t.qweight.shape, t.qzeros.shape, t.scales.shape, t.g_idx.shape]).toEqual([[3, 16], [3, 2], [3, 16], [24]]);
    for (let n = 0; n < 16; n++) {
      for (let k = 0; k < 24; k++) expect(field(t.qweight.data, (k >> 3) * 16 + n, (k % 8) * 4, 4)).toBe(w.levels[n * 24 + k] + 8);
      for (let g = 0; g < 3; g++) expect(field(t.qzeros.data, g * 2 + (n >> 3), (n % 8) * 4, 4)).toBe(w.zeros![n * 3 + g] + 8);
    }
  });

  test("v1 stores each zero point less one: 7 where it is symmetric, 15 for 0", () => {
    const w = someWeight({ bits: 4, n: 8, k: 8 });
    const symmetric = packGptq(w, "gptq");
    expect([...(symmetric.qzeros.data as Int32Array)]).toEqual([0x77777777]);
    expect([...(packGptq(w, "gptq_v2").qzeros.data as Int32Array)]).toEqual([0x88888888 | 0]);
    const least = packGptq({ ...w, zeros: new Int8Array(8).fill(-8) }, "gptq");
    expect([...(least.qzeros.data as Int32Array)]).toEqual([-1]);
    expect([...unpackGptq(least, 4, -1, "gptq").zeros!]).toEqual(new Array(8).fill(-8));
    expect([...unpackGptq(symmetric, 4, -1, "gptq_v2").zeros!]).toEqual(new Array(8).fill(-1));
  });

  test("3-bit values cross words: the eleventh has two bits in one and one in the next", () => {
    const w = someWeight({ bits: 3, n: 32, k: 32 });
    const words = packGptq(w, "gptq").qweight.data;
    const eleventh = field(words, 5, 30, 2) + field(words, 32 + 5, 0, 1) * 4;
    expect(eleventh).toBe(w.levels[5 * 32 + 10] + 4);
  });

  test("refuses what it cannot hold, and tensors that do not fit", () => {
    expect(codeOf(() => packGptq(someWeight({ bits: 4, n: 8, k: 9 }), "gptq"))).toBe("layout-extent");
    expect(codeOf(() => packGptq(someWeight({ bits: 4, n: 9, k: 8 }), "gptq"))).toBe("layout-extent");
    expect(codeOf(() => packGptq(someWeight({ bits: 5, n: 32, k: 32 }), "gptq"))).toBe("layout-bits");
    const t = packGptq(someWeight({ bits: 4, n: 8, k: 16, group: 8 }), "gptq");
    expect(codeOf(() => unpackGptq(t, 4, 4, "gptq"))).toBe("layout-tensors");
    expect(codeOf(() => unpackGptq(t, 8, 8, "gptq"))).toBe("layout-tensors");
    expect(codeOf(() => unpackGptq({ ...t, g_idx: { ...t.g_idx, data: new Int32Array(16).fill(2) } }, 4, 8, "gptq"))).toBe(
      "layout-tensors",
    );
  });
});

describe("AWQ", () => {
  test("keeps every weight", () => {
    for (const [n, k, group] of [
      [8, 1, 1],
      [16, 10, 4],
      [64, 33, 32],
      [40, 96, 32],
    ])
      for (const zeros of [false, true]) {
        const w = someWeight({ bits: 4, n, k, group, zeros });
        expectSame(unpackAwq(packAwq(w), group), w);
      }
  });

  test("a word holds columns 0, 2, 4, 6, 1, 3, 5, 7 from its lowest bits on", () => {
    const levels = Int8Array.of(0, 1, 2, 3, 4, 5, 6, 7).map((v) => v - 8);
    const w = { ...someWeight({ bits: 4, n: 8, k: 1 }), levels };
    expect([...(packAwq(w).qweight.data as Int32Array)]).toEqual([0x75316420]);
    expect([...(packAwq(w).qzeros.data as Int32Array)]).toEqual([0x88888888 | 0]);
  });

  test("refuses act order, other widths and columns that fill no word", () => {
    expect(codeOf(() => packAwq(someWeight({ bits: 4, n: 8, k: 8, group: 2, actOrder: true })))).toBe("layout-group-index");
    expect(codeOf(() => packAwq(someWeight({ bits: 8, n: 8, k: 8 })))).toBe("layout-bits");
    expect(codeOf(() => packAwq(someWeight({ bits: 4, n: 12, k: 8 })))).toBe("layout-extent");
    expect(codeOf(() => unpackAwq(packAwq(someWeight({ bits: 4, n: 8, k: 8, group: 4 })), 2))).toBe("layout-tensors");
  });
});

describe("compressed-tensors", () => {
  test("pack-quantized keeps every weight, in every width", () => {
    for (const bits of [1, 2, 3, 4, 5, 6, 7, 8])
      for (const [n, k, group] of [
        [1, 1, 1],
        [3, 11, 11],
        [5, 33, 8],
        [33, 70, 32],
      ])
        for (const [zeros, actOrder] of [
          [false, false],
          [true, false],
          [true, true],
        ]) {
          const w = someWeight({ bits, n, k, group, zeros, actOrder, scaleType: "bf16" });
          expectSame(unpackQuantized(packQuantized(w), bits, group === k ? -1 : group), w);
        }
  });

  test("levels run along k, zero points along n, raised to be unsigned", () => {
    const w = { ...someWeight({ bits: 3, n: 11, k: 11, group: 11, zeros: true }) };
    const t = packQuantized(w);
    expect([t.weight_packed.shape, t.weight_zero_point!.shape, t.weight_shape.data]).toEqual([[11, 2], [2, 1], BigInt64Array.of(11n, 11n)]);
    for (let n = 0; n < 11; n++) {
      const last = field(t.weight_packed.data, n * 2, 30, 2) + 4 * field(t.weight_packed.data, n * 2 + 1, 0, 1);
      expect(last).toBe(w.levels[n * 11 + 10] + 4);
    }
    expect(field(t.weight_zero_point!.data, 0, 27, 3)).toBe(w.zeros![9] + 4);
  });

  test("int-quantized keeps weights of 8 bits as they are", () => {
    const w = someWeight({ bits: 8, n: 3, k: 7, group: 3, zeros: true, scaleType: "f32" });
    expectSame(unpackIntQuantized(packIntQuantized(w), 3), w);
    const channel = someWeight({ bits: 8, n: 3, k: 7 });
    expectSame(unpackIntQuantized(packIntQuantized(channel), -1), channel);
    expect(codeOf(() => packIntQuantized(someWeight({ bits: 4, n: 3, k: 7 })))).toBe("layout-bits");
    expect(codeOf(() => unpackIntQuantized(packIntQuantized(w), 4))).toBe("layout-tensors");
  });

  test("refuses tensors that do not fit", () => {
    const t = packQuantized(someWeight({ bits: 4, n: 4, k: 16, group: 4, actOrder: true }));
    expect(codeOf(() => unpackQuantized(t, 8, 4))).toBe("layout-tensors");
    expect(codeOf(() => unpackQuantized(t, 4, 8))).toBe("layout-tensors");
    expect(codeOf(() => unpackQuantized({ ...t, weight_g_idx: { ...t.weight_g_idx!, data: new Int32Array(16).fill(-1) } }, 4, 4))).toBe(
      "layout-tensors",
    );
  });
});

test("scales that their type does not hold are refused, not rounded", () => {
  const w = { ...someWeight({ bits: 4, n: 8, k: 8 }), scales: new Float32Array(8).fill(0.1) };
  expect(codeOf(() => packAwq(w))).toBe("scale-not-exact");
  expect(codeOf(() => packGptq(w, "gptq"))).toBe("scale-not-exact");
});
