/** What reaches the top: a cancelled run, a diagnostic, or a defect of ours. No stack trace for the first two. */
import { DiagnosticError, problem } from "../base/diagnostic.js";
import { exitCodes } from "./exit.js";
import { failWith, wantsJson } from "./io.js";
import { typedOptions } from "./usage.js";

export function failureOf(error: unknown): number {
  const call = { options: typedOptions(process.argv.slice(2)), abort: new AbortController().signal };
  if (error instanceof DiagnosticError) return failWith(error.diagnostics, call);
  if (error instanceof Error && error.name === "AbortError") {
    if (wantsJson(call)) return failWith([problem("interrupted", "interrupted; nothing half-written stays")], call);
    process.stderr.write("interrupted; nothing half-written stays\n");
    return exitCodes.interrupted;
  }
  const defect = problem("internal", error instanceof Error ? error.message : String(error), {
    why: "this is a defect of Portolan, not of the model",
    fix: "report it with the model, the command and this message; PORTOLAN_DEBUG=1 prints where it happened",
  });
  const code = failWith([defect], call);
  if (process.env["PORTOLAN_DEBUG"] && error instanceof Error) process.stderr.write(`${error.stack ?? ""}\n`);
  return code;
}
