/** Whether a command was given one model, or many. */
import { isPlural } from "../api/machine.js";
import type { CommandCall } from "./io.js";

const ofMany = ["jobs", "timeout", "memory", "shard", "queue", "root", "hashWeights", "results", "timings"];

export function isFleet(models: readonly string[], { options }: CommandCall): boolean {
  return models.length > 1 || models.some(isPlural) || ofMany.some((name) => options[name] !== undefined);
}
