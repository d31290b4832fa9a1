/** The C++ compiler and the folder for what it builds: the only places where `verify` touches processes and caches. */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fail } from "../base/diagnostic.js";

/** Built twins and test programs live here, keyed by content: PORTOLAN_CACHE, else the user's cache folder. */
export function cacheFolder(): string {
  const base = process.env["PORTOLAN_CACHE"] ?? join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "portolan");
  mkdirSync(base, { recursive: true });
  return base;
}

export interface Finished {
  readonly status: number;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end; never throws for a failing one. */
export function run(
  program: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv; readonly signal?: AbortSignal; readonly timeoutMs?: number } = {},
): Promise<Finished> {
  return new Promise((resolve, reject) => {
    execFile(
      program,
      [...args],
      { cwd: options.cwd, env: options.env, signal: options.signal, timeout: options.timeoutMs, maxBuffer: 64 << 20, encoding: "utf8" },
      (error, stdout, stderr) => {
        if (error && error.name === "AbortError") return reject(error);
        const code = (error as NodeJS.ErrnoException | null)?.code;
        if (code === "ENOENT") return reject(error);
        resolve({
          status: error ? (typeof error.code === "number" ? error.code : 1) : 0,
          signal: (error as { signal?: NodeJS.Signals } | null)?.signal ?? null,
          stdout,
          stderr,
        });
      },
    );
  });
}

/** CXX, else g++, c++ or clang++; fails with what to install. */
export async function findCompiler(): Promise<string> {
  for (const name of [process.env["CXX"], "g++", "c++", "clang++"]) {
    if (!name) continue;
    try {
      if ((await run(name, ["--version"])).status === 0) return name;
    } catch {
      continue;
    }
  }
  return fail("compiler-missing", "no C++17 compiler was found, and checking on a twin needs one", {
    why: "The twins are C++ programs that run the generated code as it is.",
    fix: "Install g++ (Debian: apt-get install g++), or name a compiler with CXX=...",
  });
}

/** All files below a folder, sorted, relative with forward slashes. */
export function listFiles(folder: string, under = ""): string[] {
  return readdirSync(join(folder, under), { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((e) => {
      const path = under === "" ? e.name : `${under}/${e.name}`;
      return e.isDirectory() ? listFiles(folder, path) : [path];
    });
}

export function hashFiles(paths: readonly string[], extra: readonly string[] = []): string {
  const hash = createHash("sha256");
  for (const text of extra) hash.update(text).update("\0");
  for (const path of paths) hash.update(path).update("\0").update(readFileSync(path)).update("\0");
  return hash.digest("hex").slice(0, 32);
}

export function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}
