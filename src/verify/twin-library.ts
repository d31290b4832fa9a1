/** Builds a target's twin once per content: a static library with the runtime, and the source rewriter. */
import { mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fail } from "../base/diagnostic.js";
import type { Target } from "../claim/target.js";
import { cacheFolder, exists, findCompiler, hashFiles, listFiles, requireUsable, run, type Finished } from "../host/toolchain.js";

export interface TwinLibrary {
  readonly compiler: string;
  /** What the compiler says of itself. */
  readonly compilerVersion: string;
  readonly library: string;
  readonly prepare: string;
  /** -I flags for the vendor-named headers. */
  readonly includes: readonly string[];
  /** -I flags for the runtime's own headers; a bundle carries copies and uses those. */
  readonly runtimeIncludes: readonly string[];
  /** For the target's kernels: see `watchFlags`. */
  readonly kernelFlags: readonly string[];
  /** Changes when any source of the twin does, or the compiler; not with the folder that the package lies in. */
  readonly hash: string;
}

const libraryFlags = ["-std=c++17", "-O3"];

/**
 * A call of the twin's own at every load and store of a kernel: what compilers offer for a checker of threads, which tells a load
 * from the store to the same place behind it. Nothing is linked for it.
 */
export function watchFlags(compilerVersion: string): readonly string[] {
  const ofClang = ["-mllvm", "-tsan-instrument-read-before-write=1", "-mllvm", "-tsan-instrument-atomics=0"];
  return ["-fsanitize=thread", ...(/clang/i.test(compilerVersion) ? ofClang : [])];
}

/** `root` is the package's own folder. `onBuild` hears that a build begins: it takes half a minute. `flags`: sanitizers. */
export async function twinLibrary(
  target: Target,
  root: string,
  options: { readonly signal?: AbortSignal; readonly onBuild?: () => void; readonly flags?: readonly string[] } = {},
): Promise<TwinLibrary> {
  const compiler = await findCompiler();
  const compilerVersion = (await run(compiler, ["--version"], options)).stdout;
  const folders = ["targets/common/twin", target.twinFolder, "targets/common/runtime", target.runtimeFolder];
  const [common, own, runtime, ownRuntime] = folders.map((folder) => join(root, folder));
  const names = folders.flatMap((folder) => listFiles(join(root, folder)).map((f) => join(folder, f)));
  const ownFlags = [...libraryFlags, ...(options.flags ?? [])];
  const hash = hashFiles(root, names, [compiler, compilerVersion, process.arch, ownFlags.join(" ")]);
  const folder = join(cacheFolder(), `twin-${target.name}-${hash}`);
  const flags = (folders: readonly string[]): string[] => folders.map((f) => `-I${f}`);
  const includes = flags([common, own, join(own, "include")]);
  const runtimeIncludes = flags([runtime, ownRuntime, join(root, "targets/common"), join(ownRuntime, "..")]);
  const built: TwinLibrary = {
    compiler,
    compilerVersion,
    library: join(folder, "libtwin.a"),
    prepare: join(folder, "prepare"),
    includes,
    runtimeIncludes,
    kernelFlags: target.watchesAccesses ? watchFlags(compilerVersion) : [],
    hash,
  };
  if (exists(built.library)) return built;

  options.onBuild?.();
  mkdirSync(cacheFolder(), { recursive: true });
  const work = mkdtempSync(join(cacheFolder(), "build-"));
  try {
    const sources = names.filter((f) => f.endsWith(".cpp") && !f.endsWith("prepare.cpp")).map((f) => join(root, f));
    const objects = sources.map((_, i) => join(work, `${i}.o`));
    const jobs = sources.map((source, i) => [...ownFlags, "-c", source, "-o", objects[i], ...includes, ...runtimeIncludes]);
    jobs.push(["-std=c++17", "-O1", join(common, "prepare.cpp"), "-o", join(work, "prepare")]);
    await inParallel(jobs, 2, async (args) => {
      const done = await run(compiler, args, options);
      if (done.status !== 0) {
        await requireUsable(compiler, options);
        fail("twin-build-failed", `the ${target.title} twin does not compile: ${firstLines(done.stderr)}`, {
          why: `${compiler} ${args.join(" ")}`,
        });
      }
    });
    const archived = await archive(join(work, "libtwin.a"), objects, options);
    if (archived.status !== 0) fail("twin-build-failed", `ar: ${firstLines(archived.stderr)}`);
    objects.forEach((o) => rmSync(o));
    try {
      renameSync(work, folder);
    } catch (error) {
      if (!exists(built.library)) throw error;
    }
    return built;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

async function archive(library: string, objects: readonly string[], options: { readonly signal?: AbortSignal }): Promise<Finished> {
  try {
    return await run("ar", ["rcs", library, ...objects], options);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return fail("compiler-missing", "no ar was found, and checking on a twin needs one", {
      why: "The twins are built as libraries.",
      fix: "Install binutils (Debian: apt-get install binutils).",
    });
  }
}

/** After a failure no further item is begun; it rejects with the first one, once all that had begun have ended. */
export async function inParallel<T>(items: readonly T[], width: number, work: (item: T, index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < items.length) {
      const index = next++;
      try {
        await work(items[index], index);
      } catch (error) {
        next = items.length;
        throw error;
      }
    }
  };
  const lanes = await Promise.allSettled(Array.from({ length: Math.min(width, items.length) }, lane));
  for (const ended of lanes) if (ended.status === "rejected") throw ended.reason;
}

export function firstLines(text: string, count = 12): string {
  const lines = text.split("\n").slice(0, count);
  return lines.map((l) => (l.length > 240 ? `${l.slice(0, 240)}...` : l)).join("\n");
}
