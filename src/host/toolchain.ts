/** The C++ compiler and the folder for what it builds: the only places where `verify` touches processes and caches. */
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
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

/** CXX when it is set, and no other then; else g++, c++ or clang++; fails with what to install. */
export async function findCompiler(): Promise<string> {
  const named = process.env["CXX"];
  for (const name of named ? [named] : ["g++", "c++", "clang++"]) {
    try {
      if ((await run(name, ["--version"])).status === 0) return name;
    } catch {
      continue;
    }
  }
  const what = named ? `CXX names "${named}", which does not run` : "no C++17 compiler was found";
  return fail("compiler-missing", `${what}, and checking on a twin needs one`, {
    why: "The twins are C++ programs that run the generated code as it is.",
    fix: "Install g++ (Debian: apt-get install g++), or name a compiler with CXX=...",
  });
}

/** What the twins ask of a compiler and its library, in a few lines. */
const smallProgram = `#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
namespace outer { inline namespace v1 { struct Pair { int first; std::string second; }; } }
static thread_local std::map<int, std::unique_ptr<int>> kept;
template <class T> int size(T x) { if constexpr (sizeof(T) == 4) return (int)x; return __builtin_LINE(); }
int main() {
  std::mutex mutex;
  std::atomic<int> sum{0};
  int product = 0;
  std::thread([&] { const std::lock_guard<std::mutex> lock(mutex); const auto [first, second] = outer::Pair{41, "1"}; sum = first + std::stoi(second); }).join();
  kept[1] = std::make_unique<int>(size(sum.load()));
  return *kept[1] == 42 && !__builtin_mul_overflow(6, 7, &product) ? 0 : 1;
}
`;

/** What the compiler says when it does not build a small program, or what that says; undefined when it does and it runs. */
export async function faultOf(compiler: string, options: { readonly signal?: AbortSignal } = {}): Promise<string | undefined> {
  const folder = mkdtempSync(join(tmpdir(), "portolan-compiler-"));
  try {
    const source = join(folder, "small.cpp");
    const program = join(folder, "small");
    writeFileSync(source, smallProgram);
    const built = await run(compiler, ["-std=c++17", "-O1", source, "-o", program, "-pthread"], options);
    if (built.status !== 0)
      return built.stderr.split("\n").find((l) => /error|cannot|not found/i.test(l)) ?? `it ends with ${built.status}`;
    const ran = await run(program, [], options);
    return ran.status === 0 ? undefined : `what it builds does not run: ${ran.signal ?? `exit code ${ran.status}`}`;
  } catch (error) {
    if (options.signal?.aborted) throw error;
    return (error as Error).message;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Throws `compiler-unusable` where a failed build is the compiler's fault: it does not build a small program either. */
export async function requireUsable(compiler: string, options: { readonly signal?: AbortSignal } = {}): Promise<void> {
  const fault = await faultOf(compiler, options);
  if (fault === undefined) return;
  fail("compiler-unusable", `${compiler} does not build a small C++17 program: ${fault}`, {
    why: "The twins are C++ programs, built on this machine.",
    fix: "Install g++ 11 or newer, or clang 14 or newer, with its C++ library, or name one with CXX=...",
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
