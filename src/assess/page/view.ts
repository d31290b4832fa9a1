/** What the parts of the page ask of a report: counts, doubts, chips that are seen alike. */
import { middleOf } from "../../estimate/interval.js";
import type { ChipReport, How, MemoryReport, ModelReport, StepReport, Verdict } from "../report.js";

/** From what runs best to what does not run. */
export const hows: readonly How[] = ["call", "kernel", "copy", "folded", "scalar", "host", "undecided", "refused"];

/** A mark beside each word, so that colour is never alone. */
export const howMarks: Readonly<Record<How, string>> = {
  ...{ call: "●", kernel: "◆", copy: "○", folded: "·", scalar: "▲", host: "■", undecided: "?", refused: "✕" },
};

export const verdictMarks: Readonly<Record<Verdict, string>> = {
  ...{ ready: "✓", uncertain: "≈", rewrites: "✎", kernels: "+", blocked: "✕", refused: "⊘", documented: "§", unknown: "?" },
};

/** Chips that compile as they are. */
export const compiles = ({ verdict }: ChipReport): boolean => verdict === "ready" || verdict === "uncertain";

export function howCounts({ ways, nodes = [] }: Pick<ChipReport, "ways" | "nodes">): ReadonlyMap<How, number> {
  const counts = new Map<How, number>();
  for (const at of nodes) counts.set(ways[at].how, (counts.get(ways[at].how) ?? 0) + 1);
  return new Map(hows.flatMap((how) => (counts.has(how) ? [[how, counts.get(how) ?? 0]] : [])));
}

/** Symbols that no independent source confirms. */
export const doubtsOf = ({ ways }: ChipReport): readonly string[] => [...new Set(ways.flatMap((w) => w.unwitnessed ?? []))].sort();

/** Cards that carry so many devices; null where the number is unknown. */
export const cardsOf = ({ devices, devicesPerCard }: MemoryReport): number | null =>
  devices === null ? null : Math.ceil(devices / devicesPerCard);

export const mustOf = ({ work }: ModelReport, chip: string): ModelReport["work"] =>
  work.filter((w) => w.mandatory && w.chips.includes(chip));

export const timeOfStep = ({ seconds }: StepReport): number => (seconds ? middleOf(seconds) : 0);

/** Chips on which each node is carried out in the same way. */
export interface View {
  readonly id: string;
  readonly chips: readonly ChipReport[];
}

/** Chips of which nothing is said node by node are in none. */
export function viewsOf(chips: readonly ChipReport[]): readonly View[] {
  const by = new Map<string, ChipReport[]>();
  for (const c of chips) {
    if (!c.nodes) continue;
    const key = JSON.stringify([c.verdict === "documented", c.ways, c.nodes, c.steps.map((s) => s.id)]);
    by.set(key, [...(by.get(key) ?? []), c]);
  }
  return [...by.values()].map((list, i) => ({ id: `view${i}`, chips: list }));
}

export const namesOf = ({ chips }: View): string => chips.map((c) => c.chip).join(", ");
