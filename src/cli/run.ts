/** `portolan run`: a bundle on the twin of its chip. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fail } from "../base/diagnostic.js";
import { packageRoot } from "../api/package.js";
import { chooseTarget } from "../api/targets.js";
import { buildBundle } from "../verify/build-bundle.js";
import { writeNpz } from "../verify/npz.js";
import { runBundle } from "../verify/run-bundle.js";
import { twinLibrary } from "../verify/twin-library.js";
import { exitCodes } from "./exit.js";
import { endProgress, progress, saveFile, say, sayJson, table, wantsJson, type CommandCall } from "./io.js";
import { readArrays } from "./verify.js";

export async function runCommand(folder: string, call: CommandCall): Promise<number> {
  const { options } = call;
  const manifest = readManifest(folder);
  const { target } = await chooseTarget(`${manifest.program.target}:${manifest.program.chip}`);
  const report = progress(call);
  report({ kind: "phase", name: "build", target: target.name });
  const twin = await twinLibrary(target, packageRoot, {
    signal: call.abort,
    onBuild: () => report({ kind: "phase", name: "build twin", target: target.name }),
  });
  const program = await buildBundle(folder, target, twin, { signal: call.abort });
  report({ kind: "phase", name: "run", target: target.name });
  const weights = [folder, options["weights"]].filter((x) => typeof x === "string").join(":");
  const outcome = await runBundle(program, readArrays(String(options["inputs"])), {
    weights,
    repeat: options["repeat"] as number | undefined,
    signal: call.abort,
  });
  endProgress();
  if (!outcome.outputs) {
    const { violation, error } = outcome;
    fail(
      violation ? `twin-${violation.violation}` : "twin-run-failed",
      violation ? `kernel "${violation.kernel}", line ${violation.line}: ${violation.detail}` : (error ?? "the program did not finish"),
    );
  }
  if (typeof options["save"] === "string") await saveFile(options["save"], writeNpz(outcome.outputs), call);
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

interface Manifest {
  readonly program: { readonly target: string; readonly chip: string };
}

function readManifest(folder: string): Manifest {
  try {
    return JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8")) as Manifest;
  } catch {
    return fail("bundle-unreadable", `"${folder}" is no bundle: it has no readable manifest.json`, {
      location: { path: folder },
      fix: "Make one with portolan compile.",
    });
  }
}
