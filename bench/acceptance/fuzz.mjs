/**
 * Line 10: damaged models (byte flips, truncations, hostile lengths, deep nesting; seeds are the numbers 0 to 4999) go
 * through import and inference in processes with limited time and memory. Generator: test/onnx/damage.ts.
 */
import { join } from "node:path";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { figure, firstLine, root } from "./measure.mjs";

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
