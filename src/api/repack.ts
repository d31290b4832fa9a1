/** repack(): quantised linear layers of a checkpoint in a target's own layout, bit for bit or not at all. */
import { basename } from "node:path";
import { DiagnosticError, fail, type Diagnostic } from "../base/diagnostic.js";
import type { Steps } from "../base/steps.js";
import { openCheckpoint, type Checkpoint } from "../checkpoint/checkpoint.js";
import type { Running } from "../driver/events.js";
import { requireOther } from "../driver/save.js";
import { chooseTarget } from "../driver/targets.js";
import { writeWhole } from "../host/files.js";
import { finishInTurns } from "../host/turns.js";
import type { WeightProduct } from "../quant/formats/product.js";
import { describe } from "../quant/repack/describe.js";
import type { RepackedLayer } from "../quant/repack/layer.js";
import { nBitsProduct } from "../quant/repack/onnx.js";
import { Repacking } from "../quant/repack/repack.js";
import { asResult } from "./compile.js";
import { repackChecks, requireOptions } from "./options.js";

export interface RepackOptions extends Running {
  /** As compile takes it, `cann` or `bang:MLU370`; or `onnx`, for tensors of MatMulNBits. */
  readonly target: string;
  /** The .safetensors file to write, with `<output>.json` beside it that describes it; absent, layers are checked alone. */
  readonly output?: string;
  /** Layers that the target cannot say stay as they are, with a warning each; otherwise they are errors, and nothing is written. */
  readonly partial?: boolean;
  /** Leaves out every tensor that is not repacked. */
  readonly onlyQuantised?: boolean;
  /** Holds levels that are narrower than what the target's call takes in its next width: exactly, in more bytes. */
  readonly widen?: boolean;
}

export interface Repacked {
  readonly target: string;
  readonly chip?: string;
  readonly layers: readonly RepackedLayer[];
  /** Files written, the description last; none where a layer was refused. */
  readonly written: readonly string[];
}

export interface RepackResult {
  readonly ok: boolean;
  readonly diagnostics: readonly Diagnostic[];
  /** Also where layers were refused: what each was found to be, and why. */
  readonly repacked?: Repacked;
}

interface Destination {
  readonly target: string;
  readonly chip?: string;
  readonly products: readonly WeightProduct[];
}

/**
 * Repacks a folder with a checkpoint. Problems of the checkpoint and refused layers are diagnostics of a result that is
 * not ok; rejects with AbortError when the signal is aborted, and then nothing stays half-written.
 */
export async function repack(folder: string, options: RepackOptions): Promise<RepackResult> {
  return asResult(async () => {
    if (typeof folder !== "string") fail("bad-option", "the checkpoint must be the path of a folder", { fix: 'Pass "model/".' });
    requireOptions(options, repackChecks, ["target"]);
    const destination = await destinationOf(options.target);
    options.onEvent?.({ kind: "phase", name: "read" });
    const checkpoint = openCheckpoint(folder);
    return repackTo(checkpoint, destination, options);
  });
}

/** Throws `unknown-target`, `unknown-chip` and `no-weight-layout`. */
async function destinationOf(text: string): Promise<Destination> {
  if (text.toLowerCase() === "onnx") return { target: "onnx", products: [nBitsProduct] };
  const { target, chip } = await chooseTarget(text);
  const products = target.weightProducts(chip);
  if (products.length > 0) return { target: target.name, chip: chip.caps.chip, products };
  const others = Object.entries(target.chips).flatMap(([name, c]) =>
    target.weightProducts(c).length > 0 ? [`${target.name}:${name}`] : [],
  );
  return fail("no-weight-layout", `no call of ${chip.caps.chip} is known that multiplies by packed integer weights`, {
    why: "Layouts are those of calls that a vendor's documents or public callers name for the chip.",
    fix: `Chips that have one: ${others.join(", ")}.`,
  });
}

async function repackTo(checkpoint: Checkpoint, to: Destination, options: RepackOptions): Promise<RepackResult> {
  const { signal, onEvent, output, partial = false, onlyQuantised = false, widen = false } = options;
  const onLayer = (done: number, total: number): void => onEvent?.({ kind: "progress", label: "layers", done, total });
  const work = new Repacking(checkpoint, { products: to.products, partial, onlyQuantised, widen, onLayer });
  const files = output === undefined ? [] : filesOf(output, work, checkpoint, to);
  const read = checkpoint.files.map((name) => ({ name }));
  requireOther(checkpoint.config, read, files);
  const repacked = (written: readonly string[]): Repacked => ({ target: to.target, chip: to.chip, layers: work.layers, written });
  try {
    await finishInTurns(files.length > 0 ? writeWhole(files) : takeAll(work.bytes()), signal);
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    return { ok: false, diagnostics: error.diagnostics, repacked: repacked([]) };
  }
  for (const { path } of files) onEvent?.({ kind: "artifact", path });
  return { ok: true, diagnostics: work.warnings, repacked: repacked(files.map((f) => f.path)) };
}

function filesOf(output: string, work: Repacking, checkpoint: Checkpoint, to: Destination): Parameters<typeof writeWhole>[0] {
  // Taken when the weights are written, so that it tells what became of them.
  const description = function* (): Iterable<Uint8Array> {
    yield new TextEncoder().encode(describe({ ...to, weights: basename(output), checkpoint, layers: work.layers }));
  };
  return [
    { path: output, bytes: work.bytes(), head: () => work.head() },
    { path: `${output}.json`, bytes: description() },
  ];
}

function* takeAll(bytes: Iterable<Uint8Array>): Steps<void> {
  for (const piece of bytes) {
    void piece;
    yield;
  }
}
