/** `portolan compile`: one bundle, or one a target. */
import { join } from "node:path";
import { byteLength } from "../base/dtype.js";
import { readableBytes } from "../base/units.js";
import { fail } from "../base/diagnostic.js";
import { counted } from "../base/text-writer.js";
import { elementCount } from "../base/tensor.js";
import { compile, computesOf, givenSymbols, type Compiled, type CompileOptions } from "../api/compile.js";
import { chooseTargets, type ChosenTarget } from "../api/targets.js";
import { exitCodeOf, exitCodes } from "./exit.js";
import {
  colours,
  endProgress,
  escapeControls,
  failWith,
  firstError,
  mergeByTarget,
  printDiagnostics,
  say,
  sayJson,
  table,
  wantsJson,
  type CommandCall,
  type SaidOf,
} from "./io.js";
import { modelOptions, passList } from "./model-options.js";

export function targetOption(call: CommandCall): string {
  const given = call.options["target"];
  if (typeof given !== "string") fail("missing-option", "no target given", { fix: "Add --target cann, bang, kunlun or all." });
  return given;
}

export function commonOptions(call: CommandCall): Omit<CompileOptions, "target"> {
  const { options } = call;
  return {
    ...modelOptions(call),
    precision: options["precision"] as "fp32" | "fp16",
    allowHf32: options["allowHf32"] === true,
    prefer: options["prefer"] as "library" | "kernels",
    passes: passList(call),
    force: options["force"] === true,
    copyWeights: options["copyWeights"] === true ? true : undefined,
    withTwin: options["twin"] !== false,
    prefix: options["prefix"] as string | undefined,
  };
}

/** A graph on its way, for one chip. */
interface Print {
  readonly target: string;
  readonly after: string;
  readonly text: string;
}

/** What the chips of one call came to. */
interface Outcome {
  readonly said: SaidOf[];
  readonly documents: unknown[];
  readonly prints: Print[];
  readonly refused: string[];
  readonly stopped: string[];
}

/** The folder asked for; a run that writes nothing needs none. */
export function outputFolder({ options }: CommandCall): string | undefined {
  const { output, dryRun, stopAfter } = options;
  if (typeof output === "string") return output;
  if (dryRun !== true && stopAfter === undefined)
    fail("missing-option", "the option '-o, --output <folder>' is missing", {
      fix: "portolan compile --help lists its arguments and options.",
    });
  return undefined;
}

export async function compileCommand(model: string, call: CommandCall): Promise<number> {
  outputFolder(call);
  const chosen = await chooseTargets(targetOption(call));
  const outcome: Outcome = { said: [], documents: [], prints: [], refused: [], stopped: [] };
  let code: number = exitCodes.ok;
  for (const one of chosen) {
    const refusal = await compileFor(one, model, chosen.length > 1, outcome, call);
    if (refusal === undefined) continue;
    code = refusal;
    // Where the model is sound and this chip cannot carry it out, the others of the list may.
    if (code !== exitCodes.lowering) break;
  }
  const { documents, stopped } = outcome;
  if (documents.length === 0 && stopped.length === 0) return failWith(mergeByTarget(outcome.said), call);
  report(outcome, call);
  return code;
}

/** The exit code of a refusal; undefined for a bundle, or where the way was to end early. */
async function compileFor(
  { target, chip }: ChosenTarget,
  model: string,
  several: boolean,
  outcome: Outcome,
  call: CommandCall,
): Promise<number | undefined> {
  const [name, chipName] = [target.name, chip.caps.chip];
  const label = `${name}:${chipName}`;
  const folder = outputFolder(call);
  const output = several ? join(folder ?? "", `${name}-${chipName}`) : folder;
  const dry = call.options["dryRun"] === true;
  const { compiled, diagnostics, stoppedAfter } = await compile(model, {
    ...commonOptions(call),
    ...watchOptions(label, several, outcome.prints, call),
    target: label,
    ...(dry || folder === undefined ? {} : { output }),
  });
  endProgress();
  outcome.said.push({ target: name, chip: chipName, diagnostics });
  if (stoppedAfter !== undefined) outcome.stopped.push(label);
  else if (compiled) {
    outcome.documents.push(describeCompiled(compiled));
    if (!wantsJson(call)) person(compiled, output ?? "", dry, call);
  } else {
    outcome.refused.push(label);
    return exitCodeOf(firstError(diagnostics)?.code ?? "internal");
  }
  return undefined;
}

/** Graphs go to stdout as they come; a JSON document has them in the end. */
function watchOptions(target: string, several: boolean, prints: Print[], call: CommandCall) {
  const onPrint = (after: string, text: string): void => {
    if (wantsJson(call)) return void prints.push({ target, after, text });
    endProgress();
    say(`# after ${after}${several ? ` for ${target}` : ""}\n${text}`);
  };
  return { printAfter: call.options["printAfter"] as string[], stopAfter: call.options["stopAfter"] as string | undefined, onPrint };
}

function report({ said, documents, prints, refused, stopped }: Outcome, call: CommandCall): void {
  const diagnostics = mergeByTarget(said);
  if (wantsJson(call))
    return sayJson({ schemaVersion: 1, ok: refused.length === 0, bundles: documents, refused, stopped, prints, diagnostics });
  printDiagnostics(diagnostics, call);
  if (stopped.length > 0) say(`# stopped after ${String(call.options["stopAfter"])}; nothing is written for ${stopped.join(", ")}`);
  if (refused.length > 0) say(`not compiled for ${refused.join(", ")}`);
}

