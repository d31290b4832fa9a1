/**
 * Random programs: what the operators mean, what onnxruntime computes and what the tiles of each chip compute agree
 * within docs/ulp.md. 300 here; `npm run acceptance -- 13` runs 20,000, and some of them on the twins.
 */
import { beforeAll, describe, expect, test } from "vitest";
import { print } from "../../src/ir/text/print.js";
import { ours } from "./accuracy.js";
import { check } from "./check.js";
import { faults } from "./faults.js";
import { machineOf, machines } from "./machines.js";
import { randomProgram } from "./program.js";
import { bothSizes } from "./resized.js";
import type { Machine } from "./tiles.js";

const first = Number(process.env["PORTOLAN_SEED"] ?? 0);
const each = 30;
let chips: readonly Machine[] = [];
beforeAll(async () => {
  chips = await machines();
});

describe("random programs mean what their operators mean", () => {
  test.each(Array.from({ length: 10 }, (_, k) => first + each * k))("from %i", async (from) => {
    let told = 0;
    for (let seed = from; seed < from + each; seed++) {
      for (const program of bothSizes(randomProgram(seed, ours))) {
        const { findings, withoutReference } = await check(program, machineOf(seed, chips));
        const where = `seed ${seed} on ${machineOf(seed, chips).chip.caps.chip}, ${JSON.stringify(program.symbols)}:\n${print(program.graph)}`;
        expect(findings, where).toEqual([]);
        if (withoutReference === undefined) told++;
      }
    }
    expect(told).toBeGreaterThan(each * 0.7);
  });
});

test("few faults are onnxruntime's, and each is told in public", () => {
  expect(faults.length).toBeLessThanOrEqual(20);
  for (const { what, source } of faults) expect(source, what).toMatch(/^https:\/\/github\.com\//);
});
