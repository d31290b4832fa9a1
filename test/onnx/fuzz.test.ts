/**
 * Damaged models import or are refused with a diagnostic: no other exception, no hang, no memory by the gigabyte.
 * 300 of them here; PORTOLAN_FUZZ=5000 runs that many.
 */
import { expect, test } from "vitest";
import { bytesSource } from "../../src/base/byte-source.js";
import { DiagnosticError } from "../../src/base/diagnostic.js";
import { elementCount } from "../../src/base/tensor.js";
import { eachGraph } from "../../src/ir/walk.js";
import { importOnnx } from "../../src/onnx/import/import.js";
import { noOptions } from "./build-model.js";
import { damaged } from "./damage.js";
import { specimens } from "./specimens.js";

const count = Number(process.env.PORTOLAN_FUZZ ?? 300);

test("the undamaged specimens import", () => {
  for (const bytes of specimens()) expect(importOnnx(bytesSource(bytes), noOptions).graph.nodes.length).toBeGreaterThan(1);
});

test(`${count} damaged models`, () => {
  const models = specimens();
  const tally = { imported: 0, refused: 0 };
  let slowestMs = 0;
  for (let seed = 0; seed < count; seed++) {
    const bytes = damaged(models[seed % models.length], seed);
    const start = performance.now();
    try {
      const { graph } = importOnnx(bytesSource(bytes, `seed ${seed}`), noOptions);
      eachGraph(graph, (g) => {
        for (const data of g.constants.values()) if (elementCount(data.shape) < 1e6) data.load();
      });
      tally.imported++;
    } catch (error) {
      if (!(error instanceof DiagnosticError)) throw new Error(`seed ${seed}: ${(error as Error).stack}`);
      expect(error.diagnostics.every((d) => /^[a-z][a-z0-9-]+$/.test(d.code) && d.message.length > 0)).toBe(true);
      tally.refused++;
    }
    slowestMs = Math.max(slowestMs, performance.now() - start);
  }
  if (process.env.PORTOLAN_FUZZ) console.log(tally, `slowest ${slowestMs.toFixed(0)} ms`);
  expect(tally.refused).toBeGreaterThan(count / 10);
  expect(tally.imported).toBeGreaterThan(count / 40);
  expect(slowestMs).toBeLessThan(2000);
});
