/** Runs mutants one kernel at a time against the rest of their program, and says what became of each. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { Target } from "../../../src/claim/target.js";
import { twinLibrary } from "../../../src/verify/twin-library.js";
import { buildSubject, compileKernel, programWith, type Workshop } from "./build.js";
import { equivalence } from "./equivalents.js";
import { fateOf, patienceMs, type Fate } from "./fate.js";
import { openLedger, type Ledger } from "./ledger.js";
import { mutantsOf, type Mutant, type Operator } from "./mutate.js";
import type { Subject } from "./subjects.js";

export interface Verdict {
  readonly subject: string;
  readonly kernel: string;
  readonly mutant: Mutant;
  readonly fate: Fate;
  /** The rule named, or how it ended. */
  readonly detail: string;
}

/** A subject that was run as it is. */
export interface Bench extends Workshop {
  readonly ledger: Ledger;
  /** Builds the subject at the first question that the ledger cannot answer. */
  readonly built: () => Promise<Built>;
  /** The kernels' texts, by file. */
  readonly texts: ReadonlyMap<string, string>;
  /** Kernel files that the inputs launch. */
  readonly launched: readonly string[];
}

interface Built {
  readonly program: string;
  readonly digests: ReadonlyMap<string, string>;
  readonly launched: readonly string[] | undefined;
  /** What the rounds give, and how long each may take. */
  readonly rounds: readonly {
    readonly wanted: { readonly numbers: readonly Float64Array[]; readonly inner?: readonly string[] };
    readonly timeoutMs: number;
  }[];
}

/** Prepares a subject. Throws when it does not build, breaks a rule or fails as it is. */
export async function benchOf(subject: Subject, target: Target, root: string): Promise<Bench> {
  const twin = await twinLibrary(target, root);
  const work = mkdtempSync(join(tmpdir(), "portolan-mutants-"));
  const shop: Workshop = { subject, twin, target, work };
  const ledger = openLedger(subject, twin);
  const texts = new Map(subject.kernels.map((k) => [k, readFileSync(k, "utf8")]));
  let once: Promise<Built> | undefined;
  const built = (): Promise<Built> => (once ??= buildAndRun(shop));
  const question = `launched ${subject.rounds.join(" ")}`;
  let launched = ledger.get(question);
  if (!launched) {
    const names = (await built()).launched;
    launched = subject.kernels.map((k) => basename(k)).filter((k) => !names || names.some((n) => k.startsWith(`${n}.`)));
    ledger.set(question, launched);
  }
  const files = subject.kernels.filter((k) => launched.includes(basename(k)));
  return { ...shop, ledger, built, texts, launched: files };
}

async function buildAndRun(shop: Workshop): Promise<Built> {
  const { subject, target } = shop;
  const { program, digests } = await buildSubject(shop);
  const rounds: Built["rounds"][number][] = [];
  const launched = new Set<string>();
  for (let round = 0; round < subject.rounds.length; round++) {
    const began = performance.now();
    const ending = await subject.run(program, 60_000, round);
    if (!ending.numbers) throw new Error(`${subject.name} on ${target.name}, round ${round}: ${ending.rule ?? ending.error}`);
    const { numbers, inner } = ending;
    rounds.push({ wanted: { numbers, inner }, timeoutMs: patienceMs(performance.now() - began) });
    ending.launched?.forEach((name) => launched.add(name));
  }
  return { program, digests, rounds, launched: launched.size > 0 ? [...launched] : undefined };
}

export function closeBench(bench: Bench): void {
  for (const folder of [bench.work, bench.subject.scratch]) if (folder) rmSync(folder, { recursive: true, force: true });
}

/** What became of a mutant of one of the subject's kernels. */
export async function judge(bench: Bench, kernel: string, mutant: Mutant): Promise<Verdict> {
  const verdict = { subject: bench.subject.name, kernel: basename(kernel), mutant };
  const [fate, detail] = await fateOfText(bench, kernel, mutant.text);
  if (fate !== "survived") return { ...verdict, fate, detail };
  if (await compilesAlike(bench, kernel, mutant.text)) return { ...verdict, fate: "equivalent", detail: sameCode };
  for (let round = 1; round < bench.subject.rounds.length; round++) {
    const [later, found] = await fateOfText(bench, kernel, mutant.text, round);
    if (later !== "survived") return { ...verdict, fate: later, detail: found };
  }
  if (!(await isReached(bench, kernel, mutant.line))) return { ...verdict, fate, detail: unreached };
  const argument = equivalence(bench.texts.get(kernel) ?? "", mutant);
  return argument ? { ...verdict, fate: "equivalent", detail: argument } : { ...verdict, fate, detail };
}

