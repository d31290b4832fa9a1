/**
 * What numbers of fewer bits do to each layer, from its weight and, where samples were run, from its input: beyond the range
 * of halves, below it, and how far eight bits are off. One weight is in memory at a time.
 */
import { isFloat } from "../base/dtype.js";
import { toNumbers } from "../base/float-formats.js";
import type { Said } from "../base/said.js";
import type { Steps } from "../base/steps.js";
import { isConst } from "../base/dim.js";
import { intAttr, rankedType, type ConstData, type Graph, type Node, type Value } from "../ir/graph.js";
import { said } from "../words/words.js";
import type { LayerReport } from "./report.js";
import { nameOf } from "./subject.js";

/** The largest finite half, and the smallest that keeps all its digits. */
const largestHalf = 65504;
const smallestNormal = 2 ** -14;
/** Signal over noise, in dB, below which trained networks often want to be fitted anew (eight bits) or lose digits that they had (halves, which keep 66 of what is normal). */
const few = { eightBits: 30, halves: 50 };
/** The step between halves below the normal ones. */
const leastStep = 2 ** -24;

interface Layer {
  readonly node: Node;
  readonly weight: ConstData;
  /** Whose elements share a scale: outgoing channels. */
  readonly axis: number;
}

/** Products and convolutions by a constant of floats. */
export function layersOf(graph: Graph): readonly Layer[] {
  return graph.nodes.flatMap((node): Layer[] => {
    const weight = node.inputs[1] && graph.constants.get(node.inputs[1]);
    if (!weight || !isFloat(weight.dtype) || weight.shape.length < 2) return [];
    const axis = axisOf(node, weight.shape.length);
    return axis === undefined ? [] : [{ node, weight, axis }];
  });
}

function axisOf(node: Node, rank: number): number | undefined {
  if (node.op === "Conv") return 0;
  if (node.op === "ConvTranspose") return 1;
  if (node.op === "Gemm") return intAttr(node, "transB") === 1 ? 0 : 1;
  return node.op === "MatMul" ? rank - 1 : undefined;
}

/** The least and the greatest value of each layer's input that samples gave, by value. */
export type Seen = ReadonlyMap<Value, { readonly lo: number; readonly hi: number }>;

export function* layerReports(graph: Graph, seen: Seen): Steps<LayerReport[]> {
  const out: LayerReport[] = [];
  for (const layer of layersOf(graph)) {
    yield;
    out.push(reportOf(layer, seen));
  }
  return out;
}

function reportOf({ node, weight, axis }: Layer, seen: Seen): LayerReport {
  const figures = figuresOf(toNumbers(weight.load()), weight.shape, axis);
  const x = node.inputs[0];
  const input = x && seen.get(x);
  const reach = input && Math.max(Math.abs(input.lo), Math.abs(input.hi));
  const terms = termsOf(node, weight);
  return {
    name: nameOf(node),
    op: node.op,
    ...figures,
    input: reach ?? null,
    risks: risksOf(figures, reach, terms),
  };
}

/** How many products one result adds up. */
function termsOf(node: Node, { shape }: ConstData): number {
  if (node.op === "Conv") return shape.slice(1).reduce((a, b) => a * b, 1);
  const x = rankedType(node.inputs[0])?.shape.at(-1);
  return x !== undefined && isConst(x) ? x : shape.reduce((a, b) => a * b, 1) / shape[shape.length - 1];
}

type Figures = Pick<LayerReport, "largest" | "halves" | "eightBits">;

/** Noise as if every error within a step were as likely: a twelfth of the step squared. */
function figuresOf(values: ArrayLike<number>, shape: readonly number[], axis: number): Figures {
  const inner = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  const channels = shape[axis];
  const most = new Float64Array(channels);
  let [signal, rounding] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    const size = Math.abs(values[i]);
    const channel = Math.floor(i / inner) % channels;
    if (size > most[channel]) most[channel] = size;
    signal += size * size;
    if (size > 0) rounding += (size < smallestNormal ? leastStep : size * 2 ** -10) ** 2 / 12;
  }
  const noise = most.reduce((n, m) => n + ((m / 127) ** 2 / 12) * (values.length / channels), 0);
  const largest = most.reduce((a, b) => Math.max(a, b), 0);
  const decibels = (of: number): number | null => (of > 0 && signal > 0 ? 10 * Math.log10(signal / of) : null);
  return { largest, halves: decibels(rounding), eightBits: decibels(noise) };
}

function risksOf({ largest, halves, eightBits }: Figures, input: number | undefined, terms: number): Said[] {
  const spelt = (x: number): string => `${Number(x.toPrecision(3))}`;
  // A sum of products of random signs grows as the root of how many there are.
  const sum = input === undefined ? undefined : input * largest * Math.sqrt(terms);
  return [
    ...(largest > largestHalf ? [said("layer.weight-over", { value: spelt(largest) })] : []),
    ...(input !== undefined && input > largestHalf ? [said("layer.input-over", { value: spelt(input) })] : []),
    ...(sum !== undefined && sum > largestHalf && (input ?? 0) <= largestHalf ? [said("layer.sum-over", { value: spelt(sum) })] : []),
    ...(halves !== null && halves < few.halves ? [said("layer.halves", { value: spelt(halves) })] : []),
    ...(eightBits !== null && eightBits < few.eightBits ? [said("layer.eight-bits", { value: spelt(eightBits) })] : []),
  ];
}
