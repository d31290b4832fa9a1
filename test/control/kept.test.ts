/** PORTOLAN_KEEP_BUFFERS where buffers change hands and grow while a program runs: each file holds what its buffer holds at the end. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { compile } from "../../src/api/compile.js";
import { chooseTarget } from "../../src/driver/targets.js";
import { packageRoot } from "../../src/host/package.js";
import { buildBundle } from "../../src/verify/build-bundle.js";
import { runBundle } from "../../src/verify/run-bundle.js";
import { twinLibrary } from "../../src/verify/twin-library.js";
import { modelBytes } from "../plan/compile-text.js";

const looped = (round: string, type: string): string => `graph m(x: f32[2], n: i64[]) -> (y) {
  const go: bool[] = {1}
  h: ${type} = Loop(n, go, x, body=graph b(i: i64[], c: bool[], a: ${type}) -> (c2, z) {
    c2: bool[] = Identity(c)
    z: ${type} = ${round}
  })
  y: f32[] = ReduceSum(h, keepdims=0)
}`;

test.each([
  ["a value that doubles each round", "Concat(a, a, axis=0)", "f32[*]", Array.from({ length: 16 }, (_, i) => 1 + (i % 2))],
  ["a value that changes hands an odd number of times", "Add(a, x)", "f32[2]", [4, 8]],
])("%s", { timeout: 120_000 }, async (_, round, type, wanted) => {
  const output = mkdtempSync(join(tmpdir(), "portolan-kept-"));
  try {
    const { compiled } = await compile(modelBytes(looped(round, type)), { target: "bang", output, force: true, withTwin: false });
    const { target } = await chooseTarget("bang");
    const program = await buildBundle(output, target, await twinLibrary(target, packageRoot, {}), {});
    const feed = new Map([
      ["x", { dtype: "f32" as const, shape: [2], data: Float32Array.from([1, 2]) }],
      ["n", { dtype: "i64" as const, shape: [], data: BigInt64Array.from([3n]) }],
    ]);
    const ran = await runBundle(program, feed, { weights: output, env: { PORTOLAN_KEEP_BUFFERS: output } });
    expect(ran.error ?? ran.violation).toBeUndefined();
    const bind = compiled?.plan.program.steps.flatMap((s) => (s.op === "loop" ? s.body : [])).find((s) => s.op === "bind");
    const held = bind?.op === "bind" ? bind.pairs[0][0] : -1;
    const bytes = readFileSync(join(output, `${held}.bin`));
    expect([...new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4)]).toEqual(wanted);
  } finally {
    rmSync(output, { recursive: true, force: true });
  }
});
