import { describe, expect, test } from "vitest";
import { decodeFloat, encodeFloat, encodeFloats, decodeFloats, type PackedFloat } from "../../../src/base/float-formats.js";
import { rounder, type Rounding } from "../../../src/quant/formats/rounding.js";
import { fraction, toInteger } from "./exact.js";

const roundings: readonly Rounding[] = ["even", "away", "half-up", "truncate", "floor", "ceil"];
const halves = Float64Array.from({ length: 65536 }, (_, i) => decodeFloat("f16", i)).filter(Number.isFinite);

describe.each(roundings)("%s", (rounding) => {
  const round = rounder(rounding);
  test("makes the integer of every half that exact arithmetic makes", () => {
    expect(halves.filter((h) => BigInt(round(h)) !== toInteger(fraction(h), rounding))).toEqual(new Float64Array());
  });

  test("is right just beside ties, for large numbers and for what is no number", () => {
    const doubles = [0.5, 1.5, 2.5, 2 ** 31 + 0.5, 2 ** 40 + 1.5, 2 ** 51 - 0.5, 2 ** 52 + 1, 2 ** 60].flatMap((x) => {
      const near = [x, x * (1 + 2 ** -52), x * (1 - 2 ** -53)];
      return [...near, ...near.map((y) => -y)];
    });
    for (const x of doubles) expect(BigInt(round(x)), `${x}`).toBe(toInteger(fraction(x), rounding));
    expect([round(Infinity), round(-Infinity), round(NaN)]).toEqual([Infinity, -Infinity, NaN]);
  });

  test.each(["f8e4m3fn", "f8e4m3fnuz", "f8e5m2", "f8e5m2fnuz", "f4e2m1"] as PackedFloat[])(
    "to %s chooses the right neighbour of every half",
    (type) => {
      const ladder = ladderOf(type);
      const wrong = halves.filter((h) => {
        const [pattern, saturated] = [encodeFloat(type, h, false, "nearest", round), encodeFloat(type, h, true, "nearest", round)];
        const rung = choose(ladder.values, h, rounding);
        if (rung === undefined || Math.abs(rung) > ladder.max)
          return decodeFloat(type, saturated) !== Math.sign(h) * ladder.max || !isOverflow(type, pattern, h);
        return decodeFloat(type, pattern) !== rung || saturated !== pattern;
      });
      expect(wrong).toEqual(new Float64Array());
    },
  );

  test("leaves every value of an 8-bit float as it is", () => {
    for (const type of ["f8e4m3fn", "f8e5m2"] as const)
      for (let bits = 0; bits < 256; bits++) {
        const value = decodeFloat(type, bits);
        if (!Number.isNaN(value)) expect(encodeFloat(type, value, false, "nearest", round)).toBe(bits);
      }
  });
});

/** All finite values in order, then the one that would follow the last. */
function ladderOf(type: PackedFloat): { readonly values: readonly number[]; readonly max: number } {
  const count = type === "f4e2m1" ? 8 : 128;
  const up = Array.from({ length: count }, (_, i) => decodeFloat(type, i)).filter(Number.isFinite);
  const max = up[up.length - 1];
  const all = [...up, 2 * max - up[up.length - 2]];
  return { values: [...all.map((v) => -v).reverse(), ...all.slice(1)], max };
}

/** The value above, below or nearest; undefined beyond both ends. Of two equally near ones an even place from zero is even. */
function choose(ladder: readonly number[], x: number, rounding: Rounding): number | undefined {
  if (x < ladder[0] || x > ladder[ladder.length - 1]) return undefined;
  let [below, above] = [-1, ladder.length - 1];
  while (above - below > 1) {
    const middle = (below + above) >> 1;
    if (ladder[middle] >= x) above = middle;
    else below = middle;
  }
  if (ladder[above] === x) return x;
  const [low, high] = [ladder[above - 1], ladder[above]];
  const tie = { even: (above - (ladder.length - 1) / 2) % 2 === 0 ? high : low, away: x < 0 ? low : high, "half-up": high };
  if (rounding === "floor") return low;
  if (rounding === "ceil") return high;
  if (rounding === "truncate") return x < 0 ? high : low;
  return x - low < high - x ? low : x - low > high - x ? high : tie[rounding];
}

function isOverflow(type: PackedFloat, pattern: number, x: number): boolean {
  const value = decodeFloat(type, pattern);
  if (type === "f4e2m1") return value === Math.sign(x) * 6;
  return type === "f8e5m2" ? value === Math.sign(x) * Infinity : Number.isNaN(value);
}

test("nothing changes where no rounding is named", () => {
  const singles = Float32Array.from({ length: 20000 }, (_, i) => Math.sin(i) * 2 ** ((i % 60) - 30));
  for (const type of ["f16", "bf16", "f8e4m3fn"] as const) {
    const plain = encodeFloats(type, singles);
    expect(singles.findIndex((x, i) => encodeFloat(type, x, false, "nearest", rounder("even")) !== plain[i])).toBe(-1);
  }
  expect(decodeFloats("bf16", encodeFloats("bf16", [1 + 2 ** -8]))).toEqual(Float32Array.of(1));
  expect(decodeFloat("bf16", encodeFloat("bf16", -1 - 2 ** -8, false, "nearest", rounder("away")))).toBe(-1 - 2 ** -7);
  expect(decodeFloat("f16", encodeFloat("f16", 65519, false, "nearest", rounder("truncate")))).toBe(65504);
});
