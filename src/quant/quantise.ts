/** A model of floats as one of integers: optimised, observed on samples, given levels, and measured against itself. */
import { productsOf } from "../../passes/quantise/operands.js";
import { easingPasses } from "../../passes/quantise/pipeline.js";
import type { QuantiseContext, QuantisePass } from "../../passes/quantise/scheme.js";
import { passSteps, requireSound } from "../../passes/pipeline.js";
import { fail, type Diagnostic } from "../base/diagnostic.js";
import type { LoadedModel } from "../driver/load.js";
import { finishInTurns } from "../host/turns.js";
import type { Graph, Node, Value } from "../ir/graph.js";
import { inferGraph } from "../ir/infer/infer.js";
import { nodeLabel } from "../ir/record-attrs.js";
import type { Samples } from "./calibrate/samples.js";
import type { Figures } from "./distances.js";
import { globs } from "./globs.js";
import { layersOf, type Layer } from "./layers.js";
import type { ChannelFigures } from "./observe/channels.js";
import { channelsOf, planOf } from "./plan.js";
import { schemes, type QuantiseOptions } from "./scheme.js";

interface Quantised {
  readonly graph: Graph;
  readonly layers: readonly Layer[];
  /** Each output of the model against the float model's; none without samples. */
  readonly outputs: ReadonlyMap<string, Figures>;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * `samples` are of the loaded model's inputs; weights alone can do without. Throws as `observe` does, `unknown-layer`,
 * `nothing-to-quantise`, and `bad-calibration` where activations are to be held and there are no samples.
 */
export async function quantiseModel(loaded: LoadedModel, samples: Samples | undefined, options: QuantiseOptions): Promise<Quantised> {
  const { catalogue } = loaded;
  const optimised = await finishInTurns(passSteps(loaded.graph, { catalogue, forExport: true, signal: options.signal }), options.signal);
  const before = optimised.graph;
  const scheme = schemes[options.scheme];
  const context: QuantiseContext = {
    catalogue,
    isSkipped: skipping(before, options.skip),
    activations: scheme.activations,
    weights: { ...scheme.weights, group: options.group },
    channelsOf: () => undefined,
    heldAs: () => undefined,
  };
  const eased = scheme.activations ? await easedGraph(before, required(samples), context, options) : before;
  const plan = scheme.activations ? await planOf(eased, required(samples), options) : undefined;
  const held = { ...context, ...(plan && { heldAs: plan.heldAs }) };
  const graph = inferGraph(through(scheme.passes, eased, held), catalogue).graph;
  const { layers, outputs } = await layersOf(eased, graph, held, samples, options);
  return { graph, layers, outputs, diagnostics: [...optimised.diagnostics, ...(plan?.diagnostics ?? [])] };
}

function required(samples: Samples | undefined): Samples {
  if (samples) return samples;
  return fail("bad-calibration", "activations cannot be held in integers without samples", {
    why: "Their ranges follow from what the model computes on real inputs.",
    fix: "Give samples, or take a scheme that holds weights alone: w8a16 or w4a16.",
  });
}

async function easedGraph(graph: Graph, samples: Samples, context: QuantiseContext, options: QuantiseOptions): Promise<Graph> {
  const channels: ReadonlyMap<Value, ChannelFigures> = await channelsOf(graph, samples, options);
  return through(easingPasses, graph, { ...context, channelsOf: (v) => channels.get(v) });
}

/** Throws `nothing-to-quantise` and `unknown-layer`. */
function skipping(graph: Graph, skip: readonly string[]): (node: Node) => boolean {
  const names = productsOf(graph).map(({ node }) => nodeLabel(node));
  if (names.length === 0)
    fail("nothing-to-quantise", "the model has no product or convolution of floats", {
      why: "Conv, ConvTranspose, Gemm and MatMul are what is computed in integers.",
      fix: "Compile the model as it is; --precision fp16 halves what it stores.",
    });
  const unknown = skip.find((pattern) => !names.some(globs([pattern])));
  if (unknown !== undefined)
    fail("unknown-layer", `no product or convolution is called "${unknown}"`, {
      fix: `Some of their names: ${names.slice(0, 5).join(", ")}. A * stands for any text.`,
    });
  const skipped = new Set(names.filter(globs(skip)));
  return (node) => skipped.has(nodeLabel(node));
}

function through(passes: readonly QuantisePass[], graph: Graph, context: QuantiseContext): Graph {
  return passes.reduce((now, pass) => {
    const next = pass.run(now, { ...context, facts: inferGraph(now, context.catalogue).facts });
    requireSound(next, pass.name);
    return next;
  }, graph);
}
