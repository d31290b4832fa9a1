/** A loaded model through all phases to a bundle of one chip, in steps. What the api's calls share. */
import { basename, join } from "node:path";
import type { Diagnostic } from "../base/diagnostic.js";
import { finishNow, type Steps } from "../base/steps.js";
import { cIdentifier } from "../base/text-writer.js";
import { passSteps, type OpCount, type RunResult } from "../../passes/pipeline.js";
import { bundleSteps, type Bundle } from "../emit/bundle.js";
import type { Emitted } from "../emit/steps.js";
import { hashSource, packageFiles, writeFolder } from "../host/files.js";
import { packageRoot, version } from "../host/package.js";
import type { Graph } from "../ir/graph.js";
import { lowerSteps, type Lowered } from "../plan/lower-graph.js";
import type { Plan } from "../plan/plan.js";
import type { LoadedModel, ModelOptions, ModelSource } from "./load.js";
import type { ChosenTarget } from "./targets.js";
import type { Watch } from "./watch.js";

export interface CompileOptions extends ModelOptions {
  /** `cann`, `bang:MLU370`, ... */
  readonly target: string;
  readonly precision?: "fp32" | "fp16";
  /** Lets fp32 products and convolutions round their operands to HF32 on chips that have it; numbers lose about 12 bits. */
  readonly allowHf32?: boolean;
  readonly prefer?: "library" | "kernels";
  /**
   * Inputs that a context holds from run to run, by name, and the outputs that are theirs in the next run: a decoder's
   * `past` and `present`. Neither is an input or output of the program; both are zero when a context is made.
   */
  readonly states?: ReadonlyMap<string, string>;
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
  /** The program's C++. */
  readonly emitted: Emitted;
  readonly bundle: Bundle;
  /** Operators before and after the passes. */
  readonly table: readonly OpCount[];
  readonly declined: readonly { readonly node: string; readonly op: string; readonly reason: string }[];
  /** Warnings of lowering. */
  readonly diagnostics: readonly Diagnostic[];
  /** Paths written below the output folder, when there is one. */
  readonly written: readonly string[];
}

export function modelName(model: ModelSource): string {
  if (typeof model === "string") return basename(model).replace(/\.onnx$/i, "");
  return model instanceof Uint8Array ? "model" : model.name.replace(/\.onnx$/i, "");
}

/** `compileSteps` in one go, for callers that compile many small models. */
export function compileLoaded(loaded: LoadedModel, chosen: ChosenTarget, name: string, options: Omit<CompileOptions, "target">): Compiled {
  return finishNow(compileSteps(loaded, chosen, name, options));
}

/** A loaded model to a bundle, with a pause after each phase and each piece of a file. Throws DiagnosticError, and what `watch` throws. */
export function* compileSteps(
  loaded: LoadedModel,
  chosen: ChosenTarget,
  name: string,
  options: Omit<CompileOptions, "target">,
  watch?: Watch,
): Steps<Compiled> {
  const { target } = chosen;
  const { onEvent } = options;
  const phase = (what: string): void => onEvent?.({ kind: "phase", name: what, target: target.name });
  phase("optimise");
  yield;
  const { graph, table } = yield* optimiseSteps(loaded, options, watch);
  phase("lower");
  yield;
  const { plan, declined, diagnostics } = yield* loweringSteps(graph, loaded, chosen, name, options, watch);
  watch?.program(plan.program);
  phase("emit");
  yield;
  const hashes = options.output === undefined ? undefined : yield* inputHashes(loaded);
  const { emitted, bundle } = yield* bundleSteps(plan, target, {
    copyWeights: options.copyWeights ?? loaded.source.name === "<memory>",
    version,
    assets: bundleAssets(target, options.withTwin ?? true),
    // A model of gigabytes is read for them: where nothing is written, only once somebody asks for the manifest.
    get modelHashes() {
      return hashes ?? finishNow(inputHashes(loaded));
    },
  });
  const written =
    options.output === undefined ? [] : yield* writeFolder(options.output, bundle.files, bundle.manifest, folderOptions(options));
  for (const path of written) onEvent?.({ kind: "artifact", path });
  return {
    plan,
    emitted,
    bundle,
    table,
    declined: declined.map((d) => ({ node: d.node.origin[0] ?? "", op: d.node.op, reason: d.reason })),
    diagnostics,
    written,
  };
}

/** The passes that need no target: their graph serves all of them. */
export function optimiseSteps(
  loaded: LoadedModel,
  { passes, signal, onEvent }: Omit<CompileOptions, "target">,
  watch?: Watch,
): Steps<RunResult> {
  return passSteps(loaded.graph, {
    catalogue: loaded.catalogue,
    select: passes,
    signal,
    after: watch?.after,
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
  watch?: Watch,
): Steps<Lowered> {
  const { target, chip } = chosen;
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
    states: options.states,
    signal: options.signal,
    after: watch?.after,
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

export function bundleAssets(target: ChosenTarget["target"], withTwin: boolean): { path: string; text: string }[] {
  const at = (folder: string): string => join(packageRoot, folder);
  const runtime = [...packageFiles(at("targets/common/runtime"), "runtime"), ...packageFiles(at(target.runtimeFolder), "runtime")];
  if (!withTwin) return runtime;
  return [
    ...runtime,
    ...packageFiles(at("targets/common/twin"), "twin/common"),
    ...packageFiles(at(target.twinFolder), `twin/${target.name}`),
  ];
}
