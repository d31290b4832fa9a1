/** compile(): a model in, a bundle out. Problems of the model are diagnostics in the result, never exceptions. */
import { basename, join } from "node:path";
import { DiagnosticError, fail, type Diagnostic } from "../base/diagnostic.js";
import { finishNow, type Steps } from "../base/steps.js";
import { cIdentifier } from "../base/text-writer.js";
import { passSteps, primitivePasses, type OpCount, type RunResult } from "../../passes/pipeline.js";
import { assembleBundle, type Bundle } from "../bundle/bundle.js";
import type { Graph } from "../ir/graph.js";
import { lowerSteps, type Lowered } from "../plan/lower-graph.js";
import type { Plan } from "../plan/plan.js";
import { hashSource, packageFiles, requireReplaceable, writeFolder } from "../host/files.js";
import { loadModel, type LoadedModel, type ModelOptions, type ModelSource } from "./load.js";
import { compileChecks, requireModel, requireOptions } from "./options.js";
import { placing } from "./place.js";
import { packageRoot, version } from "../host/package.js";
import { finishInTurns } from "../host/turns.js";
import { chooseTarget, type ChosenTarget } from "./targets.js";

export interface CompileOptions extends ModelOptions {
  /** `cann`, `bang:MLU370`, ... */
  readonly target: string;
  readonly precision?: "fp32" | "fp16";
  /** Lets fp32 products and convolutions round their operands to HF32 on chips that have it; numbers lose about 12 bits. */
  readonly allowHf32?: boolean;
  readonly prefer?: "library" | "kernels";
  /** Which passes run: names, `+name`, `-name`. */
  readonly passes?: readonly string[];
  /** Folder to write; absent keeps the bundle in memory, where `compiled.bundle` gives its files. */
  readonly output?: string;
  /** Replaces a folder that portolan did not write. */
  readonly force?: boolean;
  /** Puts all weights into the bundle; otherwise those that lie unchanged in the model's files are read from there. */
  readonly copyWeights?: boolean;
  /** Without the twin's sources a bundle is smaller and builds only with the vendor's SDK. */
  readonly withTwin?: boolean;
  /** Prefix of every C symbol; by default made from the model's name. */
  readonly prefix?: string;
}

export interface Compiled {
  readonly plan: Plan;
  readonly bundle: Bundle;
  /** Operators before and after the passes. */
  readonly table: readonly OpCount[];
  readonly declined: readonly { readonly node: string; readonly op: string; readonly reason: string }[];
  /** Warnings of lowering. */
  readonly diagnostics: readonly Diagnostic[];
  /** Paths written below the output folder, when there is one. */
  readonly written: readonly string[];
}

export interface CompileResult {
  readonly ok: boolean;
  readonly diagnostics: readonly Diagnostic[];
  readonly compiled?: Compiled;
}

/**
 * Compiles a model for one chip. Never throws for a problem in the model, the options or the output folder: those are
 * diagnostics of a result that is not ok. Rejects with AbortError when the signal is aborted, and then nothing stays
 * half-written.
 */
export async function compile(model: ModelSource, options: CompileOptions): Promise<CompileResult> {
  return asResult(async () => {
    requireModel(model);
    requireOptions(options, compileChecks, ["target"]);
    const chosen = await chooseTarget(options.target);
    requireIdentifier(options.prefix);
    if (options.output !== undefined) requireReplaceable(options.output, folderOptions(options));
    const loaded = await loadModel(model, options);
    const steps = compileSteps(loaded, chosen, modelName(model), options);
    const compiled = await placing(model, loaded.graph, () => finishInTurns(steps, options.signal));
    return { ok: true, diagnostics: [...loaded.diagnostics, ...compiled.diagnostics], compiled };
  });
}

/** A prefix stands before every C symbol, so it must be one itself. Throws `bad-prefix`. */
function requireIdentifier(prefix: string | undefined): void {
  if (prefix !== undefined && !/^[A-Za-z][A-Za-z0-9_]*$/.test(prefix))
    fail("bad-prefix", `the prefix "${prefix}" is no C identifier`, {
      why: "It stands before the name of every function of the bundle.",
      fix: "Use letters, digits and underscores, a letter first.",
    });
}

/** Turns what was thrown about the model into a result; cancellation and our own defects pass through. */
export async function asResult<T extends { readonly ok: boolean; readonly diagnostics: readonly Diagnostic[] }>(
  work: () => Promise<T>,
): Promise<T | { ok: false; diagnostics: readonly Diagnostic[] }> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof DiagnosticError) return { ok: false, diagnostics: error.diagnostics };
    throw error;
  }
}

