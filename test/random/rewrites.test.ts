/** 60 random graphs through every pass, alone and in their order; `npm run acceptance -- 14` takes thousands and the developer set. */
import { expect, test } from "vitest";
import { print } from "../../src/ir/text/print.js";
import { onnxPasses, primitivePasses } from "../../passes/pipeline.js";
import { ours, theirs } from "./accuracy.js";
import { BoundRun } from "./bound-run.js";
import { isDeadly } from "./faults.js";
import { randomProgram } from "./program.js";
import { bang } from "../../targets/bang/target.js";
import { cann } from "../../targets/cann/target.js";
import { kunlun } from "../../targets/kunlun/target.js";
import { checkPrimitiveRewrites, checkRewrites, checkStages } from "./rewrites.js";

const first = Number(process.env["PORTOLAN_SEED"] ?? 0);

test("passes keep what graphs mean, bit for bit unless they say that they round", async () => {
  const seen = new Set<string>();
  for (let seed = first; seed < first + 60; seed++) {
    const { graph, inputs, symbols } = randomProgram(seed, ours);
    if (isDeadly(graph, symbols)) continue;
    const run = new BoundRun(theirs);
    run.graph(graph, inputs);
    const subject = { graph, inputs, symbols, bound: (v: (typeof graph.outputs)[number]) => run.bound(v) };
    const told = [...(await checkRewrites(subject)), ...(await checkPrimitiveRewrites(subject))];
    expect(
      told.filter((t) => t.fault !== undefined),
      `seed ${seed}:\n${print(graph)}`,
    ).toEqual([]);
    told.forEach((t) => seen.add(t.pass));
  }
  expect(seen.size).toBeGreaterThan(6);
});

test.each([bang, cann, kunlun])("stages keep what graphs mean on $name", async (target) => {
  const seen = new Set<string>();
  for (let seed = first; seed < first + 60; seed++) {
    const { graph, inputs, symbols } = randomProgram(seed, ours);
    if (isDeadly(graph, symbols)) continue;
    const run = new BoundRun(ours);
    run.graph(graph, inputs);
    const told = await checkStages({ graph, inputs, symbols, bound: (v) => run.bound(v) }, target);
    expect(
      told.filter((t) => t.fault !== undefined),
      `seed ${seed}:\n${print(graph)}`,
    ).toEqual([]);
    told.forEach((t) => seen.add(t.pass));
  }
  expect(seen).toContain("legalise");
});

test("the passes that round are those that compute constants or add in another order", () => {
  const rounding = new Set([...onnxPasses, ...primitivePasses].filter((p) => p.rounds).map((p) => p.name));
  expect([...rounding].sort()).toEqual(
    ["fold-batchnorm", "fold-constants", "fold-scalar", "fold-scale", "fold-weights", "matmul-to-gemm"].sort(),
  );
});
