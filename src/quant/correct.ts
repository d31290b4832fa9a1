/**
 * Corrections of quantised layers, one after the other: levels of the least error on inputs that layers before have left, then what
 * brings each channel's results nearest to those of the float model. So a layer makes up for what its own levels lose and for what was
 * lost before.
 */
import { biasPlace, channelAxis, productsOf } from "../../passes/quantise/operands.js";
import type { Correction, QuantiseContext } from "../../passes/quantise/scheme.js";
import { fromNumbers, toNumbers } from "../base/float-formats.js";
import { elementCount, type Tensor } from "../base/tensor.js";
import { Collector } from "../host/collect.js";
import { breathe } from "../host/turns.js";
import type { ConstData, Graph, Node, Value } from "../ir/graph.js";
import { realsOf } from "../ops/evaluate/contract.js";
import { phaseKey } from "./calibrate/observe.js";
import { Course, mostLive, partsOf, unkept } from "./calibrate/parts.js";
import type { Samples } from "./calibrate/samples.js";
import { channelSums, fitChannels } from "./compensate/channels.js";
import { chosenLevels } from "./choose.js";
import { heldGraph } from "./held.js";
import type { QuantiseOptions } from "./scheme.js";

/** A product with levels in the place of its weight. */
interface Layer {
  readonly node: Node;
  readonly result: Value;
  /** The constant operand. */
  readonly weight: ConstData;
  /** Of it, which counts the results. */
  readonly axis: number;
  /** Whether a bias can take a shift. */
  readonly isShifted: boolean;
  readonly bias?: Value;
}

/** What values of both models between two layers take on disk together, over all samples that are looked at, where those are more than a few. */
const liveBytes = 1 << 30;
const fewSamples = 16;
/** More of them tell levels, gains and shifts no better: as many as GPTQ's authors took (arXiv 2210.17323, section 4). */
const enoughSamples = 128;
/** Levels that are kept in the file of an interrupted calibration. */
const keptBytes = 128 << 20;
const label = "correct";

interface Corrected {
  /** By the names of results. */
  readonly corrections: ReadonlyMap<string, Correction>;
  /** What layers behind which are left as their levels have them. */
  readonly unkept?: Value | undefined;
}

/**
 * As many samples are looked at as have room on disk between two layers. Interrupted, it runs the model again
 * but keeps what was found. Throws and rejects as `watch` does.
 */
export async function correctionsOf(
  graph: Graph,
  context: QuantiseContext,
  samples: Samples,
  { memory, ...options }: QuantiseOptions,
): Promise<Corrected> {
  const all = layersOf(graph, context);
  const whole = partsOf(graph, all.map((l) => l.node)); // prettier-ignore
  const stop = unkept(whole);
  const layers = all.slice(0, stop?.at);
  const parts = partsOf(graph, layers.map((l) => l.node)); // prettier-ignore
  const count = Math.min(
    samples.count,
    enoughSamples,
    Math.max(fewSamples, Math.floor(liveBytes / (2 * mostLive(graph, parts, samples) || 1))),
  );
  const few: Samples = { ...samples, count };
  const key = JSON.stringify([options.scheme, grids(graph, context), phaseKey(graph, layers.map((l) => l.result), few)]); // prettier-ignore
  const found = new Map((memory?.read(label, key)?.seen ?? []).map((k) => restored(k as Kept)));
  const scratch = options.scratch();
  try {
    const [float, held] = [new Course(few, scratch), new Course(few, scratch)];
    for (const [i, layer] of layers.entries()) {
      const { before, product } = parts[i];
      const known = found.get(layer.result.name);
      const as = (section: Graph, correction?: Correction): Graph =>
        heldGraph(section, { ...context, correctionOf: () => correction }, options.scheme);
      await float.advance(before, before.graph, options);
      await held.advance(before, as(before.graph), options);
      const levels = known ? known.levels : await chosenLevels(layer, as(product.graph), held, options);
      await float.advance(product, product.graph, options);
      await held.advance(product, as(product.graph, { levels, gains: new Float64Array(layer.weight.shape[layer.axis]).fill(1) }), options);
      const bias = layer.bias && Array.from(toNumbers((graph.constants.get(layer.bias) as ConstData).load()));
      const own = known ?? { levels, ...(await fitted(layer, [float, held], bias, options)) };
      found.set(layer.result.name, own);
      held.replace(layer.result, (t) => corrected(t, layer, own, bias));
      options.onEvent?.({ kind: "progress", label, done: i + 1, total: layers.length });
    }
  } finally {
    scratch.close();
    // Runs of the model are made again: none is counted as kept.
    memory?.write(label, key, 0, asFewAsFit([...found]).map(kept)); // prettier-ignore
  }
  return { corrections: found, unkept: stop?.value };
}

