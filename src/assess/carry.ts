/**
 * What a chip carries out of a graph. The stages, rows and printers are those that compile runs; where they refuse, what is
 * to blame is cut out and the rest is asked again, so that one unknown operator does not hide all others.
 */
import { DiagnosticError, type Diagnostic } from "../base/diagnostic.js";
import type { Steps } from "../base/steps.js";
import type { Chip } from "../claim/target.js";
import { loweringSteps, type CompileOptions } from "../driver/compile.js";
import type { LoadedModel } from "../driver/load.js";
import type { ChosenTarget } from "../driver/targets.js";
import { emitSteps, type Emitted } from "../emit/steps.js";
import { rankedType, type Graph, type Node } from "../ir/graph.js";
import { definedValues, eachGraph, subgraphsOf } from "../ir/walk.js";
import { requireMemory } from "../plan/device-memory.js";
import type { Lowered } from "../plan/lower-graph.js";
import { withoutMeaning } from "../plan/refuse.js";
import { without } from "./cut.js";
import { speaksOf } from "./refused.js";

export interface Carried {
  /** Of what is carried out; absent where nothing is. */
  readonly emitted?: Emitted;
  readonly lowered?: Lowered;
  /** What compile refuses the whole model for; empty where it does not. */
  readonly refusals: readonly Diagnostic[];
  /** All that was met, also once what was refused before was cut out. */
  readonly faults: readonly Diagnostic[];
  /** The nodes to blame, each with what is said of it. */
  readonly refused: ReadonlyMap<Node, Diagnostic>;
  /** Nodes of which nothing was found out: they stand behind others, or compile stopped before them. */
  readonly undecided: ReadonlySet<Node>;
}

type Options = Pick<CompileOptions, "precision" | "prefer" | "allowHf32" | "signal">;

/** How often the rest is asked again. */
const mostRounds = 12;

const tooLarge = "device-memory-exceeded";

/**
 * Chips with one such text get the same steps; how many cores a launch is spread over, and how much memory there is, is each
 * chip's own.
 */
function stepsAlike({ target, chip }: ChosenTarget): string {
  return JSON.stringify([target.name, { ...chip, memoryBytes: 0, caps: { ...chip.caps, chip: "", cores: 0 } }]);
}

/** What chips carry out, each text of `stepsAlike` once. */
export class Carrier {
  readonly #known = new Map<string, Carried>();

  /** The steps of another chip stand for a chip's own where they are alike, all is carried out, and it fits. */
  *carry(graph: Graph, loaded: LoadedModel, chosen: ChosenTarget, options: Options): Steps<Carried> {
    const key = stepsAlike(chosen);
    const known = this.#known.get(key);
    if (known?.lowered && known.refusals.length === 0 && fits(known.lowered, chosen.chip)) return known;
    const carried = yield* carrySteps(graph, loaded, chosen, options);
    this.#known.set(key, carried);
    return carried;
  }
}

function fits({ plan: { program, arena } }: Lowered, chip: Chip): boolean {
  try {
    requireMemory(program, "highest", arena.bytes, chip);
    requireMemory(program, "lowest", arena.bytesAtLowest, chip);
    return true;
  } catch (error) {
    if (error instanceof DiagnosticError) return false;
    throw error;
  }
}

function* carrySteps(whole: Graph, loaded: LoadedModel, chosen: ChosenTarget, options: Options): Steps<Carried> {
  const refused = new Map<Node, Diagnostic>();
  const undecided = new Set<Node>();
  let refusals: readonly Diagnostic[] = [];
  const faults: Diagnostic[] = [];
  let [graph, chip] = [whole, chosen.chip];
  for (let round = 0; round < mostRounds && (round === 0 || graph.outputs.length > 0); round++) {
    const done = yield* attempt(graph, loaded, { ...chosen, chip }, options);
    if (!Array.isArray(done)) return { ...done, refusals, faults, refused, undecided };
    if (refusals.length === 0) refusals = done;
    faults.push(...done);
    if (done.every((d) => d.code === tooLarge)) {
      chip = { ...chip, memoryBytes: Infinity, allocationBytes: undefined };
      continue;
    }
    const blamed = blame(done, graph, loaded);
    if (blamed.size === 0) break;
    blamed.forEach((d, n) => refused.set(n, d));
    const types = new Set(done.filter((d) => d.code === "unsupported-dtype").flatMap((d) => typesAt(d, graph)));
    const cut = without(graph, new Set(blamed.keys()), (v) => !types.has(rankedType(v)?.dtype ?? ""));
    cut.behind.forEach((n) => undecided.add(n));
    graph = cut.graph;
  }
  graph.nodes.forEach((n) => undecided.add(n));
  return { refusals, faults, refused, undecided };
}

function* attempt(
  graph: Graph,
  loaded: LoadedModel,
  chosen: ChosenTarget,
  options: Options,
): Steps<{ readonly lowered: Lowered; readonly emitted: Emitted } | readonly Diagnostic[]> {
  try {
    const lowered = yield* loweringSteps(graph, loaded, chosen, "model", options);
    return { lowered, emitted: yield* emitSteps(lowered.plan.program, chosen.target) };
  } catch (error) {
    if (error instanceof DiagnosticError) return error.diagnostics.filter((d) => d.severity === "error");
    throw error;
  }
}

/** The nodes that diagnostics speak of, of the outermost graph; all that have no meaning, and all that touch a type that is refused. */
function blame(faults: readonly Diagnostic[], graph: Graph, { catalogue }: LoadedModel): Map<Node, Diagnostic> {
  const out = new Map<Node, Diagnostic>();
  const unknown = withoutMeaning(graph, catalogue);
  for (const n of unknown) {
    const said = faults.find((d) => speaksOf(d, n)) ?? faults[0];
    out.set(n, said);
  }
  for (const fault of faults) {
    if (fault.code === "unsupported-op" && unknown.length > 0) continue;
    nodesAt(fault, graph).forEach((n) => !out.has(n) && out.set(n, fault));
  }
  return out;
}

function nodesAt(fault: Diagnostic, graph: Graph): readonly Node[] {
  if (fault.code === "unsupported-dtype") {
    const types = new Set(typesAt(fault, graph));
    return graph.nodes.filter((n) => [...n.inputs, ...n.outputs].some((v) => types.has(rankedType(v)?.dtype ?? "")));
  }
  const { node, tensor } = fault.location ?? {};
  const makers = graph.nodes.filter(
    (n) => (node !== undefined && isFrom(n, node)) || n.outputs.some((v) => v !== undefined && v.name === tensor),
  );
  return makers.length > 0 ? makers : graph.nodes.filter((n) => n.inputs.some((v) => v?.name === tensor));
}

/** Whether a node, or one in its bodies, came from the model's node of that name. */
function isFrom(n: Node, name: string): boolean {
  return n.origin.includes(name) || subgraphsOf(n).some((body) => body.nodes.some((inner) => isFrom(inner, name)));
}

/** The element type of the tensor that a diagnostic speaks of. */
function typesAt({ location }: Diagnostic, graph: Graph): readonly string[] {
  const types: string[] = [];
  eachGraph(graph, (g) => {
    for (const v of definedValues(g)) if (v.name === location?.tensor && rankedType(v)) types.push(rankedType(v)?.dtype ?? "");
  });
  return types;
}
