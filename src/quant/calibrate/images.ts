/** Pictures as samples: read, brought to the input's size, and given the numbers that the model was trained on. */
import { fail } from "../../base/diagnostic.js";
import { infoOf, isFloat, type DType } from "../../base/dtype.js";
import { counted } from "../../base/text-writer.js";
import { isConst } from "../../base/dim.js";
import { fromNumbers } from "../../base/float-formats.js";
import type { Tensor } from "../../base/tensor.js";
import { rankedType, type Graph } from "../../ir/graph.js";

/** Pixels, or height and width. */
export type Size = number | readonly [number, number];

/** What becomes of a picture: resized, cropped, scaled, then (x - mean) / std channel by channel. */
export interface Preprocessing {
  /** Of the shorter side, or of both; absent resizes to what the input takes. Bilinear between the centres of pixels. */
  readonly resize?: Size;
  /** Cut from the middle. */
  readonly crop?: Size;
  /** What bytes are multiplied with; 1 / 255 unless told, 1 for an input of integers. */
  readonly scale?: number;
  /** One a channel, or one for all, in the order of `order`; 0 and 1 unless told. */
  readonly mean?: readonly number[];
  readonly std?: readonly number[];
  /** RGB unless told. */
  readonly order?: "RGB" | "BGR";
  /** NCHW unless told. */
  readonly layout?: "NCHW" | "NHWC";
}

/** Interleaved channels of 8 bits, in RGB order or of grey alone. */
interface Picture {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly data: ArrayLike<number>;
}

export const isPicture = (path: string): boolean => /\.(?:png|jpe?g)$/i.test(path);

/** Reads a file's bytes; throws where they are no PNG or JPEG. */
type Decode = (bytes: Uint8Array, path: string) => Picture;

async function decoder(): Promise<Decode> {
  const [{ decode: png, convertIndexedToRgb }, { default: jpeg }] = await Promise.all([import("fast-png"), import("jpeg-js")]);
  return (bytes, path) => {
    if (!/\.png$/i.test(path)) return { ...jpeg.decode(bytes, { useTArray: true, formatAsRGBA: false }), channels: 3 };
    const { width, height, depth, channels, data, ...rest } = png(bytes);
    if (rest.palette && channels === 1) {
      const colours = convertIndexedToRgb({ width, height, depth, channels, data, ...rest });
      return { width, height, channels: colours.length / (width * height), data: colours };
    }
    const levels = depth < 8 ? unpacked(data, width, height, depth) : data;
    return { width, height, channels, data: depth === 8 ? levels : Float32Array.from(levels, (x) => (x * 255) / (2 ** depth - 1)) };
  };
}

/** Grey of less than a byte a pixel: the first in the highest bits, each row from a byte of its own. */
function unpacked(data: ArrayLike<number>, width: number, height: number, depth: number): Uint8Array {
  const bytes = Math.ceil((width * depth) / 8);
  return Uint8Array.from({ length: width * height }, (_, i) => {
    const [row, bit] = [Math.floor(i / width), (i % width) * depth];
    return (data[row * bytes + (bit >> 3)] >> (8 - depth - (bit & 7))) & (2 ** depth - 1);
  });
}

/** What a model takes pictures in. */
interface Target {
  readonly name: string;
  readonly dtype: Tensor["dtype"];
  readonly channels: number;
  /** Where the model fixes them. */
  readonly height?: number;
  readonly width?: number;
}

/** Throws `bad-calibration` where the model has no one input of four axes and one or three channels. */
function targetOf(graph: Graph, { layout = "NCHW", mean, std }: Preprocessing): Target {
  const [input, ...others] = graph.inputs;
  const type = rankedType(input as (typeof graph.inputs)[number] | undefined);
  const refuse = (why: string): never =>
    fail("bad-calibration", `pictures cannot be given to this model: ${why}`, {
      fix: "Give its inputs as arrays: a folder of .npz files.",
    });
  if (!type || others.length > 0) return refuse(`it has ${graph.inputs.length} inputs of tensors, and pictures are for one`);
  if (type.shape.length !== 4) return refuse(`"${input.name}" has ${type.shape.length} axes, not four`);
  const at = layout === "NCHW" ? { channels: 1, height: 2, width: 3 } : { channels: 3, height: 1, width: 2 };
  const extent = (axis: number): number | undefined => (isConst(type.shape[axis]) ? (type.shape[axis] as number) : undefined);
  const channels = extent(at.channels) ?? 3;
  if (channels !== 1 && channels !== 3) return refuse(`"${input.name}" has ${channels} channels in ${layout}`);
  const [height, width] = [extent(at.height), extent(at.width)];
  if ([mean, std].some((v) => (v?.length ?? 1) > 1 && v?.length !== channels))
    return refuse(
      `mean and std have ${Math.max(mean?.length ?? 1, std?.length ?? 1)} numbers, and "${input.name}" has ${counted(channels, "channel")}`,
    );
  return { name: input.name, dtype: type.dtype, channels, ...(height !== undefined && { height }), ...(width !== undefined && { width }) };
}

/** A file's bytes as what the model reads. */
type Prepare = (bytes: Uint8Array, path: string) => ReadonlyMap<string, Tensor>;

