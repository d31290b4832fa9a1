/** `portolan run`: a bundle on the twin of its chip. */
import { encodeArrays } from "../api/arrays.js";
import { run } from "../api/run.js";
import { fail } from "../base/diagnostic.js";
import { exitCodes } from "./exit.js";
import { readInputs } from "./inputs.js";
import { endProgress, failWith, progress, saveFile, say, sayJson, table, wantsJson, type CommandCall } from "./io.js";
import { parseDims } from "./model-options.js";

export async function runCommand(folder: string, call: CommandCall): Promise<number> {
  const { options } = call;
  const dims = parseDims(options["dim"] as string[]);
  const inputs = readInputs(String(options["inputs"]));
  if (typeof inputs !== "number" && dims.size > 0)
    fail("bad-dim", "--dim goes with --inputs seed:N; a .npz file has its own shapes", { fix: "Leave one of them out." });
  const { diagnostics, ran: outcome } = await run(folder, {
    inputs,
    dims,
    weights: options["weights"] as string | undefined,
    repeat: options["repeat"] as number | undefined,
    signal: call.abort,
    onEvent: progress(call),
  });
  endProgress();
  if (!outcome) return failWith(diagnostics, call);
  if (typeof options["save"] === "string") await saveFile(options["save"], encodeArrays(outcome.outputs), call);
  const outputs = [...outcome.outputs].map(([name, t]) => ({ name, dtype: t.dtype, shape: t.shape }));
  if (wantsJson(call)) {
    sayJson({ schemaVersion: 1, ok: true, outputs, profile: options["profile"] ? outcome.profile : undefined });
    return exitCodes.ok;
  }
  say(outcome.stdout);
  if (options["profile"] && outcome.profile) {
    const rows = Object.entries(outcome.profile.kernels).map(([name, k]) => [
      name,
      k.launches,
      k.dmaBytes,
      k.dmaTransfers,
      k.lanesBusy,
      k.lanesIdle,
      k.laneLoopLanes,
      k.scalarGlobal,
      k.syncs,
    ]);
    say(table(["kernel", "launches", "DMA bytes", "transfers", "lanes busy", "idle", "lane by lane", "scalar global", "syncs"], rows));
  }
  return exitCodes.ok;
}
