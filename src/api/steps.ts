/**
 * Long work cut into steps. Reading, rewriting and writing are synchronous code; a caller that awaits them still wants
 * to hear Ctrl-C. So such work is a generator that pauses where it may be stopped, and the caller decides how it runs.
 */

/** Work that pauses between its steps and returns a T. */
export type Steps<T> = Generator<undefined, T>;

/** The event loop gets a turn at least this often, where steps are short enough. */
const turnMs = 20;

/** Runs all steps in one go. */
export function finishNow<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

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
