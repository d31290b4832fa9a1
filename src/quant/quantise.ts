/** A model of floats as one of integers: optimised, observed on samples, given levels, and measured against itself. */
import { easingPasses, packingPasses, quantisePasses } from "../../passes/quantise/pipeline.js";
import { channelAxis, operandsOf } from "../../passes/quantise/operands.js";
import type { HeldAs, QuantiseContext, QuantisePass } from "../../passes/quantise/scheme.js";
import { passSteps, requireSound } from "../../passes/pipeline.js";
import { isConst } from "../base/dim.js";
import { fail, problem, type Diagnostic } from "../base/diagnostic.js";
import type { Running } from "../driver/events.js";
import type { LoadedModel } from "../driver/load.js";
import { breathe, finishInTurns } from "../host/turns.js";
import { rankedType, type Graph, type Node, type Value } from "../ir/graph.js";
import { inferGraph } from "../ir/infer/infer.js";
import { nodeLabel } from "../ir/record-attrs.js";
import { asymmetricAffine, gridOf } from "./formats/grid.js";
import { observe, observeChannels, type Channelled } from "./calibrate/observe.js";
import type { Samples } from "./calibrate/samples.js";
import { isWatchable } from "./calibrate/watch.js";
import { distances, weightBytesIn, type Figures, type Layer } from "./layers.js";
import type { ChannelFigures } from "./observe/channels.js";
import type { Histogram } from "./observe/histogram.js";
import { chooseRange, type RangeRule } from "./observe/range.js";
import { globs } from "./globs.js";

export type Scheme = "w8a8" | "w8a16" | "w4a16";

/** What each scheme holds: activations or not, weights in how many bits, and by which passes. */
const schemes = {
  w8a8: { held: "w8a8", activations: true, weights: { bits: 8 }, passes: quantisePasses },
  w8a16: { held: "w8", activations: false, weights: { bits: 8 }, passes: quantisePasses },
  w4a16: { held: "w4", activations: false, weights: { bits: 4 }, passes: packingPasses },
} as const;

interface QuantiseOptions extends Running {
  readonly scheme: Scheme;
  /** How the range of an activation is chosen. */
  readonly ranges: RangeRule;
  /** Neighbours along what is summed that share a scale, where weights are held in groups. */
  readonly group: number;
  /** Names of nodes that stay in float; * stands for any text. */
  readonly skip: readonly string[];
}

interface Quantised {
  readonly graph: Graph;
  readonly layers: readonly Layer[];
  /** Each output of the model against the float model's. */
  readonly outputs: ReadonlyMap<string, Figures>;
  readonly diagnostics: readonly Diagnostic[];
}

/** `samples` are of the loaded model's inputs. Throws as `observe` does, and `unknown-layer`, `nothing-to-quantise`. */
export async function quantiseModel(loaded: LoadedModel, samples: Samples, options: QuantiseOptions): Promise<Quantised> {
  const { catalogue } = loaded;
  const optimised = await finishInTurns(passSteps(loaded.graph, { catalogue, forExport: true, signal: options.signal }), options.signal);
  const before = optimised.graph;
  const nodes = productsOf(before);
  if (nodes.length === 0) nothing();
  const skipped = skippedOf(nodes, options.skip);
  const scheme = schemes[options.scheme];
  const told = {
    catalogue,
    isSkipped: (n: Node) => skipped.has(nodeLabel(n)),
    activations: scheme.activations,
    weights: { ...scheme.weights, group: options.group },
  };
  const channels = told.activations ? await channelsOf(before, nodes, samples, options) : new Map<Value, ChannelFigures>();
  const nothingYet: QuantiseContext = { ...told, channelsOf: (v) => channels.get(v), heldAs: () => undefined };
  const eased = through(easingPasses, before, nothingYet);
  const plan = await planOf(eased, samples, options);
  const context: QuantiseContext = { ...nothingYet, heldAs: plan.heldAs };
  const graph = inferGraph(through(scheme.passes, eased, context), catalogue).graph;
  const { layers, outputs } = await measured(eased, graph, { nodes: productsOf(eased), context, samples, running: options });
  return { graph, layers, outputs, diagnostics: [...optimised.diagnostics, ...plan.diagnostics] };
}

function productsOf(graph: Graph): readonly Node[] {
  return graph.nodes.filter((n) => operandsOf(n, (v) => v && graph.constants.get(v)));
}

function nothing(): never {
  return fail("nothing-to-quantise", "the model has no product or convolution of floats", {
    why: "Conv, ConvTranspose, Gemm and MatMul are what is computed in integers.",
    fix: "Compile the model as it is; --precision fp16 halves what it stores.",
  });
}

function skippedOf(nodes: readonly Node[], skip: readonly string[]): ReadonlySet<string> {
  const names = nodes.map(nodeLabel);
  const matches = globs(skip);
  const unknown = skip.find((pattern) => !names.some(globs([pattern])));
  if (unknown !== undefined)
    fail("unknown-layer", `no product or convolution is called "${unknown}"`, {
      fix: `Some of their names: ${names.slice(0, 5).join(", ")}. A * stands for any text.`,
    });
  return new Set(names.filter(matches));
}

