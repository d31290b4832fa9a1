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
import { textProgram } from "./text-program.js";
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

test.each([
  [0, [0, 1]],
  [1, [2, 6, 7]],
  [2, [8, 11, 14]],
] as const)("target %i", async (at, seeds) => {
  const [machine] = (await chipsByTarget())[at];
  const drawn = seeds.flatMap((seed) => programs(first + seed, 1));
  const { results } = await onTwin(drawn, machine);
  for (const [i, { findings }] of results.entries()) expect(findings, print(drawn[i].graph)).toEqual([]);
  expect(results.some((r) => r.refused === undefined)).toBe(true);
});

test("an integer that only a part without readers reads back is asked nothing", async () => {
  const text = `graph m(x: f32[1,4]) -> (y) {
    const rounds: i64[] = {2}
    const goes: bool[] = {1}
    y: f32[1,4] = Loop(rounds, goes, x, body=graph b(i: i64[], c: bool[], p: f32[1,4]) -> (d, q) {
      s: f32[4,1] = Scan(x, p, body=graph w(h: f32[4], k: f32[4]) -> (r) {
        r: f32[4] = Add(h, k)
      }, num_scan_inputs=2, scan_output_axes=[1])
      q: f32[1,4] = Add(p, x)
      d: bool[] = Identity(c)
    })
  }`;
  const [[machine]] = await chipsByTarget();
  const { results } = await onTwin([textProgram(text, "plain", {})], machine);
  expect(results.map((r) => [r.findings, r.refused])).toEqual([[[], undefined]]);
});
