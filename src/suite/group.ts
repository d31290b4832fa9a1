/** A group of cases on all targets: each case is imported and optimised once, then compiled for one target after another. */
import type { Diagnostic } from "../base/diagnostic.js";
import type { Steps } from "../base/steps.js";
import { bundleSteps } from "../emit/bundle.js";
import type { TwinLibrary } from "../verify/twin-library.js";
import { loweringSteps } from "../driver/compile.js";
import { version } from "../host/package.js";
import { breathe, finishInTurns } from "../host/turns.js";
import { runBatch } from "./batch.js";
import type { SuiteCase } from "./cases.js";
import { importSteps, settling, type ImportedCase } from "./import.js";
import type { CompiledCase } from "./program.js";
import type { CaseResult } from "./result.js";
import type { ChosenTarget } from "../driver/targets.js";

export interface GroupTarget {
  readonly chosen: ChosenTarget;
  readonly twin: TwinLibrary;
}

/** Plain data: it travels to other threads. */
export interface GroupSettings {
  readonly precision?: "fp32" | "fp16";
  readonly prefer?: "library" | "kernels";
  readonly passes?: readonly string[];
  /** Seconds one case may run. */
  readonly seconds: number;
}

/** Plain data as well. */
export interface GroupOutcome {
  /** By target, each in the order of the cases. */
  readonly results: readonly (readonly CaseResult[])[];
  readonly notes: readonly Diagnostic[];
}

/** `settle` hears of results, how many at a time. Throws AbortError. */
export async function runGroup(
  cases: readonly SuiteCase[],
  targets: readonly GroupTarget[],
  settings: GroupSettings,
  settle: (count: number) => void,
  signal?: AbortSignal,
): Promise<GroupOutcome> {
  const imported: (ImportedCase | CaseResult)[] = [];
  for (const test of cases) {
    await breathe(signal);
    imported.push(await finishInTurns(importSteps(test, settings.passes), signal));
  }
  const results: CaseResult[][] = [];
  const notes: Diagnostic[] = [];
  for (const { chosen, twin } of targets) {
    const compiled: (CompiledCase | CaseResult)[] = [];
    for (const [i, one] of imported.entries()) {
      await breathe(signal);
      compiled.push("status" in one ? one : await finishInTurns(compileCase(one, chosen, `c${i}`, settings), signal));
    }
    const ready = compiled.filter((c) => "emitted" in c);
    settle(cases.length - ready.length);
    const ran = await runBatch(ready, { target: chosen.target, twin, seconds: settings.seconds, signal });
    settle(ready.length);
    let next = 0;
    results.push(compiled.map((c) => ("emitted" in c ? ran.cases[next++] : c)));
    notes.push(...ran.notes);
  }
  return { results, notes };
}

/** `prefix` stands before the model's C symbols; a program of many models tells them apart by it. */
export function compileCase(
  one: ImportedCase,
  chosen: ChosenTarget,
  prefix: string,
  settings: GroupSettings,
): Steps<CompiledCase | CaseResult> {
  const { test, inputs, frozen } = one;
  return settling(test.name, function* () {
    const { plan, diagnostics } = yield* loweringSteps(one.graph, one.loaded, chosen, test.name, { ...settings, prefix });
    const { emitted, bundle } = yield* bundleSteps(plan, chosen.target, { copyWeights: true, version, assets: [], modelHashes: {} });
    return { test, emitted, files: bundle.files, inputs, frozen, halfProducts: diagnostics.some((d) => d.code === "half-products") };
  });
}
