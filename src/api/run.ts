/** run(): a bundle on the twin of its chip. */
import type { Diagnostic } from "../base/diagnostic.js";
import { runFolder, type Ran, type RunOptions } from "../verify/folder.js";
import { asResult } from "./compile.js";
import { requireOptions, runChecks } from "./options.js";

export type { Ran, RunOptions } from "../verify/folder.js";

export interface RunResult {
  readonly ok: boolean;
  readonly diagnostics: readonly Diagnostic[];
  readonly ran?: Ran;
}

/** Runs the bundle in a folder. Problems of the bundle, its inputs and the run are diagnostics of the result. */
export async function run(folder: string, options: RunOptions): Promise<RunResult> {
  return asResult(async () => {
    requireOptions(options, runChecks, ["inputs"]);
    return { ok: true, diagnostics: [], ran: await runFolder(folder, options) };
  });
}
