/** The other side of `children.ts`: what a child process does until it is told to stop, or nobody is left to answer to. */
import { invariant } from "../base/diagnostic.js";
import type { FromChild, ToChild } from "./children.js";

/**
 * `take` gets a piece of work and what the process was started with, and its signal is aborted when the process is to stop. It answers
 * for everything that goes wrong with the work; what it throws all the same ends the process.
 */
export function serveAsChild<Start, Work>(take: (work: Work, start: Start, signal: AbortSignal) => Promise<unknown>): void {
  invariant(process.send !== undefined, "this module is the entry of a child process");
  const abort = new AbortController();
  let start: Start;
  let busy: Promise<void> = Promise.resolve();
  const stop = (): void => {
    abort.abort();
    void busy.finally(() => process.exit(0));
  };
  // Ctrl-C at a terminal reaches all of its processes; ours are told by the one that started them.
  process.on("SIGINT", () => undefined);
  process.on("disconnect", stop);
  process.on("message", (message: ToChild) => {
    if (message.kind === "start") start = message.start as Start;
    else if (message.kind === "stop") stop();
    else busy = answered(() => take(message.work as Work, start, abort.signal), abort.signal);
  });
}

async function answered(work: () => Promise<unknown>, signal: AbortSignal): Promise<void> {
  const begun = performance.now();
  try {
    const answer = await work();
    const message: FromChild = { answer, milliseconds: Math.round(performance.now() - begun), peakBytes: peakBytes() };
    await new Promise((resolve) => process.send?.(message, resolve));
  } catch (error) {
    // Being stopped is no failure.
    if (!signal.aborted) throw error;
  }
}

const peakBytes = (): number => process.resourceUsage().maxRSS * 1024;
