/** importOnnx(): a model in, a typed graph out, with problems as data. */
import type { Diagnostic } from "../base/diagnostic.js";
import { asResult } from "./compile.js";
import { importChecks, requireModel, requireOptions } from "./options.js";
import { loadModel, type LoadedModel, type ModelOptions, type ModelSource } from "../driver/load.js";

export interface ImportResult {
  readonly ok: boolean;
  readonly diagnostics: readonly Diagnostic[];
  readonly loaded?: LoadedModel;
}

/** Reads a model of any opset and infers its types; no weight is loaded. Rejects with AbortError when cancelled. */
export async function importOnnx(model: ModelSource, options: ModelOptions = {}): Promise<ImportResult> {
  return asResult(async () => {
    requireModel(model);
    requireOptions(options, importChecks);
    const loaded = await loadModel(model, options);
    return { ok: true, diagnostics: loaded.diagnostics, loaded };
  });
}
