/** assessCode(): what binds a tree of code to CUDA, what stands for it on each vendor's stack, and what the change costs. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fail } from "../base/diagnostic.js";
import type { Language } from "../base/said.js";
import type { Steps } from "../base/steps.js";
import { csv } from "../code/csv.js";
import { folderLeftOut, mostBytes, type Reason } from "../code/left-out.js";
import { languageOfName } from "../code/language.js";
import { sarif } from "../code/sarif.js";
import { scan, type Scanned } from "../code/scan.js";
import { Counter, type Tally } from "../code/tally.js";
import { toldOf, type FoundInFile } from "../code/tell.js";
import type { Running } from "../driver/events.js";
import { version } from "../host/package.js";
import { Spool } from "../host/spool.js";
import { foldersWith, kindOf, textOf, treeFiles, type Met } from "../host/tree.js";
import { finishInTurns } from "../host/turns.js";
import { followProviders, type Replacement, type Rewrite } from "./assess-providers.js";

export { days, worstFirst, type Tally } from "../code/tally.js";
export { efforts, type Effort } from "../code/rule.js";
export { reasons } from "../code/left-out.js";
export { lastRead, vendors } from "../code/equivalents.js";
export { rulesTold, type FoundInFile } from "../code/tell.js";
export { inLanguage, said } from "../words/words.js";

export interface CodeOptions extends Running {
  /** What GPU providers of onnxruntime in JavaScript become; "cpu" unless told, since its Node.js binding takes no other that runs on the targets. */
  readonly to?: Replacement;
}

export interface CodeAssessment {
  readonly tally: Tally;
  /** Read from a temporary file each time; files in the order of their paths, those of JavaScript providers last. */
  readonly findings: Iterable<FoundInFile>;
  readonly rewrite: Rewrite;
  /** SARIF 2.1.0 in a language, piece by piece. */
  sarif(language: Language): Iterable<Uint8Array>;
  csv(language: Language): Iterable<Uint8Array>;
}

/** A folder, or one file. Throws `code-not-found`, and `no-code` where nothing there is written in a language that is read. */
export async function assessCode(path: string, options: CodeOptions = {}): Promise<CodeAssessment> {
  const work = await finishInTurns(walk(path, options), options.signal);
  const rewrite = await followProviders(work, options.to ?? "cpu", (scanned, file) => keep(work, scanned, file));
  return result(path, work, rewrite);
}

interface Work {
  readonly root: string;
  readonly counter: Counter;
  readonly store: Store;
  readonly own: ReadonlySet<string>;
  /** JavaScript of the tree, and those of it that may speak of providers. */
  readonly scripts: Set<string>;
  readonly seeds: string[];
}

function* walk(path: string, options: CodeOptions): Steps<Work> {
  const kind = kindOf(path);
  if (!kind) fail("code-not-found", `"${path}" is not there`, { location: { path }, fix: "Give a folder of code, or one file." });
  const root = kind === "file" ? dirname(path) : path;
  const own = new Set(kind === "file" ? [] : foldersWith(root, "__init__.py", 3));
  const work: Work = { root, counter: new Counter(), store: new Store(), own, scripts: new Set(), seeds: [] };
  const files = kind === "file" ? [{ kind: "file" as const, path: basename(path), bytes: 0 }] : treeFiles(root, folderLeftOut);
  let met = 0;
  for (const file of files) {
    one(work, file);
    if (++met % 200 === 0) options.onEvent?.({ kind: "progress", label: "files", done: met, total: met });
    yield;
  }
  return work;
}

function result(path: string, { counter, store }: Work, rewrite: Rewrite): CodeAssessment {
  const tally = counter.result();
  if (tally.files === 0) {
    const left = Object.values(tally.leftOut).reduce((a, b) => a + b, tally.otherFiles);
    fail("no-code", `"${path}" holds no file that is read (${left} left out or of other kinds)`, {
      location: { path },
      fix: "Give the folder of the sources; copies of other projects, generated files and notebooks are not read.",
    });
  }
  const encode = function* (pieces: Iterable<string>): Generator<Uint8Array> {
    const encoder = new TextEncoder();
    for (const piece of pieces) yield encoder.encode(piece);
  };
  return {
    tally,
    findings: store,
    rewrite,
    sarif: (language) => encode(sarif(store, { version, language })),
    csv: (language) => encode(csv(store, language)),
  };
}

function one(work: Work, met: Met): void {
  const { counter, root } = work;
  if (met.kind === "left") return counter.leave(met.why as Reason);
  const named = languageOfName(met.path);
  if (!named && /\.[^/.]+$/.test(met.path)) return counter.leave(undefined);
  if (met.bytes > mostBytes) return counter.leave(named ? "too-large" : undefined);
  const read = textOf(join(root, met.path));
  if (typeof read === "string") return counter.leave(named || read === "unreadable" ? read : undefined);
  const scanned = scan(met.path, read.text, { ownPackages: work.own });
  if (typeof scanned !== "object") return counter.leave(scanned);
  counter.file(scanned);
  put(work, scanned, met.path);
  if (scanned.language !== "javascript") return;
  work.scripts.add(met.path);
  if (scanned.mayNameProviders) work.seeds.push(met.path);
}

/** Findings that come after their file was counted. */
function keep(work: Work, scanned: Pick<Scanned, "findings" | "lineOf">, path: string): void {
  work.counter.add(scanned.findings);
  put(work, scanned, path);
}

function put({ store }: Work, scanned: Pick<Scanned, "findings" | "lineOf">, path: string): void {
  if (scanned.findings.length > 0) store.put(toldOf(path, scanned));
}

/** Findings on disk, a line a file; the file is gone with the process, or with the last who reads it. */
class Store implements Iterable<FoundInFile> {
  #spool: Spool | undefined;
  readonly #places: { readonly offset: number; readonly length: number }[] = [];
  #read: ((offset: number, length: number) => Uint8Array) | undefined;

  put(file: FoundInFile): void {
    const bytes = new TextEncoder().encode(JSON.stringify(file));
    const fresh = this.#spool === undefined;
    const folder = fresh ? mkdtempSync(join(tmpdir(), "portolan-code-")) : undefined;
    this.#spool ??= new Spool(join(folder!, "findings"));
    const { source, offset, length } = this.#spool.put(bytes);
    if (folder) rmSync(folder, { recursive: true, force: true });
    this.#read = (o, l) => source.read(o, l);
    this.#places.push({ offset, length });
  }

  *[Symbol.iterator](): Iterator<FoundInFile> {
    const decoder = new TextDecoder();
    for (const { offset, length } of this.#places) yield JSON.parse(decoder.decode(this.#read!(offset, length))) as FoundInFile;
  }
}
