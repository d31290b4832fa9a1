/** What a fleet can be asked for: for each command which flags decide its answer, what it does with one model, and how that ends. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fail, type Diagnostic } from "../base/diagnostic.js";
import type { Json, JsonObject } from "../base/json.js";
import { compile, type CompileOptions } from "../api/compile.js";
import {
  diagnosticsOf,
  twinsReady,
  type ChildStart,
  type Execute,
  type FleetDocument,
  type ResultDocument,
  type Task,
  type TaskKind,
} from "../api/fleet.js";
import type { OutputFigures } from "../api/index.js";
import { isCheckpoint } from "../api/machine.js";
import { chooseTargets } from "../api/targets.js";
import { verify } from "../api/verify.js";
import { commonOptions, compiledFigures, outputFolder, targetOption } from "./compile.js";
import { askedOf, assessment } from "./assess.js";
import { assessedCheckpoint } from "./assess-checkpoint.js";
import { countedMany, saveMany, sayMany } from "./assess-many.js";
import { requireTakenByAll, withPrecisionOf } from "./assess-options.js";
import { exitCodeOf, exitCodes } from "./exit.js";
import { readInputs } from "./inputs.js";
import { describeVerdict, verdictCode } from "./verify.js";
import { firstError, jsonText, mergeByTarget, progress, type CommandCall, type SaidOf } from "./io.js";

interface Kind {
  /** Whether it takes checkpoints beside models. */
  readonly checkpoints?: true;
  /** Throws for options that none of what was found takes. */
  readonly requireTaken?: (found: readonly string[], call: CommandCall) => void;
  /** Flags of this command that are for one model alone, as they are typed. */
  readonly single: readonly string[];
  /** The flags that decide the answer. Throws for what was typed wrong. */
  readonly options: (call: CommandCall) => Promise<JsonObject>;
  readonly execute: Execute;
  /** What of this machine decides besides, made ready. */
  readonly environment: (options: JsonObject, call: CommandCall) => Promise<string>;
  readonly holds: (task: Task, result: ResultDocument, start: ChildStart) => boolean;
  /** The exit code of the command for this model alone. */
  readonly code: (result: ResultDocument) => number;
  /** What else is written of all models, and what a person reads of them first. */
  readonly save?: (document: FleetDocument, call: CommandCall) => Promise<void>;
  readonly tell?: (document: FleetDocument, call: CommandCall) => void;
  /** How many of what, where they are not all models. */
  readonly counted?: (document: FleetDocument) => string;
}

export const kinds: Readonly<Record<TaskKind, Kind>> = {
  assess: {
    checkpoints: true,
    requireTaken: requireTakenByAll,
    single: ["--replay", "--calib"],
    options: assessFlags,
    execute: assessTask,
    environment: ownFigures,
    holds: () => true,
    code: worstError,
    save: saveMany,
    tell: sayMany,
    counted: countedMany,
  },
  compile: {
    single: ["--print-after", "--stop-after"],
    options: async (call) => ({ ...(await loweringFlags(call)), ...(folderOf(call) === undefined ? {} : { write: true }) }),
    execute: compileTask,
    environment: () => Promise.resolve(""),
    holds: bundlesThere,
    code: worstError,
  },
  verify: {
    single: ["--keep"],
    options: async (call) => ({ ...(await loweringFlags(call)), inputs: seedOf(call) }),
    execute: verifyTask,
    environment: (options, call) =>
      twinsReady(String(options["target"]), call.abort, (target) => progress(call)({ kind: "phase", name: "build twin", target })),
    holds: () => true,
    code: (result) => (result.targets === undefined ? worstError(result) : verdictCode(verdictsOf(result))),
  },
};

/** Flags of `assess`, by the names that `assessment` and `assessedCheckpoint` read. */
const assessNames = [
  ...["target", "precision", "baseline", "whatIf", "weights", "failOn", "lang", "shape", "dim", "freeze"],
  ...["batch", "length", "engine"],
];

