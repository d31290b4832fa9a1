/**
 * One thread of `suite`. It takes a group of cases at a time and answers with their results; told to stop it ends the
 * programs it started, removes its folders, and leaves.
 */
import { parentPort, workerData } from "node:worker_threads";
import { DiagnosticError, invariant, type Diagnostic } from "../base/diagnostic.js";
import type { TwinLibrary } from "../verify/twin-library.js";
import type { SuiteCase } from "./cases.js";
import { runGroup, type GroupOutcome, type GroupSettings, type GroupTarget } from "./group.js";
import { chooseTarget } from "../driver/targets.js";

export interface WorkerStart {
  /** Targets as `chooseTarget` reads them, each with its twin. */
  readonly targets: readonly { readonly name: string; readonly twin: TwinLibrary }[];
  readonly settings: GroupSettings;
}

export type ToWorker = { readonly kind: "group"; readonly index: number; readonly cases: readonly SuiteCase[] } | { readonly kind: "stop" };

export type FromWorker =
  | { readonly kind: "settled"; readonly count: number }
  | { readonly kind: "outcome"; readonly index: number; readonly outcome: GroupOutcome }
  | { readonly kind: "failed"; readonly diagnostics: readonly Diagnostic[] };

async function main(): Promise<void> {
  const port = parentPort;
  invariant(port !== null, "this module is the entry of a worker thread");
  const { targets, settings } = workerData as WorkerStart;
  const abort = new AbortController();
  const tell = (message: FromWorker): void => port.postMessage(message);
  const take = async (index: number, cases: readonly SuiteCase[]): Promise<void> => {
    try {
      const outcome = await runGroup(cases, await opened(targets), settings, (count) => tell({ kind: "settled", count }), abort.signal);
      tell({ kind: "outcome", index, outcome });
    } catch (error) {
      // Being stopped is no failure. An error sent as such loses its class, and with it its diagnostics and the exit code;
      // one that carries none ends the thread and is told by its "error" event.
      if (abort.signal.aborted) return;
      if (!(error instanceof DiagnosticError)) throw error;
      tell({ kind: "failed", diagnostics: error.diagnostics });
    }
  };
  port.on("message", (message: ToWorker) => {
    if (message.kind === "group") return void take(message.index, message.cases);
    abort.abort();
    port.close();
  });
}

function opened(targets: WorkerStart["targets"]): Promise<GroupTarget[]> {
  return Promise.all(targets.map(async ({ name, twin }): Promise<GroupTarget> => ({ chosen: await chooseTarget(name), twin })));
}

await main();
