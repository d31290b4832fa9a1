/**
 * Compiled cases as one program: about forty models share their headers' text, and each runs in a process of its own.
 * Programs are cached by the text they were built from, so a second run only computes.
 */
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import type { Tensor } from "../base/tensor.js";
import type { BundleFile } from "../bundle/file.js";
import { readTensorProto } from "../onnx/tensor-proto.js";
import type { Plan } from "../plan/plan.js";
import type { Target } from "../plan/target.js";
import { disagreement } from "../verify/compare.js";
import { readNpz, writeNpz } from "../verify/npz.js";
import { cacheFolder, exists, run } from "../verify/toolchain.js";
import { firstLines, type TwinLibrary } from "../verify/twin-library.js";
import type { SuiteCase } from "./suite-cases.js";
import type { CaseResult } from "./suite-result.js";

/** A case ready to build: its text is in `files`, its numbers wait. */
export interface CompiledCase {
  readonly test: SuiteCase;
  readonly plan: Plan;
  readonly files: readonly BundleFile[];
  readonly inputs: ReadonlyMap<string, Tensor>;
  readonly frozen: readonly string[];
}

export interface BatchContext {
  readonly target: Target;
  readonly twin: TwinLibrary;
  /** Seconds one case may run. */
  readonly seconds: number;
  readonly signal?: AbortSignal;
}

