/** Convolution and its transpose in any number of spatial dimensions, as patches times filters, one group at a time. */
import type { DType } from "../../base/dtype.js";
import { toNumbers } from "../../base/float-formats.js";
import { elementCount, rowMajor, type Tensor } from "../../base/tensor.js";
import { accumulator, finish, multiply, realsOf, type Reals } from "./contract.js";

export interface ConvMode {
  readonly strides: readonly number[];
  readonly pads: readonly number[];
  readonly dilations: readonly number[];
  readonly group: number;
  readonly acc: DType;
}

/** For one filter tap: calls `visit(flat image position, flat patch position)` wherever it meets the image. */
function eachTap(
  image: readonly number[],
  patches: readonly number[],
  tap: readonly number[],
  mode: ConvMode,
  visit: (at: number, count: number, step: number, to: number) => void,
): void {
  const n = image.length;
  const imageStrides = rowMajor(image);
  const patchStrides = rowMajor(patches);
  const walk = (axis: number, at: number, to: number): void => {
    const origin = tap[axis] * mode.dilations[axis] - mode.pads[axis];
    const stride = mode.strides[axis];
    const first = Math.max(0, Math.ceil(-origin / stride));
    const end = Math.min(patches[axis], Math.floor((image[axis] - 1 - origin) / stride) + 1);
    if (axis === n - 1) {
      if (end > first) visit(at + origin + first * stride, end - first, stride, to + first);
      return;
    }
    for (let o = first; o < end; o++) walk(axis + 1, at + (origin + o * stride) * imageStrides[axis], to + o * patchStrides[axis]);
  };
  walk(0, 0, 0);
}

function tapsOf(kernel: readonly number[]): number[][] {
  const strides = rowMajor(kernel);
  return Array.from({ length: elementCount(kernel) }, (_, flat) => kernel.map((k, i) => Math.floor(flat / strides[i]) % k));
}

/** The zero point subtracted: of the data one value, of the filter one or one an output channel. */
function centred(t: Tensor, zero: Tensor | undefined): Reals {
  const values = realsOf(t);
  if (!zero) return values;
  const z = toNumbers(zero);
  const run = values.length / t.shape[0];
  return Float64Array.from(values, (v, i) => v - z[z.length === 1 ? 0 : Math.floor(i / run)]);
}

function sameKind(like: Reals, count: number): Reals {
  return like instanceof Float32Array ? new Float32Array(count) : new Float64Array(count);
}

export function evaluateConv(inputs: readonly Tensor[], mode: ConvMode, shape: readonly number[]): Tensor {
  const [x, w] = inputs;
  const [data, filter] = [centred(x, inputs[2]), centred(w, inputs[3])];
  const image = x.shape.slice(2);
  const patches = shape.slice(2);
  const taps = tapsOf(w.shape.slice(2));
  const channels = w.shape[1];
  const filters = w.shape[0] / mode.group;
  const [pixels, spots, depth] = [elementCount(image), elementCount(patches), channels * taps.length];
  const out = accumulator(mode.acc, elementCount(shape));
  const columns = sameKind(data, depth * spots);
  for (let n = 0; n < x.shape[0]; n++)
    for (let g = 0; g < mode.group; g++) {
      columns.fill(0);
      for (let c = 0; c < channels; c++)
        taps.forEach((tap, t) => {
          const from = ((n * mode.group + g) * channels + c) * pixels;
          const to = (c * taps.length + t) * spots;
          eachTap(image, patches, tap, mode, (at, count, step, spot) => {
            for (let i = 0, p = from + at; i < count; i++, p += step) columns[to + spot + i] = data[p];
          });
        });
      const first = (n * mode.group + g) * filters * spots;
      const plane = filter.subarray(g * filters * depth, (g + 1) * filters * depth);
      multiply(plane, columns, filters, depth, spots, out.subarray(first, first + filters * spots));
    }
  return finish(mode.acc, shape, out);
}

/** Filter of one group, [C/g, M/g * taps], transposed to [M/g * taps, C/g]. */
function turned(filter: Reals, g: number, channels: number, depth: number): Reals {
  const out = sameKind(filter, channels * depth);
  for (let c = 0; c < channels; c++) for (let d = 0; d < depth; d++) out[d * channels + c] = filter[(g * channels + c) * depth + d];
  return out;
}

export function evaluateConvTranspose(inputs: readonly Tensor[], mode: ConvMode, shape: readonly number[]): Tensor {
  const [x, w] = inputs;
  const [data, filter] = [realsOf(x), realsOf(w)];
  const [small, large] = [x.shape.slice(2), shape.slice(2)];
  const taps = tapsOf(w.shape.slice(2));
  const channels = x.shape[1] / mode.group;
  const filters = w.shape[1];
  const [spots, pixels, depth] = [elementCount(small), elementCount(large), filters * taps.length];
  const out = new Float64Array(elementCount(shape));
  for (let n = 0; n < x.shape[0]; n++)
    for (let g = 0; g < mode.group; g++) {
      const columns = new Float64Array(depth * spots);
      const plane = data.subarray((n * mode.group + g) * channels * spots, (n * mode.group + g + 1) * channels * spots);
      multiply(turned(filter, g, channels, depth), plane, depth, channels, spots, columns);
      for (let m = 0; m < filters; m++)
        taps.forEach((tap, t) => {
          const to = ((n * mode.group + g) * filters + m) * pixels;
          const from = (m * taps.length + t) * spots;
          eachTap(large, small, tap, mode, (at, count, step, spot) => {
            for (let i = 0, p = to + at; i < count; i++, p += step) out[p] += columns[from + spot + i];
          });
        });
    }
  return finish(mode.acc, shape, mode.acc === "f32" ? Float32Array.from(out) : out);
}
