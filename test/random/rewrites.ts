/** Every pass alone, and all of them in their order, on one graph: the rewritten graph means what the graph meant. */
import { DiagnosticError } from "../../src/base/diagnostic.js";
import { finishNow } from "../../src/base/steps.js";
import type { Tensor } from "../../src/base/tensor.js";
import { decompose } from "../../src/ir/rewrite/decompose.js";
import { evaluateGraph } from "../../src/ir/evaluate/evaluate.js";
import type { Graph, Node, Value } from "../../src/ir/graph.js";
import { inferGraph } from "../../src/ir/infer/infer.js";
import { verify } from "../../src/ir/verify.js";
import { mapBodies, subgraphsOf } from "../../src/ir/walk.js";
import { catalogue } from "../../src/ops/catalogue.js";
import type { Pass, PassContext } from "../../passes/pass.js";
import { onnxPasses, passSteps, primitivePasses } from "../../passes/pipeline.js";
import { absorbTransposes } from "../../passes/target/absorb-transposes.js";
import { expandTransposed } from "../../passes/target/expand-transposed.js";
import { fuseEpilogues } from "../../passes/target/fuse-epilogues.js";
import { legalise } from "../../passes/target/legalise.js";
import { ownOutputs } from "../../passes/target/own-outputs.js";
import type { Target } from "../../src/claim/target.js";
import { undecided, type TargetPass } from "../../passes/target/stage.js";
import type { Bound } from "./bounds.js";
import { differs } from "./check.js";
import { undisputed } from "./faults.js";
import { reference, type Answer } from "./reference.js";

export interface Rewritten {
  /** A pass, or "all". */
  readonly pass: string;
  readonly fault?: string;
}

/** A graph, its inputs, and how far its outputs may be off. */
export interface Subject {
  readonly graph: Graph;
  readonly inputs: ReadonlyMap<Value, Tensor>;
  readonly symbols: Readonly<Record<string, number>>;
  readonly bound: (v: Value) => Bound;
}

const once = (passes: readonly Pass[]): Pass[] => [...new Set(passes)];

/** What one pass makes of a graph; undefined when it changes nothing. Throws when the graph is broken. */
function rewritten<C extends object>(graph: Graph, pass: Pass<PassContext & C>, more: C): Graph | undefined {
  const { graph: typed, facts } = inferGraph(graph, catalogue);
  const after = pass.run(typed, { catalogue, facts, ...more });
  if (after === typed) return undefined;
  const faults = verify(after);
  if (faults.length > 0) throw new DiagnosticError(faults);
  return after;
}

type Inputs = ReadonlyMap<Value, Tensor>;

/** The inputs of a rewritten graph are those of the graph, by position. */
const renamed = (after: Graph, before: Graph, inputs: Inputs): Inputs =>
  new Map(after.inputs.map((v, i) => [v, inputs.get(before.inputs[i]) as Tensor]));

/** What a program reads back from the device is what was computed there. */
function withoutReads(graph: Graph): Graph {
  if (!hasReads(graph)) return graph;
  const computed = (n: Node): Node =>
    n.op === "read" ? { ...n, op: "Identity", attrs: {} } : { ...n, attrs: mapBodies(n.attrs, withoutReads) };
  return { ...graph, nodes: graph.nodes.map(computed) };
}

const hasReads = ({ nodes }: Graph): boolean => nodes.some((n) => n.op === "read" || subgraphsOf(n).some(hasReads));

/**
 * Rewrites of ONNX operators as onnxruntime computes them, bit for bit but for the passes that round. `bound` tells how
 * far those may be off. Nothing where onnxruntime has no answer for the graph itself.
 */
export async function checkRewrites({ graph, inputs, symbols, bound }: Subject): Promise<readonly Rewritten[]> {
  const before = await reference(graph, inputs);
  if ("refused" in before) return [];
  const held = undisputed(graph, symbols);
  const whole: Pass = { name: "all", rounds: true, run: (g) => finishNow(passSteps(g, { catalogue })).graph };
  const told: Rewritten[] = [];
  for (const pass of [...once(onnxPasses), whole]) {
    const fault = await attempt(async () => {
      const after = rewritten(graph, pass, {});
      if (!after) return undefined;
      const answer = await reference(withoutReads(after), renamed(after, graph, inputs));
      // Extents that data decide have no number here; what is read is what the graph computed before, faults and all.
      const kept = hasReads(after) ? held : undisputed(after, symbols).map((ok, i) => ok && held[i]);
      return { fault: compared(graph, before, after, answer, kept, pass.rounds ? bound : () => undefined) };
    });
    if (fault) told.push({ pass: pass.name, ...fault });
  }
  return told;
}

