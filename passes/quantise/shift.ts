/** What rounding a weight adds to its results on average: the means of the activation times the errors of the levels. */
import { toNumbers } from "../../src/base/float-formats.js";
import { elementCount } from "../../src/base/tensor.js";
import { isConst } from "../../src/base/dim.js";
import { intAttr, intsAttr, rankedType, type ConstData, type Node } from "../../src/ir/graph.js";
import { dequantise } from "../../src/quant/formats/quantise.js";
import type { Levels } from "../../src/quant/formats/grid.js";
import type { Operands } from "./operands.js";
import type { HeldWeight } from "./weights.js";

/**
 * One number a result channel. `means` are the activation's by channel, over all samples and places; a tap counts by the share of
 * places at which it meets the activation and not padding, where extents are known.
 */
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
  const shares = sharesOf(node, data.shape);
  const out = new Float64Array(count);
  for (let i = 0; i < values.length; i++) {
    const c = Math.floor(i / byResult) % count;
    const k = (Math.floor(i / byInput) % perGroup) + (node.op === "Conv" ? Math.floor(c / results) * perGroup : 0);
    out[c] += (back[i] - values[i]) * means[k] * shares[i % shares.length];
  }
  return out;
}

/** Of each tap of a filter, in order; one for all where there are none. */
function sharesOf(node: Node, filters: readonly number[]): Float64Array {
  const taps = filters.slice(2);
  // Of the taps of a transposed convolution a place sees one in so many.
  if (node.op === "ConvTranspose") return Float64Array.of(1 / elementCount(intsAttr(node, "strides") ?? []));
  const [from, to] = [rankedType(node.inputs[0])?.shape, rankedType(node.outputs[0])?.shape];
  const pads = intsAttr(node, "pads") ?? [];
  if (node.op !== "Conv" || pads.every((p) => p === 0)) return Float64Array.of(1);
  return taps.reduce<Float64Array>((all, count, axis) => {
    const [extent, places] = [from?.[axis + 2], to?.[axis + 2]];
    const [step, apart] = [intsAttr(node, "strides")?.[axis] ?? 1, intsAttr(node, "dilations")?.[axis] ?? 1];
    const share = (tap: number): number => {
      if (extent === undefined || places === undefined || !isConst(extent) || !isConst(places)) return 1;
      const first = tap * apart - pads[axis];
      const inside = Array.from({ length: places }, (_, p) => first + p * step).filter((at) => at >= 0 && at < extent);
      return inside.length / places;
    };
    const own = Array.from({ length: count }, (_, tap) => share(tap));
    return Float64Array.from([...all].flatMap((s) => own.map((o) => s * o)));
  }, Float64Array.of(1));
}
