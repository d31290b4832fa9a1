/**
 * suite(): many small models compiled, built together, run on the twins, compared with their expected outputs.
 *
 * Models are compiled in this process, about forty are built as one program (their C++ shares its headers), and each
 * runs in a process of its own. Programs are cached by the text they were built from, so a second run only computes.
 */
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { bytesSource } from "../base/byte-source.js";
import { DiagnosticError } from "../base/diagnostic.js";
import type { Tensor } from "../base/tensor.js";
import { importModel } from "../onnx/import.js";
import { readModel } from "../onnx/model.js";
import { readTensorProto } from "../onnx/tensor-proto.js";
import { catalogue } from "../ops/catalogue.js";
import { inferGraph } from "../ir/infer.js";
import type { Graph, Value } from "../ir/graph.js";
import { disagreement } from "../verify/compare.js";
import { isSpelled, readNpz, writeNpz } from "../verify/npz.js";
import { cacheFolder, exists, run } from "../verify/toolchain.js";
import { firstLines, inParallel, twinLibrary, type TwinLibrary } from "../verify/twin-library.js";
import { compileLoaded, type Compiled } from "./compile.js";
import type { Running } from "./events.js";
import { packageRoot } from "./package.js";
import { readCases, type SuiteCase } from "./suite-cases.js";
import { chooseTargets, type ChosenTarget } from "./targets.js";

export interface SuiteOptions extends Running {
  readonly target: string;
  readonly precision?: "fp32" | "fp16";
  readonly prefer?: "library" | "kernels";
  readonly filter?: string;
  readonly limit?: number;
  /** Models a program holds. */
  readonly batch?: number;
  /** Seconds one case may run. */
  readonly seconds?: number;
}

export type CaseStatus = "pass" | "wrong" | "unsupported" | "crash" | "skipped";

export interface CaseResult {
  readonly name: string;
  readonly status: CaseStatus;
  readonly reason?: string;
  readonly how?: { readonly library: number; readonly kernel: number; readonly scalar: number; readonly host: number };
  /** Operands that shape the program and were fixed to the case's values. */
  readonly frozen?: readonly string[];
}

export interface SuiteResult {
  readonly schemaVersion: 1;
  readonly targets: Readonly<Record<string, { readonly cases: readonly CaseResult[] }>>;
}

export async function suite(path: string, options: SuiteOptions): Promise<SuiteResult> {
  const all = readCases(path).filter((c) => !options.filter || c.name.includes(options.filter));
  const cases = options.limit ? all.slice(0, options.limit) : all;
  const targets: Record<string, { cases: CaseResult[] }> = {};
  for (const chosen of await chooseTargets(options.target)) {
    const name = options.target === "all" ? chosen.target.name : `${chosen.target.name}`;
    targets[name] = { cases: await runTarget(chosen, cases, options) };
  }
  return { schemaVersion: 1, targets };
}

/** A case ready to build: its text is in `files`, its numbers wait. */
interface Prepared {
  readonly test: SuiteCase;
  readonly compiled: Compiled;
  readonly inputs: ReadonlyMap<string, Tensor>;
  readonly frozen: readonly string[];
  /** Of the model's C symbols. */
  readonly prefix: string;
}

async function runTarget(chosen: ChosenTarget, cases: readonly SuiteCase[], options: SuiteOptions): Promise<CaseResult[]> {
  const { onEvent, signal } = options;
  const twin = await twinLibrary(chosen.target, packageRoot, {
    signal,
    onBuild: () => onEvent?.({ kind: "phase", name: "build twin", target: chosen.target.name }),
  });
  const results = new Map<string, CaseResult>();
  const settle = (r: CaseResult): void => {
    results.set(r.name, r);
    onEvent?.({ kind: "progress", label: chosen.target.name, done: results.size, total: cases.length });
  };
  const size = options.batch ?? 40;
  const groups = Array.from({ length: Math.ceil(cases.length / size) }, (_, i) => cases.slice(i * size, (i + 1) * size));
  await inParallel(groups, 2, async (group) => {
    signal?.throwIfAborted();
    const ready: Prepared[] = [];
    for (const [i, test] of group.entries()) {
      const prepared = prepare(test, chosen, `c${i}`, options);
      if ("status" in prepared) settle(prepared);
      else ready.push(prepared);
      // Lets compilers that finished meanwhile be noticed.
      await new Promise((resolve) => setImmediate(resolve));
    }
    for (const r of await runBatch(ready, chosen, twin, options)) settle(r);
  });
  return cases.map((c) => results.get(c.name) ?? { name: c.name, status: "crash", reason: "it gave no result" });
}

