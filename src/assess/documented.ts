/** A chip for which no code is made: which operators its library's documents describe, and how long another's program would take. */
import { Operators } from "../claim/operators.js";
import type { Target } from "../claim/target.js";
import type { LoadedModel } from "../driver/load.js";
import type { ChosenTarget } from "../driver/targets.js";
import { rankedType, type Graph, type Node } from "../ir/graph.js";
import { eachGraph, subgraphsOf } from "../ir/walk.js";
import { unsupported } from "../plan/unsupported.js";
import { withoutMeaning } from "../plan/refuse.js";
import { said } from "../words/words.js";
import { headOf, machineOf, toldWays } from "./chip.js";
import { coverageOf } from "./coverage.js";
import { performanceOf, timedSteps, type Work } from "./performance.js";
import type { ChipReport, WayReport } from "./report.js";
import type { AssessedChip, Subject } from "./subject.js";
import { bare } from "./ways.js";

export function assessDocumented(
  { graph, nodes, loaded }: Subject,
  { row, documented }: AssessedChip,
  like: { readonly chip: string; readonly work: readonly Work[] } | undefined,
): ChipReport {
  const told = documented && toldWays(nodes, documentedWays(graph, loaded, documented));
  const machine = machineOf(row);
  return {
    ...headOf(row),
    verdict: documented ? "documented" : "unknown",
    why: [said(documented ? "verdict.documented" : "verdict.unknown", { chip: row.name })],
    diagnostics: [],
    ...(told ?? { ways: [] }),
    coverage: told ? coverageOf(nodes, told, undefined) : null,
    steps: [],
    memory: null,
    performance: like ? performanceOf(like.work, timedSteps(like.work, machine), machine, like.chip) : null,
    precision: [],
  };
}

/** Nodes of bodies are asked like others. */
function documentedWays(whole: Graph, { catalogue }: LoadedModel, { target, chip }: ChosenTarget): ReadonlyMap<string, WayReport> {
  const out = new Map<string, WayReport>();
  const asked = new Set(target.rows.map((r) => r.op));
  eachGraph(whole, (graph) => {
    const operators = new Operators(graph, { target, chip, catalogue });
    const unknown = new Set(withoutMeaning(graph, catalogue));
    const wayOf = (n: Node): WayReport => {
      if (subgraphsOf(n).length > 0) return { ...bare("undecided"), note: said("documented.around", { op: n.op }) };
      if (unknown.has(n)) return bare("refused", unsupported(n, graph, catalogue).what);
      if (!asked.has(n.op)) return describedWay(n, target);
      const answer = operators.callOf(n);
      return typeof answer === "string" ? bare("refused", answer) : bare("call");
    };
    for (const n of graph.nodes) {
      const way = wayOf(n);
      n.origin.forEach((name) => out.set(name, way));
    }
  });
  return out;
}

/** Of an operator that no row asks for; one that no table here names a call for was not looked up. */
function describedWay(n: Node, { documentedCalls = {} }: Target): WayReport {
  if (!Object.hasOwn(documentedCalls, n.op)) return { ...bare("undecided"), note: said("documented.not-looked-up", { op: n.op }) };
  const [call, seen, types] = documentedCalls[n.op];
  const described = { ...bare("call"), calls: [call], sources: [seen] };
  const type = rankedType(n.inputs[0])?.dtype;
  if (types === undefined || type === undefined) return { ...described, note: said("documented.types-not-held") };
  if (types.split(" ").includes(type)) return { ...described, types: [type] };
  return { ...described, how: "refused", note: said("documented.other-types", { call, type, types }) };
}
