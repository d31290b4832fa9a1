/**
 * Random programs with bodies: what If, Loop and Scan mean, what onnxruntime computes and what the passes leave agree; a few on
 * each twin. `npm run acceptance -- 13` runs 4,000, and some of them on the twins.
 */
import { describe, expect, test } from "vitest";
import { print } from "../../src/ir/text/print.js";
import { ours } from "./accuracy.js";
import { checkBodies } from "./check.js";
import { controlProgram } from "./control-program.js";
import { chipsByTarget } from "./machines.js";
import { operatorsOf } from "./program.js";
import { onTwin } from "./twins.js";

const first = Number(process.env["PORTOLAN_SEED"] ?? 0);
const each = 40;
const programs = (from: number, count: number) => Array.from({ length: count }, (_, k) => controlProgram(from + k, ours) ?? []).flat();

describe("bodies mean what their operators mean", () => {
  test.each(Array.from({ length: 4 }, (_, k) => first + each * k))("from %i", async (from) => {
    const drawn = programs(from, each);
    let told = 0;
    for (const program of drawn) {
      const { findings, withoutReference } = await checkBodies(program);
      expect(findings, `seed ${program.seed}, ${JSON.stringify(program.symbols)}:\n${print(program.graph)}`).toEqual([]);
      if (withoutReference === undefined) told++;
    }
    expect(told).toBeGreaterThan(each / 2);
    const operators = new Set(drawn.flatMap((p) => operatorsOf(p.graph)));
    for (const op of ["If", "Loop", "Scan"]) expect(operators).toContain(op);
  });
});

// 29 and 49 read an integer back in a body that nobody needs, and ask something of it.
test.each([
  [0, [29, 49]],
  [1, [2, 6, 7]],
  [2, [8, 11, 14]],
] as const)("target %i", async (at, seeds) => {
  const [machine] = (await chipsByTarget())[at];
  const drawn = seeds.flatMap((seed) => programs(first + seed, 1));
  const { results } = await onTwin(drawn, machine);
  for (const [i, { findings }] of results.entries()) expect(findings, print(drawn[i].graph)).toEqual([]);
  expect(results.some((r) => r.refused === undefined)).toBe(true);
});
