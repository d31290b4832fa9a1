/** Files as the compiler sees them: ranges of a model, and a folder written whole or not at all. */
import { createHash } from "node:crypto";
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { basename, dirname, isAbsolute, join, normalize, resolve, sep } from "node:path";
import { fail, invariant } from "../base/diagnostic.js";
import type { ByteSource, OpenBeside } from "../base/byte-source.js";

/** Node refuses single reads of 2 GiB and more. */
const largestRead = 1 << 30;

/** Opens a file for range reads. The descriptor stays open for the life of the process's work on it. */
export function openFile(path: string): ByteSource {
  let fd: number;
  let size: number;
  try {
    const info = statSync(path);
    if (info.isDirectory()) return fail("file-unreadable", `"${path}" is a folder, a file is needed`, { location: { path } });
    size = info.size;
    fd = openSync(path, "r");
  } catch (error) {
    if (error instanceof Error && error.name === "DiagnosticError") throw error;
    return fail("file-unreadable", `"${path}" cannot be opened: ${reasonOf(error)}`, { location: { path }, fix: "Check the path." });
  }
  return {
    name: basename(path),
    size,
    read(offset, length) {
      invariant(offset >= 0 && offset + length <= size, `read ${offset}+${length} of "${path}" (${size} bytes)`);
      const out = new Uint8Array(length);
      for (let done = 0; done < length;) {
        const got = readSync(fd, out, done, Math.min(largestRead, length - done), offset + done);
        if (got === 0) fail("file-unreadable", `"${path}" became shorter while it was read`, { location: { path } });
        done += got;
      }
      return out;
    },
  };
}

export function reasonOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === "ENOENT") return "there is no such file";
  if (code === "EACCES" || code === "EPERM") return "permission denied";
  if (code === "ENOTDIR" || code === "EEXIST") return "a file stands where a folder is needed";
  return error instanceof Error ? error.message : String(error);
}

/** Opens external data by paths relative to the model's folder. Paths that leave it are refused by the importer. */
export function openBeside(modelPath: string): OpenBeside {
  const folder = resolve(dirname(modelPath));
  return (relative) => {
    const path = normalize(join(folder, relative));
    if (isAbsolute(relative) || !path.startsWith(folder + sep) || !existsSync(path)) return undefined;
    return openFile(path);
  };
}

export function hashSource(source: ByteSource): string {
  const hash = createHash("sha256");
  const step = 16 << 20;
  for (let at = 0; at < source.size; at += step) hash.update(source.read(at, Math.min(step, source.size - at)));
  return hash.digest("hex");
}

/** A file that is streamed into a folder. */
interface Streamed {
  readonly path: string;
  readonly bytes: () => Iterable<Uint8Array>;
}

export interface FolderOptions {
  /** The file that marks a folder as written by us. */
  readonly marker: string;
  readonly force: boolean;
  readonly signal?: AbortSignal;
}

/**
 * Writes files into a fresh folder beside `target` and moves it into place at the end: nothing half-written stays.
 * `last` makes the final file from the hashes of the others.
 */
export function writeFolder(
  target: string,
  files: readonly Streamed[],
  last: (hashes: Readonly<Record<string, string>>) => Streamed,
  options: FolderOptions,
): string[] {
  const there = statSync(target, { throwIfNoEntry: false });
  if (there && !there.isDirectory())
    fail("output-not-writable", `"${target}" is a file, a folder is needed`, {
      location: { path: target },
      fix: "Choose another folder with -o.",
    });
  if (there && !options.force && !existsSync(join(target, options.marker)) && readdirSync(target).length > 0)
    fail("output-exists", `"${target}" exists and was not written by portolan`, {
      location: { path: target },
      fix: "Choose another folder, or replace it with --force.",
    });
  const parent = dirname(resolve(target));
  let work: string;
  try {
    mkdirSync(parent, { recursive: true });
    work = mkdtempSync(join(parent, ".portolan-"));
  } catch (error) {
    return fail("output-not-writable", `"${target}" cannot be written: ${reasonOf(error)}`, {
      location: { path: target },
      fix: "Choose another folder with -o.",
    });
  }
  try {
    const hashes: Record<string, string> = {};
    for (const file of files) hashes[file.path] = stream(work, file, options.signal);
    const final = last(hashes);
    stream(work, final, options.signal);
    if (there) rmSync(target, { recursive: true, force: true });
    renameSync(work, target);
    return [...files.map((f) => f.path), final.path];
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function stream(folder: string, file: Streamed, signal?: AbortSignal): string {
  const path = join(folder, file.path);
  mkdirSync(dirname(path), { recursive: true });
  const hash = createHash("sha256");
  const fd = openSync(path, "w");
  try {
    for (const chunk of file.bytes()) {
      signal?.throwIfAborted();
      hash.update(chunk);
      for (let done = 0; done < chunk.length;) done += writeSync(fd, chunk, done);
    }
  } finally {
    closeSync(fd);
  }
  return hash.digest("hex");
}

/** Writes one file whole or not at all. */
export function writeWhole(target: string, bytes: Iterable<Uint8Array>, signal?: AbortSignal): void {
  const parent = dirname(resolve(target));
  let work: string;
  try {
    if (statSync(target, { throwIfNoEntry: false })?.isDirectory()) throw new Error("it is a folder");
    mkdirSync(parent, { recursive: true });
    work = mkdtempSync(join(parent, ".portolan-"));
  } catch (error) {
    return fail("output-not-writable", `"${target}" cannot be written: ${reasonOf(error)}`, { location: { path: target } });
  }
  try {
    stream(work, { path: "file", bytes: () => bytes }, signal);
    renameSync(join(work, "file"), target);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** The text files below a folder of the package, for bundles that carry them. */
export function packageFiles(folder: string, prefix: string): { path: string; text: string }[] {
  const out: { path: string; text: string }[] = [];
  const visit = (at: string, under: string): void => {
    for (const e of readdirSync(at, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (e.isDirectory()) visit(join(at, e.name), `${under}/${e.name}`);
      else if (/\.(h|hpp|cpp|c|txt)$/.test(e.name)) out.push({ path: `${under}/${e.name}`, text: readFileSync(join(at, e.name), "utf8") });
    }
  };
  visit(folder, prefix);
  return out;
}