/** Figures by channel of the activations that products with a constant weight read. */
async function channelsOf(graph: Graph, nodes: readonly Node[], samples: Samples, running: Running) {
  const constant = (v: Value | undefined) => v && graph.constants.get(v);
  const wanted = new Map<Value, Channelled>();
  for (const n of nodes) {
    const operands = operandsOf(n, constant);
    const value = n.inputs[operands?.activations[0] ?? 0];
    const shape = rankedType(value)?.shape;
    const axis = channelAxis(n, shape?.length ?? 0);
    const count = axis === undefined ? undefined : shape?.[axis];
    if (
      operands?.weight?.inputs !== undefined &&
      value &&
      isWatchable(value) &&
      axis !== undefined &&
      count !== undefined &&
      isConst(count)
    )
      wanted.set(value, { value, axis, count });
  }
  return observeChannels(graph, [...wanted.values()], samples, running);
}

interface Plan extends Pick<QuantiseContext, "heldAs"> {
  readonly diagnostics: readonly Diagnostic[];
}

async function planOf(graph: Graph, samples: Samples, options: QuantiseOptions): Promise<Plan> {
  if (!schemes[options.scheme].activations) return { heldAs: () => undefined, diagnostics: [] };
  const constant = (v: Value | undefined) => v && graph.constants.get(v);
  const wanted = graph.nodes.flatMap((n) => operandsOf(n, constant)?.activations.map((i) => n.inputs[i] as Value) ?? []);
  const values = [...new Set(wanted)].filter(isWatchable);
  const seen = await observe(graph, values, samples, options);
  await breathe(options.signal);
  const grids = new Map(values.map((v) => [v, heldAs(seen.get(v) as Histogram, options.ranges)]));
  const broken = values.filter((v) => (seen.get(v)?.broken ?? 0) > 0);
  return { heldAs: (v) => grids.get(v), diagnostics: broken.map((v) => notFinite(v, seen.get(v)?.broken ?? 0)) };
}

const grid = gridOf("i8");

/** Undefined where nothing but zeros was seen. */
function heldAs(seen: Histogram, rule: RangeRule): HeldAs | undefined {
  const { lo, hi } = chooseRange(seen, rule, { steps: grid.high - grid.low, symmetric: false });
  return lo === hi ? undefined : { dtype: grid.dtype, ...asymmetricAffine(lo, hi, grid) };
}

function notFinite({ name }: Value, count: number): Diagnostic {
  return problem("calibration-not-finite", `"${name}" held ${count} values that are NaN or infinite on these samples`, {
    severity: "warning",
    location: { tensor: name },
    why: "Such values have no level: they are left out of its range.",
    fix: "Calibrate on samples that the model computes finite values for.",
  });
}

function through(passes: readonly QuantisePass[], graph: Graph, context: QuantiseContext): Graph {
  return passes.reduce((now, pass) => {
    const next = pass.run(now, { ...context, facts: inferGraph(now, context.catalogue).facts });
    requireSound(next, pass.name);
    return next;
  }, graph);
}

interface Work {
  readonly nodes: readonly Node[];
  readonly context: QuantiseContext;
  readonly samples: Samples;
  readonly running: QuantiseOptions;
}

async function measured(before: Graph, after: Graph, { nodes, context, samples, running }: Work) {
  const made = new Map(after.nodes.filter((n) => products.has(n.op)).map((n) => [originOf(n), n]));
  const twins = nodes.map((n) => made.get(originOf(n)) ?? n);
  const pairs = nodes.map((n, i) => [n.outputs[0] as Value, twins[i].outputs[0] as Value] as const);
  const ends = before.outputs.map((v, i) => [v, after.outputs[i]] as const);
  const figures = await distances(before, after, [...pairs, ...ends], samples, running);
  const [bytesBefore, bytesAfter] = [weightBytesIn(before), weightBytesIn(after)];
  const levels = new Set(after.nodes.filter((n) => n.op === "DequantizeLinear").map((n) => n.outputs[0]));
  const layers = nodes.map((n, i): Layer => {
    const isHeld = twins[i].op.endsWith("MatMulNBits") || twins[i].inputs.some((v) => levels.has(v));
    return {
      node: nodeLabel(n),
      op: n.op,
      held: isHeld ? schemes[running.scheme].held : "float",
      ...(!isHeld && { why: whyFloat(n, before, context) }),
      weightBytes: bytesBefore(n),
      heldBytes: bytesAfter(twins[i]),
      ...figures.get(n.outputs[0] as Value),
    };
  });
  const outputs = new Map(ends.flatMap(([v]) => (figures.has(v) ? [[v.name, figures.get(v) as Figures] as const] : [])));
  return { layers, outputs };
}

const products: ReadonlySet<string> = new Set(["Conv", "ConvTranspose", "Gemm", "MatMul", "com.microsoft::MatMulNBits"]);

/** A node of the quantised graph has the origin of the one it stands for. */
const originOf = (n: Node): string => JSON.stringify(n.origin);

function whyFloat(node: Node, graph: Graph, context: QuantiseContext): string {
  const { isSkipped, activations, heldAs } = context;
  if (isSkipped(node)) return "asked for with --skip";
  const operands = operandsOf(node, (v) => v && graph.constants.get(v));
  const places = activations ? (operands?.activations ?? []) : [];
  const empty = places.map((i) => node.inputs[i]).find((v) => v && !heldAs(v));
  if (empty) return `nothing but zeros was seen in "${empty.name}"`;
  if (operands?.weight && context.weights.bits === 4) return "groups are those of plain matrix products";
  return operands?.weight ? "its weight holds a NaN or an infinity" : "weights alone are held, and it has none";
}
