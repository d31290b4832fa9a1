/** `portolan inspect`: inputs, outputs, operators and sizes, without loading a weight. */
import { inspect, type Inspected } from "../api/inspect.js";
import { counted } from "../base/text-writer.js";
import { readableBytes } from "../base/units.js";
import { collectEarly } from "./engine.js";
import { exitCodes } from "./exit.js";
import { colours, endProgress, escapeControls, printDiagnostics, say, sayJson, table, wantsJson, type CommandCall } from "./io.js";
import { modelOptions } from "./model-options.js";

export async function inspectCommand(path: string, call: CommandCall): Promise<number> {
  collectEarly();
  const seen = await inspect(path, modelOptions(call));
  endProgress();
  if (wantsJson(call)) {
    const { model, bytes, inputs, outputs, symbols, nodes, nodesWithBodies, weights, operators, withoutMeaning, diagnostics } = seen;
    const counts = { inputs, outputs, symbols, nodes, nodesWithBodies, weights, operators: Object.fromEntries(operators) };
    sayJson({ schemaVersion: 1, ok: true, model, bytes, ...counts, withoutMeaning, diagnostics });
    return exitCodes.ok;
  }
  printDiagnostics(seen.diagnostics, call);
  if (call.options["text"]) say(escapeControls(seen.text()));
  else if (call.options["tensors"])
    say(
      table(
        ["tensor", "type"],
        seen.tensors().map((v) => [escapeControls(v.name), v.type]),
      ),
    );
  else person(seen, call);
  return exitCodes.ok;
}

function person(seen: Inspected, call: CommandCall): void {
  const c = colours(call);
  const { inputs, outputs, nodes, nodesWithBodies, weights, operators: ops, withoutMeaning: unknown } = seen;
  const inner = nodesWithBodies === nodes ? "" : ` (${nodesWithBodies} with those in bodies)`;
  say(
    `${c.bold(escapeControls(seen.model))}  ${readableBytes(seen.bytes)}, ${counted(nodes, "node")}${inner}, ${counted(weights.count, "constant")} of ${readableBytes(weights.bytes)}`,
  );
  say(
    table(
      ["", "name", "type"],
      [...inputs.map((v) => ["input", escapeControls(v.name), v.type]), ...outputs.map((v) => ["output", escapeControls(v.name), v.type])],
    ),
  );
  say("");
  const shown = call.options["ops"] ? ops : ops.slice(0, 12);
  say(
    table(
      ["operator", "count"],
      shown.map(([op, n]) => [escapeControls(op), n]),
    ),
  );
  if (shown.length < ops.length) say(c.dim(`and ${counted(ops.length - shown.length, "more operator")} (--ops)`));
  if (unknown.length > 0)
    say(c.yellow(`without a meaning here: ${escapeControls(unknown.join(", "))} (compile and verify take formulas: --ops FILE.ts)`));
}
