/**
 * A Program becomes files. The manifest comes last: it holds the sha256 of every other file, which is known once that
 * file has been written.
 */
import type { Steps } from "../base/steps.js";
import type { Target, TextFile } from "../claim/target.js";
import { withoutWitness } from "../claim/witness.js";
import { writeProgram } from "../program/write.js";
import { printCMake } from "./cmake.js";
import { jsonFile, textFile, type BundleFile } from "./file.js";
import { sourceMapOf } from "./map.js";
import { printMainCpp, printModelCpp, printModelH } from "./model-cpp.js";
import { printReadme } from "./readme.js";
import { emitSteps, symbolsUsed, type ActText, type Emitted } from "./steps.js";
import { planWeights, type Planned, type WeightFiles } from "./weights.js";

interface BundleOptions {
  readonly version: string;
  /** runtime/ and twin/ of the target, read by the caller. */
  readonly assets: readonly TextFile[];
  /** sha256 of the model's own files, by name; asked for with the manifest. */
  readonly modelHashes: Readonly<Record<string, string>>;
}

export interface Bundle {
  readonly files: readonly BundleFile[];
  /** Takes the sha256 of each file by path. */
  readonly manifest: (hashes: Readonly<Record<string, string>>) => BundleFile;
}

/** A plan's program as text and files: weights come from its constants. Pauses after each kernel. */
export function* bundleSteps(
  plan: Planned,
  target: Target,
  options: BundleOptions & { readonly copyWeights: boolean },
): Steps<{ readonly emitted: Emitted; readonly bundle: Bundle }> {
  const emitted = yield* emitSteps(plan.program, target);
  return { emitted, bundle: assembleBundle(emitted, target, planWeights(plan, options), options) };
}

export function assembleBundle(emitted: Emitted, target: Target, weights: WeightFiles, options: BundleOptions): Bundle {
  const { program } = emitted;
  const { version, assets } = options;
  const own = `${program.prefix}.safetensors`;
  const referenced = [...new Set(weights.weights.map((w) => w.from.file))].filter((f) => f !== own);
  const copied = weights.files.map((f) => f.path);
  const printModel = (hashOf: WeightFiles["hashOf"]) =>
    printModelCpp(emitted, target, { weights: weights.weights, files: weights.sizes, hashOf }, version);
  const files: BundleFile[] = [
    // First, so that the hashes of the weights are known when model.cpp is printed.
    ...weights.files,
    textFile("README.md", printReadme(program, target, { referenced, copied }, version)),
    textFile("CMakeLists.txt", printCMake(emitted, target)),
    textFile("model.h", printModelH(program, version)),
    { path: "model.cpp", bytes: () => textFile("", printModel(weights.hashOf).text).bytes() },
    textFile("main.cpp", printMainCpp(program.prefix)),
    ...emitted.kernels.map((k) => textFile(k.path, k.text)),
    jsonFile("contract.json", contractOf(emitted, target)),
    jsonFile("map.json", sourceMapOf(emitted, { file: "model.cpp", spans: printModel(() => "").spans })),
    ...assets.map((f) => textFile(f.path, f.text)),
  ];
  const manifest = (hashes: Readonly<Record<string, string>>): BundleFile =>
    jsonFile("manifest.json", {
      generator: `portolan ${version}`,
      program: writeProgram({ ...program, weights: weights.weights }),
      steps: emitted.steps.map((s) => ({ id: s.step, ...saidOf(s.act), ...(s.alternate ? { alternate: saidOf(s.alternate) } : {}) })),
      models: options.modelHashes,
      files: Object.fromEntries(Object.entries(hashes).sort(([a], [b]) => (a < b ? -1 : 1))),
    });
  return { files, manifest };
}

/** A way of a step for readers of the manifest: all but its text. */
function saidOf({ kind, evidence, uses, unwitnessed }: ActText): object {
  return { kind, evidence, uses, ...(unwitnessed ? { unwitnessed } : {}) };
}

function contractOf(emitted: Emitted, target: Target): unknown {
  const used = [...symbolsUsed(emitted)].sort();
  return {
    schemaVersion: 1,
    target: target.name,
    chip: emitted.program.chip,
    sdk: emitted.program.sdk,
    unwitnessed: withoutWitness(used, target.symbols),
    symbols: Object.fromEntries(used.map((name) => [name, target.symbols[name]])),
  };
}