export function modelName(model: ModelSource): string {
  if (typeof model === "string") return basename(model).replace(/\.onnx$/i, "");
  return model instanceof Uint8Array ? "model" : model.name.replace(/\.onnx$/i, "");
}

/** `compileSteps` in one go, for callers that compile many small models. */
export function compileLoaded(loaded: LoadedModel, chosen: ChosenTarget, name: string, options: Omit<CompileOptions, "target">): Compiled {
  return finishNow(compileSteps(loaded, chosen, name, options));
}

/** A loaded model to a bundle, with a pause after each phase and each piece of a file. Throws DiagnosticError. */
export function* compileSteps(
  loaded: LoadedModel,
  chosen: ChosenTarget,
  name: string,
  options: Omit<CompileOptions, "target">,
): Steps<Compiled> {
  const { target } = chosen;
  const { onEvent } = options;
  const phase = (what: string): void => onEvent?.({ kind: "phase", name: what, target: target.name });
  phase("optimise");
  yield;
  const { graph, table } = yield* optimiseSteps(loaded, options);
  phase("lower");
  yield;
  const { plan, declined, diagnostics } = yield* loweringSteps(graph, loaded, chosen, name, options);
  phase("emit");
  yield;
  const bundle = assembleBundle(plan, target, {
    copyWeights: options.copyWeights ?? loaded.source.name === "<memory>",
    version,
    assets: bundleAssets(target, options.withTwin ?? true),
    modelHashes: yield* inputHashes(loaded),
  });
  const written =
    options.output === undefined ? [] : yield* writeFolder(options.output, bundle.files, bundle.manifest, folderOptions(options));
  for (const path of written) onEvent?.({ kind: "artifact", path });
  return {
    plan,
    bundle,
    table,
    declined: declined.map((d) => ({ node: d.node.origin[0] ?? "", op: d.node.op, reason: d.reason })),
    diagnostics,
    written,
  };
}

/** The passes that need no target: their graph serves all of them. */
export function optimiseSteps(loaded: LoadedModel, { passes, signal, onEvent }: Omit<CompileOptions, "target">): Steps<RunResult> {
  return passSteps(loaded.graph, {
    catalogue: loaded.catalogue,
    select: passes,
    signal,
    onEvent: (e) => onEvent?.({ kind: "pass", name: e.pass, nodesBefore: e.nodesBefore, nodesAfter: e.nodesAfter }),
  });
}

/** An optimised graph to steps and kernels of one chip. */
export function loweringSteps(
  graph: Graph,
  loaded: LoadedModel,
  chosen: ChosenTarget,
  name: string,
  options: Omit<CompileOptions, "target">,
): Steps<Lowered> {
  const { target, chip } = chosen;
  const tidying = { catalogue: loaded.catalogue, passes: primitivePasses, signal: options.signal };
  return lowerSteps(graph, {
    name,
    prefix: options.prefix ?? cIdentifier(name).toLowerCase(),
    catalogue: loaded.catalogue,
    target,
    chip,
    sdk: chip.profile ?? target.profiles[0],
    precision: options.precision ?? "fp32",
    allowHf32: options.allowHf32,
    prefer: options.prefer,
    *simplify(g) {
      return (yield* passSteps(g, tidying)).graph;
    },
  });
}

/** sha256 of the model and of the weight files beside it, by name. */
function* inputHashes(loaded: LoadedModel): Steps<Record<string, string>> {
  const hashes: Record<string, string> = {};
  for (const source of [loaded.source, ...(loaded.beside ?? [])]) hashes[source.name] = yield* hashSource(source);
  return hashes;
}

export function folderOptions({ force }: { readonly force?: boolean }) {
  return { marker: "manifest.json", force: force ?? false };
}

function bundleAssets(target: ChosenTarget["target"], withTwin: boolean): { path: string; text: string }[] {
  const at = (folder: string): string => join(packageRoot, folder);
  const runtime = [...packageFiles(at("targets/common/runtime"), "runtime"), ...packageFiles(at(target.runtimeFolder), "runtime")];
  if (!withTwin) return runtime;
  return [
    ...runtime,
    ...packageFiles(at("targets/common/twin"), "twin/common"),
    ...packageFiles(at(target.twinFolder), `twin/${target.name}`),
  ];
}
