/** What a file is known by: the whole of a model, and of weights as much as can be read in no time. */
import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { ByteSource } from "../base/byte-source.js";
import type { Steps } from "../base/steps.js";
import { hashSource, openBeside } from "./files.js";

interface Fingerprint {
  readonly path: string;
  readonly bytes: number;
  /** sha256 of the first and last MiB. */
  readonly ends: string;
  /** Milliseconds since 1970; null where the whole is hashed. */
  readonly modified: number | null;
  readonly sha256: string | null;
}

const endBytes = 1 << 20;

/** Of files beside a model; those that are not there, or lie outside its folder, are left out. */
export function* fingerprints(modelPath: string, paths: readonly string[], whole: boolean): Steps<Fingerprint[]> {
  const open = openBeside(modelPath);
  const out: Fingerprint[] = [];
  for (const path of paths) {
    const source = open(path);
    if (!source) continue;
    const modified = whole ? null : Math.floor(statSync(join(dirname(modelPath), path)).mtimeMs);
    out.push({ path, bytes: source.size, ends: endsOf(source), modified, sha256: whole ? yield* hashSource(source) : null });
    yield;
  }
  return out;
}

function endsOf(source: ByteSource): string {
  const first = Math.min(endBytes, source.size);
  const last = Math.max(first, source.size - endBytes);
  return createHash("sha256")
    .update(source.read(0, first))
    .update(source.read(last, source.size - last))
    .digest("hex");
}
