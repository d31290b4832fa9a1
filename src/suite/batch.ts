/**
 * A program of compiled cases, built and run: each case in a process of its own, its outputs compared with the expected
 * ones. A program that does not build is halved until the case at fault stands alone.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { problem, type Diagnostic } from "../base/diagnostic.js";
import type { Tensor } from "../base/tensor.js";
import { readTensorProto } from "../onnx/bytes/tensor-proto.js";
import { asDeclared, outputTypes } from "../verify/arrays.js";
import { disagreement } from "../verify/compare.js";
import { judge } from "../verify/judge.js";
import { readNpz } from "../verify/npz-read.js";
import { writeNpz } from "../verify/npz.js";
import { exists, run } from "../host/toolchain.js";
import { firstLines } from "../verify/twin-library.js";
import { buildProgram, type BuildContext, type CompiledCase } from "./program.js";
import type { CaseResult } from "./result.js";

interface BatchContext extends BuildContext {
  /** Seconds one case may run. */
  readonly seconds: number;
}

interface BatchOutcome {
  /** In the order of the cases. */
  readonly cases: readonly CaseResult[];
  /** How many of them do not compile, each in a program of its own. */
  readonly unbuilt: number;
  readonly notes: readonly Diagnostic[];
}

/** Builds and runs the cases and compares their outputs. Leaves nothing but the cached program. Throws AbortError. */
export async function runBatch(cases: readonly CompiledCase[], context: BatchContext): Promise<BatchOutcome> {
  if (cases.length === 0) return { cases: [], unbuilt: 0, notes: [] };
  const work = mkdtempSync(join(tmpdir(), "portolan-suite-"));
  try {
    const program = await buildProgram(cases, work, context);
    if (typeof program !== "string") return await runHalves(cases, context, program.stderr);
    cases.forEach((p, i) => writeData(p, join(work, `${i}`)));
    const done = await run(program, [work, `${context.seconds}`], { signal: context.signal });
    const lines = done.stdout.split("\n").filter((l) => l !== "");
    const statuses = new Map(lines.map((l) => [Number(l.split(" ")[0]), l.split(" ").slice(1).map(Number)] as const));
    return { cases: cases.map((p, i) => resultOf(p, join(work, `${i}`), statuses.get(i))), unbuilt: 0, notes: [] };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** One bad model must not hide the others. When none is found, it is the program around them that is bad, and that is said. */
async function runHalves(cases: readonly CompiledCase[], context: BatchContext, stderr: string): Promise<BatchOutcome> {
  const said = firstLines(stderr, 4);
  if (cases.length === 1) {
    const crash: CaseResult = { name: cases[0].test.name, status: "crash", reason: `generated code does not compile: ${said}` };
    return { cases: [crash], unbuilt: 1, notes: [] };
  }
  const half = Math.ceil(cases.length / 2);
  const halves = [await runBatch(cases.slice(0, half), context), await runBatch(cases.slice(half), context)];
  const notes = halves.flatMap((h) => h.notes);
  const unbuilt = halves[0].unbuilt + halves[1].unbuilt;
  if (unbuilt === 0 && notes.length === 0) notes.push(clash(cases, context, said));
  return { cases: halves.flatMap((h) => h.cases), unbuilt, notes };
}

function clash(cases: readonly CompiledCase[], { target }: BatchContext, said: string): Diagnostic {
  const [first, last] = [cases[0].test.name, cases[cases.length - 1].test.name];
  const message = `${target.name}: ${cases.length} cases, "${first}" to "${last}", do not compile as one program, and do as two: ${said}`;
  return problem("suite-batch-clash", message, {
    severity: "note",
    why: "Cases share the text of their headers, each in a namespace of its own; something in them does not keep to its namespace.",
    fix: "The results are those of the cases built apart and stand. Report the message: what clashes may clash in a user's program too.",
  });
}

function writeData({ files, inputs }: CompiledCase, folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const file of files) {
    if (!file.path.startsWith("weights/")) continue;
    const path = join(folder, file.path);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, Buffer.concat([...file.bytes()]));
  }
  writeFileSync(join(folder, "in.npz"), writeNpz(inputs));
}

/** `status` is the case's exit status and signal, absent when the program ended before it. */
function resultOf(one: CompiledCase, folder: string, status: readonly number[] | undefined): CaseResult {
  const { test, emitted, frozen } = one;
  const how = { library: 0, kernel: 0, scalar: 0, host: 0 };
  const ways = emitted.steps.map((s) => s.act);
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
    const outputs = asDeclared(readNpz(readFileSync(join(folder, "out.npz"))), outputTypes(emitted.program));
    let coarse = false;
    const fault = one.faultOf ? one.faultOf(outputs) : faultOf(one, outputs, () => (coarse = true));
    if (coarse && fault === undefined) return found("pass", "to float16's digits: the chip multiplies nothing finer");
    return fault === undefined ? found("pass") : found("wrong", fault);
  } catch (error) {
    return found("crash", `its outputs or the expected ones cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function saidIn(folder: string): string {
  const path = join(folder, "stderr.txt");
  return exists(path) ? firstLines(readFileSync(path, "utf8"), 3).trim() : "";
}

/** `onCoarse` hears that an output is held to the digits of halves, in which the chip has computed it. */
function faultOf(
  { test, emitted: { program }, halfProducts }: CompiledCase,
  got: ReadonlyMap<string, Tensor>,
  onCoarse: () => void,
): string | undefined {
  const names = program.outputs.map((id) => program.buffers[id].name);
  for (const [i, bytes] of test.outputs.entries()) {
    const want = readTensorProto(bytes);
    const have = got.get(names[i]);
    if (!have) return `no output ${i}`;
    const fault = test.random ? formFault(have, want) : disagreement(have, want, test.limits);
    if (fault && halfProducts && judge(names[i], [have], [want], { precision: "fp16" }).ok) {
      onCoarse();
      continue;
    }
    if (fault) return `output ${i}: ${fault}`;
  }
  return undefined;
}

function formFault(got: Tensor, want: Tensor): string | undefined {
  if (got.dtype !== want.dtype) return `element type ${got.dtype}, expected ${want.dtype}`;
  return got.shape.join() === want.shape.join() ? undefined : `shape [${got.shape.join()}], expected [${want.shape.join()}]`;
}
