import { expect, test } from "vitest";
import { packLine, unpackLine, wordsFor } from "../../../src/quant/formats/bits.js";
import { packSmall, unpackSmall } from "../../../src/quant/formats/layouts/onnx.js";
import { randoms } from "./exact.js";

/** All values as one number, the first in its lowest bits. */
const stream = (values: ArrayLike<number>, bits: number): bigint =>
  Array.from(values, (v, i) => BigInt(v) << BigInt(i * bits)).reduce((a, b) => a | b, 0n);

test.each([8, 32] as const)("every width lies densely in words of %d bits", (wordBits) => {
  for (let bits = 1; bits <= 8; bits++)
    for (const count of [1, 2, 3, 7, 8, 9, 31, 32, 33, 70]) {
      const next = randoms(bits * 100 + count);
      const values = Uint8Array.from({ length: count }, () => next() * 2 ** bits);
      const words = wordBits === 8 ? new Uint8Array(wordsFor(count, bits, 8)) : new Int32Array(wordsFor(count, bits, 32));
      packLine(values, { at: 0, step: 1 }, count, bits, 0, words, { at: 0, step: 1 });
      const mask = (1n << BigInt(wordBits)) - 1n;
      const whole = Array.from(words, (w, i) => (BigInt(w) & mask) << BigInt(i * wordBits)).reduce((a, b) => a | b, 0n);
      expect(whole, `${count} of ${bits} bits`).toBe(stream(values, bits));
      const back = new Uint8Array(count);
      unpackLine(words, { at: 0, step: 1 }, count, bits, 0, back, { at: 0, step: 1 });
      expect(back).toEqual(values);
    }
});

test("a line may start anywhere, step on both sides, and shift its values", () => {
  const values = Int8Array.of(9, -4, 9, 3, 9, -1);
  const words = new Int32Array(4).fill(7);
  packLine(values, { at: 1, step: 2 }, 3, 3, 4, words, { at: 1, step: 2 });
  expect([...words]).toEqual([7, 0b011_111_000, 7, 7]);
  const back = new Int8Array(6);
  unpackLine(words, { at: 1, step: 2 }, 3, 3, 4, back, { at: 1, step: 2 });
  expect([...back]).toEqual([0, -4, 0, 3, 0, -1]);
});

test.each(["i4", "u4"] as const)("every pair of %s is the byte with the first value low", (dtype) => {
  const low = dtype === "i4" ? -8 : 0;
  for (let a = low; a < low + 16; a++)
    for (let b = low; b < low + 16; b++) {
      const pair = dtype === "i4" ? Int8Array.of(a, b) : Uint8Array.of(a, b);
      const bytes = packSmall(dtype, pair);
      expect([...bytes]).toEqual([(a & 15) + (b & 15) * 16]);
      expect(unpackSmall(dtype, bytes, 2)).toEqual(pair);
    }
});

test.each(["i2", "u2"] as const)("every byte of %s holds four values, the first low", (dtype) => {
  for (let byte = 0; byte < 256; byte++) {
    const four = unpackSmall(dtype, Uint8Array.of(byte), 4);
    expect(Array.from(four, (v) => v & 3)).toEqual([byte & 3, (byte >> 2) & 3, (byte >> 4) & 3, byte >> 6]);
    expect(Math.min(...four) >= (dtype === "i2" ? -2 : 0) && Math.max(...four) <= (dtype === "i2" ? 1 : 3)).toBe(true);
    expect([...packSmall(dtype, four)]).toEqual([byte]);
  }
});

test("an odd count leaves the last byte's high bits zero", () => {
  expect([...packSmall("i4", Int8Array.of(1, 2, -1))]).toEqual([0x21, 0x0f]);
  expect([...unpackSmall("i4", Uint8Array.of(0x21, 0x0f), 3)]).toEqual([1, 2, -1]);
});
