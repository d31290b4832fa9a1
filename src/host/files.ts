/** Files as the compiler sees them: ranges of a model, and a folder written whole or not at all. */
import { createHash } from "node:crypto";
import {
  closeSync,
  existsSync,
  ftruncateSync,
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
import type { Steps } from "../base/steps.js";
import type { ByteSource, OpenBeside } from "../base/byte-source.js";

/** Node refuses single reads of 2 GiB and more. */
const largestRead = 1 << 30;
const chunkBytes = 4 << 20;

/** Closes files whose source nobody holds any more: a source has no end of its own, since constants read from it late. */
const forgotten = new FinalizationRegistry<number>((fd) => {
  closeSync(fd);
});

/** Opens a file for range reads, called `name` from then on; it is closed when the source is forgotten. Throws `file-unreadable`. */
export function openFile(path: string, name = basename(path)): ByteSource {
  let fd: number;
  let size: number;
  try {
    const info = statSync(path);
    if (info.isDirectory())
      return fail("file-unreadable", `"${path}" is a folder, and a file is needed`, {
        location: { path },
        fix: "Give the .onnx file in it.",
      });
    size = info.size;
    fd = openSync(path, "r");
  } catch (error) {
    if (error instanceof Error && error.name === "DiagnosticError") throw error;
    return fail("file-unreadable", `"${path}" cannot be opened: ${reasonOf(error)}`, { location: { path }, fix: "Check the path." });
  }
  const readInto = (offset: number, room: Uint8Array): void => {
    const { length } = room;
    invariant(offset >= 0 && offset + length <= size, `read ${offset}+${length} of "${path}" (${size} bytes)`);
    readAll(fd, path, offset, room);
  };
  const read = (offset: number, length: number): Uint8Array => {
    const out = new Uint8Array(length);
    readInto(offset, out);
    return out;
  };
  const source: ByteSource = { name, size, read, readInto };
  closedWhenForgotten(source, fd);
  return source;
}

export function closedWhenForgotten(source: ByteSource, fd: number): void {
  forgotten.register(source, fd);
}

/** All of `room` from `offset` on. Throws `file-unreadable`. */
export function readAll(fd: number, path: string, offset: number, room: Uint8Array): void {
  for (let done = 0; done < room.length;) {
    const got = readSync(fd, room, done, Math.min(largestRead, room.length - done), offset + done);
    if (got === 0) fail("file-unreadable", `"${path}" became shorter while it was read`, { location: { path } });
    done += got;
  }
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
    return openFile(path, relative);
  };
}

/** sha256 of a whole source, in hexadecimal. */
export function* hashSource(source: ByteSource): Steps<string> {
  const hash = createHash("sha256");
  for (let at = 0; at < source.size; at += chunkBytes) {
    hash.update(source.read(at, Math.min(chunkBytes, source.size - at)));
    yield;
  }
  return hash.digest("hex");
}

/** A file that is streamed into a folder. */
interface Streamed {
  readonly path: string;
  readonly bytes: () => Iterable<Uint8Array>;
}

interface FolderOptions {
  /** The file that marks a folder as written by us. */
  readonly marker: string;
  readonly force: boolean;
}

/**
 * Writes files into a fresh folder beside `target` and moves it into place at the end: nothing half-written stays, and
 * what was there before stays until then. `last` makes the final file from the hashes of the others.
 * Throws `output-not-writable` and `output-exists`.
 */
