/** Nothing is read, and nothing given out, that no step before has written. */
import { isConst } from "../base/dim.js";
import { invariant } from "../base/diagnostic.js";
import { lateBuffers } from "./arena.js";
import { kernelsByName, touchedBy, waysOf } from "./flow.js";
import type { Act, Copy, Home, Program, Step } from "./program.js";

const filledBefore: ReadonlySet<Home> = new Set(["input", "weight", "state"]);

/** Whether an act is a copy to a place that rounds decide. */
const fillsRow = (act: Act): act is Copy => act.op === "copy" && !isConst(act.at);

/** Fails where a buffer is read or is an output and neither the caller, the weights, an earlier step nor its own filled it. */
export function requireWritten(program: Pick<Program, "buffers" | "kernels" | "steps" | "outputs" | "symbols">): void {
  const { buffers, steps, outputs } = program;
  const kernels = kernelsByName(program);
  const late = lateBuffers(program);
  const root = (id: number): number => buffers[id].aliasOf ?? id;
  const require = (written: ReadonlySet<number>, id: number, who: string): void => {
    const { name, shape } = buffers[id];
    invariant(written.has(root(id)) || shape.includes(0), `${who} "${name}", which no step has written`);
  };
  /** What is written after a step; it may have been read within. */
  const after = (step: Step, written: Set<number>): Set<number> => {
    const reads = (id: number): void => require(written, id, `step ${step.id} reads`);
    switch (step.op) {
      case "compute":
        for (const act of waysOf(step)) touchedBy(act, kernels).reads.forEach(reads);
        for (const id of touchedBy(step.act, kernels).writes) written.add(root(id));
        return written;
      case "read":
        reads(step.from);
        return written.add(root(step.to));
      case "write":
        return written.add(root(step.to));
      case "let":
        return written;
      case "bind":
        step.pairs.flat().forEach(reads);
        for (const [a, b] of step.pairs)
          invariant(
            late.has(a) === late.has(b),
            `step ${step.id}: of "${buffers[a].name}" and "${buffers[b].name}" one alone is sized by steps`,
          );
        return written;
      case "branch": {
        const [then, otherwise] = [step.then, step.otherwise].map((body) => afterAll(body, new Set(written)));
        return new Set([...then].filter((id) => otherwise.has(id)));
      }
      case "loop":
        // It may run no round at all: then what it fills a row a round has no rows.
        afterAll(step.body, new Set(written));
        for (const inner of step.body) if (inner.op === "compute" && fillsRow(inner.act)) written.add(root(inner.act.to));
        return written;
      default:
        throw step satisfies never;
    }
  };
  const afterAll = (body: readonly Step[], before: Set<number>): Set<number> =>
    body.reduce((written, step) => after(step, written), before);
  const written = afterAll(steps, new Set(buffers.filter((b) => filledBefore.has(b.home)).map((b) => root(b.id))));
  for (const id of outputs) require(written, id, "the program gives out");
}
