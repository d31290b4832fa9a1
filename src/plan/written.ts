/** Nothing is read, and nothing given out, that no step before has written. */
import { invariant } from "../base/diagnostic.js";
import type { Program } from "../program/program.js";

/** Fails where a buffer is read or is an output and neither the caller, the weights, an earlier step nor its own filled it. */
export function requireWritten({ buffers, steps, outputs }: Pick<Program, "buffers" | "steps" | "outputs">): void {
  const root = (id: number): number => buffers[id].aliasOf ?? id;
  const written = new Set(buffers.filter((b) => b.home === "input" || b.home === "weight").map((b) => root(b.id)));
  const require = (id: number, who: string): void => {
    const { name, shape } = buffers[id];
    invariant(written.has(root(id)) || shape.includes(0), `${who} "${name}", which no step has written`);
  };
  for (const step of steps) {
    // What lives within a step is among both.
    for (const id of step.writes) written.add(root(id));
    for (const id of step.reads) require(id, `step ${step.id} reads`);
  }
  for (const id of outputs) require(id, "the program gives out");
}
