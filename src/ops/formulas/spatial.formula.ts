/** Sampling on grids, and the inverses of cutting patches and of max pooling. */
import {
  and,
  asTensor,
  assumeAtMost,
  cast,
  dtype,
  expand,
  extents,
  floor,
  formula,
  full,
  gatherElements,
  int,
  iota,
  matmul,
  maximum,
  maybe,
  minimum,
  mod,
  optionalShaping,
  pad,
  productOf,
  rank,
  reshape,
  required,
  round,
  scatterElements,
  shape,
  shaping,
  size,
  slice,
  stack,
  text,
  transpose,
  unsqueeze,
  where,
  convTranspose,
  floorDiv,
  table,
  isFixed,
  refuseOpen,
  numbers,
  type Num,
} from "../lang.js";
import { requireLengths } from "./axes.formula.js";

interface SampleAttrs {
  readonly align_corners: number;
  readonly mode: string;
  readonly padding_mode: string;
}

/** Back and forth between lo and hi. */
function reflect(x: Num, lo: Num, hi: Num): Num {
  const span = maximum(hi - lo, 1e-6);
  const m = mod(x - lo, span * 2);
  return lo + minimum(m, span * 2 - m);
}

/** Where reflection turns round: at the first and last element's centre, or at their outer edge. */
function borders(extent: Num, align: number): [lo: Num, hi: Num] {
  return align === 1 ? [extent * 0, extent - 1] : [extent * 0 - 0.5, extent - 0.5];
}

/** Grid coordinates -1..1 as positions among `extent` elements. */
function denormalise(g: Num, extent: Num, align: number): Num {
  return align === 1 ? ((g + 1) / 2) * (extent - 1) : ((g + 1) * extent - 1) / 2;
}

/** One neighbour along an axis: its position, and its weight. */
interface Neighbour {
  readonly at: Num;
  readonly weight: Num | undefined;
}

/** Keys' cubic convolution with a = -0.75, as in torch. */
function cubicWeights(r: Num): Num[] {
  const a = -0.75;
  const far = (d: Num) => ((d * a - 5 * a) * d + 8 * a) * d - 4 * a;
  const near = (d: Num) => (d * (a + 2) - (a + 3)) * d * d + 1;
  return [far(r + 1), near(r), near(1 - r), far(2 - r)];
}

function neighbours(at: Num, mode: string): Neighbour[] {
  if (mode === "nearest") return [{ at: round(at), weight: undefined }];
  const low = floor(at);
  const ratio = at - low;
  if (mode === "linear")
    return [
      { at: low, weight: 1 - ratio },
      { at: low + 1, weight: ratio },
    ];
  return cubicWeights(ratio).map((weight, i) => ({ at: low + (i - 1), weight }));
}

/** Every combination of one neighbour an axis. */
function combinations(axes: readonly (readonly Neighbour[])[]): Neighbour[][] {
  return axes.reduce<Neighbour[][]>((acc, list) => acc.flatMap((c) => list.map((n) => [...c, n])), [[]]);
}

/** The element that a neighbour at whole number `at` reads: padding moves every neighbour, never the coordinate between them. */
function elementAt(at: Num, extent: Num, a: SampleAttrs): Num {
  const folded = a.padding_mode === "reflection" ? round(reflect(at, ...borders(extent, a.align_corners))) : at;
  return cast(maximum(minimum(folded, extent - 1), 0), "i64");
}

/** Elements of N C ... data at grid positions, whose last axis names the innermost data axis first. */
export const GridSample = formula(
  {
    inputs: { x: "float", grid: "float" },
    attrs: { align_corners: int(0), mode: text("linear", "nearest", "cubic"), padding_mode: text("zeros", "border", "reflection") },
  },
  ({ x, grid, ...a }) => {
    const [batch, channels, ...space] = shape(x);
    const n = space.length;
    const sizes = space.map((d) => asTensor(d, dtype(grid)));
    const outSpace = shape(grid).slice(1, -1);
    const points = productOf(outSpace);
    const coordinate = (i: number) => reshape(slice(grid, [{ axis: -1, start: n - 1 - i, size: 1 }]), [batch, 1, points]);
    const axes = space.map((_, i) => neighbours(denormalise(coordinate(i), sizes[i], a.align_corners), a.mode));
    const flat = reshape(x, [batch, channels, productOf(space)]);
    const parts = combinations(axes).map((taps) => {
      let position: Num = 0;
      let inside: boolean | undefined;
      let weight: Num | undefined;
      taps.forEach((t, i) => {
        const own = and(t.at >= 0, t.at <= sizes[i] - 1);
        inside = inside === undefined ? own : and(inside, own);
        const index = elementAt(t.at, sizes[i], a);
        position = i === 0 ? index : position * asTensor(space[i], "i64") + index;
        if (t.weight !== undefined) weight = weight === undefined ? t.weight : weight * t.weight;
      });
      const everywhere = expand(position, [batch, channels, points]);
      const picked = gatherElements(flat, everywhere, 2);
      const weighted = weight === undefined ? picked : picked * cast(weight, dtype(x));
      return a.padding_mode === "zeros" && inside !== undefined ? where(inside, weighted, 0) : weighted;
    });
    return reshape(
      parts.reduce((u, v) => u + v),
      [batch, channels, ...outSpace],
    );
  },
);

