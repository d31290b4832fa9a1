/** Operators given as formulas run on every twin as plain arithmetic says, and a wrong formula is named where it stands. */
import { expect, test } from "vitest";
import { compile } from "../../src/api/compile.js";
import { verify } from "../../src/api/verify.js";
import { customOp, mistakes } from "../../bench/acceptance/custom-op.mjs";

interface Figure {
  readonly what: string;
  readonly value: string;
  readonly ok: boolean;
}

test("the model agrees with plain arithmetic on all twins, and mistakes are named", async () => {
  const figures: Figure[] = [];
  await customOp({ verify, compile }, (f: Figure) => figures.push(f), { rows: [1, 33] });
  expect(figures.filter((f) => !f.ok)).toEqual([]);
  expect(figures).toHaveLength(4 + mistakes.length);
});
