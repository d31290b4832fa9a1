/** How V8 is set for a command, which runs once and ends. */
import { setFlagsFromString } from "node:v8";

/**
 * Bytecodes that a function runs before V8 optimises it, fifteen times its own figure. A command takes seconds, most of
 * its functions a few milliseconds, and optimising them took more processor time than all of their work. Loops over
 * weights get there at once.
 */
const optimiseAfter = 2_000_000;

/**
 * What may be allocated before old objects are collected, of a hundred parts that live. Each pass leaves a graph behind:
 * V8 by itself lets three and more such graphs pile up.
 */
const collectAfter = 50;

export function setEngine(): void {
  setFlagsFromString(`--interrupt-budget=${optimiseAfter}`);
  setFlagsFromString(`--heap-growing-percent=${collectAfter}`);
}

/** New objects keep the megabyte they start with, for a tenth more time: by itself V8 lets them have 32 before it collects. */
export function collectEarly(): void {
  setFlagsFromString("--semi-space-growth-factor=1");
}

/**
 * For a command that runs long in little memory: what optimises code holds tens of megabytes while it works, so that it is asked
 * for the hottest functions alone.
 */
export function holdLittle(): void {
  collectEarly();
  setFlagsFromString(`--interrupt-budget=${10 * optimiseAfter}`);
}
