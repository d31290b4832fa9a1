/** How the end of a mutant is read. */
import type { Ending } from "./subjects.js";

/**
 * "named": a violation of a rule; "wrong": other numbers; "crash" and "timeout": it did not come to its end;
 * "rejected": it does not compile and is no mutant; "equivalent": it survived, and an argument says why it is no mistake.
 */
export type Fate = "named" | "wrong" | "crash" | "timeout" | "survived" | "rejected" | "equivalent";

/** How long a mutant may run, from the time that the kernel took as it is: its end is judged on a busy machine too. */
export function patienceMs(tookMs: number): number {
  return Math.ceil(Math.min(20_000, Math.max(4_000, 20 * tookMs)));
}

/** What an ending means, beside the one of the kernel as it is. */
export function fateOf(ending: Ending, wanted: Pick<Ending, "inner"> & { readonly numbers: readonly Float64Array[] }): [Fate, string] {
  if (ending.rule) return ["named", ending.rule];
  if (ending.error) return [/SIGTERM|SIGKILL/.test(ending.error) ? "timeout" : "crash", ending.error];
  if (!sameNumbers(ending.numbers ?? [], wanted.numbers)) return ["wrong", "other numbers"];
  return wanted.inner?.join() === ending.inner?.join() ? ["survived", ""] : ["wrong", "other numbers between the steps"];
}

/** Equal to a relative 1e-6: a twin gives the same bits for the same instructions. */
function sameNumbers(got: readonly Float64Array[], wanted: readonly Float64Array[]): boolean {
  return got.length === wanted.length && wanted.every((w, k) => w.length === got[k].length && w.every((x, i) => near(got[k][i], x)));
}

function near(got: number, want: number): boolean {
  return Object.is(got, want) || got === want || Math.abs(got - want) <= 1e-6 * Math.max(1e-3, Math.abs(want));
}
