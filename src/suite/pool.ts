/** Threads for `suite`: as many as the machine has cores, each with a group of cases at a time. */
import { invariant } from "../base/diagnostic.js";
import { inThreads } from "../host/threads.js";
import type { SuiteCase } from "./cases.js";
import type { GroupOutcome } from "./group.js";
import type { FromWorker, ToWorker, WorkerStart } from "./worker.js";

interface PoolOptions {
  readonly threads: number;
  readonly settle: (count: number) => void;
  readonly signal?: AbortSignal;
}

/** Outcomes in the order of the groups. Stops and rejects as `inThreads` does. */
export async function runInThreads(
  groups: readonly (readonly SuiteCase[])[],
  start: WorkerStart,
  { threads, settle, signal }: PoolOptions,
): Promise<GroupOutcome[]> {
  const outcomes: GroupOutcome[] = [];
  let next = 0;
  await inThreads<ToWorker, FromWorker>({
    ...{ entry: new URL("./worker.js", import.meta.url), start, threads: Math.min(threads, groups.length), signal },
    give: () => {
      if (next >= groups.length) return undefined;
      const index = next++;
      return { kind: "group", index, cases: groups[index].map(detached) };
    },
    hear: (message) => {
      if (message.kind === "settled") settle(message.count);
      else outcomes[message.index] = message.outcome;
    },
  });
  for (const i of groups.keys()) invariant(outcomes[i] !== undefined, `group ${i} of the suite gave no result`);
  return outcomes;
}

/** A case with bytes of its own: a thread is sent whole buffers, and those of a pack hold every case. */
function detached(test: SuiteCase): SuiteCase {
  const copy = (bytes: Uint8Array): Uint8Array => Uint8Array.from(bytes);
  return { ...test, model: copy(test.model), inputs: test.inputs.map(copy), outputs: test.outputs.map(copy) };
}
