/** What rounding a weight adds to its results on average: the means of the activation times the errors of the levels. */
import { toNumbers } from "../../src/base/float-formats.js";
import { elementCount } from "../../src/base/tensor.js";
import { intAttr, intsAttr, type ConstData, type Node } from "../../src/ir/graph.js";
import { dequantise } from "../../src/quant/formats/quantise.js";
import type { Levels } from "../../src/quant/formats/grid.js";
import type { Operands } from "./operands.js";
import type { HeldWeight } from "./weights.js";

/** One number a result channel. `means` are the activation's by channel, over all samples and places. Padding is left out. */
export function meanShift(
  node: Node,
  data: ConstData,
  held: HeldWeight,
  weight: NonNullable<Operands["weight"]>,
  means: Float64Array,
): Float64Array {
  const { axis } = weight;
  const values = toNumbers(data.load());
  const back = dequantise(held.levels.load().data as Levels, { shape: data.shape, axis }, held);
  const inputs = node.op === "Conv" ? 1 : (weight.inputs ?? 1 - axis);
  const [count, perGroup] = [data.shape[axis], data.shape[inputs]];
  const step = (of: number): number => elementCount(data.shape.slice(of + 1));
  const [byResult, byInput] = [step(axis), step(inputs)];
  const results = count / (intAttr(node, "group") ?? 1);
  // Of the taps of a transposed convolution a place sees one in so many.
  const share = node.op === "ConvTranspose" ? elementCount(intsAttr(node, "strides") ?? []) : 1;
  const out = new Float64Array(count);
  for (let i = 0; i < values.length; i++) {
    const c = Math.floor(i / byResult) % count;
    const k = (Math.floor(i / byInput) % perGroup) + (node.op === "Conv" ? Math.floor(c / results) * perGroup : 0);
    out[c] += ((back[i] - values[i]) * means[k]) / share;
  }
  return out;
}
