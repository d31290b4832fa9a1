/** Options of `assess` that only one kind of subject takes: where there is none of it they would change nothing, which is said instead. */
import { isCheckpoint } from "../api/machine.js";
import { fail } from "../base/diagnostic.js";
import { parseCheckpointGates } from "./assess-gates.js";
import { listOf, type CommandCall } from "./io.js";

type Subject = "model" | "checkpoint";

const ofCheckpoints = ["batch", "length", "engine"];
/** All that a checkpoint takes, how the command talks and what many share included. */
const onCheckpoints: ReadonlySet<string> = new Set([
  ...["target", "precision", "report", "csv", "failOn", "lang", "json", "quiet", "verbose", "color"],
  ...["jobs", "timeout", "memory", "shard", "queue", "root", "hashWeights", "results", "timings"],
  ...ofCheckpoints,
]);

const isGiven = (value: unknown): boolean => value !== undefined && !(Array.isArray(value) && value.length === 0);
const takes = (subject: Subject, name: string): boolean =>
  subject === "checkpoint" ? onCheckpoints.has(name) : !ofCheckpoints.includes(name);
const flagOf = (name: string): string => `--${name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)}`;

/** Throws `bad-option` for options that were given and that such a subject does not take. */
export function requireTaken(subject: Subject, { options }: CommandCall): void {
  const others = Object.keys(options).filter((name) => isGiven(options[name]) && !takes(subject, name));
  if (others.length === 0) return;
  const [wanted, given] = subject === "checkpoint" ? ["models", "a checkpoint"] : ["checkpoints", "no checkpoint"];
  fail("bad-option", `only ${wanted} take ${others.map(flagOf).sort().join(", ")}, and this is ${given}`, {
    fix: "Leave out what it does not take.",
  });
}

/** Where models and checkpoints stand together, each kind takes its own. Throws `bad-option`. */
export function requireTakenByAll(subjects: readonly string[], call: CommandCall): void {
  const checkpoints = subjects.filter(isCheckpoint).length;
  if (checkpoints === 0) {
    requireTaken("model", call);
    precisionOf(call.options["precision"]);
  }
  if (checkpoints < subjects.length) return;
  requireTaken("checkpoint", call);
  parseCheckpointGates(listOf(call.options["failOn"]));
}

const ofModels: readonly unknown[] = ["fp32", "fp16"];

/** Of a model, which is stored as it is or in halves; checkpoints are served in more forms. */
export function precisionOf(given: unknown): "fp32" | "fp16" {
  if (given === undefined || given === "fp32") return "fp32";
  if (given === "fp16") return "fp16";
  return fail("bad-option", `--precision "${given as string}" is none of a model's`, {
    fix: "Write fp32 or fp16; bf16, w8a8 and others are for checkpoints.",
  });
}

/** A word is of one kind alone: where both stand together, the other takes none. */
export function withPrecisionOf(subject: Subject, call: CommandCall): CommandCall {
  const { precision, ...others } = call.options;
  const isOurs = precision !== undefined && ofModels.includes(precision) === (subject === "model");
  return isOurs ? call : { ...call, options: others };
}
