/** suite(): ONNX backend tests on the twins. */
import { runSuite, type SuiteOptions } from "../suite/suite.js";
import type { SuiteResult } from "../suite/result.js";
import { requireOptions, suiteChecks } from "./options.js";

export type { SuiteOptions } from "../suite/suite.js";
export type { CaseResult, SuiteResult } from "../suite/result.js";

/**
 * Runs ONNX backend tests, from folders or packs below `path`. Throws DiagnosticError when they cannot be read, a target
 * is unknown or no compiler is found, and AbortError when cancelled. What goes wrong in a case is that case's result.
 */
export async function suite(path: string, options: SuiteOptions): Promise<SuiteResult> {
  requireOptions(options, suiteChecks, ["target"]);
  return runSuite(path, options);
}
