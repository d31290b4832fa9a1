/** Programs with steps of the host, compiled as a user's are, on a twin and held against onnxruntime. */
import { expect } from "vitest";
import { bytesSource } from "../../src/base/byte-source.js";
import { finishNow } from "../../src/base/steps.js";
import type { Tensor } from "../../src/base/tensor.js";
import { loweringSteps, optimiseSteps } from "../../src/driver/compile.js";
import { chooseTarget, type ChosenTarget } from "../../src/driver/targets.js";
import { bundleSteps } from "../../src/emit/bundle.js";
import { packageRoot } from "../../src/host/package.js";
import { inferGraph } from "../../src/ir/infer/infer.js";
import { parse } from "../../src/ir/text/parse.js";
import { exportOnnx } from "../../src/onnx/export/export.js";
import { catalogue } from "../../src/ops/catalogue.js";
import { everyStep } from "../../src/program/flow.js";
import type { Program } from "../../src/program/program.js";
import { runBatch } from "../../src/suite/batch.js";
import type { CompiledCase } from "../../src/suite/program.js";
import { judge } from "../../src/verify/judge.js";
import { openReference } from "../../src/verify/reference.js";
import { twinLibrary } from "../../src/verify/twin-library.js";

export const f32 = (shape: readonly number[], at: (i: number) => number): Tensor => {
  const count = shape.reduce((n, d) => n * d, 1);
  return { dtype: "f32", shape, data: Float32Array.from({ length: count }, (_, i) => at(i)) };
};
export const i64 = (x: number): Tensor => ({ dtype: "i64", shape: [], data: BigInt64Array.of(BigInt(x)) });
export const i64s = (...list: readonly number[]): Tensor => ({
  dtype: "i64",
  shape: [list.length],
  data: BigInt64Array.from(list, BigInt),
});
export const wave = (i: number): number => Math.sin(i + 0.5);

export interface Control {
  readonly name: string;
  /** `?` stands for an extent that inference finds. */
  readonly text: string;
  readonly runs: readonly Readonly<Record<string, Tensor>>[];
  /** Kinds of steps that the program must have. */
  readonly has: readonly string[];
}

/** One bundle a run; `reference` is asked what comes out. */
export async function compiled(one: Control, target: ChosenTarget, at: number): Promise<CompiledCase[]> {
  const { graph, diagnostics } = inferGraph(parse(one.text.replaceAll(/f32\[\?,\d\]/g, "f32[*]")), catalogue);
  expect(diagnostics.filter((d) => d.severity === "error")).toEqual([]);
  const loaded = { graph, source: bytesSource(new Uint8Array(), "m.onnx"), catalogue, diagnostics: [] };
  const reference = await openReference(new Uint8Array(Buffer.concat([...exportOnnx(graph)])));
  const out: CompiledCase[] = [];
  for (const [r, run] of one.runs.entries()) {
    const prefix = `c${at}_${r}`;
    const optimised = finishNow(optimiseSteps(loaded, {})).graph;
    const { plan } = finishNow(loweringSteps(optimised, loaded, target, prefix, { prefix }));
    const { emitted, bundle } = finishNow(
      bundleSteps(plan, target.target, { copyWeights: true, version: "0", assets: [], modelHashes: {} }),
    );
    expect(kindsOf(plan.program)).toEqual(expect.arrayContaining([...one.has]));
    const inputs = new Map(Object.entries(run));
    const want = await reference.run(inputs);
    const faultOf = (got: ReadonlyMap<string, Tensor>): string | undefined => {
      const verdicts = [...want].map(([name, tensor]) => judge(name, [got.get(name)], [tensor], { precision: "fp32" }));
      return verdicts.find((v) => !v.ok)?.reason;
    };
    const limits = { atol: 0, rtol: 0 };
    const test = { name: `${one.name}, run ${r}`, model: new Uint8Array(), inputs: [], outputs: [], limits, random: false };
    out.push({ test, emitted, files: bundle.files, inputs, frozen: [], faultOf });
  }
  return out;
}

const kindsOf = ({ steps }: Program): readonly string[] => [...new Set([...everyStep(steps)].map((s) => s.op as string))];

/** Every case on a target's twin; what did not pass is said. */
export async function onTwin(name: string, cases: readonly Control[]): Promise<readonly string[]> {
  const chosen = await chooseTarget(name);
  const ready: CompiledCase[] = [];
  for (const [at, one] of cases.entries()) ready.push(...(await compiled(one, chosen, at)));
  const twin = await twinLibrary(chosen.target, packageRoot, {});
  const ran = await runBatch(ready, { target: chosen.target, twin, optimise: "-O0", seconds: 60 });
  return ran.cases.filter((c) => c.status !== "pass").map((c) => `${c.name}: ${c.status} ${c.reason}`);
}
