/** Pipelines as one loop over steps, in which each phase of a turn runs some steps behind the first. */
import type { Stmt } from "../../src/kernel/tile.js";
import { tilesMoved } from "../../src/kernel/walk.js";
import type { Of } from "./statements.js";

/** A loop's index, and the turns [begin, end). */
export interface Steps {
  readonly step: string;
  readonly begin: string;
  readonly end: string;
}

/** Whether statements do more than name integers. */
export function isBusy(stmts: readonly Stmt[]): boolean {
  return stmts.some((s) => s.op !== "let");
}

/** Whether a tile is loaded and stored itself, so that a load takes the half that a store may still read. */
export function passesThrough(s: Of<"pipeline">): boolean {
  const loaded = new Set(tilesMoved(s.load, "load"));
  return tilesMoved(s.store, "store").some((tile) => loaded.has(tile));
}

/** When a phase has a turn in a step; the loop itself ends with the turns of the last one. */
export function hasTurn({ step, begin, end }: Steps, lag: number, isLast = false): string {
  const started = lag === 0 ? [] : [`${step} >= ${begin === "0" ? "" : `${begin} + `}${lag}`];
  const more = isLast ? [] : [`${step} < ${end}${lag === 0 ? "" : ` + ${lag}`}`];
  return [...started, ...more].join(" && ");
}

/** The turn of a phase that runs that far behind. */
export function turnOf(step: string, lag: number): string {
  return lag === 0 ? step : `${step} - ${lag}`;
}
