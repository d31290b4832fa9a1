/**
 * Damaged models through the public door: import with inference, then the passes. Each is refused with a diagnostic or
 * goes through; none throws, hangs or takes memory by the gigabyte. 150 here; PORTOLAN_FUZZ=5000 runs that many.
 */
import { writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { importOnnx } from "../../src/api/import.js";
import { optimize } from "../../src/api/optimize.js";
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
