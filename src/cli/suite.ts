/** `portolan suite`: ONNX backend tests on the twins, with a result file that score.mjs reads. */
import { suite, type CaseResult } from "../api/suite.js";
import { targetOption } from "./compile.js";
import { exitCodes } from "./exit.js";
import { passList } from "./model-options.js";
import {
  colours,
  endProgress,
  escapeControls,
  printDiagnostics,
  progress,
  saveFile,
  say,
  sayJson,
  table,
  wantsJson,
  type CommandCall,
} from "./io.js";

const statuses = ["pass", "wrong", "unsupported", "crash"] as const;

export async function suiteCommand(folder: string, call: CommandCall): Promise<number> {
  const { options } = call;
  const result = await suite(folder, {
    target: targetOption(call),
    precision: options["precision"] as "fp32" | "fp16",
    prefer: options["prefer"] as "library" | "kernels",
    passes: passList(call),
    filter: options["filter"] as string | undefined,
    limit: options["limit"] as number | undefined,
    signal: call.abort,
    onEvent: progress(call),
  });
  endProgress();
  printDiagnostics(result.diagnostics, call);
  const file = typeof options["json"] === "string" ? options["json"] : undefined;
  if (file) await saveFile(file, Buffer.from(`${JSON.stringify(result, null, 1)}\n`), call);
  else if (wantsJson(call)) sayJson(result);
  const bad = Object.values(result.targets).flatMap((t) => t.cases.filter((c) => c.status === "wrong" || c.status === "crash"));
  if (file || !wantsJson(call)) person(result.targets, bad, call);
  return bad.length === 0 ? exitCodes.ok : exitCodes.no;
}

/** What stands in the way of each case that a target does not take. */
function unsupported(targets: Readonly<Record<string, { readonly cases: readonly CaseResult[] }>>): void {
  for (const [name, { cases }] of Object.entries(targets))
    for (const one of cases)
      if (one.status === "unsupported") say(escapeControls(`unsupported ${one.name} (${name}): ${one.reason ?? ""}`));
}

function person(
  targets: Readonly<Record<string, { readonly cases: readonly CaseResult[] }>>,
  bad: readonly CaseResult[],
  call: CommandCall,
): void {
  const c = colours(call);
  const rows = Object.entries(targets).map(([name, { cases }]) => [
    name,
    ...statuses.map((s) => cases.filter((x) => x.status === s).length),
    cases.length,
  ]);
  say(table(["target", ...statuses, "cases"], rows));
  if (call.options["verbose"]) unsupported(targets);
  for (const one of bad.slice(0, 20)) say(`${c.red(one.status)} ${one.name}: ${one.reason ?? ""}`);
  if (bad.length > 20) say(`and ${bad.length - 20} more`);
}
