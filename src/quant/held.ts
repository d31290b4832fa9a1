/** A graph of floats held as a scheme says. */
import type { QuantiseContext, QuantisePass } from "../../passes/quantise/scheme.js";
import { requireSound } from "../../passes/pipeline.js";
import type { Graph } from "../ir/graph.js";
import { inferGraph } from "../ir/infer/infer.js";
import { schemes, type Scheme } from "./scheme.js";

export function through(passes: readonly QuantisePass[], graph: Graph, context: QuantiseContext): Graph {
  return passes.reduce((now, pass) => {
    const next = pass.run(now, { ...context, facts: inferGraph(now, context.catalogue).facts });
    requireSound(next, pass.name);
    return next;
  }, graph);
}

/** With its types inferred. */
export function heldGraph(eased: Graph, context: QuantiseContext, scheme: Scheme): Graph {
  return inferGraph(through(schemes[scheme].passes, eased, context), context.catalogue).graph;
}
