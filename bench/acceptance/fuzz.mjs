/**
 * Line 10: damaged models (byte flips, truncations, hostile lengths, deep nesting; seeds are the numbers 0 to 4999) go
 * through import and inference in processes with limited time and memory. Generator: test/onnx/damage.ts. Mutated models
 * (bench/mutants; seeds 0 to 3999) go through import, optimise and compile in the same way.
 */
import { join } from "node:path";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { mutants } from "../mutants/run.mjs";
import { figure, firstLine, root } from "./measure.mjs";

export async function mutatedModels(check, { count = 4000 } = {}) {
  const file = join(root, ".cache", "mutants", `acceptance-${process.pid}.jsonl`);
  const { ends, faults, slowestSeconds, peakMiB } = await mutants({ to: count, file });
  for (const { seed, model, fault } of faults.slice(0, 10)) console.log(`     seed ${seed} (${model}): ${firstLine(fault)}`);
  const compiled = ends["compile ok"] ?? 0;
  const what = `internal errors of mutated models, seeds 0 to ${count - 1}, ${compiled} compiled`;
  check(figure(10, what, `${faults.length}`, "0", faults.length === 0));
  check(figure(10, "slowest mutated model", `${slowestSeconds.toFixed(1)} s`, "<= 10 s", slowestSeconds <= 10));
  check(figure(10, "peak memory with mutated models", `${peakMiB.toFixed(0)} MiB`, "<= 1024 MiB", peakMiB <= 1024));
}

export function fuzz(check, { count = 5000 } = {}) {
  const vitest = join(root, "node_modules/vitest/vitest.mjs");
  const report = join(root, ".cache", `fuzz-${process.pid}.json`);
  const ran = spawnSync(process.execPath, [vitest, "run", "test/api/fuzz.test.ts"], {
    cwd: root,
    encoding: "utf8",
    env: { ...process.env, PORTOLAN_FUZZ: `${count}`, PORTOLAN_FUZZ_REPORT: report },
  });
  if (ran.status !== 0) return check(figure(10, `${count} fuzzed models`, firstLine(ran.stderr || ran.stdout), "no crash", false));
  const { models, imported, refused, slowestMs, peakRssMiB } = JSON.parse(readFileSync(report, "utf8"));
  check(
    figure(
      10,
      "fuzzed models imported or refused with a diagnostic",
      `${imported} + ${refused} of ${models}`,
      `${count}`,
      imported + refused === count,
    ),
  );
  check(figure(10, "slowest fuzzed model", `${slowestMs.toFixed(0)} ms`, "<= 5000 ms", slowestMs <= 5000));
  check(figure(10, "peak memory while fuzzing", `${peakRssMiB.toFixed(0)} MiB`, "<= 512 MiB", peakRssMiB <= 512));
}
