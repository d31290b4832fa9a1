/**
 * One thread of `suite`. It takes a group of cases at a time and answers with their results; told to stop it ends the
 * programs it started, removes its folders, and leaves.
 */
import { workerData } from "node:worker_threads";
import { serveAsThread } from "../host/threads.js";
import type { TwinLibrary } from "../verify/twin-library.js";
import type { SuiteCase } from "./cases.js";
import { runGroup, type GroupOutcome, type GroupSettings, type GroupTarget } from "./group.js";
import { chooseTarget } from "../driver/targets.js";

export interface WorkerStart {
  /** Targets as `chooseTarget` reads them, each with its twin. */
  readonly targets: readonly { readonly name: string; readonly twin: TwinLibrary }[];
  readonly settings: GroupSettings;
}

export interface ToWorker {
  readonly kind: "group";
  readonly index: number;
  readonly cases: readonly SuiteCase[];
}

export type FromWorker =
  | { readonly kind: "settled"; readonly count: number }
  | { readonly kind: "outcome"; readonly index: number; readonly outcome: GroupOutcome };

const { targets, settings } = workerData as WorkerStart;

serveAsThread<ToWorker, FromWorker>(async ({ index, cases }, tell, signal) => {
  const outcome = await runGroup(cases, await opened(), settings, (count) => tell({ kind: "settled", count }), signal);
  tell({ kind: "outcome", index, outcome });
});

function opened(): Promise<GroupTarget[]> {
  return Promise.all(targets.map(async ({ name, twin }): Promise<GroupTarget> => ({ chosen: await chooseTarget(name), twin })));
}