export function* writeFolder(
  target: string,
  files: readonly Streamed[],
  last: (hashes: Readonly<Record<string, string>>) => Streamed,
  options: FolderOptions,
): Steps<string[]> {
  requireReplaceable(target, options);
  const work = workFolder(target);
  try {
    const hashes: Record<string, string> = {};
    for (const file of files) hashes[file.path] = yield* streamHashed(join(work, "new"), file, target);
    const final = last(hashes);
    yield* streamHashed(join(work, "new"), final, target);
    writing(target, () => {
      const old = join(work, "old");
      if (existsSync(target)) renameSync(target, old);
      try {
        renameSync(join(work, "new"), target);
      } catch (error) {
        if (existsSync(old)) renameSync(old, target);
        throw error;
      }
    });
    return [...files.map((f) => f.path), final.path];
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Fails early when `target` could not be replaced by a folder of ours, before any work is done. */
export function requireReplaceable(target: string, options: FolderOptions): void {
  const there = writing(target, () => statSync(target, { throwIfNoEntry: false }));
  if (there && !there.isDirectory())
    fail("output-not-writable", `"${target}" is a file, and a folder is needed`, { location: { path: target }, fix: elsewhere });
  if (there && !options.force && !existsSync(join(target, options.marker)) && readdirSync(target).length > 0)
    fail("output-exists", `the folder "${target}" is not empty and was not written by portolan`, {
      location: { path: target },
      why: `It has no ${options.marker}; replacing it would delete files of yours.`,
      fix: "Choose another folder; compile replaces it with --force.",
    });
}

const elsewhere = "Choose another place to write to.";

/** Runs a step of writing; what the system refuses becomes `output-not-writable`. */
export function writing<T>(target: string, step: () => T): T {
  try {
    return step();
  } catch (error) {
    if (!(error instanceof Error) || !("syscall" in error)) throw error;
    return fail("output-not-writable", `"${target}" cannot be written: ${reasonOf(error)}`, { location: { path: target }, fix: elsewhere });
  }
}

/** With the folders above it, one by one: Node's own `recursive` never ends below /proc, where no folder can be made. */
export function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  mkdirSync(path);
}

/** A fresh folder on the target's own disk, so that the move at the end is one rename. */
function workFolder(target: string): string {
  const parent = dirname(resolve(target));
  return writing(target, () => {
    makeFolder(parent);
    return mkdtempSync(join(parent, ".portolan-"));
  });
}

function* streamHashed(folder: string, file: Streamed, target: string): Steps<string> {
  const hash = createHash("sha256");
  yield* streamTo(join(folder, file.path), { bytes: file.bytes() }, target, (chunk) => hash.update(chunk));
  return hash.digest("hex");
}

/** Runs of zeros at least this long become holes: large sparse models stay small on disk and are written faster. */
const holeBytes = 1 << 20;

function* streamTo(path: string, { bytes, head }: Omit<Whole, "path">, target: string, look?: (chunk: Uint8Array) => void): Steps<void> {
  const fd = writing(target, () => {
    mkdirSync(dirname(path), { recursive: true });
    return openSync(path, "w");
  });
  try {
    let at = 0;
    for (const chunk of bytes) {
      look?.(chunk);
      if (chunk.length < holeBytes || !isZero(chunk)) writing(target, () => writeAll(fd, chunk, at));
      at += chunk.length;
      yield;
    }
    writing(target, () => ftruncateSync(fd, at));
    const first = head?.();
    if (first) writing(target, () => writeAll(fd, first, 0));
  } finally {
    closeSync(fd);
  }
}

export function writeAll(fd: number, chunk: Uint8Array, at: number): void {
  for (let done = 0; done < chunk.length;) done += writeSync(fd, chunk, done, chunk.length - done, at + done);
}

/** A buffer whose first byte is zero and which equals itself shifted by one is zero throughout. */
function isZero(chunk: Uint8Array): boolean {
  return chunk[0] === 0 && Buffer.compare(chunk.subarray(1), chunk.subarray(0, -1)) === 0;
}

/** A file to be written whole. */
interface Whole {
  readonly path: string;
  readonly bytes: Iterable<Uint8Array>;
  /** Asked for when all bytes were taken: goes over the first of them. */
  readonly head?: () => Uint8Array;
}

/** Files that belong together, each written whole; the last one, which names the others, is moved into place last. */
export function* writeWhole(files: readonly Whole[]): Steps<void> {
  const target = files[files.length - 1].path;
  for (const { path } of files)
    if (writing(path, () => statSync(path, { throwIfNoEntry: false }))?.isDirectory())
      fail("output-not-writable", `"${path}" is a folder, and a file is needed`, { location: { path }, fix: elsewhere });
  const work = workFolder(target);
  try {
    for (const [i, file] of files.entries()) yield* streamTo(join(work, `${i}`), file, target);
    writing(target, () => files.forEach((file, i) => renameSync(join(work, `${i}`), file.path)));
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
