/** A handful of random programs on each twin; `npm run acceptance -- 13` runs 1,500, and bench/random-programs-full.mjs all. */
import { expect, test } from "vitest";
import { print } from "../../src/ir/print.js";
import { ours } from "./accuracy.js";
import { chipsByTarget } from "./machines.js";
import { randomProgram } from "./program.js";
import { onTwin } from "./twins.js";

const first = Number(process.env["PORTOLAN_SEED"] ?? 0);

test.each([0, 1, 2])("target %i", async (at) => {
  const [machine] = (await chipsByTarget())[at];
  const programs = Array.from({ length: 6 }, (_, k) => randomProgram(first + 6 * at + k, ours));
  const { results, kernels } = await onTwin(programs, machine);
  for (const [i, { findings }] of results.entries())
    expect(findings, `seed ${programs[i].seed} on ${machine.chip.caps.chip}:\n${print(programs[i].graph)}`).toEqual([]);
  expect(kernels).toBeGreaterThan(6);
});
