/** Builds mutants one kernel at a time against the rest of their program, runs them, and says what became of each. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { Target } from "../../../src/plan/target.js";
import { run } from "../../../src/verify/toolchain.js";
import { firstLines, inParallel, twinLibrary, type TwinLibrary } from "../../../src/verify/twin-library.js";
import { equivalence } from "./equivalents.js";
import { mutantsOf, type Mutant, type Operator } from "./mutate.js";
import type { Ending, Subject } from "./subjects.js";

/**
 * "named": a violation of a rule; "wrong": other numbers; "crash" and "timeout": it did not come to its end;
 * "rejected": it does not compile and is no mutant; "unreached": no input of the subject runs the site's line;
 * "equivalent": it survived, and an argument says why it is no mistake.
 */
export type Fate = "named" | "wrong" | "crash" | "timeout" | "survived" | "rejected" | "unreached" | "equivalent";

export interface Verdict {
  readonly subject: string;
  readonly kernel: string;
  readonly mutant: Mutant;
  readonly fate: Fate;
  /** The rule named, or how it ended. */
  readonly detail: string;
}

/** A subject that is built and was run as it is. */
export interface Bench {
  readonly subject: Subject;
  readonly twin: TwinLibrary;
  readonly target: Target;
  readonly work: string;
  readonly objects: ReadonlyMap<string, string>;
  readonly wanted: readonly Float64Array[];
  /** The kernels' texts, by file. */
  readonly texts: ReadonlyMap<string, string>;
  /** Kernel files that the inputs launch. */
  readonly launched: readonly string[];
}

const flags = ["-std=c++17", "-O0", "-w"];

/** Builds a subject. Throws when it does not build, breaks a rule or fails as it is. */
export async function benchOf(subject: Subject, target: Target, root: string): Promise<Bench> {
  const twin = await twinLibrary(target, root);
  const work = mkdtempSync(join(tmpdir(), "portolan-mutants-"));
  const objects = new Map<string, string>();
  const texts = new Map(subject.kernels.map((k) => [k, readFileSync(k, "utf8")]));
  const bench = { subject, twin, target, work, objects, texts, wanted: [], launched: [] };
  await inParallel(subject.kernels, 2, async (kernel, i) => {
    const built = await compileKernel(bench, textOf(bench, kernel), kernel, join(work, `k${i}`), work);
    if (typeof built !== "string") throw new Error(`${subject.name}: ${kernel}: ${built.problem}`);
    objects.set(kernel, built);
  });
  await inParallel(subject.sources, 2, async (source, i) => {
    const object = join(work, `host${i}.o`);
    const done = await run(twin.compiler, [...flags, ...includesOf(bench, work), "-c", source, "-o", object]);
    if (done.status !== 0) throw new Error(`${subject.name}: ${source}: ${firstLines(done.stderr)}`);
    objects.set(source, object);
  });
  const program = await link(bench, objects, join(work, "run"));
  const ending = await subject.run(program, 60_000);
  if (!ending.numbers) throw new Error(`${subject.name} on ${target.name}: ${ending.rule ?? ending.error}`);
  const launched = subject.kernels.filter((k) => !ending.launched || ending.launched.some((n) => basename(k).startsWith(`${n}.`)));
  return { ...bench, wanted: ending.numbers, launched };
}

export function closeBench(bench: Bench): void {
  rmSync(bench.work, { recursive: true, force: true });
}

export function textOf(bench: Bench, kernel: string): string {
  return bench.texts.get(kernel) ?? "";
}

function includesOf(bench: Bench, own: string): string[] {
  const { subject, twin, work } = bench;
  const runtime = subject.includes.length > 0 ? subject.includes.map((f) => `-I${f}`) : twin.runtimeIncludes;
  return [...runtime, `-I${own}`, `-I${work}`, ...twin.includes];
}

