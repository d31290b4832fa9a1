/** A model of floats as one of integers: optimised, observed on samples, given levels, and measured against itself. */
import { groupedProductsOf, type GroupedProduct } from "../../passes/quantise/grouped.js";
import { productsOf } from "../../passes/quantise/operands.js";
import { easingPasses } from "../../passes/quantise/pipeline.js";
import type { QuantiseContext } from "../../passes/quantise/scheme.js";
import { passSteps } from "../../passes/pipeline.js";
import { fail, problem, type Diagnostic } from "../base/diagnostic.js";
import { counted } from "../base/text-writer.js";
import type { LoadedModel } from "../driver/load.js";
import { finishInTurns } from "../host/turns.js";
import type { Graph, Node, Value } from "../ir/graph.js";
import { nodeLabel } from "../ir/record-attrs.js";
import { holdsLevels } from "../ops/levels.js";
import { budgetText, type Budget } from "./budget.js";
import { correctionsOf } from "./correct.js";
import type { Samples } from "./calibrate/samples.js";
import type { Figures } from "./distances.js";
import { globs } from "./globs.js";
import { heldGraph, through } from "./held.js";
import { judgeOf, type Scores } from "./judge.js";
import { layersOf, type Layer } from "./layers.js";
import { learnLevels } from "./learn.js";
import { nearestWeights, productKey } from "./nearest.js";
import type { ChannelFigures } from "./observe/channels.js";
import { channelsOf, planOf } from "./plan.js";
import { schemes, type QuantiseOptions } from "./scheme.js";
import { search, type Choice } from "./search.js";

interface Quantised {
  readonly graph: Graph;
  readonly layers: readonly Layer[];
  /** Each output of the model against the float model's; none without samples. */
  readonly outputs: ReadonlyMap<string, Figures>;
  readonly diagnostics: readonly Diagnostic[];
  /** What a search for a budget foretold, from all layers held to none. */
  readonly choices?: readonly Choice[] | undefined;
  /** With a budget of a metric: what it says of the float model and of this one. */
  readonly scores?: Scores | undefined;
}

/**
 * `samples` are of the loaded model's inputs; weights alone can do without. Throws as `observe` does, `unknown-layer`,
 * `nothing-to-quantise`, `already-quantised`, and `bad-calibration` where activations are to be held and there are no samples.
 */
export async function quantiseModel(loaded: LoadedModel, samples: Samples | undefined, options: QuantiseOptions): Promise<Quantised> {
  const { catalogue } = loaded;
  requireFloat(loaded.graph);
  const optimised = await finishInTurns(passSteps(loaded.graph, { catalogue, forExport: true, signal: options.signal }), options.signal);
  const before = optimised.graph;
  const scheme = schemes[options.scheme];
  const context: QuantiseContext = {
    catalogue,
    isSkipped: skipping(before, options.skip),
    activations: scheme.activations === "static",
    weights: { ...scheme.weights, group: options.group },
    channelsOf: () => undefined,
    correctionOf: () => undefined,
    heldAs: () => undefined,
    packed: () => undefined,
  };
  if (scheme.activations === "static") required(samples, ranges);
  const { budget } = options;
  const judge = budget && (await judgeOf(before, { ...options, budget }, required(samples, figures), options));
  const eased = scheme.activations !== "none" && samples ? await easedGraph(before, samples, context, options) : before;
  const plan = scheme.activations === "static" ? await planOf(eased, required(samples, ranges), options) : undefined;
  const packed = scheme.packs ? await packedWeights(eased, samples, context, options) : undefined;
  const planned = {
    ...context,
    ...(plan && { heldAs: plan.heldAs }),
    ...(packed && { packed: (product: GroupedProduct) => packed.weights.get(productKey(product)) }),
  };
  let unkept: Value | undefined;
  const correct = async (context: QuantiseContext): Promise<QuantiseContext> => {
    if (!scheme.corrects || !samples) return context;
    const found = await correctionsOf(eased, context, samples, options);
    unkept = found.unkept;
    return { ...context, correctionOf: (n) => found.corrections.get(n.outputs[0]?.name ?? "") };
  };
  const found =
    judge && (await search({ float: before, eased }, { context: planned, correct }, judge, required(samples, figures), options));
  const held = found ? found.context : await correct(planned);
  const graph = heldGraph(eased, held, options.scheme);
  const { layers, outputs } = await layersOf(
    { float: before, before: eased },
    graph,
    { ...held, forBudget: found?.float, activationsOf: plan?.activationsOf },
    samples,
    options,
  );
  const missed = found && budget && !found.isMet ? [budgetMissed(budget, outputs, found.scores)] : [];
  const diagnostics = [
    ...optimised.diagnostics,
    ...(plan?.diagnostics ?? []),
    ...(packed?.diagnostics ?? []),
    ...notFitted(unkept),
    ...missed,
  ];
  return { graph, layers, outputs, diagnostics, ...(found && { choices: found.choices, scores: found.scores }) };
}

