/** Whether a command was given one model, one checkpoint, or many of either. */
import { isCheckpoint, isPlural } from "../api/machine.js";
import type { CommandCall } from "./io.js";

const ofMany = ["jobs", "timeout", "memory", "shard", "queue", "root", "hashWeights", "results", "timings"];

const asksForMany = ({ options }: CommandCall): boolean => ofMany.some((name) => options[name] !== undefined);

export function isFleet(models: readonly string[], call: CommandCall): boolean {
  return models.length > 1 || models.some(isPlural) || asksForMany(call);
}

/** A folder with a checkpoint is one subject, and no folder of models. */
export const isOneCheckpoint = (operands: readonly string[], call: CommandCall): boolean =>
  operands.length === 1 && isCheckpoint(operands[0]) && !asksForMany(call);
