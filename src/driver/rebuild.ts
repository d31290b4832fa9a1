/** A bundle from its manifest and its weights alone: the Program says everything that a bundle does. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fail } from "../base/diagnostic.js";
import type { ByteSource } from "../base/byte-source.js";
import { finishNow } from "../base/steps.js";
import { assembleBundle } from "../emit/bundle.js";
import { emitSteps } from "../emit/steps.js";
import { readWeights } from "../emit/weights.js";
import { openFile, writeFolder } from "../host/files.js";
import { exists } from "../host/toolchain.js";
import { version } from "../host/package.js";
import { readManifest } from "../program/schema.js";
import { bundleAssets, folderOptions } from "./compile.js";
import { chooseTarget } from "./targets.js";

interface RebuildOptions {
  readonly output: string;
  readonly force?: boolean;
  /** Where files lie that weights are read from by reference; by default the bundle's own folder. */
  readonly weights?: string;
  readonly withTwin?: boolean;
}

/**
 * Writes the bundle that `folder`/manifest.json describes to `output`, and returns the paths written. Throws
 * `invalid-manifest`, `file-unreadable`, and what writing a folder throws.
 */
export async function rebuildBundle(folder: string, options: RebuildOptions): Promise<readonly string[]> {
  const { program, models } = readManifest(readFileSync(join(folder, "manifest.json"), "utf8"));
  const { target } = await chooseTarget(`${program.target}:${program.chip}`);
  const places = [join(folder, "weights"), options.weights ?? folder];
  const emitted = finishNow(emitSteps(program, target));
  const assets = bundleAssets(target, options.withTwin ?? true);
  const weights = readWeights(program, (file) => openIn(places, file));
  const { files, manifest } = assembleBundle(emitted, target, weights, { version, assets, modelHashes: models });
  return finishNow(writeFolder(options.output, files, manifest, folderOptions(options)));
}

function openIn(places: readonly string[], file: string): ByteSource {
  const path = places.map((p) => join(p, file)).find(exists);
  return path !== undefined
    ? openFile(path, file)
    : fail("file-unreadable", `"${file}", which holds weights, is in none of ${places.join(", ")}`, { location: { path: file } });
}