async function assessFlags(call: CommandCall): Promise<JsonObject> {
  const { ops } = await askedOf(call);
  const flags = assessNames.map((name) => [name, call.options[name]] as const).filter(([name, value]) => isSaid(name, value));
  return { precision: "fp32", ...Object.fromEntries(flags), ...(ops && ops.length > 0 && { ops: ops as unknown as Json }) } as JsonObject;
}

async function assessTask({ model, options }: Task, _: ChildStart, abort: AbortSignal): Promise<ResultDocument> {
  const { ops = [], ...flags } = options;
  const asked = { options: { shape: [], dim: [], freeze: [], whatIf: [], failOn: [], ...flags, quiet: true }, abort };
  if (isCheckpoint(model)) {
    const { assessment: checkpoint, diagnostics, missed } = await assessedCheckpoint(model, withPrecisionOf("checkpoint", asked));
    return plain({ ok: missed.length === 0, checkpoint, diagnostics: [...diagnostics, ...missed] });
  }
  const { report, diagnostics, missed } = await assessment(model, withPrecisionOf("model", asked), { ops: ops as CompileOptions["ops"] });
  return plain({ ok: report !== undefined && missed.length === 0, report, diagnostics: [...diagnostics, ...missed] });
}

/** What the user keeps of chips goes before what is published. */
async function ownFigures(): Promise<string> {
  const { userSets } = await import("../api/chips.js");
  return createHash("sha256")
    .update(JSON.stringify(await userSets()))
    .digest("hex");
}

/** Flags of both commands, by the names that `commonOptions` reads. */
const loweringNames = ["precision", "allowHf32", "prefer", "passes", "copyWeights", "twin", "prefix", "shape", "dim", "freeze"];

async function loweringFlags(call: CommandCall): Promise<JsonObject> {
  const { ops } = commonOptions(call);
  const chosen = await chooseTargets(targetOption(call));
  const flags = loweringNames.map((name) => [name, call.options[name]] as const).filter(([name, value]) => isSaid(name, value));
  const formulas = ops && ops.length > 0 ? { ops: ops as unknown as Json } : {};
  return {
    target: chosen.map((c) => `${c.target.name}:${c.chip.caps.chip}`).join(","),
    ...Object.fromEntries(flags),
    ...formulas,
  } as JsonObject;
}

/** An option of --no-OPTION is true unless it is said. */
const isSaid = (name: string, value: unknown): boolean =>
  value !== undefined && !(name === "twin" && value === true) && !(Array.isArray(value) && value.length === 0);

/** A file of arrays is of one model: inputs of others have other names. */
function seedOf(call: CommandCall): string {
  const inputs = String(call.options["inputs"]);
  if (!inputs.startsWith("seed:"))
    fail("bad-option", "--inputs takes seed:N for several models, and a file for one alone", { fix: "Write --inputs seed:0." });
  readInputs(inputs);
  return inputs;
}

/** Where bundles go. */
export function folderOf(call: CommandCall): string | undefined {
  return call.options["dryRun"] === true ? undefined : outputFolder(call);
}

function optionsOf({ options }: Task, start: ChildStart, abort: AbortSignal): Omit<CompileOptions, "target"> {
  const { ops = [], ...flags } = options;
  const call = { options: { shape: [], dim: [], freeze: [], ...flags, force: start.force, quiet: true }, abort };
  return { ...commonOptions(call), ops: ops as CompileOptions["ops"] };
}

