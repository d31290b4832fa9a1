/** Builds a bundle's files against the twin: rewrites kernel sources, compiles, links one program. */
import { mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { fail } from "../base/diagnostic.js";
import type { Target } from "../claim/target.js";
import { cacheFolder, exists, hashFiles, listFiles, requireUsable, run } from "../host/toolchain.js";
import { firstLines, inParallel, type TwinLibrary } from "./twin-library.js";

interface BuildOptions {
  readonly signal?: AbortSignal;
  /** More flags for the bundle's own files: -Wall -Wextra in tests. */
  readonly flags?: readonly string[];
}

/** Returns the program's path. Cached by the bundle's text and the twin's hash, wherever the bundle lies. */
export async function buildBundle(folder: string, target: Target, twin: TwinLibrary, options: BuildOptions = {}): Promise<string> {
  const files = listFiles(folder).filter((f) => /^(model|main)\.(cpp|h)$|^kernels\//.test(f));
  const flags = ["-std=c++17", "-O1", ...(options.flags ?? [])];
  // Two checkers of memory do not go together.
  const kernelFlags = flags.some((f) => f.startsWith("-fsanitize")) ? [] : twin.kernelFlags;
  const headers = listFiles(folder).filter((f) => /^runtime\/.*\.h$/.test(f));
  const hash = hashFiles(folder, [...files, ...headers], [twin.hash, ...flags, ...kernelFlags]);
  const home = join(cacheFolder(), `run-${hash}`);
  const program = join(home, "run");
  if (exists(program)) return program;
  const work = mkdtempSync(join(cacheFolder(), "build-"));
  try {
    const kernels = files.filter((f) => f.startsWith("kernels/"));
    const prepared = kernels.map((k) => join(work, `${basename(k).replace(/\.[a-z]+$/, "")}.cpp`));
    await inParallel(kernels, 2, async (kernel, i) => {
      const name = basename(prepared[i], ".cpp");
      const launcher = target.launchHeaders ? [join(work, `aclrtlaunch_${name}.h`)] : [];
      const done = await run(twin.prepare, [target.name, kernel, prepared[i], ...launcher], { ...options, cwd: folder });
      if (done.status !== 0) fail("twin-build-failed", `${kernel}: ${firstLines(done.stderr)}`);
    });
    const sources = [join(folder, "model.cpp"), join(folder, "main.cpp"), ...prepared];
    // A project that was kept without its runtime (samples are) is built with the package's own.
    const runtime = headers.length > 0 ? [`-I${join(folder, "runtime")}`] : twin.runtimeIncludes;
    const includes = [`-I${folder}`, ...runtime, `-I${work}`, ...twin.includes];
    const objects = sources.map((_, i) => join(work, `${i}.o`));
    await inParallel(sources, 2, async (source, i) => {
      const own = prepared.includes(source) ? kernelFlags : [];
      const done = await run(twin.compiler, [...flags, ...own, ...includes, "-c", source, "-o", objects[i]], options);
      if (done.status !== 0 || (options.flags && done.stderr !== ""))
        fail("twin-build-failed", `generated code does not compile against the ${target.title} twin:\n${firstLines(done.stderr, 30)}`);
    });
    const linked = await run(twin.compiler, [...objects, twin.library, "-o", join(work, "run"), "-lm", "-pthread"], options);
    if (linked.status !== 0) await requireUsable(twin.compiler, options);
    if (linked.status !== 0) fail("twin-build-failed", `linking against the ${target.title} twin:\n${firstLines(linked.stderr, 30)}`);
    mkdirSync(home, { recursive: true });
    renameSync(join(work, "run"), program);
    return program;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
