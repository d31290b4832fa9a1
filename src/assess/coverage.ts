/** How much of a model is carried out, counted in four ways: node counts alone mislead. */
import type { Node } from "../ir/graph.js";
import type { Coverage, StepReport, WayReport } from "./report.js";

const covered = ({ how }: WayReport): boolean => how !== "refused" && how !== "undecided";

/** `ways` are those of the nodes, in their order; `steps` those of the whole program, absent where it leaves something out. */
export function coverageOf(nodes: readonly Node[], ways: readonly WayReport[], steps: readonly StepReport[] | undefined): Coverage {
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
