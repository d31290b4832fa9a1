import { expect, test } from "vitest";
import { regroup, sameWeight, weight, weightValues, type QuantisedWeight } from "../../../src/quant/formats/weight.js";
import { someWeight, spoiled } from "./weights.js";

const tiny: QuantisedWeight = {
  bits: 4,
  n: 2,
  k: 3,
  group: 2,
  scaleType: "f32",
  levels: Int8Array.of(1, -8, 7, 0, 2, 3),
  scales: Float32Array.of(0.5, 2, 1, 4),
  zeros: Int8Array.of(1, 0, -1, 2),
};

test("a weight's values are (level - zero) * scale of its group, the last one short", () => {
  expect([...weightValues(tiny)]).toEqual([0, -4.5, 14, 1, 3, 4]);
  expect([...weightValues({ ...tiny, groupOf: Int32Array.of(1, 0, 0) })]).toEqual([2, -4.5, 3, -8, 3, 4]);
  expect([...weightValues(weight({ ...tiny, zeros: new Int8Array(4) }))]).toEqual([0.5, -4, 14, 0, 2, 12]);
});

test("zeros that are 0 and an index that says the group size are left out", () => {
  const w = weight({ ...tiny, zeros: new Int8Array(4), groupOf: Int32Array.of(0, 0, 1) });
  expect([w.zeros, w.groupOf]).toEqual([undefined, undefined]);
});

test("equality sees levels, scales, zeros, groups and bits", () => {
  const w = someWeight({ bits: 4, n: 5, k: 12, group: 4, zeros: true });
  expect(sameWeight(w, { ...w })).toBe(true);
  expect(sameWeight(w, spoiled(w))).toBe(false);
  expect(sameWeight(w, { ...w, scales: w.scales.map((s, i) => (i === 14 ? s * 2 : s)) })).toBe(false);
  expect(sameWeight(w, { ...w, zeros: w.zeros!.map((z, i) => (i === 14 ? -1 - z : z)) })).toBe(false);
  expect(sameWeight(w, { ...w, groupOf: Int32Array.from({ length: 12 }, (_, k) => (k < 4 ? 1 : k < 8 ? 0 : 2)) })).toBe(false);
  expect(sameWeight(w, { ...w, bits: 8 })).toBe(false);
});

test("smaller groups mean the same, where they do not straddle two", () => {
  for (const [group, smaller] of [
    [8, 4],
    [8, 2],
    [20, 6],
    [20, 16],
  ]) {
    const w = someWeight({ bits: 4, n: 3, k: 20, group, zeros: true });
    const other = regroup(w, smaller)!;
    expect([other.group, other.scales.length]).toEqual([smaller, 3 * Math.ceil(20 / smaller)]);
    expect(sameWeight(w, other)).toBe(true);
  }
  expect(regroup(someWeight({ bits: 4, n: 3, k: 20, group: 8 }), 6)).toBeUndefined();
  expect(regroup(someWeight({ bits: 4, n: 3, k: 20, group: 4, actOrder: true }), 2)).toBeUndefined();
});