async function compileTask(task: Task, start: ChildStart, signal: AbortSignal): Promise<ResultDocument> {
  const said: SaidOf[] = [];
  const bundles: JsonObject[] = [];
  const refused: string[] = [];
  for (const { target, chip } of await chooseTargets(String(task.options["target"]))) {
    const label = `${target.name}:${chip.caps.chip}`;
    const output = bundleFolder(task, label, start);
    const { compiled, diagnostics } = await compile(task.model, {
      ...optionsOf(task, start, signal),
      target: label,
      ...(output && { output }),
    });
    said.push({ target: target.name, chip: chip.caps.chip, diagnostics });
    if (compiled) {
      bundles.push({ ...(compiledFigures(compiled) as unknown as JsonObject), ...(output && { manifest: manifestHash(output) }) });
      continue;
    }
    refused.push(label);
    // Where the model is sound and this chip cannot carry it out, the others of the list may.
    if (exitCodeOf(firstError(diagnostics)?.code ?? "internal") !== exitCodes.lowering) break;
  }
  return plain({ ok: refused.length === 0, bundles, refused, diagnostics: mergeByTarget(said) });
}

/** Named after the whole path of the model, ending included: a file and a folder of one name cannot lie side by side. */
function bundleFolder({ model, options }: Task, label: string, { output }: ChildStart): string | undefined {
  if (output === undefined) return undefined;
  const several = String(options["target"]).includes(",");
  return join(output, model, ...(several ? [label.replace(":", "-")] : []));
}

/** The manifest holds the hashes of all other files. */
function manifestHash(folder: string): string {
  return createHash("sha256")
    .update(readFileSync(join(folder, "manifest.json")))
    .digest("hex");
}

function bundlesThere(task: Task, { bundles = [] }: ResultDocument, start: ChildStart): boolean {
  return (bundles as readonly { readonly target: string; readonly chip: string; readonly manifest?: string }[]).every((b) => {
    const folder = bundleFolder(task, `${b.target}:${b.chip}`, start);
    return folder === undefined || (existsSync(join(folder, "manifest.json")) && manifestHash(folder) === b.manifest);
  });
}

async function verifyTask(task: Task, start: ChildStart, signal: AbortSignal): Promise<ResultDocument> {
  const { target, inputs } = task.options;
  const seed = readInputs(String(inputs)) as number;
  const result = await verify(task.model, { ...optionsOf(task, start, signal), target: String(target), seed });
  if (!("verdicts" in result) || !result.verdicts) return plain({ ok: false, diagnostics: result.diagnostics });
  const targets = result.verdicts.map((v) => ({ ...describeVerdict(v), milliseconds: undefined }));
  return plain({ ok: result.ok, sizes: result.sizes?.[0], targets, diagnostics: result.diagnostics });
}

/** As it is after a way through JSON, so that a result that was kept is the same as one that comes fresh. */
function plain(value: unknown): ResultDocument {
  return JSON.parse(jsonText(value)) as ResultDocument;
}

/** From the one that matters most on: a result that is wrong, what is not the model's fault, and then how far it came. */
const severity = [exitCodes.no, exitCodes.internal, exitCodes.tool, exitCodes.usage, exitCodes.model, exitCodes.lowering];

/** The worst of several exit codes. */
export function worstCode(codes: readonly number[]): number {
  return severity.find((code) => codes.includes(code)) ?? exitCodes.ok;
}

function worstError(result: ResultDocument): number {
  return worstCode(result.diagnostics.filter((d) => d.severity === "error").map((d) => exitCodeOf(d.code)));
}

interface VerifiedTarget {
  readonly target: string;
  readonly chip: string;
  readonly ok: boolean;
  readonly diagnostics: readonly Diagnostic[];
  readonly outputs: readonly Pick<OutputFigures, "name" | "ok" | "reason">[];
}

const verdictsOf = ({ targets = [] }: ResultDocument): readonly VerifiedTarget[] => targets as readonly VerifiedTarget[];

/** Why a model is not ok, in one line: its first error, or the first output that differs. */
export function whyNot(result: ResultDocument): { readonly code: string; readonly message: string } {
  const error = firstError(diagnosticsOf(result));
  if (error) return error;
  const differing = verdictsOf(result).flatMap((v) =>
    v.outputs.filter((o) => !o.ok).map((o) => `${v.target}:${v.chip} "${o.name}": ${o.reason ?? ""}`),
  );
  return { code: "differs", message: differing[0] ?? "" };
}
