/** `portolan optimize`: the passes, a before/after table, ONNX out. */
import { counted } from "../base/text-writer.js";
import { optimize, type Optimized } from "../api/optimize.js";
import type { OutputFigures } from "../api/index.js";
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
    opset: options["opset"] as number | undefined,
    check: options["check"] === true ? 0 : undefined,
    output,
  });
  endProgress();
  if (!result.optimized) return failWith(result.diagnostics, call);
  const { optimized, diagnostics } = result;
  // Bodies counted: a model that is all inside an If would seem to grow.
  const total = (when: "before" | "after"): number => optimized.table.reduce((n, row) => n + row[when], 0);
  const nodes = { before: total("before"), after: total("after") };
  const code = result.ok ? exitCodes.ok : exitCodes.no;
  if (wantsJson(call)) {
    const { written, table: operators, speech, checked } = optimized;
    sayJson({ schemaVersion: 1, ok: result.ok, output, written, opset: speech.opset, nodes, operators, checked, prints, diagnostics });
    return code;
  }
  printDiagnostics(diagnostics, call);
  for (const { pass, text } of prints) say(`# after ${pass}\n${text}`);
  person(optimized, nodes, call);
  if (optimized.checked) say(figuresTable(optimized.checked, call));
  return code;
}

/** How each output compares in onnxruntime. */
function figuresTable(checked: readonly OutputFigures[], call: CommandCall): string {
  const c = colours(call);
  return table(
    ["output", "max abs error", "cosine", ""],
    checked.map(({ name, maxAbs, cosine, ok, reason }) => [
      escapeControls(name),
      maxAbs?.toExponential(2) ?? "-",
      cosine === null || Number.isNaN(cosine) ? "-" : cosine.toFixed(7),
      ok ? c.green(reason ?? "same") : c.red(`differs: ${reason ?? ""}`),
    ]),
  );
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
