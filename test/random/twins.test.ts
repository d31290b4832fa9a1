/** A handful of random programs on each twin; `npm run acceptance -- 13` runs 1,500, and bench/random-programs-full.mjs all. */
import { expect, test } from "vitest";
import { print } from "../../src/ir/text/print.js";
import { ours } from "./accuracy.js";
import { chipsByTarget, machines } from "./machines.js";
import { randomProgram } from "./program.js";
import { bothSizes } from "./resized.js";
import { textProgram } from "./text-program.js";
import type { Machine } from "./tiles.js";
import { onTwin } from "./twins.js";

const first = Number(process.env["PORTOLAN_SEED"] ?? 0);

test.each([0, 1, 2])("target %i", async (at) => {
  const [machine] = (await chipsByTarget())[at];
  const drawn = Array.from({ length: 30 }, (_, k) => randomProgram(first + 30 * at + k, ours));
  // Six of any kind, and those of all that are given other sizes.
  const programs = [...drawn.slice(0, 6), ...drawn.flatMap((p) => bothSizes(p).slice(1))];
  const { results, kernels } = await onTwin(programs, machine);
  for (const [i, { findings }] of results.entries())
    expect(findings, `seed ${programs[i].seed} on ${machine.chip.caps.chip}:\n${print(programs[i].graph)}`).toEqual([]);
  expect(kernels).toBeGreaterThan(6);
});

test.each<[chip: string, text: string, sizes?: Record<string, number>]>([
  // Rows of few lanes, of which the last end where the tile ends.
  ["Ascend310P3", "y = ArgMin(x: f32[2048,n], axis=0)", { n: 11 }],
  [
    "Ascend310P3",
    'p = Pad(x: f32[65,3,1,2,5,1], q: i64[12]{0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 2, 0}, mode="reflect")\nc = Celu(p, alpha=0.5)\ny = Softmax(c, axis=-2)',
  ],
  [
    "MLU370",
    "y = Slice(x: u8[1,n,m], a: i64[2]{-1, 0}, b: i64[2]{-9223372036854775807, 9223372036854775807}, c: i64[2]{-2, 2}, s: i64[2]{-1, 2})",
    { n: 7, m: 37 },
  ],
  // A reduction of what turns out to be a constant.
  [
    "MLU590",
    `m = Max(x: f32[1000,1], a: f32[1]{0.25})
     u = Trilu(m, k: i64[]{3}, upper=1)
     l = Less(u, u)
     w = Where(l, u, b: f32[]{-1.5})
     n = Abs(w)
     y = ReduceLogSum(n, c: i64[1]{0}, keepdims=1)`,
  ],
  ["MLU370", "y = ConvTranspose(x: f16[1,1,2,8], w: f16[1,1,2,1], dilations=[1, 2], kernel_shape=[2, 1])"],
])("what was found on the twin of %s: %s", async (chip, text, sizes = {}) => {
  const machine = (await machines()).find((m) => m.chip.caps.chip === chip);
  const { results } = await onTwin([textProgram(text, "plain", sizes)], machine as Machine);
  expect(results.map((r) => [r.findings, r.refused])).toEqual([[[], undefined]]);
});