/** Rewrites of primitives, which no ONNX file holds, by their own evaluation: bit for bit. */
export async function checkPrimitiveRewrites({ graph, inputs }: Subject): Promise<readonly Rewritten[]> {
  const told: Rewritten[] = [];
  const plain = await attempt(async () => primitivesOf(graph));
  if (!plain) return told;
  if ("fault" in plain) return [{ pass: "decompose", fault: plain.fault }];
  const before = evaluateGraph(plain.graph, catalogue, inputs);
  for (const pass of once(primitivePasses)) {
    const fault = await attempt(async () => {
      const after = rewritten(plain.graph, pass, {});
      if (!after) return undefined;
      const answer = evaluateGraph(after, catalogue, renamed(after, plain.graph, inputs));
      return {
        fault: compared(
          plain.graph,
          before,
          after,
          answer,
          graph.outputs.map(() => true),
          () => undefined,
        ),
      };
    });
    if (fault) told.push({ pass: pass.name, ...fault });
  }
  return told;
}

const legalised: TargetPass = { name: legalise.name, run: (graph, context) => legalise.decide(undecided(graph), context).graph };

/** On operators, then on primitives: stages that change no element type, for one chip, by our own evaluation. */
const stagesOf = {
  operators: [absorbTransposes, fuseEpilogues, legalised, ownOutputs],
  primitives: [expandTransposed, legalised, ownOutputs],
};

/** Stages on one chip of a target: bit for bit but for those that round. */
export async function checkStages({ graph, inputs, bound }: Subject, target: Target): Promise<readonly Rewritten[]> {
  const on = { target, chip: target.chips[target.defaultChip], precision: "fp32" } as const;
  const told: Rewritten[] = [];
  const plain = await attempt(async () => primitivesOf(graph));
  const levels = [
    { of: graph, passes: stagesOf.operators },
    ...(plain && "graph" in plain ? [{ of: plain.graph, passes: stagesOf.primitives }] : []),
  ];
  for (const { of, passes } of levels) {
    const before = evaluateGraph(of, catalogue, inputs);
    for (const pass of passes) {
      const fault = await attempt(async () => {
        const after = rewritten(of, pass, on);
        if (!after) return undefined;
        const answer = evaluateGraph(after, catalogue, renamed(after, of, inputs));
        const held = graph.outputs.map(() => true);
        return { fault: compared(of, before, after, answer, held, pass.rounds ? bound : () => undefined) };
      });
      if (fault) told.push({ pass: pass.name, ...fault });
    }
  }
  return told;
}

/** Undefined where an operator's shape hangs on data, as operands do that a case hands over as inputs. */
function primitivesOf(graph: Graph): { readonly graph: Graph } | undefined {
  try {
    return { graph: decompose(graph, catalogue, () => false) };
  } catch (error) {
    if (error instanceof DiagnosticError && error.diagnostics.every((d) => d.code === "shaping-operand-unknown")) return undefined;
    throw error;
  }
}

async function attempt<T>(run: () => Promise<T>): Promise<T | { readonly fault: string }> {
  try {
    return await run();
  } catch (error) {
    return { fault: error instanceof Error ? error.message : String(error) };
  }
}

function compared(
  before: Graph,
  old: Answer,
  after: Graph,
  answer: Answer,
  held: readonly boolean[],
  bound: (v: Value) => Bound,
): string | undefined {
  if ("refused" in answer) return `onnxruntime does not take it: ${answer.refused}`;
  for (const [i, v] of before.outputs.entries()) {
    if (!held[i]) continue;
    const [want, got] = [(old as Inputs).get(v), (answer as Inputs).get(after.outputs[i])];
    const fault = want && got ? differs(got, want, bound(v)) : "is missing";
    if (fault) return `${v.name}${fault}`;
  }
  return undefined;
}
