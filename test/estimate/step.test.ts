/** A step on devices with requests of their own: one request is whole on one of them, however many others there are. */
import { describe, expect, test } from "vitest";
import { cacheOf } from "../../src/estimate/cache.js";
import { measuredModels } from "../../src/estimate/measured/models.js";
import { decodeStep, prefill, type Deployment, type Rates } from "../../src/estimate/step.js";

const free = { call: 0, request: 0, exchange: 0 };
const devices = (over: Partial<Deployment>, model = "Qwen3-32B"): Deployment => {
  return { architecture: measuredModels[model], weights: { dense: 2, experts: 2, ends: 2 }, cache: cacheOf(2), devices: 1, tp: 1, ...over };
};
/** So that nothing but the one rate counts. */
const only = (rates: Partial<Rates>): Rates => ({ bandwidth: Infinity, products: Infinity, attention: Infinity, link: Infinity, ...rates });

describe("replicas", () => {
  test("do not help a single prompt or answer", () => {
    for (const rates of [only({ attention: 1e12 }), only({ products: 1e14 }), only({ bandwidth: 1e12 })]) {
      const [one, eight] = [devices({}), devices({ devices: 8 })];
      expect(prefill(eight, rates, free, 4096)).toBeCloseTo(prefill(one, rates, free, 4096), 9);
      const load = { requests: 1, context: 30_000, drafts: 0 };
      expect(decodeStep(eight, rates, free, load)).toBeCloseTo(decodeStep(one, rates, free, load), 9);
    }
  });

  test("share many requests out", () => {
    const rates = only({ attention: 1e12 });
    const load = (requests: number) => ({ requests, context: 4096, drafts: 0 });
    expect(decodeStep(devices({ devices: 8 }), rates, free, load(64))).toBeCloseTo(decodeStep(devices({}), rates, free, load(8)), 9);
    expect(prefill(devices({ devices: 8 }), rates, free, 512, 8)).toBeCloseTo(prefill(devices({}), rates, free, 512), 9);
  });

  test("have their part of the experts for each other's tokens", () => {
    const rates = only({ products: 1e12 });
    const [one, eight] = [1, 8].map((n) => prefill(devices({ devices: n }, "Qwen3-30B-A3B"), rates, free, 4096));
    expect(eight).toBeLessThan(one);
    expect(eight).toBeGreaterThan(one / 8);
  });
});

test("stages work on parts of a prompt at once, and on one answer in turn", () => {
  const [one, staged] = [devices({ devices: 8, tp: 8 }), devices({ devices: 16, tp: 8, stages: 2 })];
  const rates = only({ attention: 1e12 });
  expect(prefill(staged, rates, free, 65_536)).toBeCloseTo(prefill(one, rates, free, 65_536) / 2, 9);
  const load = { requests: 1, context: 30_000, drafts: 0 };
  expect(decodeStep(staged, rates, free, load)).toBeCloseTo(decodeStep(one, rates, free, load), 9);
});
