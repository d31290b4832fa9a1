/**
 * verify(): compiles a model (or takes a bundle), builds it with the twin, runs it, and compares every output with
 * onnxruntime or with expected values. What agrees is "twin-checked": emitter and twin share our reading of the
 * vendor's documents.
 */
import type { ModelSource } from "../driver/load.js";
import { verifyModel, type VerifyOptions, type VerifyResult } from "../verify/verify.js";
import { asResult } from "./compile.js";
import { requireModel, requireOptions, verifyChecks } from "./options.js";

export type { VerifyOptions, VerifyResult } from "../verify/verify.js";

export async function verify(model: ModelSource, options: VerifyOptions): Promise<VerifyResult> {
  return asResult(async () => {
    requireModel(model);
    requireOptions(options, verifyChecks, ["target"]);
    return verifyModel(model, options);
  });
}
