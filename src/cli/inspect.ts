/** `portolan inspect`: inputs, outputs, operators and sizes, without loading a weight. */
import { byteLength } from "../base/dtype.js";
import { counted } from "../base/text-writer.js";
import { elementCount } from "../base/tensor.js";
import { loadModel } from "../driver/load.js";
import { countOps, definedValues, eachGraph } from "../ir/walk.js";
import { print } from "../ir/print.js";
import { spellType } from "../ir/spelling.js";
import type { ConstData, Graph } from "../ir/graph.js";
import { exitCodes } from "./exit.js";
import { colours, endProgress, escapeControls, printDiagnostics, say, sayJson, table, wantsJson, type CommandCall } from "./io.js";
import { modelOptions } from "./model-options.js";

export async function inspect(path: string, call: CommandCall): Promise<number> {
  const { graph, diagnostics, source, catalogue } = await loadModel(path, modelOptions(call));
  endProgress();
  const ops = [...countOps(graph)].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  const unknown = ops.filter(([op]) => !catalogue.has(op) && !controlFlow.has(op)).map(([op]) => op);
  if (wantsJson(call)) {
    sayJson({
      schemaVersion: 1,
      ok: true,
      model: source.name,
      bytes: source.size,
      ...summary(graph),
      operators: Object.fromEntries(ops),
      withoutMeaning: unknown,
      diagnostics,
    });
    return exitCodes.ok;
  }
  printDiagnostics(diagnostics, call);
  if (call.options["text"]) say(escapeControls(print(graph)));
  else if (call.options["tensors"])
    say(
      table(
        ["tensor", "type"],
        definedValues(graph).map((v) => [escapeControls(v.name), spellType(v.type)]),
      ),
    );
  else person(graph, source, ops, unknown, call);
  return exitCodes.ok;
}

const controlFlow: ReadonlySet<string> = new Set(["If", "Loop", "Scan"]);

function summary(graph: Graph) {
  const describe = (v: Graph["inputs"][number]) => ({ name: v.name, type: spellType(v.type) });
  const weights: ConstData[] = [];
  eachGraph(graph, (g) => weights.push(...g.constants.values()));
  return {
    inputs: graph.inputs.map(describe),
    outputs: graph.outputs.map(describe),
    symbols: graph.symbols.map((s) => ({ name: s.name, lo: s.range.lo, hi: Number.isFinite(s.range.hi) ? s.range.hi : null })),
    nodes: graph.nodes.length,
    nodesWithBodies: [...countOps(graph).values()].reduce((a, b) => a + b, 0),
    weights: { count: weights.length, bytes: weights.reduce((n, w) => n + byteLength(w.dtype, elementCount(w.shape)), 0) },
  };
}

function person(
  graph: Graph,
  source: { name: string; size: number },
  ops: readonly (readonly [string, number])[],
  unknown: readonly string[],
  call: CommandCall,
): void {
  const c = colours(call);
  const { inputs, outputs, nodes, nodesWithBodies, weights } = summary(graph);
  const inner = nodesWithBodies === nodes ? "" : ` (${nodesWithBodies} with those in bodies)`;
  say(
    `${c.bold(escapeControls(source.name))}  ${readable(source.size)}, ${counted(nodes, "node")}${inner}, ${counted(weights.count, "constant")} of ${readable(weights.bytes)}`,
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

export function readable(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB"];
  const at = Math.min(units.length - 1, bytes > 0 ? Math.floor(Math.log2(bytes) / 10) : 0);
  return at === 0 ? `${bytes} B` : `${(bytes / 2 ** (10 * at)).toFixed(1)} ${units[at]}`;
}
