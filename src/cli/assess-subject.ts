/** What `assess` is asked about, a checkpoint or models, and options that say nothing of it, which are refused aloud. */
import { fail } from "../base/diagnostic.js";
import { isCheckpoint } from "./assess-checkpoint.js";
import type { CommandCall } from "./io.js";

const ofCheckpoints = ["batch", "length", "engine"];
const ofModels = [
  ...["report", "csv", "failOn", "whatIf", "weights", "calib", "replay", "baseline", "shape", "dim", "freeze", "ops"],
  ...["jobs", "timeout", "memory", "root", "timings", "shard", "queue", "hashWeights", "results"],
];

/** The folder or file of a checkpoint; undefined where models are asked about. Throws `bad-option`. */
export function checkpointAmong(operands: readonly string[], call: CommandCall): string | undefined {
  const found = operands.find(isCheckpoint);
  if (found === undefined) {
    refuse(
      ofCheckpoints,
      "is of checkpoints, and this is a model",
      "Leave it out; --dim batch=8 gives an open extent of a model its size.",
      call,
    );
    return undefined;
  }
  if (operands.length > 1)
    fail("bad-option", `"${found}" is a checkpoint, and several are given`, {
      fix: "Give one checkpoint at a time, and models without it.",
    });
  refuse(ofModels, "is of models, and this is a checkpoint", "Leave it out; --json prints what is said as data.", call);
  return found;
}

const typed = (name: string): string => `--${name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)}`;

function refuse(names: readonly string[], what: string, fix: string, { options }: CommandCall): void {
  const isGiven = (value: unknown): boolean => (Array.isArray(value) ? value.length > 0 : value !== undefined);
  const wrong = names.find((name) => isGiven(options[name]));
  if (wrong !== undefined) fail("bad-option", `${typed(wrong)} ${what}`, { fix });
}
