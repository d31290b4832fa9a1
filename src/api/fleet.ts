/** Fleets: one command for many models, in processes of this machine or through a queue, and what is kept of it. */
import { setMaxListeners } from "node:events";
import { chooseTargets } from "../driver/targets.js";
import type { FleetDocument } from "../fleet/document.js";
import { Pool, type PoolOptions } from "../fleet/pool.js";
import { openQueue } from "../fleet/queue.js";
import type { WorkOptions } from "../fleet/queue-work.js";
import { keeping, type Keeping, type RunTask } from "../fleet/run.js";
import type { Task } from "../fleet/task.js";
import { packageRoot } from "../host/package.js";
import { loadOnnxruntime } from "../verify/onnxruntime.js";
import { twinLibrary } from "../verify/twin-library.js";

export { planTasks, type Planned } from "../fleet/plan.js";
export {
  documentText,
  fleetDocument,
  mergeDocuments,
  shardText,
  shareOf,
  type Entry,
  type FleetDocument,
  type Shard,
} from "../fleet/document.js";
export { runTasks, type RunTask, type Settled } from "../fleet/run.js";
export { serveTasks, type Execute } from "../fleet/serve.js";
export { diagnosticsOf, taskKinds, type Outcome, type ResultDocument, type Task, type TaskKind } from "../fleet/task.js";
export type { ChildStart } from "../fleet/pool.js";
export { findModels, pathBelow, rootOf } from "../host/find-models.js";
export { usualThreads } from "../host/threads.js";

/** Has `work` done by processes of this machine, and by what is kept of earlier runs. */
export async function onThisMachine<T>(fleet: PoolOptions & Keeping, work: (run: RunTask) => Promise<T>): Promise<T> {
  const pool = new Pool(fleet);
  try {
    return await work(keeping((task) => pool.run(task), fleet));
  } finally {
    await pool.close();
  }
}

/** Has `work` done by whoever works a queue off. Throws as `openQueue`. */
export async function throughQueue<T>(address: string, signal: AbortSignal, work: (run: RunTask) => Promise<T>): Promise<T> {
  const queue = await openQueue(address);
  const { Sender } = await import("../fleet/queue-send.js");
  const sender = new Sender(queue);
  // One listener a task.
  setMaxListeners(0, signal);
  try {
    return await work((task) => sender.run(task, signal));
  } finally {
    await sender.close();
  }
}

/** Works a queue off until the signal is aborted, or it is empty where that is asked. `onOpen` hears which queue, without its password. */
export async function workOff(address: string, options: WorkOptions & { readonly onOpen: (shown: string) => void }): Promise<void> {
  const queue = await openQueue(address);
  options.onOpen(queue.shown);
  await (await import("../fleet/queue-work.js")).workQueue(queue, options);
}

/** Throws `bad-task-file`. */
export async function readTasks(text: string, path: string): Promise<readonly Task[]> {
  return (await import("../fleet/schema.js")).parseTaskFile(text, path);
}

/** Throws `bad-result-file`. */
export async function readDocument(text: string, path: string): Promise<FleetDocument> {
  return (await import("../fleet/schema.js")).parseDocument(text, path);
}

/** The twins that `verify` needs, built where they are not there yet, and in words what they and onnxruntime are. Throws as `twinLibrary`. */
export async function twinsReady(target: string, signal: AbortSignal, onBuild: (target: string) => void): Promise<string> {
  const said = [`onnxruntime ${(await loadOnnxruntime())?.env.versions.common ?? "missing"}`];
  for (const { target: one } of await chooseTargets(target)) {
    const { hash } = await twinLibrary(one, packageRoot, { signal, onBuild: () => onBuild(one.name) });
    said.push(`${one.name} ${hash}`);
  }
  return said.join("\n");
}
