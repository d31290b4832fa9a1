/** Open extents may be 0 when a bundle runs: steps with nothing to write are skipped, whatever a library says of empty tensors. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { packageRoot } from "../../src/host/package.js";
import { chooseTarget } from "../../src/driver/targets.js";
import { buildBundle } from "../../src/verify/build-bundle.js";
import { runBundle, type RunOutcome } from "../../src/verify/run-bundle.js";
import { twinLibrary } from "../../src/verify/twin-library.js";
import { compileText } from "./compile-text.js";

const f32 = (...shape: number[]) => {
  const data = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.cos(i));
  return { dtype: "f32" as const, shape, data };
};

async function outcomes(
  text: string,
  target: string,
  feeds: readonly Readonly<Record<string, ReturnType<typeof f32>>>[],
): Promise<RunOutcome[]> {
  const output = mkdtempSync(join(tmpdir(), "portolan-empty-"));
  try {
    await compileText(text, { output, force: true, withTwin: false, target });
    const chosen = await chooseTarget(target);
    const program = await buildBundle(output, chosen.target, await twinLibrary(chosen.target, packageRoot, {}));
    const ran: RunOutcome[] = [];
    for (const feed of feeds) ran.push(await runBundle(program, new Map(Object.entries(feed)), { weights: output }));
    return ran;
  } finally {
    rmSync(output, { recursive: true, force: true });
  }
}

const layers = `
  c = Conv(x: f32[N,3,8,8], w: f32[4,3,3,3]!)
  p = MaxPool(c, kernel_shape=[2, 2], strides=[2, 2])
  m = MatMul(p, v: f32[3,5]!)
  y = Softmax(m, axis=-1)`;

test.each(["cann", "bang", "kunlun"] as const)("%s: a batch of none, then one of two", { timeout: 300_000 }, async (target) => {
  const [none, two] = await outcomes(layers, target, [{ x: f32(0, 3, 8, 8) }, { x: f32(2, 3, 8, 8) }]);
  expect(none.error ?? none.violation).toBeUndefined();
  expect(none.outputs?.get("y")?.shape).toEqual([0, 4, 3, 5]);
  expect(two.outputs?.get("y")?.shape).toEqual([2, 4, 3, 5]);
});

test(
  "a product over nothing is refused with the size that makes it so: libraries take no empty operands",
  { timeout: 300_000 },
  async () => {
    const [over] = await outcomes("y = MatMul(a: f32[4,K], b: f32[K,5])", "bang", [{ a: f32(4, 0), b: f32(0, 5) }]);
    expect(over.error).toMatch(/y: the extent K of "a" is 0 at these sizes, and its result is not/);
  },
);
