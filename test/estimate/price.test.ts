/** One price rule: a card is written off over three years of which it works half. */
import { expect, test } from "vitest";
import { performanceOf } from "../../src/assess/performance.js";
import { resolveChip } from "../../src/chips/resolve.js";
import type { ChipRow } from "../../src/chips/row.js";
import { efficiencyOf } from "../../src/estimate/efficiency.js";
import { exactly } from "../../src/estimate/interval.js";
import { costOf } from "../../src/estimate/price.js";
import { inLanguage } from "../../src/words/words.js";

function priced(name: string, value: number): ChipRow {
  const { row } = resolveChip(name);
  const price = { value, confidence: "yours" as const, source: "lab", date: "2026-11-20", label: "lab", currency: "CNY" };
  return { ...row, figures: { ...row.figures, price: [price] } };
}

/** At which a second of a card costs one. */
const perSecond = 1.5 * 365.25 * 86_400;

test("seconds of cards cost what the card does over them", () => {
  const cost = costOf(priced("Ascend910B2", perSecond), 2, { lo: 3, hi: 5 });
  expect(cost).toMatchObject({ interval: { lo: 6, hi: 10 }, currency: "CNY" });
  expect(cost && inLanguage(cost.basis, "en")).toContain("over 3 years of which it works 50 %");
  expect(costOf(resolveChip("Ascend910B2").row, 2, { lo: 3, hi: 5 })).toBeUndefined();
});

test.each([
  ["Ascend910B2", 1e6],
  ["Ascend910_9392", 5e5],
])("a million runs of a second on %s cost %d: a die bears its part of the card", (name, wanted) => {
  const row = priced(name, perSecond);
  const work = {
    ...{ id: "s", origin: [], within: [], rounds: 1 },
    ...({ how: "call", on: { unit: "none" } } as const),
    ...{ flops: 1, bytesRead: 1, bytesWritten: 0, calls: 1, launches: 0 },
  } as const;
  const step = { id: "s", origin: [], how: "call", flops: 1, bytes: 1, starts: 1, seconds: exactly(1), bound: "compute" } as const;
  const { cost, notes } = performanceOf([work], [step], { row, efficiency: efficiencyOf(row) });
  expect(cost?.perMillion.lo).toBeCloseTo(wanted, 6);
  expect(notes.map((n) => n.key)).toContain("cost.basis");
});
