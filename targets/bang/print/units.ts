/**
 * When the scalar unit and the others must wait for each other in NRAM. Dependences between registers are the hardware's
 * affair; those through NRAM nobody promises, so a wait stands before the scalar unit reads or writes what vector
 * instructions may still hold, and before anything else takes what the scalar unit wrote. Names are tiles and scratch.
 */
import { operandsRead } from "../../../src/kernel/lower/draft.js";
import type { MemoryBlock, MemoryInstr, Operand } from "../../../src/kernel/lower/memory-form.js";
import type { Ordering } from "../../kit/hazards.js";
import { reads, writes, type Access } from "../../kit/sheet.js";
import { isVector, nameOf } from "../../kit/vector.js";

/** Copies have ended when the next instruction begins, but for those of a pipeline's steps, which wait for nobody. */
export type Unit = "scalar" | "vector" | "copies" | "pipeline";
export type Sync = "__sync" | "__sync_compute";

/** Either sync is one for all units. */
export const units: Ordering = {
  wants: (unit, { unit: next }): Sync | undefined => {
    if (next === "pipeline") return "__sync";
    return unit === next || (unit === "vector" && next === "copies") ? undefined : "__sync_compute";
  },
  reaches: () => ["scalar", "vector", "copies", "pipeline"] satisfies Unit[],
  lasts: (unit, { write }) => unit === "vector" || (unit === "scalar" && write),
  hoists: false,
};

const scalarOf = (o: Operand) => (o.kind === "read" ? [nameOf(o.from)] : []);
const vectorsOf = (o: Operand) => (isVector(o) ? [nameOf(o)] : []);

/** What instructions touch by each unit. */
export function touchesOf(...instrs: readonly MemoryInstr[]): Readonly<Record<"scalar" | "vector", readonly Access[]>> {
  const read = instrs.flatMap(operandsRead);
  return {
    scalar: reads(...read.flatMap(scalarOf)),
    vector: [...reads(...read.flatMap(vectorsOf)), ...writes(...instrs.map((i) => nameOf(i.dst)))],
  };
}

/** Whether an instruction in a loop over rows reads by the scalar unit what an instruction of the same loop writes. */
export function readsOwn(instr: MemoryInstr, { body }: MemoryBlock): boolean {
  const written = new Set(body.map((i) => nameOf(i.dst)));
  return touchesOf(instr).scalar.some(({ on }) => written.has(on));
}
