/** What a child process of a fleet does with a task. */
import { DiagnosticError, problem } from "../base/diagnostic.js";
import { serveAsChild } from "../host/serve-child.js";
import { enterFolder } from "../host/enter.js";
import { finishInTurns } from "../host/turns.js";
import { againstTask } from "./plan.js";
import type { ChildStart, ChildWork } from "./pool.js";
import { refusedWith, type ResultDocument, type Task } from "./task.js";

/** Carries a task out in its root, where its model's path means what it says. Problems of the model are in the document. */
export type Execute = (task: Task, start: ChildStart, signal: AbortSignal) => Promise<ResultDocument>;

export function serveTasks(execute: Execute): void {
  serveAsChild<ChildStart, ChildWork>(async (work, start, signal) => {
    try {
      return await carriedOut(execute, work, start, signal);
    } catch (error) {
      if (signal.aborted) throw error;
      return refusedWith(error instanceof DiagnosticError ? error.diagnostics : [defect(work.task, error)]);
    }
  });
}

async function carriedOut(execute: Execute, { task, compare }: ChildWork, start: ChildStart, signal: AbortSignal): Promise<ResultDocument> {
  enterFolder(start.root);
  const against = compare ? await finishInTurns(againstTask(task, start.root), signal) : [];
  return against.length > 0 ? refusedWith(against) : execute(task, start, signal);
}

/** What `--json` and an exit code of 70 say of it alone, said for one model. */
function defect({ model }: Task, error: unknown): ReturnType<typeof problem> {
  return problem("internal", error instanceof Error ? error.message : String(error), {
    location: { path: model },
    why: "this is a defect of Portolan, not of the model",
    fix: "run the command on this model alone, with PORTOLAN_DEBUG=1, and report it with the model",
  });
}
