/** The side that asks: each task is a job under its own hash, so that asking twice is asking once. */
import type { Job, QueueEvents } from "bullmq";
import { DiagnosticError, problem, type Diagnostic } from "../base/diagnostic.js";
import { pause } from "../host/turns.js";
import { mostBytes, queueName, type JobQueue, type Queue } from "./queue.js";
import { taskHash } from "./run.js";
import { parseOutcome } from "./schema.js";
import { lasts, refusedWith, taskText, type Outcome, type Task } from "./task.js";

/** Of one task, over all workers. */
const tries = 3;

const daySeconds = 24 * 3600;

/** How often it is asked whether jobs are still there: a Redis that was started anew has forgotten them. */
const lookMs = 5000;

type Said = { readonly value: string } | { readonly failed: string };

export class Sender {
  readonly #queue: JobQueue;
  readonly #events: QueueEvents;

  constructor({ bullmq, connection }: Queue) {
    this.#queue = new bullmq.Queue(queueName, { connection });
    this.#events = new bullmq.QueueEvents(queueName, { connection });
    // One listener a task that is waited for.
    for (const emitter of [this.#queue, this.#events]) emitter.setMaxListeners(0);
    // Lost connections are made anew; what waits is asked about again.
    this.#queue.on("error", () => undefined);
    this.#events.on("error", () => undefined);
  }

  /** Rejects when the signal is aborted; the job stays, and its result is there for the next one who asks. */
  async run(task: Task, signal: AbortSignal): Promise<Outcome> {
    const text = taskText(task);
    if (Buffer.byteLength(text) > mostBytes) return { result: refusedWith([tooLarge(task)]) };
    const jobId = taskHash(task);
    const had = await this.#ended(jobId);
    if (had !== undefined && lasts(had.result)) return { ...had, cached: true };
    if (had !== undefined) await this.#forget(jobId);
    const said = await this.#asked(text, jobId, signal);
    const outcome = "failed" in said ? { result: refusedWith([lost(task, said.failed)]) } : outcomeOf(said.value, task.model);
    // What another try may answer otherwise must not be the answer of the next run.
    if (!lasts(outcome.result)) await this.#forget(jobId);
    return outcome;
  }

  async close(): Promise<void> {
    await Promise.all([this.#queue.close(), this.#events.close()]);
  }

  /** What an earlier job of this hash came to; undefined where none has ended. */
  async #ended(jobId: string): Promise<Outcome | undefined> {
    const job = await this.#queue.getJob(jobId);
    const state = await job?.getState();
    if (job && state === "completed") return outcomeOf(job.returnvalue, jobId);
    return state === "failed" ? { result: refusedWith([failedBefore]) } : undefined;
  }

  async #forget(jobId: string): Promise<void> {
    await this.#queue.remove(jobId);
  }

  /** Put there again where Redis has forgotten it. */
  async #asked(text: string, jobId: string, signal: AbortSignal): Promise<Said> {
    for (;;) {
      const job = await this.#queue.add("task", text, {
        ...{ jobId, attempts: tries, backoff: { type: "exponential", delay: 1000 } },
        ...{ removeOnComplete: { age: daySeconds }, removeOnFail: { age: daySeconds } },
      });
      const said = await this.#heard(job, signal);
      if (said !== undefined) return said;
    }
  }

  /** Undefined where the job has vanished from Redis. */
  async #heard(job: Job<string, string>, signal: AbortSignal): Promise<Said | undefined> {
    const said: Promise<Said> = job.waitUntilFinished(this.#events).then(
      (value) => ({ value }),
      (error: Error) => ({ failed: error.message }),
    );
    for (;;) {
      const heard = await Promise.race([said, pause(lookMs, signal)]);
      signal.throwIfAborted();
      if (heard !== undefined && "value" in heard) return heard;
      if ((await job.getState()) === "unknown") return undefined;
      if (heard !== undefined) return heard;
    }
  }
}

/** An answer that nobody of ours wrote is one more result that does not last. */
function outcomeOf(text: string, name: string): Outcome {
  try {
    return parseOutcome(text, name);
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    return { result: refusedWith(error.diagnostics) };
  }
}

/** Stands for any result that does not last. */
const failedBefore: Diagnostic = problem("worker-died", "an earlier try failed");

function lost({ model }: Task, why: string): Diagnostic {
  return problem("worker-died", `no worker ended the task: ${why}`, {
    location: { path: model },
    why: "A worker that ends in the middle of a task leaves it to the next one; this task has outlived several.",
    fix: "Run it alone, with --memory and --timeout, to see what it does to its process.",
  });
}

function tooLarge({ model }: Task): Diagnostic {
  return problem("task-result-too-large", `the task has more than ${mostBytes} bytes`, {
    location: { path: model },
    why: "Redis keeps it in memory.",
    fix: "Give shorter formula files.",
  });
}
