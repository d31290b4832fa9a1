/**
 * Long work cut into steps. Reading, rewriting, planning and writing are synchronous code; a caller that awaits them
 * still wants to hear Ctrl-C. So such work is a generator that pauses where it may be stopped, and the caller decides
 * how it runs: in one go here, or with turns of the event loop in between in `src/host/turns.ts`.
 */

/** Work that pauses between its steps and returns a T. */
export type Steps<T> = Generator<undefined, T>;

/** Runs all steps in one go. */
export function finishNow<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}
