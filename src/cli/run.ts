/** `portolan run`: a bundle on the twin of its chip. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fail } from "../base/diagnostic.js";
import { packageRoot } from "../host/package.js";
import { chooseTarget } from "../driver/targets.js";
import type { Program } from "../plan/program.js";
import type { Manifest } from "../plan/schema.js";
import { buildBundle } from "../verify/build-bundle.js";
import { writeNpz } from "../verify/npz.js";
import { runBundle } from "../verify/run-bundle.js";
import { exists } from "../host/toolchain.js";
import { twinLibrary } from "../verify/twin-library.js";
import { bundleInputs } from "./bundle-inputs.js";
import { exitCodes } from "./exit.js";
import { endProgress, progress, saveFile, say, sayJson, table, wantsJson, type CommandCall } from "./io.js";

export async function runCommand(folder: string, call: CommandCall): Promise<number> {
  const { options } = call;
  const { program } = await manifestOf(folder);
  const { target } = await chooseTarget(`${program.target}:${program.chip}`);
  const folders = [folder, options["weights"]].filter((x): x is string => typeof x === "string");
  requireWeights(program, folders);
  const inputs = bundleInputs(program, String(options["inputs"]), options["dim"] as string[]);
  const report = progress(call);
  report({ kind: "phase", name: "build", target: target.name });
  const twin = await twinLibrary(target, packageRoot, {
    signal: call.abort,
    onBuild: () => report({ kind: "phase", name: "build twin", target: target.name }),
  });
  const built = await buildBundle(folder, target, twin, { signal: call.abort });
  report({ kind: "phase", name: "run", target: target.name });
  const outcome = await runBundle(built, inputs, {
    weights: folders.join(":"),
    repeat: options["repeat"] as number | undefined,
    signal: call.abort,
  });
  endProgress();
  if (!outcome.outputs) {
    const { violation, error } = outcome;
    refuseWeights(error);
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

/** portolan::Status, as the bundle's program ends its sentence: file_problem and wrong_weights. */
function refuseWeights(error: string | undefined): void {
  const said = /^weights: (.*) \(status -[26]\)$/m.exec(error ?? "")?.[1];
  if (said === undefined) return;
  fail("weights-differ", said, {
    why: "The bundle knows the size of each weight file and the sha256 of each weight that it was compiled from.",
    fix: "Name the folder of the right file with --weights FOLDER, or compile again; PORTOLAN_SKIP_HASH=1 runs it without the sha256.",
  });
}

async function manifestOf(folder: string): Promise<Manifest> {
  let text: string;
  try {
    text = readFileSync(join(folder, "manifest.json"), "utf8");
  } catch {
    return fail("bundle-unreadable", `"${folder}" is no bundle: it has no readable manifest.json`, {
      location: { path: folder },
      fix: "Make one with portolan compile.",
    });
  }
  // The validator takes its time to load, so only who needs it pays.
  const { readManifest } = await import("../plan/schema.js");
  return readManifest(text);
}

/** Weights that lie unchanged in the model's own files are read from there, as the runtime does: from a folder or its weights/. */
function requireWeights({ weights }: Program, folders: readonly string[]): void {
  const files = [...new Set(weights.map((w) => w.from.file))];
  const missing = files.find((file) => !folders.some((f) => exists(join(f, file)) || exists(join(f, "weights", file))));
  if (missing === undefined) return;
  fail("weights-missing", `"${missing}", which holds weights of this bundle, is in none of ${folders.map((f) => `"${f}"`).join(", ")}`, {
    why: "Weights that lie unchanged in the model's own files are read from there and not copied into the bundle.",
    fix: "Name the folder that holds the file with --weights FOLDER, or compile with --copy-weights.",
  });
}
