/** What reaches the top: a cancelled run, a diagnostic, or a defect of ours. No stack trace for the first two. */
import { DiagnosticError } from "../base/diagnostic.js";
import { exitCodes } from "./exit.js";
import { failWith } from "./io.js";

export async function failureOf(error: unknown): Promise<number> {
  const call = { options: { json: process.argv.includes("--json") }, abort: new AbortController().signal };
  if (error instanceof DiagnosticError) return failWith(error.diagnostics, call);
  if (error instanceof Error && error.name === "AbortError") {
    process.stderr.write("interrupted; nothing half-written stays\n");
    return exitCodes.interrupted;
  }
  const text = error instanceof Error ? error.message : String(error);
  process.stderr.write(
    `error[internal]: ${text}\n  why: this is a defect of Portolan, not of the model\n  try: report it with the model, the command and this message; PORTOLAN_DEBUG=1 prints where it happened\n`,
  );
  if (process.env["PORTOLAN_DEBUG"] && error instanceof Error) process.stderr.write(`${error.stack ?? ""}\n`);
  return exitCodes.internal;
}
