/** Weights as levels: one scale an output channel, zero in the middle. What is computed is the scales; levels are made when they are written. */
import { roundHalfEven, toNumbers } from "../../src/base/float-formats.js";
import { elementCount, tensor, type Tensor } from "../../src/base/tensor.js";
import type { ConstData } from "../../src/ir/graph.js";

interface HeldWeight {
  readonly levels: ConstData;
  /** One an index of `axis`. */
  readonly scales: Float32Array;
}

/** Greatest level of a symmetric 8-bit grid; -128 is left out, which XDNN does not know. */
const top = 127;

/** Undefined where a weight holds a NaN or an infinity. */
export function heldWeight(data: ConstData, axis: number): HeldWeight | undefined {
  const most = absMax(toNumbers(data.load()), data.shape, axis);
  if (!most.every(Number.isFinite)) return undefined;
  // A channel of zeros has levels of zero at any scale.
  const scales = Float32Array.from(most, (m) => (m === 0 ? 1 : m / top));
  return { scales, levels: { dtype: "i8", shape: data.shape, load: () => toLevels(data, axis, scales) } };
}

/** Elements that share an index of `axis` lie in runs of `inner`. */
function innerOf(shape: readonly number[], axis: number): number {
  return elementCount(shape.slice(axis + 1));
}

function absMax(values: Float64Array, shape: readonly number[], axis: number): Float64Array {
  const [inner, channels] = [innerOf(shape, axis), shape[axis]];
  const out = new Float64Array(channels);
  for (let i = 0; i < values.length; i++) {
    const c = Math.floor(i / inner) % channels;
    const size = Math.abs(values[i]);
    if (!(size <= out[c])) out[c] = size;
  }
  return out;
}

function toLevels(data: ConstData, axis: number, scales: Float32Array): Tensor {
  const values = toNumbers(data.load());
  const [inner, channels] = [innerOf(data.shape, axis), data.shape[axis]];
  const out = new Int8Array(values.length);
  for (let i = 0; i < out.length; i++) {
    const level = roundHalfEven(values[i] / scales[Math.floor(i / inner) % channels]);
    out[i] = Math.max(-top, Math.min(top, level));
  }
  return tensor("i8", data.shape, out);
}