/** Coordinates -1..1 of every output position along an axis; a single position with corners aligned is 1, as in onnxruntime. */
function ruler(extent: Num, align: number, type: "f32" | "f64" | "f16"): Num {
  const i = iota([extent], 0, type);
  const n = asTensor(extent, type);
  return align === 1 ? (i * 2) / maximum(n - 1, 1) + 1 - minimum(n - 1, 1) * 2 : (i * 2 + 1) / n - 1;
}

/** The grid that an affine map of 2-D or 3-D space gives for GridSample. */
export const AffineGrid = formula(
  { inputs: { theta: "float", size: shaping(["i64"]) }, attrs: { align_corners: int(0) } },
  ({ theta, size: to, align_corners }) => {
    const [batch, , ...space] = extents(to);
    const n = space.length;
    const type = dtype(theta) as "f32" | "f64" | "f16";
    const columns = space.map((d, i) => {
      const others = space.map((_, k) => k).filter((k) => k !== i);
      return expand(unsqueeze(ruler(d, align_corners, type), others), space);
    });
    const ones = full(space, 1, type);
    const base = reshape(stack([...columns.reverse(), ones], n), [productOf(space), n + 1]);
    const grid = matmul(expand(unsqueeze(base, [0]), [batch, productOf(space), n + 1]), transpose(theta, [0, 2, 1]));
    return reshape(grid, [batch, ...space, n]);
  },
);

/** Adds columns of patches up to the image they were cut from: the transpose of a convolution with one-hot filters. */
export const Col2Im = formula(
  {
    inputs: { x: "float", image_shape: shaping(["i64"]), block_shape: shaping(["i64"]) },
    attrs: { dilations: maybe("ints"), pads: maybe("ints"), strides: maybe("ints") },
  },
  ({ x, image_shape, block_shape, ...a }) => {
    const [image, block] = [numbers(image_shape), numbers(block_shape)];
    const n = image.length;
    const ones = new Array<number>(n).fill(1);
    const [strides, dilations] = [a.strides ?? ones, a.dilations ?? ones];
    const pads = a.pads ?? new Array<number>(2 * n).fill(0);
    const spans = block.map((k, i) => (k - 1) * dilations[i] + 1);
    const counts = image.map((d, i) => Math.floor((d + pads[i] + pads[n + i] - spans[i]) / strides[i]) + 1);
    const taps = block.reduce((p, k) => p * k, 1);
    const [batch, rows] = shape(x);
    const channels = floorDiv(rows, taps);
    if (!isFixed(channels)) refuseOpen("the channel count of Col2Im", [channels]);
    const patches = reshape(x, [batch, rows, ...counts]);
    const one = Array.from({ length: taps * taps }, (_, i) => (Math.floor(i / taps) === i % taps ? 1 : 0));
    const filter = table(Array.from({ length: channels }, () => one).flat(), [channels * taps, 1, ...block], dtype(x));
    const outputPadding = image.map((d, i) => d - ((counts[i] - 1) * strides[i] + spans[i] - pads[i] - pads[n + i]));
    return convTranspose(patches, filter, { strides, dilations, pads, group: channels, outputPadding });
  },
);

/** Puts pooled maxima back where they came from; everything else is 0. */
export const MaxUnpool = formula(
  {
    inputs: { x: "float", indices: ["i64"], output_shape: optionalShaping(["i64"]) },
    attrs: { kernel_shape: required("ints"), pads: maybe("ints"), strides: maybe("ints") },
  },
  ({ x, indices, output_shape, kernel_shape, pads, strides }) => {
    const n = kernel_shape.length;
    requireLengths(rank(x) - 2, { kernel_shape, strides, pads });
    const around = pads ?? new Array<number>(2 * n).fill(0);
    const step = strides ?? new Array<number>(n).fill(1);
    const inner = shape(x)
      .slice(2)
      .map((d, i) => (d - 1) * step[i] + kernel_shape[i] - around[i] - around[n + i]);
    inner.forEach((d, i) => assumeAtMost(0, d, `axis ${i + 2} comes to ${isFixed(d) ? d : "less than no"} elements`));
    const dims = [...shape(x).slice(0, 2), ...inner];
    const empty = full([productOf(dims)], 0, dtype(x));
    const count = size(x);
    const y = reshape(scatterElements(empty, reshape(indices, [count]), reshape(x, [count]), 0, "none"), dims);
    if (output_shape === undefined) return y;
    // Positions count in the shape that was pooled; what the wanted shape has more lies behind it.
    const wanted = extents(output_shape);
    return pad(
      y,
      dims.map(() => 0),
      dims.map((d, i) => wanted[i] - d),
      0,
    );
  },
);
