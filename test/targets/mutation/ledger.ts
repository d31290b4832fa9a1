/** What became of each kernel text, kept by content: a repeated run builds only what changed since. */
import { createHash } from "node:crypto";
import { appendFileSync, mkdirSync, readFileSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { cacheFolder, exists } from "../../../src/host/toolchain.js";
import type { TwinLibrary } from "../../../src/verify/twin-library.js";
import type { Subject } from "./subjects.js";

/** A question about a subject, and what the run answered. */
export interface Ledger {
  readonly get: (question: string) => readonly string[] | undefined;
  readonly set: (question: string, answer: readonly string[]) => void;
}

/** The modules that decide how a mutant is built, run and judged. */
const product = ["host/process-group", "verify/run-bundle", "host/toolchain"].map((path) => `../../../src/${path}`);
const judges = ["build", "fate", "probes", "runner", "subjects", ...product];

/** Opens the ledger of a subject as it is: its files, the twin, and how it is built, run and judged. */
export function openLedger(subject: Subject, twin: TwinLibrary): Ledger {
  const hash = createHash("sha256").update(twin.hash);
  for (const name of judges) hash.update(readFileSync(new URL(`${name}${extname(import.meta.url)}`, import.meta.url)));
  for (const path of [...subject.sources, ...subject.kernels, ...subject.data])
    hash.update(`\0${basename(path)}\0`).update(readFileSync(path));
  const key = hash.digest("hex").slice(0, 24);
  const folder = join(cacheFolder(), "mutants");
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${subject.target}-${subject.name}-${key}.jsonl`);
  const answers = new Map<string, readonly string[]>();
  const lines = exists(file) ? readFileSync(file, "utf8").split("\n") : [];
  for (const line of lines.filter((l) => l.endsWith("]"))) {
    const [question, ...answer] = JSON.parse(line) as string[];
    answers.set(question, answer);
  }
  return {
    get: (question) => answers.get(digest(question)),
    set: (question, answer) => {
      answers.set(digest(question), answer);
      appendFileSync(file, `${JSON.stringify([digest(question), ...answer])}\n`);
    },
  };
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 24);
}
