/** `portolan repack`: a checkpoint in, each quantised layer in the target's layout out. */
import { counted } from "../base/text-writer.js";
import { repack, type RepackedLayer, type Repacked } from "../api/index.js";
import { exitCodeOf, exitCodes } from "./exit.js";
import {
  colours,
  endProgress,
  escapeControls,
  failWith,
  firstError,
  printDiagnostics,
  progress,
  say,
  sayJson,
  table,
  wantsJson,
  type CommandCall,
} from "./io.js";

export async function repackCommand(folder: string, call: CommandCall): Promise<number> {
  const { options } = call;
  const result = await repack(folder, {
    target: String(options["target"]),
    output: String(options["output"]),
    partial: options["partial"] === true,
    onlyQuantised: options["onlyQuantised"] === true,
    widen: options["widen"] === true,
    signal: call.abort,
    onEvent: progress(call),
  });
  endProgress();
  const { ok, repacked, diagnostics } = result;
  if (!repacked) return failWith(diagnostics, call);
  const failed = firstError(diagnostics);
  if (wantsJson(call)) sayJson({ schemaVersion: 1, ok, output: options["output"], ...repacked, diagnostics });
  else {
    printDiagnostics(diagnostics, call);
    if (ok) person(repacked, call);
  }
  return failed ? exitCodeOf(failed.code) : exitCodes.ok;
}

/** Layers of one kind are one line. */
function person({ layers, written }: Repacked, call: CommandCall): void {
  const kinds = new Map<string, RepackedLayer[]>();
  for (const layer of layers) {
    const key = cells(layer).join(" ");
    kinds.set(key, [...(kinds.get(key) ?? []), layer]);
  }
  const rows = [...kinds.values()].map((same) => [same.length, ...cells(same[0]), sum(same, "bytesBefore"), sum(same, "bytesAfter")]);
  say(table(["layers", "found", "call", "state", "bytes before", "after"], rows));
  const exact = layers.filter((l) => l.state === "exact").length;
  const files = [...written].map(escapeControls).map(colours(call).bold).join(" and ");
  say(`${counted(exact, "layer")} of ${layers.length} repacked, equal after unpacking bit for bit: ${files}`);
}

function cells({ from, to, state }: RepackedLayer): string[] {
  const more = [from.zeroPoints ? ", zero points" : "", from.actOrder ? ", act order" : ""].join("");
  const groups = from.group === from.k ? "channels" : `groups of ${from.group}`;
  return [`${from.format}, int${from.bits}, ${groups}${more}`, to ? `${to.call}, int${to.bits}` : "-", state];
}

function sum(layers: readonly RepackedLayer[], of: "bytesBefore" | "bytesAfter"): number {
  return layers.reduce((n, l) => n + (l[of] ?? 0), 0);
}
