/**
 * What an interrupted calibration has seen, kept in a file beside its output until the model is written. Sums and counts do
 * not hang on where they were interrupted, so that going on gives the same numbers as never stopping.
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { byteLength } from "../../base/dtype.js";
import { finishNow } from "../../base/steps.js";
import { elementCount } from "../../base/tensor.js";
import type { LoadedModel } from "../../driver/load.js";
import { writeWhole } from "../../host/files.js";

/** One phase of a calibration: all of it hangs on `key`. */
interface Phase {
  readonly key: string;
  /** Runs of a group on a sample that are in it. */
  readonly done: number;
  readonly seen: readonly unknown[];
}

/** Of what is kept. */
const version = 3;

export class Memory {
  readonly #path: string;
  readonly #model: string;
  #phases: Record<string, Phase> = {};
  /** Runs that need not be made again, by phase. */
  readonly resumed = new Map<string, number>();

  /** A file that is damaged, or of another version, is as good as none. */
  constructor(path: string, loaded: LoadedModel) {
    this.#path = path;
    this.#model = modelKey(loaded);
    try {
      const kept = JSON.parse(existsSync(path) ? readFileSync(path, "utf8") : "{}") as { version?: number; phases?: Record<string, Phase> };
      if (kept.version === version) this.#phases = kept.phases ?? {};
    } catch {
      this.#phases = {};
    }
  }

  /** What was seen of this phase, if it was of the same model, samples and values. */
  peek(phase: string, key: string): Phase | undefined {
    const kept = this.#phases[phase] as Phase | undefined;
    return kept?.key === this.#keyOf(key) ? kept : undefined;
  }

  /** The same, to go on from. */
  read(phase: string, key: string): Phase | undefined {
    const kept = this.peek(phase, key);
    if (kept) this.resumed.set(phase, kept.done);
    return kept;
  }

  /** Whether a next run finds something of this phase. */
  keeps(phase: string): boolean {
    return phase in this.#phases && existsSync(this.#path);
  }

  /** Throws `output-not-writable`. */
  write(phase: string, key: string, done: number, seen: readonly unknown[]): void {
    this.#phases[phase] = { key: this.#keyOf(key), done, seen };
    const bytes = Buffer.from(JSON.stringify({ version, phases: this.#phases }));
    finishNow(writeWhole([{ path: this.#path, bytes: [bytes] }]));
  }

  forget(): void {
    rmSync(this.#path, { force: true });
  }

  #keyOf(key: string): string {
    return createHash("sha256").update(this.#model).update(key).digest("hex");
  }
}

const pieceBytes = 16 << 20;

/** What small constants may take: those that the caller froze are among them. */
const smallBytes = 4096;

/** The bytes of the model and of the files beside it, and what was frozen. */
function modelKey({ source, beside = [], graph }: LoadedModel): string {
  const hash = createHash("sha256");
  for (const file of [source, ...beside]) {
    hash.update(JSON.stringify([file.name, file.size]));
    for (let at = 0; at < file.size; at += pieceBytes) hash.update(file.read(at, Math.min(pieceBytes, file.size - at)));
  }
  for (const [v, data] of graph.constants) {
    if (byteLength(data.dtype, elementCount(data.shape)) > smallBytes || data.dtype === "string") continue;
    hash.update(JSON.stringify([v.name, data.shape, Array.from(data.load().data as ArrayLike<number>, String)]));
  }
  return hash.digest("hex");
}
