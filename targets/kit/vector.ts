/**
 * Vector maps as the lowering lays them out, on machines that compute scratchpad to scratchpad: blocks of instructions, once or
 * in a loop over rows. How an instruction is spelled is the target's.
 */
import { mul, type Dim } from "../../src/base/dim.js";
import type { MemoryBlock, MemoryInstr, MemoryMap, Operand, VectorOperand } from "../../src/kernel/lower/memory-form.js";
import type { Page } from "./page.js";

/** The block an instruction stands in and, in a loop over rows, the row. */
export interface Place<P> {
  readonly page: P;
  readonly map: MemoryMap;
  readonly block: MemoryBlock;
  readonly row?: { readonly id: number; readonly index: string };
}

export type InstrOf<O extends MemoryInstr["op"]> = Extract<MemoryInstr, { op: O }>;

/** How a target spells each instruction. */
export type InstrPrinter<P> = { readonly [O in MemoryInstr["op"]]: (at: Place<P>, instr: InstrOf<O>) => void };

export function printInstr<P>(at: Place<P>, instr: MemoryInstr, to: InstrPrinter<P>): void {
  switch (instr.op) {
    case "apply":
      return to.apply(at, instr);
    case "cast":
      return to.cast(at, instr);
    case "fill":
      return to.fill(at, instr);
    case "copy":
      return to.copy(at, instr);
    case "iota":
      return to.iota(at, instr);
    default:
      throw instr satisfies never;
  }
}

/** Every block; `ahead` is told of those that become a loop over rows. */
export function printBlocks<P extends Page<string>>(
  page: P,
  map: MemoryMap,
  print: (at: Place<P>, instr: MemoryInstr) => void,
  ahead: (block: MemoryBlock) => void = () => undefined,
): void {
  for (const block of map.blocks) {
    if (block.each === "tile") {
      block.body.forEach((i) => print({ page, map, block }, i));
      continue;
    }
    ahead(block);
    inRows({ page, map, block }, (at) => block.body.forEach((i) => print(at, i)));
  }
}

/** A loop over the rows of a map. */
export function inRows<P extends Page<string>>(at: Place<P>, body: (at: Place<P>) => void): void {
  const { page, map } = at;
  const id = page.freshId();
  const index = page.fresh("r");
  page.out.loop(page.loopHead(index, page.dim(map.rows)), () => body({ ...at, row: { id, index } }), { id });
}

/** Lanes of one instruction; `single` are those of a lone row, of which nobody reads what its pitch adds. */
export function lanesOf<P>({ map: { rows, cols, pitch }, block }: Place<P>, single: Dim): Dim {
  const full = block.each === "row" ? cols : rows === 1 ? single : mul(rows, pitch);
  return { full, row: cols, col: rows, scalar: 1 }[block.over];
}

/** Whether an operand begins behind the first lane of its array: at the row in hand. */
export function startsAtRow<P>({ row }: Place<P>, x: VectorOperand): boolean {
  return row !== undefined && x.as === "full";
}

export function isVector(x: Operand): x is VectorOperand {
  return x.kind === "tile" || x.kind === "scratch";
}

/** What an operand lies in, in the accesses that hazards are found from. */
export function nameOf(x: VectorOperand): string {
  return x.kind === "tile" ? x.tile : slotName(x.slot);
}

export function slotName(slot: number): string {
  return `slot ${slot}`;
}
