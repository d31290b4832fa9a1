/** The user's own configuration folder: small texts, each written whole and readable by the user alone. */
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { fail } from "../base/diagnostic.js";
import { makeFolder, reasonOf, writing } from "./files.js";

/** PORTOLAN_CONFIG, else `portolan` in XDG_CONFIG_HOME, which counts where it is absolute, else in ~/.config. */
export function configFolder(): string {
  const own = process.env["PORTOLAN_CONFIG"];
  const xdg = process.env["XDG_CONFIG_HOME"] ?? "";
  return resolve(own || join(isAbsolute(xdg) ? xdg : join(homedir(), ".config"), "portolan"));
}

/** Names of the files in a folder that end so, in order; none where there is no such folder. Throws `file-unreadable`. */
export function filesIn(folder: string, ending: string): string[] {
  return namesIn(folder)
    .filter((f) => f.endsWith(ending))
    .sort();
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return [];
    return fail("file-unreadable", `"${folder}" cannot be read: ${reasonOf(error)}`, {
      location: { path: folder },
      fix: "Check who may read it.",
    });
  }
}

/** The text of a plain file of so many bytes at most; `refuse` says why there is none. */
export function readText(path: string, mostBytes: number, refuse: (why: string) => never): string {
  let bytes: Uint8Array;
  try {
    const there = statSync(path);
    if (!there.isFile()) return refuse("is no plain file");
    if (there.size > mostBytes) return refuse(`has ${there.size} bytes, and ${mostBytes} is the most`);
    bytes = readFileSync(path);
  } catch (error) {
    if (!(error instanceof Error) || !("syscall" in error)) throw error;
    return refuse(`cannot be read: ${reasonOf(error)}`);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return refuse("is no UTF-8 text");
  }
}

/** Throws `output-not-writable`. */
export function writePrivate(path: string, text: string): void {
  writing(path, () => {
    makeFolder(dirname(path));
    const work = mkdtempSync(join(dirname(path), ".portolan-"));
    try {
      const fd = openSync(join(work, "new"), "wx", 0o600);
      try {
        writeFileSync(fd, text);
      } finally {
        closeSync(fd);
      }
      renameSync(join(work, "new"), path);
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  });
}

/** Throws `output-not-writable`. */
export function removeFile(path: string): void {
  writing(path, () => rmSync(path));
}
