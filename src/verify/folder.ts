/** A bundle on disk: its manifest, what it is fed, and one run of it on the twin of its chip. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DiagnosticError, fail } from "../base/diagnostic.js";
import { evaluateDim } from "../base/dim.js";
import type { Range } from "../base/dim-bounds.js";
import type { Tensor } from "../base/tensor.js";
import type { Running } from "../driver/events.js";
import { chooseTarget } from "../driver/targets.js";
import { packageRoot } from "../host/package.js";
import { exists } from "../host/toolchain.js";
import { unknownDim } from "../onnx/import/fix-inputs.js";
import type { Program } from "../program/program.js";
import type { Manifest } from "../program/schema.js";
import { asDeclared, outputTypes, requireArrays } from "./arrays.js";
import { buildBundle } from "./build-bundle.js";
import { allowedExtents, refuseExtents } from "./extents.js";
import { openExtents } from "./inputs.js";
import { runBundle, type RunOutcome } from "./run-bundle.js";
import { seededArrays } from "./seeded.js";
import { twinLibrary } from "./twin-library.js";

export interface RunOptions extends Running {
  /** A seed, or arrays by input name. */
  readonly inputs: number | ReadonlyMap<string, Tensor>;
  /** Sizes, or ranges of them, of open extents for a seed; arrays have their own. */
  readonly dims?: ReadonlyMap<string, number | Range>;
  /** A folder that holds the model's own files, where weights were not copied. */
  readonly weights?: string;
  readonly repeat?: number;
}

export type Ran = RunOutcome & { readonly outputs: ReadonlyMap<string, Tensor> };

/**
 * Builds the bundle with its twin and runs it once, or `repeat` times. Throws DiagnosticError: `bundle-unreadable`,
 * `weights-missing`, `weights-differ`, `bad-inputs`, `dim-unknown`, `extents-not-found`, `twin-...` where the twin stops.
 */
export async function runFolder(folder: string, options: RunOptions): Promise<Ran> {
  const { signal, onEvent } = options;
  const { program } = await manifestOf(folder);
  const { target } = await chooseTarget(`${program.target}:${program.chip}`);
  const folders = [folder, ...(options.weights === undefined ? [] : [options.weights])];
  requireWeights(program, folders);
  const inputs = bundleInputs(program, options);
  const phase = (name: string): void => onEvent?.({ kind: "phase", name, target: target.name });
  phase("build");
  const twin = await twinLibrary(target, packageRoot, { signal, onBuild: () => phase("build twin") });
  const built = await buildBundle(folder, target, twin, { signal });
  phase("run");
  const outcome = await runBundle(built, inputs, {
    weights: folders.join(":"),
    typeOf: outputTypes(program),
    repeat: options.repeat,
    signal,
  });
  if (outcome.outputs) return { ...outcome, outputs: outcome.outputs };
  const { violation, error } = outcome;
  refuseWeights(error);
  return fail(
    violation ? `twin-${violation.violation}` : "twin-run-failed",
    violation ? `kernel "${violation.kernel}", line ${violation.line}: ${violation.detail}` : (error ?? "the program did not finish"),
  );
}

function bundleInputs(program: Program, { inputs: given, dims = new Map() }: RunOptions): ReadonlyMap<string, Tensor> {
  if (typeof given === "number") return seededFor(program, given, dims);
  const inputs = program.inputs.map((id) => program.buffers[id]);
  const declared = inputs.map((b) => ({ name: b.name, type: b }));
  const feed = asDeclared(given, (name) => inputs.find((b) => b.name === name)?.dtype);
  // The model may have more inputs than the bundle: frozen ones, and such as nothing reads.
  requireArrays(declared, feed, () => true);
  return feed;
}

function seededFor(program: Program, seed: number, given: ReadonlyMap<string, number | Range>): Map<string, Tensor> {
  const inputs = program.inputs.map((id) => program.buffers[id]);
  const names = program.symbols.map((s) => s.name);
  const unknown = [...given.keys()].find((name) => !names.includes(name));
  if (unknown !== undefined) throw new DiagnosticError(unknownDim(unknown, names));
  const symbols = program.symbols.map((s) => {
    const asked = given.get(s.name);
    const range = typeof asked === "number" ? { lo: asked, hi: asked } : (asked ?? { lo: s.lo, hi: s.hi });
    return { name: s.name, range };
  });
  const open = openExtents(inputs, symbols);
  const extents = program.buffers.flatMap((b) => b.shape);
  const found = allowedExtents({ open, guards: program.guards, extents }).next();
  const values = found.done ? refuseExtents(found.value, `--dim, as in --dim ${names[0]}=64`) : found.value;
  return seededArrays(
    inputs.map(({ name, dtype, shape }) => ({ name, dtype, shape: shape.map((d) => evaluateDim(d, values)) })),
    seed,
  );
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
  const { readManifest } = await import("../program/schema.js");
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
