/** Tasks to results: what is kept is not worked out again, and what is worked out is kept the moment it is there. */
import { createHash } from "node:crypto";
import { openStore } from "../host/store.js";
import type { Entry } from "./document.js";
import type { Planned } from "./plan.js";
import { lasts, refusedWith, taskText, type Outcome, type ResultDocument, type Task } from "./task.js";

/** Called with many tasks at a time; it has them wait for their turn. */
export type RunTask = (task: Task) => Promise<Outcome>;

export interface Settled extends Outcome {
  readonly model: string;
}

export function taskHash(task: Task): string {
  return createHash("sha256").update(taskText(task)).digest("hex");
}

export interface Keeping {
  /** What of this machine decides a result besides, as a compiler's version: another one has other results under the same task. */
  readonly environment: (task: Task) => Promise<string>;
  /** Whether what a kept result says was written is still there. */
  readonly holds: (task: Task, result: ResultDocument) => boolean;
}

/** Has a task carried out once, and what lasts of its result kept. */
export function keeping(run: RunTask, { environment, holds }: Keeping): RunTask {
  const store = openStore("results");
  return async (task) => {
    const key = createHash("sha256")
      .update(`${taskText(task)}\0${await environment(task)}`)
      .digest("hex");
    const kept = read(store.get(key));
    if (kept && holds(task, kept)) return { result: kept, cached: true };
    const outcome = await run(task);
    if (lasts(outcome.result)) store.put(key, JSON.stringify(outcome.result));
    return outcome;
  };
}

/** A file that something else has cut off or written over is as good as none. */
function read(text: string | undefined): ResultDocument | undefined {
  try {
    return text === undefined ? undefined : (JSON.parse(text) as ResultDocument);
  } catch {
    return undefined;
  }
}

/** An entry for each model, in the order given. */
export async function runTasks(planned: readonly Planned[], run: RunTask, onSettled: (one: Settled) => void): Promise<Entry[]> {
  return Promise.all(
    planned.map(async (one) => {
      const outcome = one.task ? await run(one.task) : { result: refusedWith(one.refused) };
      onSettled({ ...outcome, model: one.model });
      return { model: one.model, sha256: one.task?.sha256 ?? null, ...outcome.result };
    }),
  );
}
