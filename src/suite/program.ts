/**
 * Compiled cases as one program: about forty models share their headers' text. All that decides the program is known as
 * text before a file is written, and the built program is cached by it, so that a second run only computes.
 */
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Tensor } from "../base/tensor.js";
import type { BundleFile } from "../emit/file.js";
import type { Emitted } from "../emit/steps.js";
import type { Target } from "../claim/target.js";
import { cacheFolder, exists, run } from "../host/toolchain.js";
import type { TwinLibrary } from "../verify/twin-library.js";
import type { SuiteCase } from "./cases.js";

/** A case ready to build: its text is in `files`, its numbers wait. */
export interface CompiledCase {
  readonly test: SuiteCase;
  readonly emitted: Emitted;
  readonly files: readonly BundleFile[];
  readonly inputs: ReadonlyMap<string, Tensor>;
  readonly frozen: readonly string[];
  /** The chip computes products of float32 from halves: its numbers are held to those of halves. */
  readonly halfProducts?: boolean;
  /** Says what is wrong with the outputs, by name, instead of a comparison with the test's own. */
  readonly faultOf?: (outputs: ReadonlyMap<string, Tensor>) => string | undefined;
}

/** Files of the program by their paths in its work folder, where case i has the folder `i`. */
type ProgramTexts = ReadonlyMap<string, string>;

/** Cases compute much, so that optimising pays; where they compute little it takes half of the time, and -O0 is given. */
type Optimise = "-O0" | "-O1";
const flagsOf = (optimise: Optimise): readonly string[] => ["-std=c++17", optimise, "-w"];

/** The generated text of every case, the script that rewrites their kernels for the twin, and the source that holds all. */
export function programTexts(cases: readonly CompiledCase[], target: Target): ProgramTexts {
  const texts = new Map<string, string>();
  for (const [i, { files }] of cases.entries())
    for (const f of files)
      if (/^(model\.(cpp|h)$|kernels\/)/.test(f.path)) texts.set(`${i}/${f.path}`, Buffer.concat([...f.bytes()]).toString("utf8"));
  const source = batchSource(cases, texts);
  return texts.set("prepare.sh", prepareScript(cases, target)).set("batch.cpp", source);
}

/** Differs when anything does that decides the program. */
export function programKey(texts: ProgramTexts, twin: TwinLibrary, optimise: Optimise = "-O1"): string {
  const hash = createHash("sha256");
  for (const field of [twin.hash, twin.compiler, twin.compilerVersion, ...flagsOf(optimise), ...twin.kernelFlags, ...[...texts].flat()])
    hash.update(field).update("\0");
  return hash.digest("hex").slice(0, 32);
}

export interface BuildContext {
  readonly target: Target;
  readonly twin: TwinLibrary;
  /** "-O1" when not given. */
  readonly optimise?: Optimise;
  readonly signal?: AbortSignal;
}

/** The program's path, or what the compiler said. Its files are left in `work`. Throws AbortError. */
export async function buildProgram(
  cases: readonly CompiledCase[],
  work: string,
  { target, twin, optimise = "-O1", signal }: BuildContext,
): Promise<string | { readonly stderr: string }> {
  const texts = programTexts(cases, target);
  const cached = join(cacheFolder(), `suite-${programKey(texts, twin, optimise)}`);
  if (exists(cached)) return cached;

  for (const [path, text] of texts) {
    mkdirSync(dirname(join(work, path)), { recursive: true });
    writeFileSync(join(work, path), text);
  }
  const rewritten = await run("sh", ["prepare.sh", twin.prepare], { cwd: work, signal });
  if (rewritten.status !== 0) return { stderr: rewritten.stderr };
  // Relative paths: what the compiler says does not name the folder.
  const folders = [".", ...cases.keys()].map((f) => `-I${f}`);
  const includes = [...folders, ...twin.includes, ...twin.runtimeIncludes];
  // Apart: with the flags by which the twin hears of accesses, a link would bring a checker of its own.
  const steps = [
    [...flagsOf(optimise), ...twin.kernelFlags, ...includes, "-c", "batch.cpp", "-o", "batch.o"],
    ["batch.o", twin.library, "-o", "batch", "-lm", "-pthread"],
  ];
  for (const args of steps) {
    const built = await run(twin.compiler, args, { cwd: work, signal });
    if (built.status !== 0) return { stderr: built.stderr };
  }
  // Written beside its place: another run may build the same program at the same time.
  const beside = `${cached}.${basename(work)}`;
  copyFileSync(join(work, "batch"), beside);
  renameSync(beside, cached);
  return cached;
}

const kernelName = (path: string): string => basename(path).replace(/\.[a-z]+$/, "");

/**
 * Every case in a namespace of its own; headers of the vendor and of the runtime stand once, before them, and before
 * those the chip that the kernels name: the headers read it.
 */
function batchSource(cases: readonly CompiledCase[], texts: ProgramTexts): string {
  const headers = new Set(['#include "chip.h"', '#include "portolan.h"', '#include "suite.h"']);
  const parts: string[] = [];
  for (const [i, { emitted }] of cases.entries()) {
    for (const path of [...emitted.kernels.map((k) => k.path), "model.cpp"])
      for (const line of texts.get(`${i}/${path}`)?.match(/^#include .*$/gm) ?? [])
        if (!/"(model\.h|aclrtlaunch_.*|runtime\/portolan\.h)"/.test(line)) headers.add(line);
    const sources = [...emitted.kernels.map((k) => `${kernelName(k.path)}.cpp`), "model.cpp"];
    parts.push(`namespace case_${i} {`, ...sources.map((f) => `#include "${i}/${f}"`), "}");
  }
  const models = cases.map((p, i) => `static_cast<const portolan::Model*>(case_${i}::${p.emitted.program.prefix}_tables())`);
  parts.push(`static const portolan::Model* const models[] = {${models.join(", ")}};`);
  parts.push(`int main(int argc, char** argv) { return portolan::run_suite(models, ${cases.length}, argc, argv); }`);
  return [...headers, ...parts].join("\n") + "\n";
}

/**
 * `sh prepare.sh PREPARE`: one shell for all the rewriting of a batch, as starting a process from here costs more than
 * the rewriting; then chip.h with the chip that the rewritten kernels define.
 */
function prepareScript(cases: readonly CompiledCase[], target: Target): string {
  const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
  const kernels = cases.flatMap(({ emitted }, i) => emitted.kernels.map(({ path }) => ({ i, path, name: kernelName(path) })));
  const lines = kernels.map(({ i, path, name }) => {
    const launch = target.launchHeaders ? [quote(`${i}/aclrtlaunch_${name}.h`)] : [];
    return ['"$1"', target.name, quote(`${i}/${path}`), quote(`${i}/${name}.cpp`), ...launch].join(" ");
  });
  const rewritten = kernels.map(({ i, name }) => quote(`${i}/${name}.cpp`));
  const chips = `cat ${["/dev/null", ...rewritten].join(" ")} | sed -n '/^#define PORTOLAN_CHIP /p' | sort -u > chip.h`;
  return ["set -e", ...lines, chips].join("\n") + "\n";
}
