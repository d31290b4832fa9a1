/** The layouts that the chips' calls read, with what tells one from the other. */
import { describe, expect, test } from "vitest";
import { decodeFloats } from "../../../src/base/float-formats.js";
import { fromFractal, packAntiquant, packInt4, toFractal, unpackAntiquant, unpackInt4 } from "../../../src/quant/formats/layouts/ascend.js";
import { packAwq } from "../../../src/quant/formats/layouts/awq.js";
import { packGptq } from "../../../src/quant/formats/layouts/gptq.js";
import {
  alignTypeOf,
  packKunlunAwq,
  packKunlunGptq,
  unpackKunlunAwq,
  unpackKunlunGptq,
} from "../../../src/quant/formats/layouts/kunlun.js";
import { packNBits } from "../../../src/quant/formats/layouts/onnx.js";
import { packTmo, unpackTmo } from "../../../src/quant/formats/layouts/tmo.js";
import { weightValues } from "../../../src/quant/formats/weight.js";
import { codeOf } from "./exact.js";
import { expectSame, someWeight } from "./weights.js";

const nibbles = (words: Int32Array): number[] => Array.from({ length: words.length * 8 }, (_, i) => (words[i >> 3] >>> ((i % 8) * 4)) & 15);

describe("Ascend", () => {
  test("8 int4 fill an INT32, the first in its low bits", () => {
    expect([...packInt4(Int8Array.of(1, 2, 3, 4, 5, 6, 7, -8))]).toEqual([0x87654321 | 0]);
    const all = Int8Array.from({ length: 256 * 2 }, (_, i) => ((i % 2 === 0 ? i >> 1 : i >> 5) % 16) - 8);
    expect(unpackInt4(packInt4(all))).toEqual(all);
  });

  test("fractals lie in bands of columns: (k1, n1, 16, 32) of a transposed int8 weight", () => {
    const [n, k] = [17, 33];
    const values = Int8Array.from({ length: n * k }, (_, i) => (i % 255) - 127);
    const f = toFractal(values, n, k, 32);
    expect(f.length).toBe(2 * 2 * 16 * 32);
    for (let r = 0; r < n; r++)
      for (let c = 0; c < k; c++) {
        const [c1, r1, r0, c0] = [c >> 5, r >> 4, r & 15, c & 31];
        expect(f[((c1 * 2 + r1) * 16 + r0) * 32 + c0]).toBe(values[r * k + c]);
      }
    expect(f.filter((v) => v !== 0).length).toBe(values.filter((v) => v !== 0).length);
  });

  test("fractals of int8 and int4 give back every odd size", () => {
    for (const c0 of [32, 64] as const)
      for (const [rows, columns] of [
        [2, 2],
        [15, 31],
        [16, 64],
        [17, 65],
        [40, 130],
      ]) {
        const values = Int8Array.from({ length: rows * columns }, (_, i) => (i % 15) - 7);
        expect(fromFractal(toFractal(values, rows, columns, c0), rows, columns, c0)).toEqual(values);
      }
    expect(codeOf(() => toFractal(new Int8Array(5), 1, 5, 32))).toBe("layout-extent");
    expect(codeOf(() => fromFractal(new Int8Array(5), 5, 1, 32))).toBe("layout-extent");
  });

  test("the weight-only product keeps every weight, and its offset is the zero point with the other sign", () => {
    for (const bits of [4, 8])
      for (const [k, group] of [
        [1, 1],
        [33, 32],
        [96, 32],
        [70, 70],
      ])
        for (const zeros of [false, true]) {
          const w = someWeight({ bits, n: 16, k, group, zeros, scaleType: "bf16" });
          const t = packAntiquant(w, "bf16");
          expect(t.antiquantGroupSize).toBe(group === k ? 0 : group);
          expectSame(unpackAntiquant(t), w);
        }
  });

  test("w = (q + offset) * scale over [k, n]", () => {
    const w = someWeight({ bits: 8, n: 3, k: 64, group: 32, zeros: true });
    w.zeros!.fill(0, 0, 1);
    const t = packAntiquant(w, "f16");
    const [offset, scale] = [t.antiquantOffset!, t.antiquantScale].map((x) => decodeFloats("f16", x.data as Uint16Array));
    const [q, all] = [t.weight.data as Int8Array, weightValues(w)];
    for (let k = 0; k < 64; k++)
      for (let n = 0; n < 3; n++) {
        const g = Math.floor(k / 32);
        expect(Math.fround((q[k * 3 + n] + offset[g * 3 + n]) * scale[g * 3 + n])).toBe(all[n * 64 + k]);
      }
    expect(t.antiquantOffset!.shape).toEqual([2, 3]);
    expect((t.antiquantOffset!.data as Uint16Array).includes(0x8000)).toBe(false);
  });

  test("refuses groups that are no multiple of 32, act order, other widths", () => {
    expect(codeOf(() => packAntiquant(someWeight({ bits: 4, n: 8, k: 48, group: 16 }), "f16"))).toBe("layout-group-size");
    expect(codeOf(() => packAntiquant(someWeight({ bits: 4, n: 8, k: 64, group: 32, actOrder: true }), "f16"))).toBe("layout-group-index");
    expect(codeOf(() => packAntiquant(someWeight({ bits: 3, n: 8, k: 64 }), "f16"))).toBe("layout-bits");
    expect(codeOf(() => packAntiquant(someWeight({ bits: 4, n: 9, k: 64 }), "f16"))).toBe("layout-extent");
    expect(codeOf(() => packAntiquant(someWeight({ bits: 4, n: 8, k: 64, scaleType: "f16" }), "bf16"))).toBe("scale-not-exact");
  });
});

