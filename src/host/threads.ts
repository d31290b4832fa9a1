/** Threads of one module: each is given one piece of work after the other, and all stop together. */
import { setMaxListeners } from "node:events";
import { availableParallelism } from "node:os";
import { parentPort, Worker } from "node:worker_threads";
import { DiagnosticError, invariant, type Diagnostic } from "../base/diagnostic.js";

interface Stop {
  readonly kind: "stop";
}

interface Failed {
  readonly kind: "failed";
  readonly diagnostics: readonly Diagnostic[];
}

/** What a thread says: an outcome asks for the next piece. Messages are copied, but for memory that threads share. */
interface Said {
  readonly kind: string;
}

interface Work<To, From extends Said> {
  /** The module that a thread runs, which calls `serveAsThread`, and what it finds in `workerData`. */
  readonly entry: URL;
  readonly start?: unknown;
  readonly threads: number;
  readonly signal?: AbortSignal | undefined;
  /** What the thread of that number does next; undefined when there is no more. */
  readonly give: (lane: number) => To | undefined;
  readonly hear: (message: From, lane: number) => void;
}

/** One a core. */
export const usualThreads = (): number => availableParallelism();

/**
 * Resolves when there is no more to do. When the signal is aborted, a thread fails, or `give` or `hear` throws, all threads are
 * told to stop; the promise rejects with that after the last one has cleaned up and left.
 */
export async function inThreads<To extends Said, From extends Said>(work: Work<To, From>): Promise<void> {
  const { signal, threads } = work;
  const stop = new AbortController();
  const until = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
  // One listener a thread.
  setMaxListeners(0, until);
  const lanes = await Promise.allSettled(
    Array.from({ length: threads }, async (_, lane) => {
      try {
        await serve(work, lane, until);
      } catch (error) {
        stop.abort(error);
        throw error;
      }
    }),
  );
  signal?.throwIfAborted();
  const failed = lanes.find((l) => l.status === "rejected");
  if (failed) throw failed.reason;
}

/**
 * One thread from its start to its end: another message for every outcome, a stop when there is none, on abort, and
 * when something failed, here or there. Rejects with the first failure once the thread has left.
 */
function serve<To extends Said, From extends Said>(work: Work<To, From>, lane: number, signal: AbortSignal): Promise<void> {
  const { entry, start, give, hear } = work;
  return new Promise((resolve, reject) => {
    const worker = new Worker(entry, { workerData: start });
    const send = (message: To | Stop): void => worker.postMessage(message);
    const stop = (): void => send({ kind: "stop" });
    const failures: unknown[] = [];
    const failed = (error: unknown): void => {
      failures.push(error);
      stop();
    };
    // It would be an uncaught exception: what gives and hears runs the caller's own code.
    const guarded = (step: () => void): void => {
      try {
        step();
      } catch (error) {
        failed(error);
      }
    };
    const next = (): void => guarded(() => send((signal.aborted ? undefined : give(lane)) ?? { kind: "stop" }));
    signal.addEventListener("abort", stop);
    worker.on("message", (message: From | Failed) => {
      if (isFailed(message)) return failed(new DiagnosticError(message.diagnostics));
      guarded(() => hear(message, lane));
      if (message.kind === "outcome" && failures.length === 0) next();
    });
    worker.on("error", failed);
    worker.on("exit", () => {
      signal.removeEventListener("abort", stop);
      if (failures.length > 0) reject(failures[0] as Error);
      else resolve();
    });
    next();
  });
}

function isFailed(message: Said): message is Failed {
  return message.kind === "failed";
}

/**
 * The other side: what a thread's module does until it is told to stop, which aborts the signal. Diagnostics that `take` throws
 * are told as such; another error ends the thread.
 */
export function serveAsThread<To extends Said, From extends Said>(
  take: (work: To, tell: (message: From) => void, signal: AbortSignal) => Promise<void> | void,
): void {
  const port = parentPort;
  invariant(port !== null, "this module is the entry of a worker thread");
  const abort = new AbortController();
  const answer = async (work: To): Promise<void> => {
    try {
      await take(work, (message) => port.postMessage(message), abort.signal);
    } catch (error) {
      // Being stopped is no failure. An error sent as such loses its class, and with it its diagnostics and the exit code;
      // one that carries none ends the thread and is told by its "error" event.
      if (abort.signal.aborted) return;
      if (!(error instanceof DiagnosticError)) throw error;
      port.postMessage({ kind: "failed", diagnostics: error.diagnostics } satisfies Failed);
    }
  };
  port.on("message", (message: To | Stop) => {
    if (message.kind !== "stop") return void answer(message as To);
    abort.abort();
    port.close();
  });
}