async function compileKernel(
  bench: Bench,
  text: string,
  kernel: string,
  folder: string,
  headers: string,
): Promise<string | { problem: string }> {
  const { target, twin } = bench;
  mkdirSync(folder, { recursive: true });
  const [from, to, object] = [join(folder, basename(kernel)), join(folder, "prepared.cpp"), join(folder, "kernel.o")];
  writeFileSync(from, text);
  const entry = /extern "C" __global__ __aicore__ void (\w+)\(/.exec(text)?.[1];
  const launcher = target.launchHeaders && entry ? [join(headers, `aclrtlaunch_${entry}.h`)] : [];
  const prepared = await run(twin.prepare, [target.name, from, to, ...launcher]);
  if (prepared.status !== 0) return { problem: firstLines(prepared.stderr, 2) };
  const done = await run(twin.compiler, [...flags, ...includesOf(bench, folder), "-c", to, "-o", object]);
  return done.status === 0 ? object : { problem: firstLines(done.stderr, 2) };
}

async function link(bench: Bench, objects: ReadonlyMap<string, string>, program: string): Promise<string> {
  const done = await run(bench.twin.compiler, [...objects.values(), bench.twin.library, "-o", program, "-lm"]);
  if (done.status !== 0) throw new Error(`${bench.subject.name}: ${firstLines(done.stderr)}`);
  return program;
}

const timeoutMs = 10_000;

/** Builds one changed kernel into the subject's program and runs it. */
async function tryText(bench: Bench, kernel: string, text: string): Promise<Ending | { readonly problem: string }> {
  const folder = mkdtempSync(join(bench.work, "m-"));
  try {
    const object = await compileKernel(bench, text, kernel, folder, folder);
    if (typeof object !== "string") return object;
    const program = await link(bench, new Map([...bench.objects, [kernel, object]]), join(folder, "run"));
    return await bench.subject.run(program, timeoutMs);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What became of a mutant of one of the subject's kernels. */
export async function judge(bench: Bench, kernel: string, mutant: Mutant): Promise<Verdict> {
  const ending = await tryText(bench, kernel, mutant.text);
  const [fate, detail] = fateOf(ending, bench.wanted);
  const reached = fate !== "survived" || (await isReached(bench, kernel, mutant.line));
  const verdict = { subject: bench.subject.name, kernel: basename(kernel), mutant };
  if (!reached) return { ...verdict, fate: "unreached", detail };
  const argument = fate === "survived" ? equivalence(textOf(bench, kernel), mutant) : undefined;
  return argument ? { ...verdict, fate: "equivalent", detail: argument } : { ...verdict, fate, detail };
}

function fateOf(ending: Ending | { readonly problem: string }, wanted: readonly Float64Array[]): [Fate, string] {
  if ("problem" in ending) return ["rejected", ending.problem];
  if (ending.rule) return ["named", ending.rule];
  if (ending.error) return [/SIGTERM/.test(ending.error) ? "timeout" : "crash", ending.error];
  return sameNumbers(ending.numbers ?? [], wanted) ? ["survived", ""] : ["wrong", "other numbers"];
}

/** Equal to a relative 1e-6: a twin gives the same bits for the same instructions. */
function sameNumbers(got: readonly Float64Array[], wanted: readonly Float64Array[]): boolean {
  return got.length === wanted.length && wanted.every((w, k) => w.length === got[k].length && w.every((x, i) => near(got[k][i], x)));
}

function near(got: number, want: number): boolean {
  return Object.is(got, want) || got === want || Math.abs(got - want) <= 1e-6 * Math.max(1e-3, Math.abs(want));
}

/** Whether a run comes to the statement at a line: the kernel with a trap before it must die. */
async function isReached(bench: Bench, kernel: string, line: number): Promise<boolean> {
  const lines = textOf(bench, kernel).split("\n");
  const alone = /\)\s*$/.test(lines[line - 2] ?? "");
  const trapped = lines[line - 1].replace(/^(\s*(?:if \([^)]*\) )?)(?=\S)/, "$1__builtin_trap(); $1");
  lines[line - 1] = alone ? `{ ${trapped} }` : trapped;
  const ending = await tryText(bench, kernel, lines.join("\n"));
  return "problem" in ending || !ending.numbers;
}

/** Every launched kernel of a subject with its mutants; a text that only bears another name is taken once. */
export function mutantsOfBench(bench: Bench, operators: readonly Operator[], seen: Set<string>): { kernel: string; mutant: Mutant }[] {
  return bench.launched.flatMap((kernel) => {
    const text = textOf(bench, kernel);
    const name = basename(kernel).replace(/\.\w+$/, "");
    const body = text.replaceAll(name, "kernel").replace(/^\/\/.*$/gm, "");
    if (seen.has(body)) return [];
    seen.add(body);
    return mutantsOf(text, operators).map((mutant) => ({ kernel, mutant }));
  });
}