function prepare(test: SuiteCase, chosen: ChosenTarget, prefix: string, options: SuiteOptions): Prepared | CaseResult {
  const unsupported = (reason: string): CaseResult => ({ name: test.name, status: "unsupported", reason });
  try {
    const source = bytesSource(test.model, "model.onnx");
    const model = readModel(source);
    const closed = (): undefined => undefined;
    const open = importModel(model, { catalogue, openBeside: closed }).graph;
    const closedTypes = [...open.inputs, ...open.outputs].find((v) => v.type.kind === "tensor" && !isSpelled(v.type.dtype));
    if (closedTypes) return unsupported(`"${closedTypes.name}" has an element type that no kernel stores`);
    const odd = [...open.inputs, ...open.outputs].find((v) => v.type.kind !== "tensor");
    if (odd) return unsupported(`${odd.type.kind} "${odd.name}" at the model's border`);
    const values = new Map<string, Tensor>();
    for (const [i, v] of open.inputs.entries()) {
      if (!test.inputs[i]) return unsupported(`no value is given for input "${v.name}"`);
      values.set(v.name, readTensorProto(test.inputs[i]));
    }
    const frozen = shapingInputs(open).filter((name) => values.has(name));
    const freeze = new Map(frozen.map((name) => [name, values.get(name) as Tensor]));
    const imported = frozen.length > 0 ? importModel(model, { catalogue, openBeside: closed, freeze }).graph : open;
    const inferred = inferGraph(imported, catalogue);
    const error = inferred.diagnostics.find((d) => d.severity === "error");
    if (error) return unsupported(`${error.code}: ${error.message}`);
    const compiled = compileLoaded({ graph: inferred.graph, source, catalogue, diagnostics: [] }, chosen, test.name, {
      ...options,
      onEvent: undefined,
      prefix,
      copyWeights: true,
      withTwin: false,
    });
    frozen.forEach((name) => values.delete(name));
    return { test, compiled, inputs: values, frozen, prefix };
  } catch (error) {
    if (error instanceof DiagnosticError) return unsupported(`${error.diagnostics[0].code}: ${error.diagnostics[0].message}`);
    return { name: test.name, status: "crash", reason: error instanceof Error ? error.message : String(error) };
  }
}

/** Inputs that only ever serve as operands which shape the program. */
function shapingInputs(graph: Graph): string[] {
  const uses = new Map<Value, boolean[]>();
  for (const node of graph.nodes) {
    const specs = catalogue.get(node.op)?.inputs ?? [];
    node.inputs.forEach((v, i) => {
      if (v) uses.set(v, [...(uses.get(v) ?? []), specs[i]?.shaping ?? false]);
    });
  }
  return graph.inputs.filter((v) => uses.get(v)?.some((shaping) => shaping)).map((v) => v.name);
}

