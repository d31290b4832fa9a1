/** A failing program made small: one output, no node that can be cut out or given as an input, and still the same failure. */
import type { Tensor } from "../../src/base/tensor.js";
import { constData } from "../../src/ir/build.js";
import { rankedType, type Graph, type Node, type Value } from "../../src/ir/graph.js";
import { ours } from "./accuracy.js";
import { BoundRun } from "./bound-run.js";
import type { Program } from "./program.js";

/** Without the nodes, inputs and constants that no output depends on. */
function pruned(graph: Graph, outputs: readonly Value[]): Graph {
  const needed = new Set<Value>(outputs);
  const nodes: Node[] = [];
  for (const n of [...graph.nodes].reverse()) {
    if (!n.outputs.some((v) => v && needed.has(v))) continue;
    nodes.unshift(n);
    for (const v of n.inputs) if (v) needed.add(v);
  }
  const constants = new Map([...graph.constants].filter(([v]) => needed.has(v)));
  return { ...graph, nodes, outputs, constants, inputs: graph.inputs.filter((v) => needed.has(v)) };
}

function withGraph(p: Program, graph: Graph, inputs: ReadonlyMap<Value, Tensor>): Program {
  const run = new BoundRun(ours);
  run.graph(graph, inputs);
  return { ...p, graph, inputs: new Map(graph.inputs.map((v) => [v, inputs.get(v) as Tensor])), run };
}

/** The program with one output only. */
export function withOutput(p: Program, output: number): Program {
  return withGraph(p, pruned(p.graph, [p.graph.outputs[output]]), p.inputs);
}

/** `v` comes from outside, with the value that it had. */
function given(p: Program, v: Value): Program {
  const graph = { ...p.graph, inputs: [...p.graph.inputs, v], nodes: p.graph.nodes.map((n) => without(n, v)) };
  const nodes = graph.nodes.filter((n) => n.outputs.some((o) => o !== undefined));
  return withGraph(p, pruned({ ...graph, nodes }, p.graph.outputs), new Map([...p.inputs, [v, p.run.tensor(v)]]));
}

const without = (n: Node, v: Value): Node => (n.outputs[0] === v ? { ...n, outputs: [undefined, ...n.outputs.slice(1)] } : n);

/** Readers of `v` read `by`. */
function bypassed(p: Program, v: Value, by: Value): Program {
  const swap = (x: Value | undefined): Value | undefined => (x === v ? by : x);
  const nodes = p.graph.nodes.map((n) => ({ ...n, inputs: n.inputs.map(swap) }));
  const outputs = p.graph.outputs.map((o) => swap(o) as Value);
  return withGraph(p, pruned({ ...p.graph, nodes }, outputs), p.inputs);
}

/** An input of few elements stands in the text as a constant. */
function frozen(p: Program, v: Value): Program {
  const t = p.inputs.get(v) as Tensor;
  const graph = {
    ...p.graph,
    inputs: p.graph.inputs.filter((x) => x !== v),
    constants: new Map([...p.graph.constants, [v, constData(t)]]),
  };
  return withGraph(p, graph, p.inputs);
}

function* candidates(p: Program): Generator<() => Program> {
  if (p.graph.outputs.length > 1) for (const i of p.graph.outputs.keys()) yield () => withOutput(p, i);
  for (const n of [...p.graph.nodes].reverse()) {
    const [v] = n.outputs;
    if (v && n.outputs.length === 1 && !p.graph.outputs.includes(v)) yield () => given(p, v);
  }
  for (const n of p.graph.nodes)
    for (const v of n.outputs)
      for (const x of n.inputs)
        if (
          v &&
          x &&
          !p.graph.constants.has(x) &&
          `${rankedType(v)?.dtype}${rankedType(v)?.shape}` === `${rankedType(x)?.dtype}${rankedType(x)?.shape}`
        )
          yield () => bypassed(p, v, x);
  for (const v of p.graph.inputs) if ((p.inputs.get(v)?.data.length ?? 99) <= 12) yield () => frozen(p, v);
}

/** The smallest program found for which `fails` still holds. */
export async function shrink(program: Program, fails: (p: Program) => Promise<boolean>): Promise<Program> {
  let best = program;
  for (let again = true; again;) {
    again = false;
    for (const make of candidates(best)) {
      const smaller = attempt(make);
      if (!smaller || sizeOf(smaller) >= sizeOf(best) || !(await fails(smaller))) continue;
      best = smaller;
      again = true;
      break;
    }
  }
  return best;
}

/** Nodes count most, then outputs, then inputs: every step has to make it less. */
const sizeOf = ({ graph }: Program): number => graph.nodes.length * 10_000 + graph.outputs.length * 100 + graph.inputs.length;

/** A cut may leave operands that no longer fit. */
function attempt(make: () => Program): Program | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}
