/** The side that asks: each task is a job under its own hash, so that asking twice is asking once. */
import type { QueueEvents } from "bullmq";
import { DiagnosticError, problem, type Diagnostic } from "../base/diagnostic.js";
import { pause } from "../host/turns.js";
import { mostBytes, queueName, unreachable, type JobQueue, type Queue } from "./queue.js";
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
  readonly #shown: string;
  /** Who waits for the job of an id. */
  readonly #waiting = new Map<string, (said: Said) => void>();

  constructor({ bullmq, connection, shown }: Queue) {
    this.#shown = shown;
    this.#queue = new bullmq.Queue(queueName, { connection });
    this.#events = new bullmq.QueueEvents(queueName, { connection });
    this.#events.on("completed", ({ jobId, returnvalue }) => this.#waiting.get(jobId)?.({ value: returnvalue }));
    this.#events.on("failed", ({ jobId, failedReason }) => this.#waiting.get(jobId)?.({ failed: failedReason }));
    // Lost connections are made anew; what waits is asked about again.
    this.#queue.on("error", () => undefined);
    this.#events.on("error", () => undefined);
  }

  /**
   * Rejects when the signal is aborted; the job stays, and its result is there for the next one who asks. Throws `queue-unreachable`
   * where a lost connection does not come back.
   */
  async run(task: Task, signal: AbortSignal): Promise<Outcome> {
    const text = taskText(task);
    if (Buffer.byteLength(text) > mostBytes) return { result: refusedWith([tooLarge(task)]) };
    try {
      return await this.#answered(task, text, signal);
    } catch (error) {
      if (signal.aborted) throw error;
      return unreachable(this.#shown, error as Error);
    }
  }

  async #answered(task: Task, text: string, signal: AbortSignal): Promise<Outcome> {
    const jobId = taskHash(task);
    const had = await this.#ended(jobId);
    const kept = typeof had === "object" ? outcomeOf(had, task) : undefined;
    if (kept && lasts(kept.result)) return { ...kept, cached: true };
    if (kept) await this.#queue.remove(jobId);
    const outcome = outcomeOf(await this.#asked(text, jobId, signal), task);
    // What another try may answer otherwise must not be the answer of the next run.
    if (!lasts(outcome.result)) await this.#queue.remove(jobId);
    return outcome;
  }

  async close(): Promise<void> {
    await Promise.all([this.#queue.close(), this.#events.close()]);
  }

  /** What a job came to, or that it has yet to end, or that there is none. */
  async #ended(jobId: string): Promise<Said | "open" | undefined> {
    // In this order: a job that was read before it ended has no answer yet.
    const state = await this.#queue.getJobState(jobId);
    const job = await this.#queue.getJob(jobId);
    if (!job || state === "unknown") return undefined;
    if (state === "completed") return { value: job.returnvalue };
    return state === "failed" ? { failed: job.failedReason } : "open";
  }

  /** Put there again where Redis has forgotten it. */
  async #asked(text: string, jobId: string, signal: AbortSignal): Promise<Said> {
    const told = new Promise<Said>((resolve) => this.#waiting.set(jobId, resolve));
    await this.#events.waitUntilReady();
    for (;;) {
      await this.#queue.add("task", text, {
        ...{ jobId, attempts: tries, backoff: { type: "exponential", delay: 1000 } },
        ...{ removeOnComplete: { age: daySeconds }, removeOnFail: { age: daySeconds } },
      });
      const said = await this.#heard(jobId, told, signal);
      if (said !== undefined) return said;
    }
  }

  /** Undefined where the job has vanished from Redis. */
  async #heard(jobId: string, told: Promise<Said>, signal: AbortSignal): Promise<Said | undefined> {
    for (;;) {
      signal.throwIfAborted();
      const ended = await this.#ended(jobId);
      if (ended !== "open") return ended;
      const said = await Promise.race([told, pause(lookMs, signal)]);
      if (said !== undefined) return said;
    }
  }
}

/** An answer that nobody of ours wrote is one more result that does not last. */
function outcomeOf(said: Said, task: Task): Outcome {
  if ("failed" in said) return { result: refusedWith([lost(task, said.failed)]) };
  try {
    return parseOutcome(said.value, task.model);
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    return { result: refusedWith(error.diagnostics) };
  }
}

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
