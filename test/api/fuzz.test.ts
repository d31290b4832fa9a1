/**
 * Damaged and mutated models through the public door: import with inference, the passes, and for mutated ones the way to
 * a bundle. Each is refused with a diagnostic or goes through; none throws, hangs or takes memory by the gigabyte. 150
 * damaged ones here (PORTOLAN_FUZZ=5000 runs that many) and 300 mutated ones; bench/mutants/run.mjs goes on from there.
 */
import { writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { mutated } from "../../bench/mutants/mutate.mjs";
import { compile } from "../../src/api/compile.js";
import { importOnnx } from "../../src/api/import.js";
import { optimize } from "../../src/api/optimize.js";
import { exitCodeOf, exitCodes } from "../../src/cli/exit.js";
import { goodModel } from "../cli/bad-models.js";
import { damaged } from "../onnx/damage.js";
import { specimens } from "../onnx/specimens.js";

const count = Number(process.env.PORTOLAN_FUZZ ?? 150);

test(`${count} damaged models`, async () => {
  const models = specimens();
  const tally = { models: count, imported: 0, refused: 0, slowestMs: 0, peakRssMiB: 0 };
  for (let seed = 0; seed < count; seed++) {
    const bytes = damaged(models[seed % models.length], seed);
    const start = performance.now();
    const result = await importOnnx(bytes).catch((error: unknown) => {
      throw new Error(`seed ${seed}: ${(error as Error).stack}`);
    });
    if (result.ok)
      await optimize(bytes, {}).catch((error: unknown) => Promise.reject(new Error(`seed ${seed}: ${(error as Error).stack}`)));
    tally[result.ok ? "imported" : "refused"]++;
    expect(result.ok || result.diagnostics.some((d) => d.severity === "error")).toBe(true);
    tally.slowestMs = Math.max(tally.slowestMs, performance.now() - start);
  }
  tally.peakRssMiB = process.resourceUsage().maxRSS / 1024;
  if (process.env.PORTOLAN_FUZZ_REPORT) writeFileSync(process.env.PORTOLAN_FUZZ_REPORT, JSON.stringify(tally));
  expect(tally.imported).toBeGreaterThan(count / 40);
  expect(tally.slowestMs).toBeLessThan(5000);
  expect(tally.peakRssMiB).toBeLessThan(512);
}, 600_000);

test("300 mutated models", async () => {
  const models = [...specimens(), goodModel()];
  const targets = ["cann", "bang", "kunlun"];
  const tally: Record<string, number> = {};
  for (let seed = 0; seed < 300; seed++) {
    const bytes = mutated(models[seed % models.length], seed) as Uint8Array;
    const start = performance.now();
    const results = [await importOnnx(bytes), await optimize(bytes, {}), await compile(bytes, { target: targets[seed % 3] })];
    const codes = results.flatMap((r) => r.diagnostics.filter((d) => d.severity === "error").map((d) => d.code));
    expect(codes.filter((code) => exitCodeOf(code) === exitCodes.internal)).toEqual([]);
    expect(
      results.every((r) => r.ok || r.diagnostics.length > 0),
      `seed ${seed}`,
    ).toBe(true);
    expect(performance.now() - start, `seed ${seed}`).toBeLessThan(10_000);
    const end = codes[0] ?? "ok";
    tally[end] = (tally[end] ?? 0) + 1;
  }
  // The mutations must reach beyond the reader: a good part compiles, and the rest falls for many reasons.
  expect(tally["ok"]).toBeGreaterThan(15);
  expect(Object.keys(tally).length).toBeGreaterThan(10);
}, 600_000);
