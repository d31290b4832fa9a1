/** Branches on data, loops whose length is data, and values that change their extents: three twins against onnxruntime. */
import { expect, test } from "vitest";
import { bytesSource } from "../../src/base/byte-source.js";
import { finishNow } from "../../src/base/steps.js";
import type { Tensor } from "../../src/base/tensor.js";
import { loweringSteps } from "../../src/driver/compile.js";
import { chooseTarget } from "../../src/driver/targets.js";
import { bundleSteps } from "../../src/emit/bundle.js";
import { packageRoot } from "../../src/host/package.js";
import { inferGraph } from "../../src/ir/infer/infer.js";
import { parse } from "../../src/ir/text/parse.js";
import { exportOnnx } from "../../src/onnx/export/export.js";
import { catalogue } from "../../src/ops/catalogue.js";
import { everyStep } from "../../src/program/flow.js";
import { runBatch } from "../../src/suite/batch.js";
import type { CompiledCase } from "../../src/suite/program.js";
import { judge } from "../../src/verify/judge.js";
import { openReference } from "../../src/verify/reference.js";
import { twinLibrary } from "../../src/verify/twin-library.js";

const f32 = (shape: readonly number[], at: (i: number) => number): Tensor => {
  const count = shape.reduce((n, d) => n * d, 1);
  return { dtype: "f32", shape, data: Float32Array.from({ length: count }, (_, i) => at(i)) };
};
const i64 = (x: number): Tensor => ({ dtype: "i64", shape: [], data: BigInt64Array.from([BigInt(x)]) });
const wave = (i: number): number => Math.sin(i + 0.5);

interface Control {
  readonly name: string;
  readonly text: string;
  readonly runs: readonly Readonly<Record<string, Tensor>>[];
  /** Kinds of steps that the program must have. */
  readonly has: readonly string[];
}

const cases: readonly Control[] = [
  {
    name: "an If on data, whose branches read a value and a weight from outside",
    text: `graph m(x: f32[N,8], k: f32[8]) -> (y) {
      const zero: f32[] = {0.0}
      const w: f32[8] = {1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0}
      s: f32[] = ReduceSum(k, keepdims=0)
      c: bool[] = Greater(s, zero)
      r: f32[N,8] = Relu(x)
      t: f32[N,8], u: f32[N,8] = If(c, then_branch=graph then() -> (a, a2) {
        a: f32[N,8] = Add(r, w)
        a2: f32[N,8] = Identity(r)
      }, else_branch=graph else() -> (b, b2) {
        q: f32[N,8] = Mul(r, r)
        b: f32[N,8] = Softmax(q)
        b2: f32[N,8] = Mul(r, w)
      })
      p: f32[N,8] = Sub(t, x)
      y: f32[N,8] = Add(p, u)
    }`,
    runs: [
      { x: f32([3, 8], wave), k: f32([8], () => 1) },
      { x: f32([5, 8], wave), k: f32([8], () => -1) },
    ],
    has: ["read", "branch"],
  },
  {
    name: "a Loop whose trip count is an input",
    text: `graph m(x: f32[4,8], n: i64[]) -> (y) {
      const go: bool[] = {1}
      y: f32[4,8] = Loop(n, go, x, body=graph b(i: i64[], c: bool[], h: f32[4,8]) -> (c2, z) {
        c2: bool[] = Identity(c)
        t: f32[4,8] = Sin(h)
        z: f32[4,8] = Add(t, x)
      })
    }`,
    runs: [0, 1, 7].map((n) => ({ x: f32([4, 8], wave), n: i64(n) })),
    has: ["read", "loop", "bind"],
  },
  {
    name: "a Loop that goes on as long as data say, with two carried values that change places and the round as data",
    text: `graph m(x: f32[2,9], stop: f32[]) -> (y, z) {
      const most: i64[] = {20}
      const go: bool[] = {1}
      const two: f32[] = {2.0}
      y: f32[2,9], z: f32[2,9] = Loop(most, go, x, x, body=graph b(i: i64[], c: bool[], a: f32[2,9], b: f32[2,9]) -> (c2, a2, b2) {
        f: f32[] = Cast(i, to=1)
        d: f32[2,9] = Add(b, f)
        a2: f32[2,9] = Identity(d)
        b2: f32[2,9] = Mul(a, two)
        m: f32[] = ReduceMax(b2, keepdims=0)
        c2: bool[] = Less(m, stop)
      })
    }`,
    runs: [1, 40, 1e9].map((stop) => ({ x: f32([2, 9], (i) => i / 8), stop: f32([], () => stop) })),
    has: ["read", "loop", "bind", "write"],
  },
  {
    name: "a carried value that grows by a row a round",
    text: `graph m(x: f32[1,5], n: i64[]) -> (y) {
      const go: bool[] = {1}
      const axes: i64[1] = {0}
      g: f32[?,5] = Loop(n, go, x, body=graph b(i: i64[], c: bool[], h: f32[?,5]) -> (c2, z) {
        c2: bool[] = Identity(c)
        last: f32[1,5] = ReduceMax(h, axes, keepdims=1)
        next: f32[1,5] = Add(last, x)
        z: f32[?,5] = Concat(h, next, axis=0)
      })
      y: f32[5] = ReduceSum(g, axes, keepdims=0)
    }`,
    runs: [0, 1, 30].map((n) => ({ x: f32([1, 5], (i) => i + 1), n: i64(n) })),
    has: ["read", "loop", "bind", "let"],
  },
  {
    name: "an If inside a Loop, and a Loop inside an If",
    text: `graph m(x: f32[6], n: i64[], k: f32[]) -> (y) {
      const go: bool[] = {1}
      const zero: f32[] = {0.0}
      up: bool[] = Greater(k, zero)
      y: f32[6] = If(up, then_branch=graph then() -> (t) {
        t: f32[6] = Loop(n, go, x, body=graph b(i: i64[], c: bool[], h: f32[6]) -> (c2, z) {
          c2: bool[] = Identity(c)
          s: f32[] = ReduceSum(h, keepdims=0)
          q: bool[] = Greater(s, k)
          z: f32[6] = If(q, then_branch=graph less() -> (p) {
            p: f32[6] = Sub(h, x)
          }, else_branch=graph more() -> (r) {
            r: f32[6] = Add(h, x)
          })
        })
      }, else_branch=graph else() -> (e) {
        e: f32[6] = Neg(x)
      })
    }`,
    runs: [
      { x: f32([6], (i) => i / 4), n: i64(5), k: f32([], () => 8) },
      { x: f32([6], (i) => i / 4), n: i64(5), k: f32([], () => -8) },
    ],
    has: ["read", "loop", "branch"],
  },
];