/** Levels that samples choose, and the nearest for weights of which they tell nothing. */
async function packedWeights(
  graph: Graph,
  samples: Samples | undefined,
  { isSkipped }: QuantiseContext,
  options: QuantiseOptions,
): Promise<Awaited<ReturnType<typeof learnLevels>>> {
  const learnt = samples && (await learnLevels(graph, samples, { ...options, isSkipped }));
  const others = groupedProductsOf(graph).filter((p) => !isSkipped(p.node) && !learnt?.weights.has(productKey(p)));
  const nearest = await nearestWeights(others, options);
  return { weights: new Map([...nearest, ...(learnt?.weights ?? [])]), diagnostics: learnt?.diagnostics ?? [] };
}

/** Levels of levels would lose twice, and their constants be made floats in between. */
function requireFloat({ nodes }: Graph): void {
  const held = nodes.filter((n) => holdsLevels.has(n.op));
  if (held.length === 0) return;
  fail("already-quantised", `the model holds ${counted(held.length, "quantised node")}, the first ${held[0].op} "${nodeLabel(held[0])}"`, {
    location: { node: nodeLabel(held[0]) },
    why: "What is held in integers would be held a second time, and lose twice.",
    fix: "Quantise the float model that it came from; compile takes it as it is.",
  });
}

function budgetMissed(budget: Budget, outputs: ReadonlyMap<string, Figures>, scores: Scores | undefined): Diagnostic {
  const told = scores && `the metric is ${scores.quantised}, and ${scores.float} in float`;
  const best = told ?? [...outputs].map(([name, f]) => `${name}: ${f.sqnrDb.toFixed(1)} dB, cosine ${f.cosine.toFixed(6)}`).join("; ");
  return problem("budget-missed", `${budgetText(budget)} is not reached with every layer in float: ${best}`, {
    why: "The figures compare with the float model, on the samples of calibration.",
    fix: "Ask for less.",
  });
}

interface Reason {
  readonly message: string;
  readonly why: string;
  readonly fix: string;
}

const ranges: Reason = {
  message: "activations cannot be held in integers without samples",
  why: "Their ranges follow from what the model computes on real inputs.",
  fix: "Give samples, or take a scheme that finds ranges when the model runs or holds weights alone: w8a8-dynamic, w8a16 or w4a16.",
};
const figures: Reason = {
  message: "a budget cannot be kept without samples",
  why: "How good the outputs are is measured on real inputs.",
  fix: "Give samples, or leave the budget out.",
};

function required(samples: Samples | undefined, { message, why, fix }: Reason): Samples {
  return samples ?? fail("bad-calibration", message, { why, fix });
}

async function easedGraph(graph: Graph, samples: Samples, context: QuantiseContext, options: QuantiseOptions): Promise<Graph> {
  const channels: ReadonlyMap<Value, ChannelFigures> = await channelsOf(graph, samples, options);
  return through(easingPasses, graph, { ...context, channelsOf: (v) => channels.get(v) });
}

function notFitted(unkept: Value | undefined): readonly Diagnostic[] {
  if (!unkept) return [];
  return [
    problem("layers-not-fitted", `layers behind "${unkept.name}" have the levels nearest to them`, {
      severity: "note",
      location: { tensor: unkept.name },
      why: "Layers are fitted one after the other, on values that are kept in between; a sequence, an optional or a value of unknown type is not.",
    }),
  ];
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
