/** Threads for `suite`: as many as the machine has cores, each with a group of cases at a time. */
import { setMaxListeners } from "node:events";
import { Worker } from "node:worker_threads";
import { DiagnosticError, invariant } from "../base/diagnostic.js";
import type { SuiteCase } from "./cases.js";
import type { GroupOutcome } from "./group.js";
import type { FromWorker, ToWorker, WorkerStart } from "./worker.js";

interface PoolOptions {
  readonly threads: number;
  readonly settle: (count: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * Outcomes in the order of the groups. When the signal is aborted, a thread fails or `settle` throws, all threads are
 * told to stop; the promise rejects with that after the last one has cleaned up and left.
 */
export async function runInThreads(
  groups: readonly (readonly SuiteCase[])[],
  start: WorkerStart,
  { threads, settle, signal }: PoolOptions,
): Promise<GroupOutcome[]> {
  const outcomes: GroupOutcome[] = [];
  const stop = new AbortController();
  const until = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
  // One listener a thread.
  setMaxListeners(0, until);
  let next = 0;
  const lane = async (): Promise<void> => {
    const give = (): ToWorker => {
      if (until.aborted || next >= groups.length) return { kind: "stop" };
      const index = next++;
      return { kind: "group", index, cases: groups[index].map(detached) };
    };
    try {
      await serve(start, give, until, (message) => {
        if (message.kind === "settled") settle(message.count);
        else outcomes[message.index] = message.outcome;
      });
    } catch (error) {
      stop.abort(error);
      throw error;
    }
  };
  const lanes = await Promise.allSettled(Array.from({ length: Math.min(threads, groups.length) }, lane));
  signal?.throwIfAborted();
  const failed = lanes.find((l) => l.status === "rejected");
  if (failed) throw failed.reason;
  for (const i of groups.keys()) invariant(outcomes[i] !== undefined, `group ${i} of the suite gave no result`);
  return outcomes;
}

/** What `serve` hands on; a failure it keeps. */
type Heard = Exclude<FromWorker, { readonly kind: "failed" }>;

/**
 * One thread from its start to its end: another message for every outcome, a stop when there is none, on abort, and
 * when something failed, here or there. Rejects with the first failure once the thread has left.
 */
function serve(start: WorkerStart, give: () => ToWorker, signal: AbortSignal, hear: (message: Heard) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./worker.js", import.meta.url), { workerData: start });
    const send = (message: ToWorker): void => worker.postMessage(message);
    const stop = (): void => send({ kind: "stop" });
    const failures: unknown[] = [];
    const failed = (error: unknown): void => {
      failures.push(error);
      stop();
    };
    signal.addEventListener("abort", stop);
    worker.on("message", (message: FromWorker) => {
      if (message.kind === "failed") return failed(new DiagnosticError(message.diagnostics));
      try {
        hear(message);
        if (message.kind === "outcome") send(give());
      } catch (error) {
        // It would be an uncaught exception: what is heard runs the caller's own code.
        failed(error);
      }
    });
    worker.on("error", failed);
    worker.on("exit", () => {
      signal.removeEventListener("abort", stop);
      if (failures.length > 0) reject(failures[0] as Error);
      else resolve();
    });
    send(give());
  });
}

/** A case with bytes of its own: a thread is sent whole buffers, and those of a pack hold every case. */
function detached(test: SuiteCase): SuiteCase {
  const copy = (bytes: Uint8Array): Uint8Array => Uint8Array.from(bytes);
  return { ...test, model: copy(test.model), inputs: test.inputs.map(copy), outputs: test.outputs.map(copy) };
}
