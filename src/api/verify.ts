/**
 * verify(): compiles a model (or takes a bundle), builds it with the twin, runs it, and compares every output with
 * onnxruntime or with expected values. What agrees is "twin-checked": emitter and twin share our reading of the
 * vendor's documents.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { evaluateDim, isConst, symbolsOf } from "../base/dim.js";
import { DiagnosticError, fail, problem, type Diagnostic } from "../base/diagnostic.js";
import { fromNumbers } from "../base/float-formats.js";
import { isFloat } from "../base/dtype.js";
import { elementCount, type Tensor } from "../base/tensor.js";
import { rankedType, type Graph, type Value } from "../ir/graph.js";
import { buildBundle } from "../verify/build-bundle.js";
import { difference, type Difference } from "../verify/compare.js";
import { openReference } from "../verify/reference.js";
import { runBundle, type RunOutcome } from "../verify/run-bundle.js";
import { twinLibrary } from "../verify/twin-library.js";
import { asResult, compileSteps, modelName, type Compiled, type CompileOptions } from "./compile.js";
import { loadModel, type LoadedModel, type ModelSource } from "./load.js";
import { placed } from "./place.js";
import { packageRoot } from "./package.js";
import { finishInTurns } from "./steps.js";
import { chooseTargets, type ChosenTarget } from "./targets.js";

export type Feed = ReadonlyMap<string, Tensor>;

export interface VerifyOptions extends Omit<CompileOptions, "target" | "output"> {
  /** `all`, or a comma-separated list. */
  readonly target: string;
  /** Runs to compare; figures are taken over all of them together. Absent: one seeded run. */
  readonly inputs?: readonly Feed[];
  readonly seed?: number;
  /** Expected outputs by run; absent: onnxruntime computes them. */
  readonly expected?: readonly Feed[];
  /** What still counts as agreeing. */
  readonly tolerance?: { readonly maxAbs?: number; readonly cosine?: number; readonly relativeToRange?: number };
  /** Keep the generated project here, one folder a target. */
  readonly keep?: string;
  /** More compiler flags for the bundle's own files. */
  readonly flags?: readonly string[];
}

export interface OutputFigures extends Difference {
  readonly name: string;
  readonly ok: boolean;
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
}

export async function verify(model: ModelSource, options: VerifyOptions): Promise<VerifyResult> {
  return asResult(async () => {
    const chosen = await chooseTargets(options.target);
    const loaded = await loadModel(model, options);
    const inputs = options.inputs ?? [seededInputs(loaded.graph, options.seed ?? 0)];
    options.onEvent?.({ kind: "phase", name: "reference" });
    const wanted = options.expected ?? (await referenceOutputs(model, loaded, inputs, options));
    const verdicts: TargetVerdict[] = [];
    for (const one of chosen) verdicts.push(await verifyOn(one, model, loaded, inputs, wanted, options));
    return { ok: verdicts.every((v) => v.ok), diagnostics: loaded.diagnostics, verdicts };
  });
}

async function referenceOutputs(model: ModelSource, loaded: LoadedModel, inputs: readonly Feed[], options: VerifyOptions): Promise<Feed[]> {
  const bytes = typeof model === "string" ? model : loaded.source.read(0, loaded.source.size);
  const reference = await openReference(bytes);
  const out: Feed[] = [];
  const unread = (loaded.ignored ?? []).map((v) => [v.name, anyScalar(v)] as const);
  for (const feed of inputs) out.push(await reference.run(new Map([...unread, ...feed, ...(options.freeze ?? [])])));
  return out;
}

/** onnxruntime wants a value for every input, also for one that nothing reads. */
function anyScalar({ type }: Value): Tensor {
  const dtype = type.kind === "tensor" ? type.dtype : "f32";
  return dtype === "string" ? { dtype, shape: [], data: [""] } : fromNumbers(dtype, [], [0]);
}

const defaults = { cosine: 0.99999, relativeToRange: 1e-3 };
const halfDefaults = { cosine: 0.999, relativeToRange: Infinity };

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
    const steps = compileSteps(loaded, chosen, modelName(model), { ...options, output: folder, force: true, withTwin: false });
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
    const outputs = names.map((name) =>
      judge(
        name,
        got.map((g) => g.get(name)),
        wanted.map((w) => w.get(name) as Tensor),
        options,
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

function judge(name: string, got: readonly (Tensor | undefined)[], want: readonly Tensor[], options: VerifyOptions): OutputFigures {
  const figures = difference(
    got.filter((t): t is Tensor => t !== undefined),
    want,
  );
  const limits = { ...(options.precision === "fp16" ? halfDefaults : defaults), ...options.tolerance };
  const exact = figures.maxAbs === 0;
  const near =
    figures.cosine >= limits.cosine &&
    figures.maxAbs <= Math.min(limits.maxAbs ?? Infinity, limits.relativeToRange * figures.range || Infinity);
  return { name, ...figures, ok: figures.sameShape && (exact || near) };
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

/** A small deterministic generator (mulberry32): the same seed gives the same inputs on every machine. */
export function randomSource(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Normal floats, small non-negative integers, coin-flip bools; symbolic extents must be fixed first. */
export function seededInputs(graph: Graph, seed: number): Feed {
  const random = randomSource(seed);
  const normal = (): number => Math.sqrt(-2 * Math.log(random() || 1e-12)) * Math.cos(2 * Math.PI * random());
  return new Map(
    graph.inputs.map((v): [string, Tensor] => {
      const type = rankedType(v);
      if (!type)
        return fail("input-not-tensor", `input "${v.name}" is no tensor of known rank; give it with --inputs`, {
          location: { tensor: v.name },
        });
      const shape = type.shape.map((d) =>
        isConst(d) ? d : evaluateDim(d, Object.fromEntries(symbolsOf(d).map((s) => [s, lowest(graph, s)]))),
      );
      const numbers = Array.from({ length: elementCount(shape) }, () =>
        isFloat(type.dtype) ? normal() : type.dtype === "bool" ? Number(random() < 0.5) : Math.floor(random() * 4),
      );
      return [v.name, fromNumbers(type.dtype, shape, numbers)];
    }),
  );
}

function lowest(graph: Graph, name: string): number {
  return Math.max(1, graph.symbols.find((s) => s.name === name)?.range.lo ?? 1);
}
