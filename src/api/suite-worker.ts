/**
 * One thread of `suite`. It takes a group of cases at a time and answers with their results; told to stop it ends the
 * programs it started, removes its folders, and leaves.
 */
import { parentPort, workerData } from "node:worker_threads";
import { invariant } from "../base/diagnostic.js";
import type { TwinLibrary } from "../verify/twin-library.js";
import type { SuiteCase } from "./suite-cases.js";
import { runGroup, type GroupSettings, type GroupTarget } from "./suite-group.js";
import type { CaseResult } from "./suite-result.js";
import { chooseTarget } from "./targets.js";

export interface WorkerStart {
  /** Targets as `chooseTarget` reads them, each with its twin. */
  readonly targets: readonly { readonly name: string; readonly twin: TwinLibrary }[];
  readonly settings: GroupSettings;
}

export type ToWorker = { readonly kind: "group"; readonly index: number; readonly cases: readonly SuiteCase[] } | { readonly kind: "stop" };

export type FromWorker =
  | { readonly kind: "settled"; readonly count: number }
  | { readonly kind: "results"; readonly index: number; readonly results: readonly (readonly CaseResult[])[] };

async function main(): Promise<void> {
  const port = parentPort;
  invariant(port !== null, "this module is the entry of a worker thread");
  const { targets, settings } = workerData as WorkerStart;
  const abort = new AbortController();
  const tell = (message: FromWorker): void => port.postMessage(message);
  const groups = Promise.all(targets.map(async ({ name, twin }): Promise<GroupTarget> => ({ chosen: await chooseTarget(name), twin })));
  const take = async (index: number, cases: readonly SuiteCase[]): Promise<void> => {
    try {
      const results = await runGroup(cases, await groups, settings, (count) => tell({ kind: "settled", count }), abort.signal);
      tell({ kind: "results", index, results });
    } catch (error) {
      // Being stopped is no failure; anything else ends the thread and is told by its "error" event.
      if (!abort.signal.aborted) throw error;
    }
  };
  port.on("message", (message: ToWorker) => {
    if (message.kind === "group") return void take(message.index, message.cases);
    abort.abort();
    port.close();
  });
}

await main();
