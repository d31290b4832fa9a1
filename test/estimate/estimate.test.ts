/** Estimates: intervals in order, wide where nothing was measured, and never better for more work. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { chipRows } from "../../src/chips/chips.js";
import { resolveChip } from "../../src/chips/resolve.js";
import { mixture, parametersOf } from "../../src/estimate/architecture.js";
import { asksOfErrors, changesPlaces, flips } from "../../src/estimate/ask.js";
import { bytesOfRequest, cacheOf } from "../../src/estimate/cache.js";
import { boundsOn, efficiencyOf } from "../../src/estimate/efficiency.js";
import { figuresOf, rateOf } from "../../src/estimate/figures.js";
import { documents, halves } from "../../src/estimate/measured/documents.js";
import { measuredModels } from "../../src/estimate/measured/models.js";
import { metricUnits } from "../../src/estimate/measured/row.js";
import { precisions } from "../../src/estimate/precision.js";
import { servedOn } from "../../src/estimate/serving.js";
import { spread, within, type Unknown } from "../../src/estimate/spread.js";

const row = (name: string): (typeof chipRows)[number] => resolveChip(name).row;
const names = Object.keys(measuredModels).filter((n) => n !== "Qwen3-Embedding-8B");

describe("measurements", () => {
  const rows = documents.flatMap((d) => d.rows);

  test("all 138 are there, each of a known chip, with a figure and a unit", () => {
    expect(rows.length).toBe(138);
    for (const r of rows) {
      expect(resolveChip(r.chip).row.name).toBeTruthy();
      expect(r.value).toBeGreaterThan(0);
      expect(metricUnits[r.metric]).toBeTruthy();
      if (r.precision in precisions && r.model !== "HunyuanVideo") expect(measuredModels[r.model], r.model).toBeTruthy();
    }
  });

  test("documents have a name of their own, a day and rows", () => {
    expect(new Set(documents.map((d) => d.source)).size).toBe(documents.length);
    for (const d of documents) {
      expect(d.date).toMatch(/^20\d\d-\d\d-\d\d$/);
      expect(d.rows.length).toBeGreaterThan(0);
    }
  });

  test("halves are dealt out by size and name: nothing in both, nothing in neither, whatever order documents come in", () => {
    const { fitted, heldOut } = halves();
    expect([...fitted, ...heldOut].map((d) => d.source).sort()).toEqual(documents.map((d) => d.source).sort());
    expect(halves([...documents].reverse())).toEqual({ fitted, heldOut });
    const values = documents.map((d) => ({ ...d, rows: d.rows.map((r) => ({ ...r, value: 1 / r.value })) }));
    expect(halves(values).heldOut.map((d) => d.source)).toEqual(heldOut.map((d) => d.source));
  });
});

describe("efficiency", () => {
  test.each(chipRows.map((r) => [r.name, r] as const))("%s: shares lie between 0 and 1, in order", (_, r) => {
    const { bandwidth, compute, launchSeconds, basis, measurements, sources } = efficiencyOf(r);
    for (const { lo, hi } of [bandwidth, compute]) {
      expect(lo).toBeGreaterThan(0);
      expect(hi).toBeGreaterThan(lo);
      expect(hi).toBeLessThanOrEqual(1);
    }
    expect(launchSeconds.lo).toBeGreaterThan(0);
    expect(launchSeconds.hi).toBeGreaterThan(launchSeconds.lo);
    expect(measurements > 0).toBe(basis !== "none");
    expect(sources.length > 0).toBe(basis !== "none");
  });

  test("what was not measured is wider than what was", () => {
    expect(efficiencyOf(row("Ascend910B2")).basis).toBe("measured");
    expect(efficiencyOf(row("Ascend910_9392")).basis).toBe("measured");
    expect(efficiencyOf(row("Ascend310P3")).basis).toBe("relatives");
    for (const name of ["P800", "R200", "MLU590", "MLU370-X8", "MLU290"]) {
      const { basis, bandwidth, compute } = efficiencyOf(row(name));
      expect(basis).toBe("none");
      expect(bandwidth.hi / bandwidth.lo).toBeGreaterThanOrEqual(4);
      expect(compute.hi / compute.lo).toBeGreaterThanOrEqual(4);
    }
    const [own, kin] = [boundsOn(row("Ascend910B2")), boundsOn(row("Ascend910B3"))];
    expect(kin.call.hi / kin.call.lo).toBeGreaterThan(own.call.hi / own.call.lo);
  });
});

test("a device of a module has half of its figures", () => {
  expect(figuresOf(row("Ascend910C")).bandwidth.at).toBe(1.6e12);
  expect(figuresOf(row("Ascend910C")).memory).toBe(64 * 2 ** 30);
  expect(figuresOf(row("Ascend910_9392")).bandwidth.at).toBe(1.6e12);
  expect(figuresOf(row("Ascend910_9392")).devicesPerCard).toBe(2);
  expect(figuresOf(row("P800")).bandwidthKnown).toBe(false);
  expect(figuresOf(row("P800")).bandwidth.hi / figuresOf(row("P800")).bandwidth.lo).toBeGreaterThan(2);
});

const chipNames = ["Ascend310P3", "Ascend910B2", "Ascend910B4", "Ascend910C", "Ascend950PR", "MLU370-X8", "MLU590", "R200", "P800", "H20"];
const serving = fc.record({
  model: fc.constantFrom(...names),
  chip: fc.constantFrom(...chipNames),
  precision: fc.constantFrom("bf16", "w8a8"),
  tp: fc.constantFrom(1, 2, 4, 8),
  replicas: fc.constantFrom(1, 2, 4),
  requests: fc.integer({ min: 1, max: 256 }),
  input: fc.integer({ min: 16, max: 100_000 }),
  output: fc.integer({ min: 1, max: 4000 }),
});

type Serving = typeof serving extends fc.Arbitrary<infer T> ? T : never;

function served(s: Serving): NonNullable<ReturnType<typeof servedOn>> {
  const { weights, cache, products, attention } = precisions[s.precision];
  const deployment = { architecture: measuredModels[s.model], weights, cache, devices: s.tp * s.replicas, tp: s.tp };
  const told = servedOn({ chip: row(s.chip), deployment, products, attention }, s);
  if (told === undefined) throw new Error("no figures");
  return told;
}

describe("serving", () => {
  test("intervals are in order, finite and above zero", () => {
    fc.assert(
      fc.property(serving, (s) => {
        for (const e of [served(s).tokenTime, served(s).firstToken, served(s).rate]) {
          expect(e.lo).toBeGreaterThan(0);
          expect(e.lo).toBeLessThanOrEqual(e.at);
          expect(e.at).toBeLessThanOrEqual(e.hi);
          expect(Number.isFinite(e.hi)).toBe(true);
        }
      }),
    );
  });

  test("where nothing was measured an interval is never narrower than four times", () => {
    fc.assert(
      fc.property(serving, (s) => {
        const e = served(s);
        if (e.basis !== "none") return;
        for (const { lo, hi } of [e.tokenTime, e.firstToken, e.rate]) expect(hi / lo).toBeGreaterThanOrEqual(4 - 1e-9);
      }),
    );
  });

  test("more requests and longer ones take no less time", () => {
    fc.assert(
      fc.property(serving, (s) => {
        const at = (more: Partial<Serving>): number => served({ ...s, ...more }).tokenTime.at;
        expect(at({ requests: s.requests + 8 })).toBeGreaterThanOrEqual(at({}) * (1 - 1e-9));
        expect(at({ input: 2 * s.input })).toBeGreaterThanOrEqual(at({}) * (1 - 1e-9));
        const first = (more: Partial<Serving>): number => served({ ...s, ...more }).firstToken.at;
        expect(first({ input: 2 * s.input })).toBeGreaterThanOrEqual(first({}) * (1 - 1e-9));
      }),
    );
  });

  test("a request keeps no less when it is longer, and no more on each of more devices", () => {
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.integer({ min: 1, max: 200_000 }), fc.constantFrom(1, 2, 4, 8), (name, tokens, tp) => {
        const on = (t: number, n: number): number => bytesOfRequest(measuredModels[name], cacheOf(2), t, 128, n);
        expect(on(tokens + 1000, tp)).toBeGreaterThanOrEqual(on(tokens, tp));
        expect(on(tokens, 2 * tp)).toBeLessThanOrEqual(on(tokens, tp));
      }),
    );
  });
});

describe("spread", () => {
  const unknowns: Readonly<Record<"a" | "b", Unknown>> = { a: within(2, 2), b: within(8, 1.5) };

  test("one unknown alone brings its own width, two bring less than both together", () => {
    const alone = spread({ a: within(2, 2) }, ({ a }) => a);
    expect(alone.hi / alone.lo).toBeCloseTo(4, 10);
    const both = spread(unknowns, ({ a, b }) => a * b);
    expect(both.hi / both.lo).toBeCloseTo(Math.exp(2 * Math.hypot(Math.log(2), Math.log(1.5))), 10);
    expect(both.parts.map((p) => p.name)).toEqual(["a", "b"]);
  });

  test("knowing the largest unknown narrows most, and what hangs on it is told", () => {
    const e = spread(unknowns, ({ a, b }) => a * b);
    const [first, second] = asksOfErrors(e);
    expect(first.unknown).toBe("a");
    expect(first.gain).toBeGreaterThan(second.gain);
    expect(first.gain).toBeCloseTo(e.hi / e.lo / 2.25, 10);
    expect(flips(first, 16)).toBe(true);
    expect(flips(first, 100)).toBe(false);
    expect(changesPlaces(first, [10, 40], (x) => x)).toEqual([10]);
  });
});

test("Kimi K3 on 32 devices: experts, the projections around them and routers as its recipe tells", () => {
  const feed = mixture({ hidden: 7168, experts: 896, perToken: 16, inner: 3072, latent: 3584 });
  const GiB = 2 ** 30;
  const layers = 92;
  // Four bits and a scale of a byte to 32 of them, spread over 32 devices.
  expect((layers * 896 * (feed.experts?.each ?? 0) * (17 / 32)) / 32 / GiB).toBeCloseTo(42.097, 3);
  expect((layers * (feed.replicated - 7168) * 2) / GiB).toBeCloseTo(8.805, 3);
  expect((layers * (feed.experts?.router ?? 0) * 4) / GiB).toBeCloseTo(2.201, 2);
});

test("an expert more a token is an expert more that is active", () => {
  const a = measuredModels["Qwen3-30B-A3B"];
  const [{ feed }] = a.layers;
  const more = {
    ...a,
    layers: a.layers.map((l) => ({ ...l, feed: { ...feed, ...(feed.experts && { experts: { ...feed.experts, perToken: 9 } }) } })),
  };
  expect(parametersOf(more).active - parametersOf(a).active).toBe(48 * (feed.experts?.each ?? 0));
});

test("a rate of the user's own stands alone; published ones that differ are all within", () => {
  const claim = (value: number, confidence: "yours" | "vendor") => ({ value, confidence, source: "", date: "2026-01-01" });
  const own = row("Ascend910B2");
  const rated = (...bandwidth: readonly ReturnType<typeof claim>[]) =>
    rateOf({ ...own, figures: { ...own.figures, bandwidth } }, "bandwidth")?.value;
  expect(rated(claim(400, "yours"), claim(1600, "vendor"))).toEqual({ lo: 400, hi: 400 });
  expect(rated(claim(1200, "vendor"), claim(1600, "vendor"))).toEqual({ lo: 1200, hi: 1600 });
});
