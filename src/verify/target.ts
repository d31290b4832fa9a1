/** verify() on one target: the model compiled, built with the twin, run on every feed, and held against what was wanted. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { DiagnosticError, problem, type Diagnostic } from "../base/diagnostic.js";
import type { Tensor } from "../base/tensor.js";
import type { Emitted } from "../emit/steps.js";
import type { Target } from "../claim/target.js";
import { outputTypes } from "./arrays.js";
import { buildBundle } from "./build-bundle.js";
import { judge, unitOutputs, type OutputFigures, type Tolerance } from "./judge.js";
import { runBundle, type RunOptions, type RunOutcome, type Unspecified } from "./run-bundle.js";
import { twinLibrary } from "./twin-library.js";
import { compileSteps, folderOptions, modelName, type Compiled, type CompileOptions } from "../driver/compile.js";
import { requireReplaceable } from "../host/files.js";
import type { LoadedModel, ModelSource } from "../driver/load.js";
import { packageRoot } from "../host/package.js";
import { placed } from "../driver/place.js";
import { finishInTurns } from "../host/turns.js";
import type { ChosenTarget } from "../driver/targets.js";
import type { Doubts } from "./doubts.js";
import type { Feed } from "./inputs.js";

/** How each target is checked. */
export interface CheckOptions extends Omit<CompileOptions, "target" | "output" | "states"> {
  /** What still counts as agreeing. */
  readonly tolerance?: Tolerance;
  /** Keep the generated projects here, one folder a target, with their weights: `portolan run` takes each as it is. */
  readonly keep?: string;
  /** More compiler flags for the bundle's own files. */
  readonly flags?: readonly string[];
}

/** What is checked: a model, what its runs are fed, and what they are to give. */
export interface Subject {
  readonly model: ModelSource;
  readonly loaded: LoadedModel;
  readonly feeds: readonly Feed[];
  /** Outputs by run. */
  readonly wanted: readonly Feed[];
  /** Asked about outputs that differ; absent where the caller says what is right. */
  readonly doubts?: Doubts;
}

export interface TargetVerdict {
  readonly target: string;
  readonly chip: string;
  readonly ok: boolean;
  readonly evidence: string;
  readonly outputs: readonly OutputFigures[];
  readonly compiled?: Compiled;
  readonly outcome?: RunOutcome;
  readonly diagnostics: readonly Diagnostic[];
  readonly milliseconds: { readonly compile: number; readonly build: number; readonly run: number };
}

/** Refuses what is kept where it would take the place of someone's files, before any work is done. Throws as `requireReplaceable`. */
export function requireKeepable(chosen: readonly ChosenTarget[], options: CheckOptions): void {
  for (const one of chosen) {
    const folder = keptFolder(one, options);
    if (folder !== undefined) requireReplaceable(folder, folderOptions(options));
  }
}

function keptFolder({ target, chip }: ChosenTarget, { keep }: CheckOptions): string | undefined {
  return keep === undefined ? undefined : join(keep, `${target.name}-${chip.caps.chip}`);
}

/** Problems on the target are part of its verdict: they must not hide what others say. Rejects with AbortError. */
export async function verifyOn(chosen: ChosenTarget, subject: Subject, options: CheckOptions): Promise<TargetVerdict> {
  const { target, chip } = chosen;
  const base = { target: target.name, chip: chip.caps.chip };
  const folder = keptFolder(chosen, options) ?? mkdtempSync(join(tmpdir(), "portolan-bundle-"));
  try {
    return { ...base, ...(await checkIn(folder, chosen, subject, options)) };
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    const diagnostics = error.diagnostics.map((d) => placed(d, subject.model, subject.loaded.graph));
    return { ...base, ...refuted, diagnostics, milliseconds: { compile: 0, build: 0, run: 0 } };
  } finally {
    if (options.keep === undefined) rmSync(folder, { recursive: true, force: true });
  }
}

/** Of a target that gave no outputs to judge. */
const refuted = { ok: false, evidence: "", outputs: [] } as const;

type Verdict = Omit<TargetVerdict, "target" | "chip">;