const sameCode = "the compiler makes the same code of it";
/** Of a survivor in a line that no run comes to. */
export const unreached = "no input comes to its line";

/** Answers from the ledger, or asks and keeps the answer, unless time ran out: that says as much of the machine. */
async function recalled(bench: Bench, question: string, ask: () => Promise<readonly string[]>): Promise<readonly string[]> {
  const known = bench.ledger.get(question);
  if (known) return known;
  const answer = await ask();
  if (answer[0] !== "timeout") bench.ledger.set(question, answer);
  return answer;
}

async function inFolder<T>(bench: Bench, work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(bench.work, "m-"));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Builds one changed kernel into the subject's program and runs it on the inputs of a round. */
async function fateOfText(bench: Bench, kernel: string, text: string, round = 0): Promise<readonly [Fate, string]> {
  const [fate, detail] = await recalled(bench, `run ${bench.subject.rounds[round]} ${basename(kernel)}\n${text}`, () =>
    inFolder(bench, async (folder) => {
      const { program, digests, rounds } = await bench.built();
      const digest = await compileKernel(bench, text, kernel, folder);
      if (typeof digest !== "string") return ["rejected", digest.problem];
      if (digest === digests.get(kernel)) return ["equivalent", sameCode];
      const { wanted, timeoutMs } = rounds[round];
      return fateOf(await bench.subject.run(await programWith(bench, program, kernel, folder), timeoutMs, round), wanted);
    }),
  );
  return [fate as Fate, detail];
}

/** Whether the optimiser makes byte for byte the same object of a changed kernel: then nothing can tell them apart. */
async function compilesAlike(bench: Bench, kernel: string, text: string): Promise<boolean> {
  const optimised = async (source: string): Promise<string> => {
    const compile = (folder: string) => compileKernel(bench, source, kernel, folder, { flags: ["-std=c++17", "-O2", "-w"] });
    const [digest] = await recalled(bench, `optimise ${basename(kernel)}\n${source}`, () =>
      inFolder(bench, async (folder) => {
        const made = await compile(folder);
        return [typeof made === "string" ? made : made.problem];
      }),
    );
    return digest;
  };
  return (await optimised(text)) === (await optimised(bench.texts.get(kernel) ?? ""));
}

/** Whether a run comes to the statement at a line: the kernel with a trap before it must die. */
async function isReached(bench: Bench, kernel: string, line: number): Promise<boolean> {
  const lines = (bench.texts.get(kernel) ?? "").split("\n");
  const alone = /\)\s*$/.test(lines[line - 2] ?? "");
  const trapped = lines[line - 1].replace(/^(\s*(?:if \([^)]*\) )?)(?=\S)/, "$1__builtin_trap(); $1");
  lines[line - 1] = alone ? `{ ${trapped} }` : trapped;
  for (let round = 0; round < bench.subject.rounds.length; round++) {
    const [fate] = await fateOfText(bench, kernel, lines.join("\n"), round);
    if (fate !== "survived" && fate !== "wrong") return true;
  }
  return false;
}

/** Every launched kernel of a subject with its mutants; a text that only bears another name is taken once. */
export function mutantsOfBench(bench: Bench, operators: readonly Operator[], seen: Set<string>): { kernel: string; mutant: Mutant }[] {
  return bench.launched.flatMap((kernel) => {
    const text = bench.texts.get(kernel) ?? "";
    const name = basename(kernel).replace(/\.\w+$/, "");
    const body = text.replaceAll(name, "kernel").replace(/^\/\/.*$/gm, "");
    if (seen.has(body)) return [];
    seen.add(body);
    return mutantsOf(text, operators).map((mutant) => ({ kernel, mutant }));
  });
}
