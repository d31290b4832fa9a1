/** Gaps of many models as one list, those first that stand alone between most models and a chip. */
import type { Said } from "../../base/said.js";
import type { Interval } from "../../estimate/interval.js";
import type { ModelReport, WorkItem } from "../report.js";
import { mustOf } from "./view.js";

export interface Gap {
  readonly what: Said;
  readonly mandatory: boolean;
  readonly days: Interval;
  readonly chips: readonly string[];
  readonly nodes: number;
  /** Places of models that run on some chip once this alone is done. */
  readonly unlocks: readonly number[];
  /** Places of models that need it and more besides. */
  readonly concerns: readonly number[];
}

interface Found {
  readonly item: WorkItem;
  readonly model: number;
  readonly isLast: boolean;
}

export function gapsOf(reports: readonly ModelReport[]): readonly Gap[] {
  const by = new Map<string, Found[]>();
  for (const [model, report] of reports.entries())
    for (const item of report.work) {
      const isLast = item.mandatory && item.chips.some((chip) => mustOf(report, chip).length === 1 && isSettled(report, chip));
      const key = keyOf(item);
      by.set(key, [...(by.get(key) ?? []), { item, model, isLast }]);
    }
  const rank = (g: Gap): number => g.unlocks.length * 1e6 + (g.mandatory ? 1e5 : 0) + g.concerns.length;
  return [...by.values()].map(gapOf).sort((a, b) => rank(b) - rank(a));
}

/** Whether nothing stands behind what is refused that nobody asked about. */
function isSettled({ chips }: ModelReport, chip: string): boolean {
  const found = chips.find((c) => c.chip === chip);
  return (found?.nodes ?? []).every((at) => found?.ways[at]?.how !== "undecided");
}

/** What is the same work in two models: names in quotes are a model's own, and so is how many nodes there are. */
function keyOf({ kind, what, mandatory, nodes }: WorkItem): string {
  const gaps = Object.entries(what.with ?? {}).filter(([gap, v]) => gap !== "n" || v !== nodes);
  return JSON.stringify([kind, mandatory, what.key, gaps], (_, v: unknown) => (typeof v === "string" ? v.replace(/"[^"]*"/g, "") : v));
}

function gapOf(found: readonly Found[]): Gap {
  const [{ item }] = found;
  const places = (is: boolean): number[] => [...new Set(found.filter((f) => f.isLast === is).map((f) => f.model))];
  const unlocks = places(true);
  const nodes = found.reduce((n, f) => n + f.item.nodes, 0);
  return {
    what: item.what.with?.["n"] === item.nodes ? { ...item.what, with: { ...item.what.with, n: nodes } } : item.what,
    mandatory: item.mandatory,
    days: item.days,
    chips: [...new Set(found.flatMap((f) => f.item.chips))],
    nodes,
    unlocks,
    concerns: places(false).filter((m) => !unlocks.includes(m)),
  };
}
