/**
 * A Plan becomes files. The manifest comes last: it holds the sha256 of every other file, which is known once that
 * file has been written.
 */
import type { Plan } from "../plan/plan.js";
import type { SymbolRecord, Target, TextFile } from "../claim/target.js";
import { withoutWitness } from "../claim/witness.js";
import { printCMake } from "./cmake.js";
import { jsonFile, textFile, type BundleFile } from "./file.js";
import { printMainCpp, printModelCpp, printModelH } from "./model-cpp.js";
import { printReadme } from "./readme.js";
import { sourceMapOf } from "./map.js";
import { planWeights } from "./weights.js";

interface BundleOptions {
  readonly copyWeights: boolean;
  readonly version: string;
  /** runtime/ and twin/ of the target, read by the caller. */
  readonly assets: readonly TextFile[];
  /** sha256 of the model's own files, by name. */
  readonly modelHashes: Readonly<Record<string, string>>;
}

export interface Bundle {
  readonly files: readonly BundleFile[];
  /** Takes the sha256 of each file by path. */
  readonly manifest: (hashes: Readonly<Record<string, string>>) => BundleFile;
}

export function assembleBundle(plan: Plan, target: Target, options: BundleOptions): Bundle {
  const { program } = plan;
  const chip = target.chips[program.chip];
  const {
    weights,
    files: weightFiles,
    sizes,
    hashOf,
  } = planWeights(plan.constants, program.buffers, {
    prefix: program.prefix,
    copyWeights: options.copyWeights,
  });
  const referenced = [...new Set(weights.map((w) => w.from.file))].filter((f) => f !== `${program.prefix}.safetensors`);
  const printModel = (hash: typeof hashOf): ReturnType<typeof printModelCpp> =>
    printModelCpp(plan, target, { weights, files: sizes, hashOf: hash }, options.version);
  const files: BundleFile[] = [
    // First, so that the hashes of the weights are known when model.cpp is printed.
    ...weightFiles,
    textFile("README.md", printReadme(plan, target, { referenced, copied: weightFiles.map((f) => f.path) }, options.version)),
    textFile("CMakeLists.txt", printCMake(plan, target, chip)),
    textFile("model.h", printModelH(plan, options.version)),
    { path: "model.cpp", bytes: () => textFile("", printModel(hashOf).text).bytes() },
    textFile("main.cpp", printMainCpp(program.prefix)),
    ...plan.kernels.map((k) => textFile(k.path, k.text)),
    jsonFile("contract.json", contractOf(plan, target)),
    jsonFile("map.json", sourceMapOf(plan, { file: "model.cpp", spans: printModel(() => "").spans })),
    ...options.assets.map((f) => textFile(f.path, f.text)),
  ];
  const manifest = (hashes: Readonly<Record<string, string>>): BundleFile =>
    jsonFile("manifest.json", {
      generator: `portolan ${options.version}`,
      program: { ...program, weights },
      models: options.modelHashes,
      files: Object.fromEntries(Object.entries(hashes).sort(([a], [b]) => (a < b ? -1 : 1))),
    });
  return { files, manifest };
}

function contractOf(plan: Plan, target: Target): unknown {
  const used = [...new Set(plan.program.steps.flatMap((s) => [...s.way.uses, ...(s.alternate?.uses ?? [])]))].sort();
  return {
    schemaVersion: 1,
    target: target.name,
    chip: plan.program.chip,
    sdk: plan.program.sdk,
    unwitnessed: withoutWitness(used, target.symbols),
    symbols: Object.fromEntries(used.map((name) => [name, target.symbols[name] satisfies SymbolRecord | undefined])),
  };
}