async function runBatch(ready: readonly Prepared[], chosen: ChosenTarget, twin: TwinLibrary, options: SuiteOptions): Promise<CaseResult[]> {
  if (ready.length === 0) return [];
  const work = mkdtempSync(join(tmpdir(), "portolan-suite-"));
  try {
    const program = await buildBatch(ready, work, chosen, twin, options.signal);
    if (typeof program !== "string") {
      if (ready.length === 1)
        return [{ name: ready[0].test.name, status: "crash", reason: `generated code does not compile: ${firstLines(program.stderr, 4)}` }];
      // One bad model must not hide the others: halves, until it stands alone.
      const half = Math.ceil(ready.length / 2);
      return [
        ...(await runBatch(ready.slice(0, half), chosen, twin, options)),
        ...(await runBatch(ready.slice(half), chosen, twin, options)),
      ];
    }
    ready.forEach((p, i) => writeData(p, join(work, `${i}`)));
    const done = await run(program, [work, `${options.seconds ?? 30}`], { signal: options.signal });
    const lines = done.stdout.split("\n").filter((l) => l !== "");
    const statuses = new Map(lines.map((l) => [Number(l.split(" ")[0]), l.split(" ").slice(1).map(Number)] as const));
    return ready.map((p, i) => judge(p, join(work, `${i}`), statuses.get(i)));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function writeFiles(p: Prepared, folder: string, which: RegExp): void {
  mkdirSync(folder, { recursive: true });
  for (const file of p.compiled.bundle.files) {
    if (!which.test(file.path)) continue;
    if (file.path.includes("/")) mkdirSync(join(folder, file.path, ".."), { recursive: true });
    writeFileSync(join(folder, file.path), Buffer.concat([...file.bytes()]));
  }
}

function writeData(p: Prepared, folder: string): void {
  writeFiles(p, folder, /^weights\//);
  writeFileSync(join(folder, "in.npz"), writeNpz(p.inputs));
}

/** The program's path, or what the compiler said. */
async function buildBatch(
  ready: readonly Prepared[],
  work: string,
  { target }: ChosenTarget,
  twin: TwinLibrary,
  signal?: AbortSignal,
): Promise<string | { readonly stderr: string }> {
  const hash = createHash("sha256").update(twin.hash);
  for (const p of ready)
    for (const f of p.compiled.bundle.files)
      if (/^(model\.cpp$|kernels\/)/.test(f.path)) for (const chunk of f.bytes()) hash.update(f.path).update(chunk);
  const cached = join(cacheFolder(), `suite-${hash.digest("hex").slice(0, 32)}`);
  if (exists(cached)) return cached;

  ready.forEach((p, i) => writeFiles(p, join(work, `${i}`), /^(model\.(cpp|h)$|kernels\/)/));
  const sources = ready.map((p) => [
    ...p.compiled.plan.kernels.map((k) => basename(k.path).replace(/\.[a-z]+$/, "") + ".cpp"),
    "model.cpp",
  ]);
  const rewritten = await run("sh", [writeScript(ready, work, target, twin)], { cwd: work, signal });
  if (rewritten.status !== 0) return { stderr: rewritten.stderr };

  const parts: string[] = [];
  const headers = new Set(['#include "portolan.h"', '#include "suite.h"']);
  for (const i of ready.keys()) {
    // Headers of the vendor and of the runtime are included once, outside the case's namespace.
    for (const source of sources[i])
      for (const line of readFileSync(join(work, `${i}`, source), "utf8").match(/^#include .*$/gm) ?? [])
        if (!/"(model\.h|aclrtlaunch_.*|runtime\/portolan\.h)"/.test(line)) headers.add(line);
    parts.push(`namespace case_${i} {`, ...sources[i].map((f) => `#include "${i}/${f}"`), "}");
  }
  const models = ready.map((p, i) => `static_cast<const portolan::Model*>(case_${i}::${p.prefix}_tables())`);
  parts.push(`static const portolan::Model* const models[] = {${models.join(", ")}};`);
  parts.push(`int main(int argc, char** argv) { return portolan::run_suite(models, ${ready.length}, argc, argv); }`);
  const batch = join(work, "batch.cpp");
  writeFileSync(batch, [...headers, ...parts].join("\n") + "\n");
  const folders = ready.map((_, i) => `-I${join(work, `${i}`)}`);
  const program = join(work, "batch");
  const includes = [`-I${work}`, ...twin.includes, ...twin.runtimeIncludes, ...folders];
  const done = await run(twin.compiler, ["-std=c++17", "-O1", "-w", ...includes, batch, twin.library, "-o", program, "-lm"], { signal });
  if (done.status !== 0) return { stderr: done.stderr };
  copyFileSync(program, `${cached}.part`);
  renameSync(`${cached}.part`, cached);
  return cached;
}

/** One shell for all the rewriting of a batch: starting a process from here costs more than the rewriting. */
function writeScript(ready: readonly Prepared[], work: string, target: ChosenTarget["target"], twin: TwinLibrary): string {
  const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
  const lines = ready.flatMap((p, i) =>
    p.compiled.plan.kernels.map(({ path }) => {
      const name = basename(path).replace(/\.[a-z]+$/, "");
      const launch = target.launchHeaders ? [`${i}/aclrtlaunch_${name}.h`] : [];
      return [quote(twin.prepare), target.name, quote(`${i}/${path}`), quote(`${i}/${name}.cpp`), ...launch.map(quote)].join(" ");
    }),
  );
  const script = join(work, "prepare.sh");
  writeFileSync(script, `set -e\n${lines.join("\n")}\n`);
  return script;
}

function judge(p: Prepared, folder: string, status: readonly number[] | undefined): CaseResult {
  const { name, outputs, limits, random } = p.test;
  const how = { library: 0, kernel: 0, scalar: 0, host: 0 };
  for (const { way } of p.compiled.plan.program.steps) if (way.kind !== "copy") how[way.kind]++;
  const frozen = p.frozen.length > 0 ? { frozen: p.frozen } : {};
  const said = (): string =>
    firstLines(exists(join(folder, "stderr.txt")) ? readFileSync(join(folder, "stderr.txt"), "utf8") : "", 3).trim();
  if (!status) return { name, status: "crash", reason: "the program ended before this case" };
  if (status[0] !== 0) return { name, status: "crash", reason: status[1] ? `signal ${status[1]}` : said(), how, ...frozen };
  const got = readNpz(readFileSync(join(folder, "out.npz")));
  const names = p.compiled.plan.program.outputs.map((id) => p.compiled.plan.program.buffers[id].name);
  for (const [i, bytes] of outputs.entries()) {
    const want = readTensorProto(bytes);
    const have = got.get(names[i]);
    if (!have) return { name, status: "wrong", reason: `no output ${i}`, how, ...frozen };
    const fault = random ? sameForm(have, want) : disagreement(have, want, limits);
    if (fault) return { name, status: "wrong", reason: `output ${i}: ${fault}`, how, ...frozen };
  }
  return { name, status: "pass", how, ...frozen };
}

function sameForm(got: Tensor, want: Tensor): string | undefined {
  if (got.dtype !== want.dtype) return `element type ${got.dtype}, expected ${want.dtype}`;
  return got.shape.join() === want.shape.join() ? undefined : `shape [${got.shape.join()}], expected [${want.shape.join()}]`;
}
