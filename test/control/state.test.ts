/** A decoder's cache held by the context: each run writes one position and reads what all runs before have written. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Tensor } from "../../src/base/tensor.js";
import { compile } from "../../src/api/compile.js";
import { chooseTarget } from "../../src/driver/targets.js";
import { packageRoot } from "../../src/host/package.js";
import { buildBundle } from "../../src/verify/build-bundle.js";
import { runBundle } from "../../src/verify/run-bundle.js";
import { openReference } from "../../src/verify/reference.js";
import { judge } from "../../src/verify/judge.js";
import { twinLibrary } from "../../src/verify/twin-library.js";
import { modelBytes } from "../plan/compile-text.js";

/** One head of attention over a cache of six positions; `at` is where the next token goes. */
const decoder = `graph decoder(q: f32[1,4], keys: f32[6,4], values: f32[6,4], at: f32[1]) -> (y, keys2, values2, at2) {
  const positions: f32[6,1] = {0.0, 1.0, 2.0, 3.0, 4.0, 5.0}
  const one: f32[] = {1.0}
  const half: f32[] = {0.5}
  const low: f32[] = {-10000.0}
  here: bool[6,1] = Equal(positions, at)
  k: f32[1,4] = Mul(q, half)
  v: f32[1,4] = Sin(q)
  keys2: f32[6,4] = Where(here, k, keys)
  values2: f32[6,4] = Where(here, v, values)
  seen: bool[6,1] = LessOrEqual(positions, at)
  t: f32[4,6] = Transpose(keys2, perm=[1, 0])
  s: f32[1,6] = MatMul(q, t)
  seenRow: bool[1,6] = Transpose(seen, perm=[1, 0])
  masked: f32[1,6] = Where(seenRow, s, low)
  w: f32[1,6] = Softmax(masked)
  y: f32[1,4] = MatMul(w, values2)
  at2: f32[1] = Add(at, one)
}`;

const states = new Map([
  ["keys", "keys2"],
  ["values", "values2"],
  ["at", "at2"],
]);

const zeros = (shape: readonly number[]): Tensor => ({ dtype: "f32", shape, data: new Float32Array(shape.reduce((n, d) => n * d, 1)) });

/** What the model gives out after so many runs, each fed with what the one before gave out. */
async function afterRuns(bytes: Uint8Array, q: Tensor, runs: number): Promise<Tensor> {
  const reference = await openReference(bytes);
  let held = new Map<string, Tensor>([
    ["keys", zeros([6, 4])],
    ["values", zeros([6, 4])],
    ["at", zeros([1])],
  ]);
  let last: Tensor = q;
  for (let i = 0; i < runs; i++) {
    const outputs = await reference.run(new Map([...held, ["q", q]]));
    held = new Map([...states].map(([input, output]) => [input, outputs.get(output) as Tensor]));
    last = outputs.get("y") as Tensor;
  }
  return last;
}

test.each(["cann", "bang", "kunlun"])("on the twin of %s", { timeout: 300_000 }, async (name) => {
  const output = mkdtempSync(join(tmpdir(), "portolan-state-"));
  try {
    const bytes = modelBytes(decoder);
    const { compiled, diagnostics } = await compile(bytes, { target: name, output, force: true, withTwin: false, states });
    expect(diagnostics).toEqual([]);
    const program = compiled?.plan.program;
    expect(program?.inputs).toHaveLength(1);
    expect(program?.outputs).toHaveLength(1);
    expect(program?.buffers.filter((b) => b.home === "state" && b.aliasOf === undefined)).toHaveLength(6);
    const { target } = await chooseTarget(name);
    const built = await buildBundle(output, target, await twinLibrary(target, packageRoot, {}), { flags: ["-Wall", "-Wextra"] });
    const q: Tensor = { dtype: "f32", shape: [1, 4], data: Float32Array.from([0.3, -0.7, 1.1, 0.2]) };
    // A run to warm up goes before those that are counted.
    for (const repeat of [undefined, 1, 4]) {
      const ran = await runBundle(built, new Map([["q", q]]), { weights: output, repeat });
      const want = await afterRuns(bytes, q, repeat === undefined ? 1 : repeat + 1);
      expect(ran.error ?? ran.violation).toBeUndefined();
      expect(judge("y", [ran.outputs?.get("y")], [want], { precision: "fp32" }).reason).toBeUndefined();
    }
  } finally {
    rmSync(output, { recursive: true, force: true });
  }
});

test("what is no state is refused by name", async () => {
  const bytes = modelBytes(decoder);
  const said = async (pairs: readonly (readonly [string, string])[]): Promise<string | undefined> =>
    (await compile(bytes, { target: "bang", states: new Map(pairs) })).diagnostics.map((d) => `${d.code}: ${d.message}`)[0];
  expect(await said([["kyes", "keys2"]])).toMatch(/^state-unknown: the model has no input "kyes" to hold/);
  expect(await said([["keys", "keys"]])).toMatch(/^state-unknown: the model has no output "keys" to hold/);
  expect(
    await said([
      ["keys", "keys2"],
      ["values", "keys2"],
    ]),
  ).toMatch(/^state-mismatch: "keys2" cannot be the next "values": it is the next "keys" already/);
  expect(await said([["keys", "y"]])).toMatch(/^state-mismatch: "keys" is f32\[6, 4\] and "y" f32\[1, 4\]/);
});
