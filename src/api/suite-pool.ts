/** Threads for `suite`: as many as the machine has cores, each with a group of cases at a time. */
import { Worker } from "node:worker_threads";
import { invariant } from "../base/diagnostic.js";
import type { SuiteCase } from "./suite-cases.js";
import type { CaseResult } from "./suite-result.js";
import type { FromWorker, ToWorker, WorkerStart } from "./suite-worker.js";

export interface PoolOptions {
  readonly threads: number;
  readonly settle: (count: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * Results by group, then by target, in the order of the groups. When the signal is aborted or a thread fails, all
 * threads are told to stop; the promise rejects after the last one has cleaned up and left.
 */
export async function runInThreads(
  groups: readonly (readonly SuiteCase[])[],
  start: WorkerStart,
  { threads, settle, signal }: PoolOptions,
): Promise<(readonly (readonly CaseResult[])[])[]> {
  const results: (readonly (readonly CaseResult[])[])[] = [];
  const stop = new AbortController();
  const until = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
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
        else results[message.index] = message.results;
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
  for (const i of groups.keys()) invariant(results[i] !== undefined, `group ${i} of the suite gave no result`);
  return results;
}

/** One thread from its start to its end: another message for every result, a stop when there is none or on abort. */
function serve(start: WorkerStart, give: () => ToWorker, signal: AbortSignal, hear: (message: FromWorker) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./suite-worker.js", import.meta.url), { workerData: start });
    const send = (message: ToWorker): void => worker.postMessage(message);
    const abort = (): void => send({ kind: "stop" });
    signal.addEventListener("abort", abort);
    worker.on("message", (message: FromWorker) => {
      hear(message);
      if (message.kind === "results") send(give());
    });
    worker.on("error", reject);
    worker.on("exit", () => {
      signal.removeEventListener("abort", abort);
      resolve();
    });
    send(give());
  });
}

/** A case with bytes of its own: a thread is sent whole buffers, and those of a pack hold every case. */
function detached(test: SuiteCase): SuiteCase {
  const copy = (bytes: Uint8Array): Uint8Array => Uint8Array.from(bytes);
  return { ...test, model: copy(test.model), inputs: test.inputs.map(copy), outputs: test.outputs.map(copy) };
}