/** Builds and runs the cases and compares their outputs; results in the cases' order. Leaves nothing but the cached program. */
export async function runBatch(cases: readonly CompiledCase[], context: BatchContext): Promise<CaseResult[]> {
  if (cases.length === 0) return [];
  const work = mkdtempSync(join(tmpdir(), "portolan-suite-"));
  try {
    const program = await buildBatch(cases, work, context);
    if (typeof program !== "string") return await runHalves(cases, context, program.stderr);
    cases.forEach((p, i) => writeData(p, join(work, `${i}`)));
    const done = await run(program, [work, `${context.seconds}`], { signal: context.signal });
    const lines = done.stdout.split("\n").filter((l) => l !== "");
    const statuses = new Map(lines.map((l) => [Number(l.split(" ")[0]), l.split(" ").slice(1).map(Number)] as const));
    return cases.map((p, i) => judge(p, join(work, `${i}`), statuses.get(i)));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** One bad model must not hide the others: halves, until it stands alone. */
async function runHalves(cases: readonly CompiledCase[], context: BatchContext, stderr: string): Promise<CaseResult[]> {
  if (cases.length === 1)
    return [{ name: cases[0].test.name, status: "crash", reason: `generated code does not compile: ${firstLines(stderr, 4)}` }];
  const half = Math.ceil(cases.length / 2);
  return [...(await runBatch(cases.slice(0, half), context)), ...(await runBatch(cases.slice(half), context))];
}

/** Writes the files whose path fits `which`. */
function writeFiles(p: CompiledCase, folder: string, which: RegExp): void {
  for (const file of p.files) {
    if (!which.test(file.path)) continue;
    const path = join(folder, file.path);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, Buffer.concat([...file.bytes()]));
  }
}

function writeData(p: CompiledCase, folder: string): void {
  mkdirSync(folder, { recursive: true });
  writeFiles(p, folder, /^weights\//);
  writeFileSync(join(folder, "in.npz"), writeNpz(p.inputs));
}

/** The program's path, or what the compiler said. */
async function buildBatch(
  cases: readonly CompiledCase[],
  work: string,
  { target, twin, signal }: BatchContext,
): Promise<string | { readonly stderr: string }> {
  const cached = join(cacheFolder(), `suite-${textHash(cases, twin)}`);
  if (exists(cached)) return cached;

  cases.forEach((p, i) => writeFiles(p, join(work, `${i}`), /^(model\.(cpp|h)$|kernels\/)/));
  const rewritten = await run("sh", [writeScript(cases, work, target, twin)], { cwd: work, signal });
  if (rewritten.status !== 0) return { stderr: rewritten.stderr };
  const source = join(work, "batch.cpp");
  writeFileSync(source, batchSource(cases, work));
  const program = join(work, "batch");
  const folders = cases.map((_, i) => `-I${join(work, `${i}`)}`);
  const includes = [`-I${work}`, ...twin.includes, ...twin.runtimeIncludes, ...folders];
  const built = await run(twin.compiler, [...compilerFlags, ...includes, source, twin.library, "-o", program, "-lm"], { signal });
  if (built.status !== 0) return { stderr: built.stderr };
  // Written beside its place: another run may build the same program at the same time.
  const beside = `${cached}.${basename(work)}`;
  copyFileSync(program, beside);
  renameSync(beside, cached);
  return cached;
}

const compilerFlags = ["-std=c++17", "-O1", "-w"];

function textHash(cases: readonly CompiledCase[], twin: TwinLibrary): string {
  const hash = createHash("sha256").update(twin.hash);
  for (const { files } of cases)
    for (const f of files) if (/^(model\.cpp$|kernels\/)/.test(f.path)) for (const chunk of f.bytes()) hash.update(f.path).update(chunk);
  return hash.digest("hex").slice(0, 32);
}

const kernelName = (path: string): string => basename(path).replace(/\.[a-z]+$/, "");

/**
 * Every case in a namespace of its own; headers of the vendor and of the runtime stand once, before them, and before
 * those the chip that the kernels name: the headers read it.
 */
function batchSource(cases: readonly CompiledCase[], work: string): string {
  const headers = new Set(['#include "portolan.h"', '#include "suite.h"']);
  const chips = new Set<string>();
  const parts: string[] = [];
  for (const [i, { plan }] of cases.entries()) {
    const sources = [...plan.kernels.map((k) => `${kernelName(k.path)}.cpp`), "model.cpp"];
    for (const text of sources.map((f) => readFileSync(join(work, `${i}`, f), "utf8"))) {
      for (const line of text.match(/^#define PORTOLAN_CHIP .*$/gm) ?? []) chips.add(line);
      for (const line of text.match(/^#include .*$/gm) ?? [])
        if (!/"(model\.h|aclrtlaunch_.*|runtime\/portolan\.h)"/.test(line)) headers.add(line);
    }
    parts.push(`namespace case_${i} {`, ...sources.map((f) => `#include "${i}/${f}"`), "}");
  }
  const models = cases.map((p, i) => `static_cast<const portolan::Model*>(case_${i}::${p.plan.program.prefix}_tables())`);
  parts.push(`static const portolan::Model* const models[] = {${models.join(", ")}};`);
  parts.push(`int main(int argc, char** argv) { return portolan::run_suite(models, ${cases.length}, argc, argv); }`);
  return [...chips, ...headers, ...parts].join("\n") + "\n";
}

/** One shell for all the rewriting of a batch: starting a process from here costs more than the rewriting. */
function writeScript(cases: readonly CompiledCase[], work: string, target: Target, twin: TwinLibrary): string {
  const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
  const lines = cases.flatMap(({ plan }, i) =>
    plan.kernels.map(({ path }) => {
      const name = kernelName(path);
      const launch = target.launchHeaders ? [`${i}/aclrtlaunch_${name}.h`] : [];
      return [quote(twin.prepare), target.name, quote(`${i}/${path}`), quote(`${i}/${name}.cpp`), ...launch.map(quote)].join(" ");
    }),
  );
  const script = join(work, "prepare.sh");
  writeFileSync(script, `set -e\n${lines.join("\n")}\n`);
  return script;
}

/** `status` is the case's exit status and signal, absent when the program ended before it. */
function judge({ test, plan, frozen }: CompiledCase, folder: string, status: readonly number[] | undefined): CaseResult {
  const how = { library: 0, kernel: 0, scalar: 0, host: 0 };
  const ways = plan.program.steps.map((s) => s.way);
  for (const { kind } of ways) if (kind !== "copy") how[kind]++;
  const calls = [...new Set(ways.flatMap((w) => (w.kind === "library" ? w.uses : [])))].sort();
  const found = (kind: CaseResult["status"], reason?: string): CaseResult => ({
    name: test.name,
    status: kind,
    ...(reason !== undefined ? { reason } : {}),
    how,
    ...(calls.length > 0 ? { calls } : {}),
    ...(frozen.length > 0 ? { frozen } : {}),
  });
  if (!status) return found("crash", "the program ended before this case");
  if (status[0] !== 0) return found("crash", status[1] ? `signal ${status[1]}` : saidIn(folder));
  try {
    const fault = faultOf(test, readNpz(readFileSync(join(folder, "out.npz"))), plan);
    return fault === undefined ? found("pass") : found("wrong", fault);
  } catch (error) {
    return found("crash", `its outputs or the expected ones cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function saidIn(folder: string): string {
  const path = join(folder, "stderr.txt");
  return exists(path) ? firstLines(readFileSync(path, "utf8"), 3).trim() : "";
}

function faultOf(test: SuiteCase, got: ReadonlyMap<string, Tensor>, { program }: Plan): string | undefined {
  const names = program.outputs.map((id) => program.buffers[id].name);
  for (const [i, bytes] of test.outputs.entries()) {
    const want = readTensorProto(bytes);
    const have = got.get(names[i]);
    if (!have) return `no output ${i}`;
    const fault = test.random ? formFault(have, want) : disagreement(have, want, test.limits);
    if (fault) return `output ${i}: ${fault}`;
  }
  return undefined;
}

function formFault(got: Tensor, want: Tensor): string | undefined {
  if (got.dtype !== want.dtype) return `element type ${got.dtype}, expected ${want.dtype}`;
  return got.shape.join() === want.shape.join() ? undefined : `shape [${got.shape.join()}], expected [${want.shape.join()}]`;
}