async function checkIn(folder: string, chosen: ChosenTarget, subject: Subject, options: CheckOptions): Promise<Verdict> {
  const { target } = chosen;
  const clock = stopwatch();
  const compiled = await compileInto(folder, chosen, subject, options);
  const compile = clock();
  options.onEvent?.({ kind: "phase", name: "build", target: target.name });
  const program = await buildOn(target, folder, options);
  const build = clock();
  options.onEvent?.({ kind: "phase", name: "run", target: target.name });
  const { got, last, open } = await runAll(program, subject.feeds, {
    weights: weightsFolder(folder, subject.model, compiled),
    typeOf: outputTypes(compiled.plan.program),
    signal: options.signal,
  });
  const ran = { compiled, outcome: last, milliseconds: { compile, build, run: clock() } };
  if (last && !last.outputs) return { ...refuted, ...ran, diagnostics: [runProblem(last, target.title)] };
  const outputs = await judgeAll(got, subject, options);
  return {
    ok: outputs.every((o) => o.ok),
    evidence: weakestEvidence(compiled.emitted),
    outputs,
    ...ran,
    diagnostics: [...compiled.diagnostics, ...open.map((o) => openResult(o, target.title))],
  };
}

function compileInto(folder: string, chosen: ChosenTarget, { model, loaded }: Subject, options: CheckOptions): Promise<Compiled> {
  const steps = compileSteps(loaded, chosen, modelName(model), {
    ...options,
    output: folder,
    force: options.keep === undefined || options.force === true,
    withTwin: false,
    copyWeights: options.copyWeights ?? (options.keep === undefined ? undefined : true),
  });
  return finishInTurns(steps, options.signal);
}

/** Returns the program's path. */
async function buildOn(target: Target, folder: string, { signal, flags, onEvent }: CheckOptions): Promise<string> {
  const onBuild = (): void => onEvent?.({ kind: "phase", name: "build twin", target: target.name });
  const twin = await twinLibrary(target, packageRoot, { signal, onBuild });
  return buildBundle(folder, target, twin, { signal, flags });
}

/** The outputs by run, as far as the first run that gave none. */
async function runAll(
  program: string,
  feeds: readonly Feed[],
  options: RunOptions,
): Promise<{ readonly got: readonly Feed[]; readonly last?: RunOutcome; readonly open: readonly Unspecified[] }> {
  const got: Feed[] = [];
  const open = new Map<string, Unspecified>();
  let last: RunOutcome | undefined;
  for (const feed of feeds) {
    last = await runBundle(program, feed, options);
    if (!last.outputs) break;
    got.push(last.outputs);
    for (const o of last.unspecified ?? []) open.set(o.unspecified + o.detail, o);
  }
  return { got, last, open: [...open.values()] };
}

function openResult({ unspecified, detail }: Unspecified, title: string): Diagnostic {
  return problem(
    "library-unspecified",
    `${unspecified}: ${detail} is left open by the vendor, and the ${title} twin gives -6.2598534e+18 for it`,
    {
      severity: "warning",
      why: "A card may give anything there, and another than the next generation of it.",
      fix: "Use --prefer kernels: generated kernels pass NaN on. Or keep such values from the operator.",
    },
  );
}

/** The figures of every output that was wanted, each over all runs together. */
async function judgeAll(got: readonly Feed[], { wanted, loaded, doubts }: Subject, options: CheckOptions): Promise<OutputFigures[]> {
  const bounded = unitOutputs(loaded.graph);
  const judged: OutputFigures[] = [];
  for (const name of wanted[0].keys()) {
    const [have, want] = [got.map((g) => g.get(name)), wanted.map((w) => w.get(name) as Tensor)];
    const how = { precision: options.precision, tolerance: options.tolerance, unitScale: bounded.has(name) };
    const figures = judge(name, have, want, how);
    judged.push(doubts ? await doubts.weighed({ figures, got: have, want, options: how }) : figures);
  }
  return judged;
}

/** "E0" when any step rests on what was inferred alone. */
function weakestEvidence({ steps }: Emitted): string {
  return steps.reduce((least, { act }) => (act.evidence < least ? act.evidence : least), "E1" as string);
}

/** Weights by reference lie beside the model, the rest in the bundle: one folder must show both. */
function weightsFolder(bundle: string, model: ModelSource, compiled: Compiled): string {
  if (typeof model !== "string") return bundle;
  const beside = dirname(resolve(model));
  const own = compiled.written.some((f) => f.startsWith("weights/"));
  if (!own) return beside;
  return `${bundle}:${beside}`;
}

function runProblem(outcome: RunOutcome, title: string): Diagnostic {
  const { violation, error } = outcome;
  if (violation)
    return problem(
      `twin-${violation.violation}`,
      `the ${title} twin stopped kernel "${violation.kernel}" at its line ${violation.line}: ${violation.detail}`,
    );
  return problem("twin-run-failed", `the program did not finish on the ${title} twin: ${error ?? "unknown"}`);
}

function stopwatch(): () => number {
  let last = performance.now();
  return () => {
    const now = performance.now();
    const took = now - last;
    last = now;
    return Math.round(took);
  };
}