/** `?` stands for an extent that inference finds. */
const graphOf = (text: string) => inferGraph(parse(text.replaceAll("f32[?,5]", "f32[*]")), catalogue);

async function compiled(one: Control, target: Awaited<ReturnType<typeof chooseTarget>>, at: number): Promise<CompiledCase[]> {
  const { graph, diagnostics } = graphOf(one.text);
  expect(diagnostics.filter((d) => d.severity === "error")).toEqual([]);
  const loaded = { graph, source: bytesSource(new Uint8Array(), "m.onnx"), catalogue, diagnostics: [] };
  const reference = await openReference(new Uint8Array(Buffer.concat([...exportOnnx(graph)])));
  const out: CompiledCase[] = [];
  for (const [r, run] of one.runs.entries()) {
    const prefix = `c${at}_${r}`;
    const { plan } = finishNow(loweringSteps(graph, loaded, target, prefix, { prefix }));
    const { emitted, bundle } = finishNow(
      bundleSteps(plan, target.target, { copyWeights: true, version: "0", assets: [], modelHashes: {} }),
    );
    expect([...new Set([...everyStep(plan.program.steps)].map((s) => s.op as string))]).toEqual(expect.arrayContaining([...one.has]));
    const inputs = new Map(Object.entries(run));
    const want = await reference.run(inputs);
    const faultOf = (got: ReadonlyMap<string, Tensor>): string | undefined => {
      const verdicts = [...want].map(([name, tensor]) => judge(name, [got.get(name)], [tensor], { precision: "fp32" }));
      return verdicts.find((v) => !v.ok)?.reason;
    };
    const testCase = {
      name: `${one.name}, run ${r}`,
      model: new Uint8Array(),
      inputs: [],
      outputs: [],
      limits: { atol: 0, rtol: 0 },
      random: false,
    };
    out.push({ test: testCase, emitted, files: bundle.files, inputs, frozen: [], faultOf });
  }
  return out;
}

test.each(["cann", "bang", "kunlun"])("on the twin of %s", { timeout: 300_000 }, async (name) => {
  const chosen = await chooseTarget(name);
  const ready: CompiledCase[] = [];
  for (const [at, one] of cases.entries()) ready.push(...(await compiled(one, chosen, at)));
  const twin = await twinLibrary(chosen.target, packageRoot, {});
  const ran = await runBatch(ready, { target: chosen.target, twin, optimise: "-O0", seconds: 60 });
  expect(ran.cases.filter((c) => c.status !== "pass").map((c) => `${c.name}: ${c.status} ${c.reason}`)).toEqual([]);
});
