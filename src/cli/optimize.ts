/** `portolan optimize`: the passes, a before/after table, ONNX out. */
import { runPasses } from "../../passes/pipeline.js";
import { loadModel } from "../api/load.js";
import { writeWhole } from "../api/files.js";
import { exportOnnx } from "../onnx/export.js";
import { exitCodes } from "./exit.js";
import { colours, endProgress, printDiagnostics, progress, say, sayJson, table, wantsJson, type CommandCall } from "./io.js";
import { modelOptions } from "./model-options.js";

export async function optimize(path: string, call: CommandCall): Promise<number> {
  const { graph, catalogue, diagnostics } = await loadModel(path, modelOptions(call));
  const { options } = call;
  const report = progress(call);
  const result = runPasses(graph, {
    catalogue,
    select: typeof options["passes"] === "string" ? options["passes"].split(",") : undefined,
    printAfter: options["printAfter"] as string[],
    onPrint: (pass, text) => say(`# after ${pass}\n${text}`),
    onEvent: (e) => report({ kind: "progress", label: e.pass, done: e.index + 1, total: e.of }),
    signal: call.abort,
  });
  const output = String(options["output"]);
  writeWhole(output, exportOnnx(result.graph), call.abort);
  endProgress();
  const changed = result.table.filter((row) => row.before !== row.after);
  if (wantsJson(call)) {
    sayJson({
      schemaVersion: 1,
      ok: true,
      output,
      nodes: { before: graph.nodes.length, after: result.graph.nodes.length },
      operators: result.table,
      diagnostics,
    });
    return exitCodes.ok;
  }
  printDiagnostics(diagnostics, call);
  if (changed.length > 0)
    say(
      table(
        ["operator", "before", "after"],
        changed.map((row) => [row.op, row.before, row.after]),
      ),
    );
  say(`${graph.nodes.length} nodes became ${result.graph.nodes.length}: ${colours(call).bold(output)}`);
  return exitCodes.ok;
}
