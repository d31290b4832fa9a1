/** The steps that a program grows by, and how often each is tried. */
import type { Value } from "../../src/ir/graph.js";
import type { Growing } from "./growing.js";
import type { Step } from "./step.js";
import { contraction, window } from "./steps-contraction.js";
import { indexing } from "./steps-indexing.js";
import { movement } from "./steps-movement.js";
import { pointwise } from "./steps-pointwise.js";
import { reduction } from "./steps-reduction.js";

type Family = readonly (readonly [number, Step])[];

const families: readonly (readonly [number, Family])[] = [
  [3.2, movement],
  [3.2, pointwise],
  [2, reduction],
  [1.2, indexing],
  [1, contraction],
  [0.9, window],
];

/** One step behind the last value of the pool, or behind another of it. */
export function grow(g: Growing, pool: Value[]): void {
  const { rng } = g;
  const x = rng.chance(0.75) ? pool[pool.length - 1] : rng.pick(pool);
  const step = rng.weighted(rng.weighted(families));
  const made = step(g, x);
  if (made) pool.push(...[made].flat());
}