export function histogram(compiled: Compiled): { readonly kinds: Record<string, number>; readonly evidence: Record<string, number> } {
  const kinds: Record<string, number> = { library: 0, kernel: 0, scalar: 0, host: 0, copy: 0 };
  const evidence: Record<string, number> = {};
  for (const { act } of compiled.emitted.steps) {
    kinds[act.kind]++;
    evidence[act.evidence] = (evidence[act.evidence] ?? 0) + 1;
  }
  return { kinds, evidence };
}

function weightBytes(compiled: Compiled): number {
  return [...compiled.plan.constants.values()].reduce((n, w) => n + byteLength(w.dtype, elementCount(w.shape)), 0);
}

/** What a bundle takes, in numbers. */
export function compiledFigures(compiled: Compiled) {
  const { program, arena } = compiled.plan;
  return {
    target: program.target,
    chip: program.chip,
    sdk: program.sdk,
    precision: program.precision,
    steps: histogram(compiled),
    kernels: program.kernels.length,
    arena: {
      bytes: arena.bytes,
      lowerBound: arena.lowerBound,
      bytesAtLowest: arena.bytesAtLowest,
      exact: givenSymbols(program).length === 0,
      measuredAt: givenSymbols(program).length === 0 ? null : measuredAt(compiled),
    },
    weightBytes: weightBytes(compiled),
    symbols: givenSymbols(program).map((s) => ({ name: s.name, lo: s.lo, hi: Number.isFinite(s.hi) ? s.hi : null })),
  };
}

function describeCompiled(compiled: Compiled): unknown {
  return {
    ...compiledFigures(compiled),
    operators: compiled.table,
    declined: compiled.declined,
    stepList: computesOf(compiled.plan.program).map((s, i) => {
      const { act, alternate } = compiled.emitted.steps[i];
      const { kind, evidence, uses } = act;
      return { id: s.id, origin: s.origin, kind, evidence, uses, alternate: alternate?.kind ?? null, oneWay: s.oneWay };
    }),
    files: compiled.written,
  };
}

/** Where the symbols stand that the arena was measured with. */
function measuredAt({ plan: { program } }: Compiled): string {
  const given = givenSymbols(program);
  const bounded = given.filter((s) => Number.isFinite(s.hi)).length;
  if (bounded === given.length) return "every bounded extent at its highest";
  return bounded === 0 ? "every open extent at its lowest" : "bounded extents at their highest, open ones at their lowest";
}

/** What the smallest sizes take, where that is another figure: the bundle places its buffers for the sizes it is given. */
function atLowest({ bytes, bytesAtLowest }: Compiled["plan"]["arena"]): string {
  return bytes === bytesAtLowest ? "" : `, ${readableBytes(bytesAtLowest)} with all at their lowest`;
}

function person(compiled: Compiled, output: string, dry: boolean, call: CommandCall): void {
  const c = colours(call);
  const { program, arena } = compiled.plan;
  const steps = computesOf(program);
  const { kinds, evidence } = histogram(compiled);
  const ways = Object.entries(kinds)
    .filter(([, n]) => n > 0)
    .map(([k, n]) => `${n} ${k}`)
    .join(", ");
  say(
    `${c.bold(`${program.target}:${program.chip}`)}  ${program.sdk}, ${program.precision}: ${counted(steps.length, "step")} (${ways}), ${counted(program.kernels.length, "kernel")}`,
  );
  const bound = givenSymbols(program).length === 0 ? "" : ` with ${measuredAt(compiled)}${atLowest(arena)}`;
  say(
    `  memory   arena ${readableBytes(arena.bytes)} (at least ${readableBytes(arena.lowerBound)})${bound}, weights ${readableBytes(weightBytes(compiled))}`,
  );
  say(
    `  evidence ${Object.entries(evidence)
      .sort()
      .map(([e, n]) => `${e}: ${counted(n, "step")}`)
      .join(", ")}  ${c.dim("(E0 inferred, E1 documented and consistent on the twin)")}`,
  );
  if (givenSymbols(program).length > 0)
    say(
      `  open     ${escapeControls(
        givenSymbols(program)
          .map((s) => `${s.name} (extent ${s.source.axis} of ${s.source.input})`)
          .join(", "),
      )}`,
    );
  if (compiled.declined.length > 0 && call.options["verbose"])
    say(
      table(
        ["  not given to the library", "why"],
        compiled.declined.map((d) => [escapeControls(`  ${d.op} ${d.node}`), d.reason]),
      ),
    );
  const single = steps.flatMap((s) => (s.oneWay === undefined ? [] : [[escapeControls(`  ${s.id}`), s.oneWay]]));
  if (single.length > 0 && call.options["verbose"]) say(table(["  steps with one way", "why there is no other"], single));
  if (dry) say(compiled.bundle.files.map((f) => `  ${f.path}`).join("\n"));
  else say(`  written  ${output}  ${c.dim(`(${counted(compiled.written.length, "file")}; start with its README.md)`)}`);
}