/** The first ones: levels in the file of an interrupted calibration stay small. */
function asFewAsFit(found: readonly (readonly [string, Correction])[]): readonly (readonly [string, Correction])[] {
  let room = keptBytes;
  return found.filter(([, { levels }]) => (room -= levels?.length ?? 0) >= 0);
}

/** In the graph's order: those that the scheme holds, with nothing added that no correction knows of. */
function layersOf(graph: Graph, { isSkipped, activations, heldAs }: QuantiseContext): readonly Layer[] {
  return productsOf(graph).flatMap(({ node, operands }): Layer | readonly [] => {
    const [result, place] = [node.outputs[0], biasPlace(node, operands)];
    const isHeld = !activations || operands.activations.every((at) => heldAs(node.inputs[at] as Value));
    const weight = operands.weight && graph.constants.get(node.inputs[operands.weight.at] as Value);
    if (!operands.weight || !weight || !result || !isHeld || isSkipped(node) || (node.inputs[2] && place === undefined)) return [];
    const bias = place === undefined ? undefined : node.inputs[place];
    return { node, result, weight, axis: operands.weight.axis, isShifted: place !== undefined, ...(bias && { bias }) };
  });
}

function grids(graph: Graph, { activations, heldAs }: QuantiseContext): unknown {
  const read = productsOf(graph).flatMap(({ node, operands }) => operands.activations.map((at) => node.inputs[at] as Value));
  return activations ? read.map((v) => heldAs(v)) : [];
}

interface Channels {
  readonly channels: number;
  readonly inner: number;
}

function channelsIn({ shape }: Tensor, node: Node): Channels {
  const axis = channelAxis(node, shape.length) ?? shape.length - 1;
  return { channels: shape[axis], inner: elementCount(shape.slice(axis + 1)) };
}

async function fitted(
  { node, result, isShifted }: Layer,
  [float, held]: readonly Course[],
  bias: readonly number[] | undefined,
  { signal }: QuantiseOptions,
): Promise<Correction> {
  const sums = [];
  const collector = new Collector();
  for (let i = 0; i < float.count; i++) {
    await breathe(signal);
    const want = float.valueOf(result, i);
    sums.push(channelSums(realsOf(want), realsOf(held.valueOf(result, i)), channelsIn(want, node), bias));
    collector.look();
  }
  const { gains, shifts } = fitChannels(sums, isShifted);
  return { gains, ...(isShifted && { shifts }) };
}

/** A result as the corrected layer has it. */
function corrected(t: Tensor, { node }: Layer, { gains, shifts }: Correction, bias: readonly number[] | undefined): Tensor {
  const { channels, inner } = channelsIn(t, node);
  const out = Float32Array.from(realsOf(t));
  for (let at = 0, c = 0; at < out.length; at += inner, c = c + 1 === channels ? 0 : c + 1) {
    const b = bias ? bias[bias.length === 1 ? 0 : c] : 0;
    const more = b + (shifts ? shifts[c] : 0);
    for (let i = at; i < at + inner; i++) out[i] = (out[i] - b) * gains[c] + more;
  }
  return t.dtype === "f32" ? { ...t, data: out } : fromNumbers(t.dtype, t.shape, out);
}

/** What an interrupted calibration keeps of a layer: levels in base64. */
interface Kept {
  readonly result: string;
  readonly levels?: string;
  readonly gains: readonly number[];
  readonly shifts?: readonly number[];
}

const kept = ([result, { levels, gains, shifts }]: readonly [string, Correction]): Kept => ({
  ...(levels && { levels: Buffer.from(levels.buffer, levels.byteOffset, levels.length).toString("base64") }),
  ...{ result, gains: [...gains] },
  ...(shifts && { shifts: [...shifts] }),
});

const restored = ({ result, levels, gains, shifts }: Kept): [string, Correction] => [
  result,
  {
    ...(levels !== undefined && { levels: new Int8Array(Buffer.from(levels, "base64")) }),
    gains: Float64Array.from(gains),
    ...(shifts && { shifts: Float64Array.from(shifts) }),
  },
];
