/** Seeded weights of every kind that a layout may meet. */
import { expect } from "vitest";
import { roundTo } from "../../../src/base/float-formats.js";
import { groupsOf, sameWeight, weight, type QuantisedWeight, type ScaleType } from "../../../src/quant/formats/weight.js";
import { randoms } from "./exact.js";

interface Wanted {
  readonly bits: number;
  readonly n: number;
  readonly k: number;
  readonly group?: number;
  readonly zeros?: boolean;
  readonly actOrder?: boolean;
  readonly scaleType?: ScaleType;
}

/** Levels and zero points use all their bits; with act order, groups are shuffled over the inputs. */
export function someWeight(w: Wanted): QuantisedWeight {
  const { bits, n, k, group = k, scaleType = "f16" } = w;
  const next = randoms(n * 131 + k * 7 + bits);
  const whole = (): number => Math.floor(next() * 2 ** bits) - 2 ** (bits - 1);
  const count = n * groupsOf({ k, group });
  const shuffled = Int32Array.from({ length: k }, (_, i) => Math.floor(((i * 7 + 3) % k) / group));
  return weight({
    bits,
    n,
    k,
    group,
    scaleType,
    levels: Int8Array.from({ length: n * k }, whole),
    scales: Float32Array.from({ length: count }, () => roundTo(scaleType, next() + 0.01)),
    ...(w.zeros ? { zeros: Int8Array.from({ length: count }, whole) } : {}),
    ...(w.actOrder ? { groupOf: shuffled } : {}),
  });
}

/** The weight with one level changed, which no comparison may overlook. */
export function spoiled(w: QuantisedWeight): QuantisedWeight {
  const at = w.levels.length - 1;
  return { ...w, levels: w.levels.map((v, i) => (i === at ? -1 - v : v)) };
}

/** What a layout gave back is what it was given; the scales' type may widen where a layout asks for it. */
export function expectSame(back: QuantisedWeight, w: QuantisedWeight): void {
  expect(sameWeight(back, w)).toBe(true);
  expect(sameWeight(back, spoiled(w))).toBe(false);
  if (back.scaleType !== "f32") expect(back.scaleType).toBe(w.scaleType);
}
