/** The side that answers: takes one job after the other, and gives back what a process of its own made of it. */
import { DiagnosticError, problem, type Diagnostic } from "../base/diagnostic.js";
import { pause } from "../host/turns.js";
import { mostBytes, queueName, type JobQueue, type Queue } from "./queue.js";
import type { RunTask } from "./run.js";
import { parseTask } from "./schema.js";
import { lasts, refusedWith, type Outcome, type Task } from "./task.js";

export interface WorkOptions {
  readonly run: RunTask;
  readonly jobs: number;
  /** Tasks a second, over all workers of the queue. */
  readonly rate?: number | undefined;
  /** After so long without a sign of life another worker takes a job over. */
  readonly stalledMs: number;
  /** Ends when there was no job for so long, not even in the hands of others; absent, it waits for ever. */
  readonly idleMs?: number | undefined;
  /** When aborted, no further job is begun; those that are begin end first. */
  readonly signal: AbortSignal;
  readonly onSettled: (task: Task, outcome: Outcome) => void;
  /** A connection was lost, or something in Redis is not as it should be. */
  readonly onTrouble: (why: string) => void;
}

/** How often a job may be taken over before it is given up. */
const mostTakenOver = 2;

const lookMs = 300;

export async function workQueue({ bullmq, connection }: Queue, options: WorkOptions): Promise<void> {
  const { jobs, rate, stalledMs, idleMs = Infinity, signal, onTrouble } = options;
  const worker = new bullmq.Worker<string, string>(
    queueName,
    (job) => answer(job.data, job.attemptsMade + 1 < (job.opts.attempts ?? 1), options),
    {
      connection: { ...connection, maxRetriesPerRequest: null },
      concurrency: jobs,
      lockDuration: stalledMs,
      stalledInterval: stalledMs,
      maxStalledCount: mostTakenOver,
      ...(rate === undefined ? {} : { limiter: { max: rate, duration: 1000 } }),
    },
  );
  worker.on("error", (error) => onTrouble(error.message));
  const queue: JobQueue = new bullmq.Queue(queueName, { connection });
  queue.on("error", () => undefined);
  try {
    for (let idle = 0; !signal.aborted && idle <= idleMs; idle = (await isEmpty(queue)) ? idle + lookMs : 0) await pause(lookMs, signal);
  } finally {
    await worker.close();
    await queue.close();
  }
}

/** Whether no job waits, is put off, or is in anybody's hands. */
async function isEmpty(queue: JobQueue): Promise<boolean> {
  try {
    const counts = await queue.getJobCounts("waiting", "active", "delayed", "prioritized");
    return Object.values(counts).every((n) => n === 0);
  } catch {
    // What cannot be asked is not known to be empty; `onTrouble` has heard of it.
    return false;
  }
}

/** What is thrown is tried again, here or elsewhere, after a while; the last try's answer is the answer. */
async function answer(text: string, more: boolean, { run, onSettled }: WorkOptions): Promise<string> {
  const task = parseTask(text, queueName);
  const outcome = await run(task).catch(asResult);
  const { result } = outcome;
  if (more && !lasts(result)) throw new DiagnosticError(result.diagnostics);
  onSettled(task, outcome);
  const said = JSON.stringify(outcome);
  return Buffer.byteLength(said) <= mostBytes ? said : JSON.stringify({ result: refusedWith([tooLarge(task)]) });
}

/** What this machine lacks is said for each task, which another worker may carry out. */
function asResult(error: unknown): Outcome {
  if (error instanceof DiagnosticError) return { result: refusedWith(error.diagnostics) };
  throw error;
}

function tooLarge({ model }: Task): Diagnostic {
  return problem("task-result-too-large", `the result has more than ${mostBytes} bytes`, {
    location: { path: model },
    why: "Results come back through Redis, which keeps them in memory.",
    fix: "Run this model without --queue.",
  });
}
