/**
 * Many small models compiled, built together, run on the twins, compared with their expected outputs.
 *
 * The cases are cut into groups in the order of their names, and every group is carried through all targets by one
 * thread. How many threads there are changes the time it takes, not the programs that are built nor the order of results.
 */
import { onnxPasses, selectPasses } from "../../passes/pipeline.js";
import { fail } from "../base/diagnostic.js";
import { twinLibrary } from "../verify/twin-library.js";
import type { Running } from "../driver/events.js";
import { packageRoot } from "../host/package.js";
import { usualThreads } from "../host/threads.js";
import { readCases, type SuiteCase } from "./cases.js";
import { runGroup, type GroupOutcome, type GroupSettings, type GroupTarget } from "./group.js";
import { runInThreads } from "./pool.js";
import type { CaseResult, SuiteResult } from "./result.js";
import { chooseTargets } from "../driver/targets.js";

export interface SuiteOptions extends Running {
  readonly target: string;
  readonly precision?: "fp32" | "fp16";
  readonly prefer?: "library" | "kernels";
  /** Which passes run: names, `+name`, `-name`. */
  readonly passes?: readonly string[];
  /** Only cases whose name contains this. */
  readonly filter?: string;
  readonly limit?: number;
  /** Models a program holds. */
  readonly batch?: number;
  /** Seconds one case may run. */
  readonly seconds?: number;
  /** One works in the caller's own thread; by default as many as there are cores. */
  readonly threads?: number;
}

/**
 * Runs ONNX backend tests, from folders or packs below `path`. Throws DiagnosticError when they cannot be read, a target
 * is unknown or no compiler is found, and AbortError when cancelled. What goes wrong in a case is that case's result.
 */
export async function runSuite(path: string, options: SuiteOptions): Promise<SuiteResult> {
  selectPasses(onnxPasses, options.passes ?? []);
  const targets = await readyTargets(options);
  const there = readCases(path);
  const all = there.filter((c) => !options.filter || c.name.includes(options.filter));
  if (all.length === 0) refuseNone(path, there.length, options.filter);
  const cases = all.slice(0, options.limit);
  const total = cases.length * targets.length;
  let done = 0;
  const settle = (count: number): void => {
    done += count;
    options.onEvent?.({ kind: "progress", label: options.target, done, total });
  };
  options.onEvent?.({ kind: "phase", name: `run ${cases.length} cases` });
  const byGroup = await runGroups(groupsOf(cases, options.batch ?? 40), targets, options, settle);
  const ofTarget = (i: number): CaseResult[] => byGroup.flatMap(({ results }) => results[i]);
  return {
    schemaVersion: 1,
    targets: Object.fromEntries(keysOf(targets).map((key, i) => [key, { cases: ofTarget(i) }])),
    diagnostics: byGroup.flatMap(({ notes }) => notes),
  };
}

/** A run of nothing would look like a pass. */
function refuseNone(path: string, there: number, filter: string | undefined): never {
  return fail("no-cases", there === 0 ? `"${path}" holds no test cases` : `none of ${there} test cases has "${filter}" in its name`, {
    fix: "A case is a folder with model.onnx and test_data_set_0/, or lies in a .tar.gz of such folders; --filter takes a part of its name.",
  });
}

/** The target's name; with the chip where several of its chips were asked for. */
function keysOf(targets: readonly GroupTarget[]): string[] {
  const names = targets.map((t) => t.chosen.target.name);
  return targets.map((t, i) => (names.indexOf(names[i]) === names.lastIndexOf(names[i]) ? names[i] : spelled(t)));
}

function spelled({ chosen: { target, chip } }: GroupTarget): string {
  return `${target.name}:${chip.caps.chip}`;
}

/** The targets asked for, their twins built. */
async function readyTargets({ target, signal, onEvent }: SuiteOptions): Promise<GroupTarget[]> {
  const out: GroupTarget[] = [];
  for (const chosen of await chooseTargets(target)) {
    const onBuild = (): void => onEvent?.({ kind: "phase", name: "build twin", target: chosen.target.name });
    out.push({ chosen, twin: await twinLibrary(chosen.target, packageRoot, { signal, onBuild }) });
  }
  return out;
}

function groupsOf(cases: readonly SuiteCase[], size: number): SuiteCase[][] {
  return Array.from({ length: Math.ceil(cases.length / size) }, (_, i) => cases.slice(i * size, (i + 1) * size));
}

/** In the order of the groups. */
async function runGroups(
  groups: readonly (readonly SuiteCase[])[],
  targets: readonly GroupTarget[],
  options: SuiteOptions,
  settle: (count: number) => void,
): Promise<GroupOutcome[]> {
  const { precision, prefer, passes, signal, threads = usualThreads() } = options;
  const settings: GroupSettings = { precision, prefer, passes, seconds: options.seconds ?? 30 };
  if (threads > 1 && groups.length > 1) {
    const named = targets.map((t) => ({ name: spelled(t), twin: t.twin }));
    return runInThreads(groups, { targets: named, settings }, { threads, settle, signal });
  }
  const outcomes: GroupOutcome[] = [];
  for (const group of groups) outcomes.push(await runGroup(group, targets, settings, settle, signal));
  return outcomes;
}
