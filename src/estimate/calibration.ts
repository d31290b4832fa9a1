/** Every published measurement beside what the model tells of it: how many lie inside, and how wide the intervals are. */
import { fitted } from "./fitted.js";
import { widthOf } from "./interval.js";
import { halves } from "./measured/documents.js";
import type { MeasuredDocument, MeasuredRow } from "./measured/row.js";
import { isAscend, predict, uncovered } from "./predict.js";
import type { Estimate } from "./spread.js";

export interface Judged {
  readonly row: MeasuredRow;
  readonly source: string;
  readonly heldOut: boolean;
  /** Whether its chip is an Ascend. */
  readonly ascend: boolean;
  readonly estimate: Estimate;
  readonly inside: boolean;
}

interface Uncovered {
  readonly row: MeasuredRow;
  readonly source: string;
  readonly heldOut: boolean;
  readonly why: string;
}

export interface Calibration {
  readonly judged: readonly Judged[];
  readonly uncovered: readonly Uncovered[];
}

interface Score {
  readonly rows: number;
  readonly inside: number;
  /** Geometric mean of the upper bound over the lower. */
  readonly width: number;
}

/** A figure's share inside and the width that it took. */
export function scoreOf(judged: readonly Judged[]): Score {
  const logs = judged.reduce((n, j) => n + Math.log(widthOf(j.estimate)), 0);
  return { rows: judged.length, inside: judged.filter((j) => j.inside).length, width: Math.exp(logs / judged.length) };
}

function judge(row: MeasuredRow, source: string, heldOut: boolean): Judged {
  const estimate = predict(row, fitted);
  return { row, source, heldOut, ascend: isAscend(row), estimate, inside: row.value >= estimate.lo && row.value <= estimate.hi };
}

/** All measurements, those of the fit first. */
export function calibrate(): Calibration {
  const { fitted: told, heldOut } = halves();
  const of = (documents: readonly MeasuredDocument[], held: boolean): Uncovered[] =>
    documents.flatMap((d) => d.rows.map((row) => ({ row, source: d.source, heldOut: held, why: uncovered(row) ?? "" })));
  const all = [...of(told, false), ...of(heldOut, true)];
  return {
    judged: all.filter((r) => r.why === "").map((r) => judge(r.row, r.source, r.heldOut)),
    uncovered: all.filter((r) => r.why !== ""),
  };
}