/** Throws `bad-calibration` as `targetOf` does. */
export async function preparing(graph: Graph, how: Preprocessing): Promise<Prepare> {
  const { layout = "NCHW" } = how;
  const target = targetOf(graph, how);
  const decode = await decoder();
  return (bytes, path) => {
    const picture = inChannels(decode(bytes, path), target.channels);
    // What is cut out has the input's size already.
    const own: Size =
      how.crop === undefined ? [target.height ?? picture.height, target.width ?? picture.width] : [picture.height, picture.width];
    const cut = cropped(resized(picture, how.resize ?? own), how.crop);
    const { width, height, channels } = cut;
    const shape = layout === "NCHW" ? [1, channels, height, width] : [1, height, width, channels];
    return new Map([[target.name, fromNumbers(target.dtype, shape, numbers(cut, how, layout, target.dtype))]]);
  };
}

/** Alpha is left out; grey becomes three alike, and colours grey by ITU-R BT.601. */
function inChannels({ width, height, channels, data }: Picture, wanted: number): Picture {
  const colours = channels >= 3 ? 3 : 1;
  const out = new Float32Array(width * height * wanted);
  for (let i = 0; i < width * height; i++) {
    const [r, g, b] = [data[i * channels], data[i * channels + (colours > 1 ? 1 : 0)], data[i * channels + (colours > 1 ? 2 : 0)]];
    if (wanted === 1) out[i] = colours === 1 ? r : 0.299 * r + 0.587 * g + 0.114 * b;
    else out.set([r, g, b], i * 3);
  }
  return { width, height, channels: wanted, data: out };
}

/** Bilinear between the centres of pixels, as OpenCV's INTER_LINEAR. */
function resized(from: Picture, size: Size): Picture {
  const short = Math.min(from.width, from.height);
  const both = (side: number): readonly [number, number] => [
    Math.round((from.height * side) / short),
    Math.round((from.width * side) / short),
  ];
  const [height, width] = typeof size === "number" ? both(size) : size;
  if (height === from.height && width === from.width) return from;
  const { channels, data } = from;
  const out = new Float32Array(height * width * channels);
  const [rows, columns] = [places(height, from.height), places(width, from.width)];
  for (let y = 0, at = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < channels; c++, at++) {
        const [r, q] = [rows[y], columns[x]];
        const pixel = (row: number, column: number): number => data[(row * from.width + column) * channels + c];
        const above = pixel(r.first, q.first) * (1 - q.part) + pixel(r.first, q.next) * q.part;
        const below = pixel(r.next, q.first) * (1 - q.part) + pixel(r.next, q.next) * q.part;
        out[at] = above * (1 - r.part) + below * r.part;
      }
  return { width, height, channels, data: out };
}

/** For each of `to` pixels: two of `from`, and how far it lies between them. */
function places(to: number, from: number): { readonly first: number; readonly next: number; readonly part: number }[] {
  return Array.from({ length: to }, (_, i) => {
    const exact = Math.max(0, Math.min(from - 1, ((i + 0.5) * from) / to - 0.5));
    const first = Math.floor(exact);
    return { first, next: Math.min(from - 1, first + 1), part: exact - first };
  });
}

function cropped(from: Picture, size: Size | undefined): Picture {
  if (size === undefined) return from;
  const [height, width] = typeof size === "number" ? [size, size] : size;
  const [top, left] = [Math.floor((from.height - height) / 2), Math.floor((from.width - width) / 2)];
  if (top < 0 || left < 0)
    return fail("bad-calibration", `${height}x${width} cannot be cut from ${from.height}x${from.width} pixels`, {
      fix: "Resize to more than is cut out.",
    });
  const { channels, data } = from;
  const out = new Float32Array(height * width * channels);
  for (let y = 0; y < height; y++)
    for (let i = 0; i < width * channels; i++) out[y * width * channels + i] = data[((top + y) * from.width + left) * channels + i];
  return { width, height, channels, data: out };
}

/** To the nearest whole number that a type holds. */
function saturating(dtype: DType): (x: number) => number {
  const { bits, kind } = infoOf(dtype);
  const [low, high] = kind === "int" ? [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1] : [0, 2 ** bits - 1];
  return (x) => Math.min(high, Math.max(low, Math.round(x)));
}

/** In the order that the model reads. */
function numbers({ width, height, channels, data }: Picture, how: Preprocessing, layout: "NCHW" | "NHWC", dtype: DType): Float32Array {
  const whole = isFloat(dtype) ? undefined : saturating(dtype);
  const { scale = whole ? 1 : 1 / 255, mean = [0], std = [1], order = "RGB" } = how;
  const out = new Float32Array(width * height * channels);
  const area = width * height;
  for (let c = 0; c < channels; c++) {
    const from = order === "BGR" ? channels - 1 - c : c;
    const [less, by] = [mean[mean.length === 1 ? 0 : c], std[std.length === 1 ? 0 : c]];
    for (let i = 0; i < area; i++) {
      const x = (data[i * channels + from] * scale - less) / by;
      out[layout === "NCHW" ? c * area + i : i * channels + c] = whole ? whole(x) : x;
    }
  }
  return out;
}
