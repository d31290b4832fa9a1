/**
 * verify(): compiles a model (or takes a bundle), builds it with the twin, runs it, and compares every output with
 * onnxruntime or with expected values. What agrees is "twin-checked": emitter and twin share our reading of the
 * vendor's documents.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { DiagnosticError, problem, type Diagnostic } from "../base/diagnostic.js";
import { fromNumbers } from "../base/float-formats.js";
import type { Tensor } from "../base/tensor.js";
import type { Value } from "../ir/graph.js";
import { exportOnnx } from "../onnx/export.js";
import { buildBundle } from "../verify/build-bundle.js";
import { judge, unitOutputs, type OutputFigures, type Tolerance } from "../verify/judge.js";
import { openReference } from "../verify/reference.js";
import { runBundle, type RunOutcome } from "../verify/run-bundle.js";
import { twinLibrary } from "../verify/twin-library.js";
import { asResult, compileSteps, modelName, type Compiled, type CompileOptions } from "./compile.js";
import { loadModel, type LoadedModel, type ModelSource } from "./load.js";
import { placed } from "./place.js";
import { packageRoot } from "./package.js";
import { finishInTurns } from "./steps.js";
import { chooseTargets, type ChosenTarget } from "./targets.js";
import { inputsOf, type Feed, type RunSizes } from "./verify-inputs.js";

export interface VerifyOptions extends Omit<CompileOptions, "target" | "output"> {
  /** `all`, or a comma-separated list. */
  readonly target: string;
  /** Runs to compare; figures are taken over all of them together. Absent: one seeded run, at extents that the model allows. */
  readonly inputs?: readonly Feed[];
  readonly seed?: number;
  /** Expected outputs by run; absent: onnxruntime computes them. */
  readonly expected?: readonly Feed[];
  /** What still counts as agreeing. */
  readonly tolerance?: Tolerance;
  /** Keep the generated projects here, one folder a target, with their weights: `portolan run` takes each as it is. */
  readonly keep?: string;
  /** More compiler flags for the bundle's own files. */
  readonly flags?: readonly string[];
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

export interface VerifyResult {
  readonly ok: boolean;
  readonly diagnostics: readonly Diagnostic[];
  readonly verdicts?: readonly TargetVerdict[];
  /** The sizes of each run. */
  readonly sizes?: readonly RunSizes[];
}

export async function verify(model: ModelSource, options: VerifyOptions): Promise<VerifyResult> {
  return asResult(async () => {
    const chosen = await chooseTargets(options.target);
    const loaded = await loadModel(model, options);
    const { feeds, sizes } = await finishInTurns(inputsOf(loaded, options), options.signal);
    options.onEvent?.({ kind: "phase", name: "reference" });
    const { wanted, notes } = options.expected ? { wanted: options.expected, notes: [] } : await referenceOutputs(model, loaded, feeds);
    const verdicts: TargetVerdict[] = [];
    for (const one of chosen) verdicts.push(await verifyOn(one, model, loaded, feeds, wanted, options));
    return { ok: verdicts.every((v) => v.ok), diagnostics: [...loaded.diagnostics, ...notes], verdicts, sizes };
  });
}

async function referenceOutputs(
  model: ModelSource,
  loaded: LoadedModel,
  inputs: readonly Feed[],
): Promise<{ readonly wanted: Feed[]; readonly notes: Diagnostic[] }> {
  const bytes = typeof model === "string" ? model : loaded.source.read(0, loaded.source.size);
  const reference = await openReference(bytes, () => new Uint8Array(Buffer.concat([...exportOnnx(loaded.graph)])));
  const wanted: Feed[] = [];
  const unread = (loaded.ignored ?? []).map((v) => [v.name, anyScalar(v)] as const);
  for (const feed of inputs) wanted.push(await reference.run(new Map([...unread, ...feed, ...(loaded.frozen ?? [])])));
  return { wanted, notes: reference.refused === undefined ? [] : [upgradedNote(reference.refused)] };
}

