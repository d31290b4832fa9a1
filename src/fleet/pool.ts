/** Tasks in processes of this machine: so many at a time, each once more where its process died, and none for ever. */
import { problem, type Diagnostic } from "../base/diagnostic.js";
import { Child, type Gone } from "../host/children.js";
import { temporaryFolder } from "../host/temporary.js";
import { refusedWith, type Outcome, type ResultDocument, type Task } from "./task.js";

/** What a process is told first. */
export interface ChildStart {
  /** Absolute; models are relative to it. */
  readonly root: string;
  /** Where bundles go, absolute; absent where none are written. */
  readonly output?: string | undefined;
  /** Replaces folders that are not ours. */
  readonly force?: boolean;
}

export interface ChildWork {
  readonly task: Task;
  /** Whether the model must be compared with what the task says of it: it was planned elsewhere. */
  readonly compare: boolean;
}

export interface PoolOptions {
  /** A module that calls `serveTasks`. */
  readonly entry: URL;
  readonly start: ChildStart;
  readonly jobs: number;
  readonly compare: boolean;
  /** Of one task. */
  readonly timeoutMs?: number | undefined;
  /** Of the heap of one process. */
  readonly memoryMiB?: number | undefined;
  readonly signal: AbortSignal;
}

type Worker = Child<ChildWork, ResultDocument>;

/** How often a task whose process died is begun. */
const tries = 2;

export class Pool {
  readonly #options: PoolOptions;
  readonly #temporary = temporaryFolder("portolan-fleet-");
  readonly #idle: Worker[] = [];
  readonly #alive = new Set<Worker>();
  readonly #waiting: (() => void)[] = [];
  readonly #closed = new AbortController();
  /** No process is begun after it. */
  readonly #signal: AbortSignal;
  #busy = 0;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#signal = AbortSignal.any([options.signal, this.#closed.signal]);
    this.#signal.addEventListener("abort", () => void this.#endAll());
  }

  /** Waits for its turn. Rejects with the signal's reason when that is aborted. */
  async run(task: Task): Promise<Outcome> {
    await this.#turn();
    try {
      return await this.#tried(task);
    } finally {
      this.#busy--;
      this.#waiting.shift()?.();
    }
  }

  /** Ends the processes, and removes what they left behind. */
  async close(): Promise<void> {
    this.#closed.abort();
    await this.#endAll();
    this.#temporary.remove();
  }

  async #turn(): Promise<void> {
    if (this.#busy >= this.#options.jobs) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#busy++;
  }

  async #tried(task: Task): Promise<Outcome> {
    const { compare, timeoutMs, memoryMiB } = this.#options;
    let gone: Gone | undefined;
    for (let i = 0; i < tries; i++) {
      this.#signal.throwIfAborted();
      const worker = this.#idle.pop() ?? this.#started();
      const heard = await worker.ask({ task, compare }, timeoutMs);
      if (heard.kind === "answer") {
        this.#idle.push(worker);
        return { result: heard.answer, milliseconds: heard.milliseconds, peakBytes: heard.peakBytes };
      }
      this.#alive.delete(worker);
      this.#signal.throwIfAborted();
      if (heard.kind === "late") return { result: refusedWith([tooLate(task, timeoutMs ?? 0)]) };
      gone = heard;
    }
    return { result: refusedWith([died(task, gone, memoryMiB)]) };
  }

  #started(): Worker {
    const { entry, start, memoryMiB } = this.#options;
    const worker: Worker = new Child({ entry, start, memoryMiB, temporary: this.#temporary.path });
    this.#alive.add(worker);
    return worker;
  }

  async #endAll(): Promise<void> {
    await Promise.all([...this.#alive].map((worker) => worker.end()));
  }
}

function tooLate({ model, kind }: Task, timeoutMs: number): Diagnostic {
  return problem("task-timeout", `${kind} did not end within ${timeoutMs / 1000} s`, {
    location: { path: model },
    why: "The limit is --timeout's.",
    fix: "Give it more time, or run it alone to see where it stands: portolan -v names the phases.",
  });
}

function died({ model, kind }: Task, gone: Gone | undefined, memoryMiB: number | undefined): Diagnostic {
  const cap = memoryMiB === undefined ? "" : ` under --memory ${memoryMiB}`;
  return problem("worker-died", `the process of ${kind} ended ${tries} times with ${howEnded(gone)}`, {
    location: { path: model },
    why: gone?.outOfMemory
      ? `V8's heap was full${cap}.`
      : "The machine's own killer of processes sends SIGKILL when memory is short; other signals are faults in native code.",
    fix: gone?.outOfMemory
      ? "Give --memory more MiB, and --jobs a smaller number if the machine has none."
      : "Give --jobs a smaller number; if it ends so alone too, report it with the model.",
  });
}

function howEnded(gone: Gone | undefined): string {
  return gone?.signal ?? `exit code ${gone?.code ?? "unknown"}`;
}
