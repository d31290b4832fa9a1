/** `portolan optimize`: the passes, a before/after table, ONNX out. */
import { counted } from "../base/text-writer.js";
import { optimize, type Optimized } from "../api/optimize.js";
import { exitCodes } from "./exit.js";
import {
  colours,
  endProgress,
  escapeControls,
  failWith,
  printDiagnostics,
  say,
  sayJson,
  table,
  wantsJson,
  type CommandCall,
} from "./io.js";
import { modelOptions, passList } from "./model-options.js";

export async function optimizeCommand(path: string, call: CommandCall): Promise<number> {
  const { options } = call;
  const output = String(options["output"]);
  const prints: { pass: string; text: string }[] = [];
  const result = await optimize(path, {
    ...modelOptions(call),
    passes: passList(call),
    printAfter: options["printAfter"] as string[],
    onPrint: (pass, text) => prints.push({ pass, text }),
    externalData: options["externalData"] === true,
    output,
  });
  endProgress();
  if (!result.ok || !result.optimized) return failWith(result.diagnostics, call);
  const { optimized, diagnostics } = result;
  // Bodies counted: a model that is all inside an If would seem to grow.
  const total = (when: "before" | "after"): number => optimized.table.reduce((n, row) => n + row[when], 0);
  const nodes = { before: total("before"), after: total("after") };
  if (wantsJson(call)) {
    sayJson({ schemaVersion: 1, ok: true, output, written: optimized.written, nodes, operators: optimized.table, prints, diagnostics });
    return exitCodes.ok;
  }
  printDiagnostics(diagnostics, call);
  for (const { pass, text } of prints) say(`# after ${pass}\n${text}`);
  person(optimized, nodes, call);
  return exitCodes.ok;
}

function person({ table: rows, written }: Optimized, nodes: { before: number; after: number }, call: CommandCall): void {
  const changed = rows.filter((row) => row.before !== row.after);
  if (changed.length > 0)
    say(
      table(
        ["operator", "before", "after"],
        changed.map((row) => [escapeControls(row.op), row.before, row.after]),
      ),
    );
  say(`${counted(nodes.before, "node")} became ${nodes.after}: ${[...written].reverse().map(colours(call).bold).join(" and ")}`);
}