function upgradedNote(refused: string): Diagnostic {
  return problem(
    "reference-upgraded",
    `onnxruntime does not take the model as it is (${refused}), and ran Portolan's import of it instead`,
    {
      severity: "note",
      why: "The graph was upgraded to a newer opset and not optimised. Reader and upgrade are Portolan's own, so a mistake there would not show.",
      fix: "Upgrade the model with onnx.version_converter and verify the result to check those too.",
    },
  );
}

/** onnxruntime wants a value for every input, also for one that nothing reads. */
function anyScalar({ type }: Value): Tensor {
  const dtype = type.kind === "tensor" ? type.dtype : "f32";
  return dtype === "string" ? { dtype, shape: [], data: [""] } : fromNumbers(dtype, [], [0]);
}

async function verifyOn(
  chosen: ChosenTarget,
  model: ModelSource,
  loaded: LoadedModel,
  inputs: readonly Feed[],
  wanted: readonly Feed[],
  options: VerifyOptions,
): Promise<TargetVerdict> {
  const { target, chip } = chosen;
  const base = { target: target.name, chip: chip.caps.chip };
  const folder = options.keep ? join(options.keep, `${target.name}-${chip.caps.chip}`) : mkdtempSync(join(tmpdir(), "portolan-bundle-"));
  const clock = stopwatch();
  try {
    const steps = compileSteps(loaded, chosen, modelName(model), {
      ...options,
      output: folder,
      force: true,
      withTwin: false,
      copyWeights: options.copyWeights ?? (options.keep === undefined ? undefined : true),
    });
    const compiled = await finishInTurns(steps, options.signal);
    const compileMs = clock();
    options.onEvent?.({ kind: "phase", name: "build", target: target.name });
    const twin = await twinLibrary(target, packageRoot, {
      signal: options.signal,
      onBuild: () => options.onEvent?.({ kind: "phase", name: "build twin", target: target.name }),
    });
    const program = await buildBundle(folder, target, twin, { signal: options.signal, flags: options.flags });
    const buildMs = clock();
    options.onEvent?.({ kind: "phase", name: "run", target: target.name });
    const weights = typeof model === "string" ? weightsFolder(folder, model, compiled) : folder;
    const got: Feed[] = [];
    let last: RunOutcome | undefined;
    for (const feed of inputs) {
      last = await runBundle(program, feed, { weights, signal: options.signal });
      if (!last.outputs)
        return {
          ...base,
          ok: false,
          evidence: "",
          outputs: [],
          compiled,
          outcome: last,
          diagnostics: [runProblem(last, target.title)],
          milliseconds: { compile: compileMs, build: buildMs, run: clock() },
        };
      got.push(last.outputs);
    }
    const runMs = clock();
    const names = [...wanted[0].keys()];
    const bounded = unitOutputs(loaded.graph);
    const outputs = names.map((name) =>
      judge(
        name,
        got.map((g) => g.get(name)),
        wanted.map((w) => w.get(name) as Tensor),
        { ...options, unitScale: bounded.has(name) },
      ),
    );
    const evidence = compiled.plan.program.steps.reduce((e, s) => (s.way.evidence < e ? s.way.evidence : e), "E1" as string);
    return {
      ...base,
      ok: outputs.every((o) => o.ok),
      evidence,
      outputs,
      compiled,
      outcome: last,
      diagnostics: [],
      milliseconds: { compile: compileMs, build: buildMs, run: runMs },
    };
  } catch (error) {
    // One target that fails must not hide the others.
    if (!(error instanceof DiagnosticError)) throw error;
    return {
      ...base,
      ok: false,
      evidence: "",
      outputs: [],
      diagnostics: error.diagnostics.map((d) => placed(d, model, loaded.graph)),
      milliseconds: { compile: 0, build: 0, run: 0 },
    };
  } finally {
    if (!options.keep) rmSync(folder, { recursive: true, force: true });
  }
}

/** Weights by reference lie beside the model, the rest in the bundle: one folder must show both. */
function weightsFolder(bundle: string, model: string, compiled: Compiled): string {
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
