/** `portolan assess` on a checkpoint's folder: who serves it where, on how many cards, how fast, in the language of the terminal. */
import { assessCheckpoint, type AssessedCheckpoint, type CheckpointOptions } from "../api/assess-checkpoint.js";
import { checkpointPage } from "../api/assess-page.js";
import type { Diagnostic } from "../base/diagnostic.js";
import { csvOf } from "./assess-csv.js";
import { checkpointGates, parseGates } from "./assess-gates.js";
import { checkpointReport } from "./checkpoint-terminal.js";
import { requireTakenByAll } from "./assess-options.js";
import { exitCodes } from "./exit.js";
import { languageFor } from "./language.js";
import { colours, listOf, printDiagnostics, saveText, say, sayJson, wantsJson, type CommandCall } from "./io.js";

function chipsIn(value: unknown): string[] | undefined {
  const words = (Array.isArray(value) ? value : [value]).filter((v): v is string => typeof v === "string" && v !== "all");
  const names = words.flatMap((w) => w.split(",")).map((w) => w.trim());
  return names.length > 0 ? names : undefined;
}

const numberOf = (value: unknown): number | undefined => (typeof value === "number" ? value : undefined);
const wordOf = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

export function checkpointOptions({ options }: CommandCall): CheckpointOptions {
  return {
    ...{ chips: chipsIn(options["target"]), batch: numberOf(options["batch"]), length: numberOf(options["length"]) },
    ...{ precision: wordOf(options["precision"]), engine: wordOf(options["engine"]) },
  };
}

/** A checkpoint as the flags of a call ask for it, and what `--fail-on` asks for and is not so. */
export async function assessedCheckpoint(
  folder: string,
  call: CommandCall,
): Promise<AssessedCheckpoint & { readonly missed: readonly Diagnostic[] }> {
  const told = await assessCheckpoint(folder, checkpointOptions(call));
  return { ...told, missed: checkpointGates(told.assessment, parseGates(listOf(call.options["failOn"])), languageFor(call)) };
}

export async function assessCheckpointCommand(folder: string, call: CommandCall): Promise<number> {
  requireTakenByAll([folder], call);
  const { assessment, diagnostics, missed } = await assessedCheckpoint(folder, call);
  const language = languageFor(call);
  await saveText(call.options["report"], () => checkpointPage(assessment, language), call);
  await saveText(call.options["csv"], () => csvOf([], [assessment], language), call);
  if (wantsJson(call)) sayJson({ ...assessment, diagnostics });
  printDiagnostics([...(wantsJson(call) ? [] : diagnostics), ...missed], call);
  if (!wantsJson(call)) say(checkpointReport(assessment, language, colours(call).bold));
  return missed.length > 0 ? exitCodes.no : exitCodes.ok;
}
