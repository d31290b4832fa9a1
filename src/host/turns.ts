/** Work in steps, run so that the event loop turns between them: an awaiting caller hears Ctrl-C. */
import type { Steps } from "../base/steps.js";

/** The event loop gets a turn at least this often, where steps are short enough. */
const turnMs = 20;

/** Runs the steps and lets the event loop turn between them. An aborted signal is thrown inside, so that `finally` cleans up. */
export async function finishInTurns<T>(steps: Steps<T>, signal?: AbortSignal): Promise<T> {
  let last = performance.now();
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done) return step.value;
    if (performance.now() - last > turnMs) {
      await turn();
      last = performance.now();
    }
    if (signal?.aborted) steps.throw(signal.reason);
  }
}

/** One turn of the event loop, then AbortError if the call was cancelled meanwhile. */
export async function breathe(signal?: AbortSignal): Promise<void> {
  await turn();
  signal?.throwIfAborted();
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** So long, or until the signal is aborted, which is then for the caller to see. */
export function pause(ms: number, signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve(undefined);
    };
    const timer = setTimeout(end, signal.aborted ? 0 : ms);
    signal.addEventListener("abort", end);
  });
}
