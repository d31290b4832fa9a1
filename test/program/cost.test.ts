/** What a program costs, without printing it: known counts, and the bytes that the twin counts while it runs. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Tensor } from "../../src/base/tensor.js";
import { chooseTarget } from "../../src/driver/targets.js";
import { packageRoot } from "../../src/host/package.js";
import { costOf, type Cost, type Enclosing, type Sizes } from "../../src/program/cost.js";
import { buildBundle } from "../../src/verify/build-bundle.js";
import { runBundle } from "../../src/verify/run-bundle.js";
import { twinLibrary } from "../../src/verify/twin-library.js";
import { compileText } from "../plan/compile-text.js";

async function costs(text: string, sizes: Readonly<Record<string, number>> = {}, target = "bang"): Promise<readonly Cost[]> {
  const { plan } = await compileText(text, { target });
  return costOf(plan.program, new Map(Object.entries(sizes)));
}

test("a product costs two operations a term, and its operands and result once each", async () => {
  const [cost] = await costs("y = MatMul(x: f32[N,64], w: f32[64,32]!)", { N: 10 });
  expect(cost).toMatchObject({
    flops: 2 * 10 * 64 * 32,
    bytesRead: 4 * (10 * 64 + 64 * 32),
    bytesWritten: 4 * 10 * 32,
    calls: 1,
    launches: 0,
  });
});

test.each(["cann", "bang", "kunlun"])("a convolution for %s costs each weight once a place, however its axes lie", async (target) => {
  const all = await costs("y = Conv(x: f32[1,3,5,5], w: f32[8,3,3,3]!)", {}, target);
  expect(all.filter((c) => c.calls > 0).map((c) => c.flops)).toEqual([2 * 3 * 3 * 8 * 27]);
});

test("a pointwise kernel reads and writes every element once, tails of tiles included", async () => {
  for (const n of [1, 100, 65_537, 1_000_003]) {
    const [cost] = await costs("a = Mul(x: f32[N], k: f32[N])\n y = Add(a, x)", { N: n });
    expect(cost).toMatchObject({ flops: 2 * n, bytesRead: 8 * n, bytesWritten: 4 * n, launches: 1, calls: 0 });
  }
});

test("steps of a body stand in what runs them", async () => {
  const { plan } = await compileText(`graph m(x: f32[8], n: i64[]) -> (y) {
    const go: bool[] = {1}
    y: f32[8] = Loop(n, go, x, body=graph b(i: i64[], c: bool[], h: f32[8]) -> (c2, z) {
      c2: bool[] = Identity(c)
      z: f32[8] = Sin(h)
    })
  }`);
  const all = costOf(plan.program, new Map());
  expect(all.map((c) => c.within.map(({ arm, rounds }) => ({ arm, rounds })))).toEqual([[], [{}], []]);
});

test("rounds are known where sizes decide them, and bodies of a branch are told apart", async () => {
  const loop = (
    trip: string,
    goesOn = "c",
  ): string => `y: f32[8] = Loop(${trip}, go, x, body=graph b(i: i64[], c: bool[], h: f32[8]) -> (c2, z) {
      c2: bool[] = ${goesOn === "c" ? "Identity(c)" : "Not(c)"}
      z: f32[8] = Sin(h)
    })`;
  const rounds = async (text: string, sizes: Sizes = new Map()): Promise<unknown> => {
    const { plan } = await compileText(text);
    return costOf(plan.program, sizes).flatMap((c) => c.within);
  };
  const go = "const go: bool[] = {1}";
  expect(await rounds(`graph m(x: f32[8]) -> (y) {\n const n: i64[] = {300}\n ${go}\n ${loop("n")}\n}`)).toMatchObject([{ rounds: 300 }]);
  const ofSize = `graph m(x: f32[8], k: f32[N,2]) -> (y) {\n ${go}\n s: i64[2] = Shape(k)\n const at: i64[] = {0}\n n: i64[] = Gather(s, at)\n ${loop("n")}\n}`;
  expect(await rounds(ofSize, new Map([["N", 7]]))).toMatchObject([{ rounds: 7 }]);
  const [ending] = (await rounds(`graph m(x: f32[8]) -> (y) {\n const n: i64[] = {300}\n ${go}\n ${loop("n", "data")}\n}`)) as Enclosing[];
  expect(ending.rounds).toBeUndefined();
  const branch = (name: string, op: string): string => `graph ${name}() -> (${name}) {\n ${name}: f32[8] = ${op}(x)\n}`;
  const two = `graph m(x: f32[8], c: bool[]) -> (y) {\n y: f32[8] = If(c, then_branch=${branch("t", "Sin")}, else_branch=${branch("e", "Cos")})\n}`;
  expect(((await rounds(two)) as Enclosing[]).map((w) => w.arm)).toEqual([0, 1]);
});

test.each(["cann", "bang", "kunlun"])("the twin of %s moves the bytes that are told", { timeout: 300_000 }, async (name) => {
  const text = `m = ReduceMean(x: f32[N,70], axes: i64[1]{1})
    d = Sub(x, m)
    q = Mul(d, d)
    t = Transpose(q, perm=[1, 0])
    y = Sqrt(t)`;
  const output = mkdtempSync(join(tmpdir(), "portolan-cost-"));
  try {
    const { plan } = await compileText(text, { target: name, output, force: true, withTwin: false, prefer: "kernels" });
    const { target } = await chooseTarget(name);
    const built = await buildBundle(output, target, await twinLibrary(target, packageRoot, {}), {});
    for (const n of [3, 260]) {
      const x: Tensor = { dtype: "f32", shape: [n, 70], data: Float32Array.from({ length: n * 70 }, (_, i) => Math.cos(i)) };
      const { profile, error, violation } = await runBundle(built, new Map([["x", x]]), { weights: output });
      expect(error ?? violation).toBeUndefined();
      const told = costOf(plan.program, new Map([["N", n]]));
      const bytes = told.reduce((all, c) => all + c.bytesRead + c.bytesWritten, 0);
      // Copies move whole granules.
      expect((profile?.total.dmaBytes ?? 0) / bytes).toBeGreaterThan(0.99);
      expect((profile?.total.dmaBytes ?? 0) / bytes).toBeLessThan(1.15);
      expect(told.reduce((all, c) => all + c.launches, 0)).toBe(profile?.total.launches);
    }
  } finally {
    rmSync(output, { recursive: true, force: true });
  }
});
