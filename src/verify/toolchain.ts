/** The C++ compiler and the folder for what it builds: the only places where `verify` touches processes and caches. */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import type { Readable } from "node:stream";
import { fail } from "../base/diagnostic.js";
import { startGroup } from "./process-group.js";

/** Built twins and test programs live here, keyed by content: PORTOLAN_CACHE, else the user's cache folder. */
export function cacheFolder(): string {
  const base = process.env["PORTOLAN_CACHE"] ?? join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "portolan");
  const folder = resolve(base);
  mkdirSync(folder, { recursive: true });
  return folder;
}

export interface Finished {
  readonly status: number;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a program may print on a stream before it is ended. */
const mostPrinted = 64 << 20;

/**
 * Runs a program to its end, and with it all that it starts; never throws for a failing one. After `timeoutMs` it is
 * ended. Rejects with the signal's reason when cancelled, after the program and what it started have ended.
 */
export function run(
  program: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv; readonly signal?: AbortSignal; readonly timeoutMs?: number } = {},
): Promise<Finished> {
  const { cwd, env, signal, timeoutMs } = options;
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const { child, end } = startGroup(program, args, { cwd, env });
    const printed = [child.stdout, child.stderr].map((stream) => gather(stream, end));
    const timer = timeoutMs === undefined ? undefined : setTimeout(end, timeoutMs);
    const settle = (how: () => void): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      how();
    };
    signal?.addEventListener("abort", end);
    child.on("error", (error) => settle(() => reject(error)));
    child.on("close", (status, ended) => {
      if (signal?.aborted) return settle(() => reject(signal.reason as Error));
      const [stdout, stderr] = printed.map((text) => text());
      settle(() => resolve({ status: status ?? 1, signal: ended, stdout, stderr }));
    });
  });
}

/** Gathers a stream; what it has printed by the time it is asked. */
function gather(stream: Readable, tooMuch: () => void): () => string {
  const chunks: Buffer[] = [];
  let bytes = 0;
  stream.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > mostPrinted) return tooMuch();
    chunks.push(chunk);
  });
  return () => Buffer.concat(chunks).toString("utf8");
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

/** Of files by their names below a folder: the same files elsewhere have the same hash. */
export function hashFiles(folder: string, names: readonly string[], extra: readonly string[]): string {
  const hash = createHash("sha256");
  for (const text of extra) hash.update(text).update("\0");
  for (const name of names)
    hash
      .update(name)
      .update("\0")
      .update(readFileSync(join(folder, name)))
      .update("\0");
  return hash.digest("hex").slice(0, 32);
}

export function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}