describe("torch_mlu_ops", () => {
  test("the even k is the low nibble", () => {
    const w = { ...someWeight({ bits: 4, n: 1, k: 4 }), levels: Int8Array.of(1, -2, -8, 7) };
    expect([...(packTmo(w).b.data as Int8Array)]).toEqual([0xe1 - 256, 0x78]);
  });

  test("keeps every weight it takes", () => {
    for (const bits of [4, 8] as const)
      for (const [k, group] of [
        [2, 2],
        [70, 64],
        [256, 128],
        [34, 34],
      ]) {
        const w = someWeight({ bits, n: 3, k, group });
        const t = packTmo(w);
        expect([t.scale.dtype, t.scale.shape]).toEqual(group === k ? ["f32", [3]] : ["f16", [3, 2]]);
        expectSame(unpackTmo(t, bits, group === k ? 0 : group), w);
      }
  });

  test("refuses zero points, act order, small groups, an odd k", () => {
    expect(codeOf(() => packTmo(someWeight({ bits: 4, n: 2, k: 64, zeros: true })))).toBe("layout-zero-points");
    expect(codeOf(() => packTmo(someWeight({ bits: 4, n: 2, k: 128, group: 64, actOrder: true })))).toBe("layout-group-index");
    expect(codeOf(() => packTmo(someWeight({ bits: 4, n: 2, k: 64, group: 32 })))).toBe("layout-group-size");
    expect(codeOf(() => packTmo(someWeight({ bits: 4, n: 2, k: 7 })))).toBe("layout-extent");
    expect(codeOf(() => packTmo(someWeight({ bits: 2, n: 2, k: 8 })))).toBe("layout-bits");
    expect(codeOf(() => unpackTmo(packTmo(someWeight({ bits: 8, n: 2, k: 8 })), 8, 4))).toBe("layout-tensors");
  });
});

describe("Kunlun", () => {
  /** What the plugin does: it permutes the nibbles that AWQ stores. */
  const normal = [4, 0, 5, 1, 6, 2, 7, 3];
  const fast = [0, 1, 2, 3].flatMap((i) => [32, 0, 36, 4, 33, 1, 37, 5, 34, 2, 38, 6, 35, 3, 39, 7].map((j) => j + 8 * i));

  test.each([
    [24, normal],
    [64, fast],
    [192, fast],
  ])("awq_gemm with %d columns is the plugin's permutation of AWQ", (n, order) => {
    const w = someWeight({ bits: 4, n, k: 5, group: 2, zeros: true });
    const [stored, wanted] = [packAwq(w), packKunlunAwq(w)];
    for (const part of ["qweight", "qzeros"] as const) {
      const from = nibbles(stored[part].data as Int32Array);
      const to = nibbles(wanted[part].data as Int32Array);
      expect(to).toEqual(to.map((_, p) => from[p - (p % order.length) + order[p % order.length]]));
    }
    expectSame(unpackKunlunAwq(wanted, 2), w);
  });

  test("the call is told which order it is", () => {
    expect([alignTypeOf(64), alignTypeOf(72)]).toEqual([1, 0]);
  });

  test.each(["gptq", "gptq_v2"] as const)("gptq_gemm reads %s with only the zero points permuted", (version) => {
    const w = someWeight({ bits: 4, n: 128, k: 16, group: 8, zeros: true, actOrder: true });
    const [stored, wanted] = [packGptq(w, version), packKunlunGptq(w, version)];
    const from = nibbles(stored.qzeros.data as Int32Array);
    const order = Array.from({ length: 32 }, (_, i) => [i + 32, i]).flat();
    expect(nibbles(wanted.qzeros.data as Int32Array)).toEqual(from.map((_, p) => from[p - (p % 64) + order[p % 64]]));
    expect([wanted.qweight, wanted.g_idx]).toEqual([stored.qweight, stored.g_idx]);
    expectSame(unpackKunlunGptq(wanted, 4, 8, version), w);
    expect(codeOf(() => packKunlunGptq(someWeight({ bits: 4, n: 72, k: 8 }), version))).toBe("layout-extent");
    expect(codeOf(() => packKunlunGptq(someWeight({ bits: 3, n: 64, k: 32 }), version))).toBe("layout-bits");
  });

  test("gptq_gemm reads int8 as GPTQ stores it", () => {
    const w = someWeight({ bits: 8, n: 12, k: 16, group: 8, zeros: true, actOrder: true });
    expect(packKunlunGptq(w, "gptq")).toEqual(packGptq(w, "gptq"));
    expectSame(unpackKunlunGptq(packKunlunGptq(w, "gptq"), 8, 8, "gptq"), w);
  });
});

test("one asymmetric weight through every layout that can say it is the same weight", () => {
  const w = someWeight({ bits: 4, n: 64, k: 64, group: 32, zeros: true });
  expect(unpackKunlunAwq(packKunlunAwq(w), 32)).toEqual(unpackAntiquant(packAntiquant(w, "f16")));
});

test("the same int4 weight is other bytes for each of them", () => {
  const w = someWeight({ bits: 4, n: 64, k: 64 });
  const bytes = [
    packTmo(w).b,
    packNBits(w).b,
    packAntiquant(w, "f16").weight,
    packAwq(w).qweight,
    packKunlunAwq(w).qweight,
    packGptq(w, "gptq").qweight,
  ];
  const texts = bytes.map((t) => Buffer.from((t.data as Int8Array).buffer).toString("hex"));
  expect(new Set(texts).size).toBe(6);
  expect(new Set(texts.map((t) => t.length))).toEqual(new Set([64 * 64]));
});
