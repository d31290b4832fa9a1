/** How much of a model is carried out, counted in four ways: node counts alone mislead. */
import type { Node } from "../ir/graph.js";
import type { Work } from "./performance.js";
import type { ChipReport, Coverage, StepReport, WayReport } from "./report.js";
import { nameOf } from "./subject.js";

const covered = ({ how }: WayReport): boolean => how !== "refused" && how !== "undecided";

/** `steps` are those of the whole program, absent where it leaves something out. */
export function coverageOf(
  nodes: readonly Node[],
  told: Required<Pick<ChipReport, "ways" | "nodes">>,
  steps: readonly StepReport[] | undefined,
): Coverage {
  const ways = told.nodes.map((at) => told.ways[at]);
  const missed = new Set(nodes.filter((_, i) => !covered(ways[i])).map((n) => n.op));
  const operators = new Set(nodes.map((n) => n.op)).size;
  const share = (part: number, all: number): number => (all === 0 ? 1 : part / all);
  return {
    nodes: share(ways.filter(covered).length, nodes.length),
    operators: share(operators - missed.size, operators),
    flops: steps ? 1 : null,
    bytes: steps ? 1 : null,
  };
}

/**
 * Of the operations and bytes of a whole program, made for another chip, those of steps all of whose nodes are carried out here. `carries` says
 * of a node's name whether it is.
 */
export function sharesIn(work: readonly Work[], carries: (name: string) => boolean): Pick<Coverage, "flops" | "bytes"> {
  const bytesOf = (w: Work): number => w.bytesRead + w.bytesWritten;
  const share = (of: (w: Work) => number): number => {
    const [part, all] = [work.filter((w) => w.origin.every(carries)), work].map((list) => list.reduce((n, w) => n + of(w), 0));
    return all === 0 ? 1 : part / all;
  };
  return { flops: share((w) => w.flops), bytes: share(bytesOf) };
}

/** The names of the nodes that are carried out. */
export function carriedNames(nodes: readonly Node[], { ways, nodes: at = [] }: Pick<ChipReport, "ways" | "nodes">): ReadonlySet<string> {
  return new Set(nodes.flatMap((n, i) => (covered(ways[at[i]]) ? [nameOf(n)] : [])));
}
