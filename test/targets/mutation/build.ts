/**
 * Builds a subject once, each kernel a shared object of its own, and then one changed kernel at a time: a mutant costs
 * one compilation without optimisation, a link of that object alone and a run, about 0.2 s of a core.
 */
import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Target } from "../../../src/claim/target.js";
import { run } from "../../../src/host/toolchain.js";
import { firstLines, inParallel, type TwinLibrary } from "../../../src/verify/twin-library.js";
import type { Subject } from "./subjects.js";

export interface Workshop {
  readonly subject: Subject;
  readonly twin: TwinLibrary;
  readonly target: Target;
  /** A folder of its own, dropped at the end. */
  readonly work: string;
}

export interface Problem {
  readonly problem: string;
}

/** How every source is compiled; another choice makes other code, so that results are kept apart by it. */
export const flags = ["-std=c++17", "-O0", "-w", "-fPIC"];

function includesOf({ subject, twin, work }: Workshop, own: string): string[] {
  return [...subject.includes.map((f) => `-I${f}`), ...twin.runtimeIncludes, `-I${own}`, `-I${work}`, ...twin.includes];
}

/** The name by which the program asks for a kernel's object. */
function libraryOf({ subject }: Workshop, kernel: string): string {
  return `libk${subject.kernels.indexOf(kernel)}.so`;
}

/**
 * Compiles a kernel's text in a folder, by names without a path, so that equal code gives equal bytes.
 * Gives the digest of the object, or what the compiler said.
 */
export async function compileKernel(
  shop: Workshop,
  text: string,
  kernel: string,
  folder: string,
  options: { readonly flags?: readonly string[]; readonly headers?: string } = {},
): Promise<string | Problem> {
  const { target, twin } = shop;
  mkdirSync(folder, { recursive: true });
  const name = basename(kernel);
  writeFileSync(join(folder, name), text);
  const entry = /extern "C" __global__ __aicore__ void (\w+)\(/.exec(text)?.[1];
  const launcher = target.launchHeaders && entry ? [join(options.headers ?? folder, `aclrtlaunch_${entry}.h`)] : [];
  const prepared = await run(twin.prepare, [target.name, name, "prepared.cpp", ...launcher], { cwd: folder });
  if (prepared.status !== 0) return { problem: firstLines(prepared.stderr, 2) };
  const args = [...(options.flags ?? [...flags, ...twin.kernelFlags]), ...includesOf(shop, folder), "-c", "prepared.cpp", "-o", "kernel.o"];
  const done = await run(twin.compiler, args, { cwd: folder });
  if (done.status !== 0) return { problem: firstLines(done.stderr, 2) };
  return createHash("sha256")
    .update(readFileSync(join(folder, "kernel.o")))
    .digest("hex");
}

/** Links the object that `compileKernel` left in a folder. */
async function linkKernel(shop: Workshop, kernel: string, folder: string): Promise<void> {
  const library = libraryOf(shop, kernel);
  const args = ["-shared", "-nostdlib", "-Wl,-Bsymbolic", `-Wl,-soname,${library}`, "kernel.o", "-o", library];
  const done = await run(shop.twin.compiler, args, { cwd: folder });
  if (done.status !== 0) throw new Error(`${shop.subject.name}: ${firstLines(done.stderr)}`);
}

/** Builds the whole subject; gives the program and the digest of each kernel's object. Throws when it does not build. */
export async function buildSubject(shop: Workshop): Promise<{ readonly program: string; readonly digests: ReadonlyMap<string, string> }> {
  const { subject, twin, work } = shop;
  const digests = new Map<string, string>();
  const folders = subject.kernels.map((_, i) => join(work, `k${i}`));
  await inParallel(subject.kernels, 2, async (kernel, i) => {
    const digest = await compileKernel(shop, readFileSync(kernel, "utf8"), kernel, folders[i], { headers: work });
    if (typeof digest !== "string") throw new Error(`${subject.name}: ${kernel}: ${digest.problem}`);
    digests.set(kernel, digest);
    await linkKernel(shop, kernel, folders[i]);
  });
  const hosts = subject.sources.map((_, i) => join(work, `host${i}.o`));
  await inParallel(subject.sources, 2, async (source, i) => {
    const done = await run(twin.compiler, [...flags, ...includesOf(shop, work), "-c", source, "-o", hosts[i]]);
    if (done.status !== 0) throw new Error(`${subject.name}: ${source}: ${firstLines(done.stderr)}`);
  });
  const program = join(work, "run");
  const kernels = subject.kernels.map((kernel, i) => join(folders[i], libraryOf(shop, kernel)));
  const paths = ["-rdynamic", "-Wl,--enable-new-dtags", ...folders.map((f) => `-Wl,-rpath,${f}`)];
  const whole = ["-Wl,--whole-archive", twin.library, "-Wl,--no-whole-archive"];
  const done = await run(twin.compiler, [...hosts, ...whole, "-Wl,--no-as-needed", ...kernels, ...paths, "-o", program, "-lm", "-pthread"]);
  if (done.status !== 0) throw new Error(`${subject.name}: ${firstLines(done.stderr)}`);
  return { program, digests };
}

/** The subject's program with the object of one kernel taken from a folder instead. */
export async function programWith(shop: Workshop, program: string, kernel: string, folder: string): Promise<string> {
  await linkKernel(shop, kernel, folder);
  const script = join(folder, "run");
  writeFileSync(script, `#!/bin/sh\nLD_LIBRARY_PATH='${folder}' exec '${program}' "$@"\n`);
  chmodSync(script, 0o755);
  return script;
}
