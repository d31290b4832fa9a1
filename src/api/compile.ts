/** compile(): a model in, a bundle out. Problems of the model are diagnostics in the result, never exceptions. */
import { basename } from "node:path";
import { DiagnosticError, type Diagnostic } from "../base/diagnostic.js";
import { cIdentifier } from "../base/text-writer.js";
import { primitivePasses, runPasses, type OpCount } from "../../passes/pipeline.js";
import { assembleBundle, type Bundle } from "../bundle/bundle.js";
import { lowerGraph } from "../plan/lower-graph.js";
import type { Plan } from "../plan/plan.js";
import { join } from "node:path";
import { hashSource, packageFiles, writeFolder } from "./files.js";
import { loadModel, type LoadedModel, type ModelOptions, type ModelSource } from "./load.js";
import { packageRoot, version } from "./package.js";
import { chooseTarget, type ChosenTarget } from "./targets.js";

export interface CompileOptions extends ModelOptions {
  /** `cann`, `bang:MLU370`, ... */
  readonly target: string;
  readonly precision?: "fp32" | "fp16";
  readonly prefer?: "library" | "kernels";
  /** Which passes run: names, `+name`, `-name`. */
  readonly passes?: readonly string[];
  /** Folder to write; absent keeps the bundle in memory. */
  readonly output?: string;
  readonly force?: boolean;
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
  /** Paths written below the output folder, when there is one. */
  readonly written: readonly string[];
}

export interface CompileResult {
  readonly ok: boolean;
  readonly diagnostics: readonly Diagnostic[];
  readonly compiled?: Compiled;
}

export async function compile(model: ModelSource, options: CompileOptions): Promise<CompileResult> {
  return asResult(async () => {
    const chosen = await chooseTarget(options.target);
    const loaded = await loadModel(model, options);
    const compiled = compileLoaded(loaded, chosen, modelName(model), options);
    return { ok: true, diagnostics: loaded.diagnostics, compiled };
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

export function compileLoaded(
  loaded: LoadedModel,
  { target, chip }: ChosenTarget,
  name: string,
  options: Omit<CompileOptions, "target">,
): Compiled {
  const { signal, onEvent } = options;
  onEvent?.({ kind: "phase", name: "optimise", target: target.name });
  const { graph, table } = runPasses(loaded.graph, {
    catalogue: loaded.catalogue,
    select: options.passes,
    signal,
    onEvent: (e) => onEvent?.({ kind: "pass", name: e.pass, nodesBefore: e.nodesBefore, nodesAfter: e.nodesAfter }),
  });
  onEvent?.({ kind: "phase", name: "lower", target: target.name });
  const lowered = lowerGraph(graph, {
    name,
    prefix: options.prefix ?? cIdentifier(name).toLowerCase(),
    catalogue: loaded.catalogue,
    target,
    chip,
    sdk: target.profiles[0],
    precision: options.precision ?? "fp32",
    prefer: options.prefer ?? "library",
    simplify: (g) => runPasses(g, { catalogue: loaded.catalogue, passes: primitivePasses, signal }).graph,
  });
  signal?.throwIfAborted();
  onEvent?.({ kind: "phase", name: "emit", target: target.name });
  const bundle = assembleBundle(lowered.plan, target, {
    copyWeights: options.copyWeights ?? loaded.source.name === "<memory>",
    version,
    assets: bundleAssets(target, options.withTwin ?? true),
    modelHashes: loaded.source.size < 1 << 28 ? { [loaded.source.name]: hashSource(loaded.source) } : {},
  });
  const written = options.output
    ? writeFolder(options.output, bundle.files, bundle.manifest, { marker: "manifest.json", force: options.force ?? false, signal })
    : [];
  for (const path of written) onEvent?.({ kind: "artifact", path });
  const declined = lowered.declined.map((d) => ({ node: d.node.origin[0] ?? "", op: d.node.op, reason: d.reason }));
  return { plan: lowered.plan, bundle, table, declined, written };
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
