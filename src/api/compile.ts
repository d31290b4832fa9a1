/** compile(): a model in, a bundle out. Problems of the model are diagnostics in the result, never exceptions. */
import { DiagnosticError, fail, type Diagnostic } from "../base/diagnostic.js";
import { compileSteps, folderOptions, modelName, type Compiled, type CompileOptions as WholeOptions } from "../driver/compile.js";
import { loadModel, type ModelSource } from "../driver/load.js";
import { placing } from "../driver/place.js";
import { chooseTarget } from "../driver/targets.js";
import { Stopped, Watch, type WatchOptions } from "../driver/watch.js";
import { requireReplaceable } from "../host/files.js";
import { finishInTurns } from "../host/turns.js";
import { settled } from "../ir/infer/undecided.js";
import { compileChecks, requireModel, requireOptions } from "./options.js";

export type { Compiled } from "../driver/compile.js";
export { computesOf, givenSymbols } from "../program/flow.js";

export interface CompileOptions extends WholeOptions, WatchOptions {}

export interface CompileResult {
  readonly ok: boolean;
  readonly diagnostics: readonly Diagnostic[];
  readonly compiled?: Compiled;
  /** The pass or stage after which the call ended, where `stopAfter` asked it to; then there is no bundle. */
  readonly stoppedAfter?: string;
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
    const watch = new Watch(options, options.passes);
    if (options.output !== undefined && options.stopAfter === undefined) requireReplaceable(options.output, folderOptions(options));
    const loaded = await loadModel(model, options);
    const steps = compileSteps(loaded, chosen, modelName(model), options, watch);
    const end = await placing(model, loaded.graph, () => ended(finishInTurns(steps, options.signal)));
    const missed = watch.missed();
    if (end instanceof Stopped) return { ok: true, diagnostics: [...loaded.diagnostics, ...missed], stoppedAfter: end.after };
    return { ok: true, diagnostics: [...settled(loaded.diagnostics), ...missed, ...end.diagnostics], compiled: end };
  });
}

/** What a compilation came to, which may be that it was to stop. */
async function ended(work: Promise<Compiled>): Promise<Compiled | Stopped> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Stopped) return error;
    throw error;
  }
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
