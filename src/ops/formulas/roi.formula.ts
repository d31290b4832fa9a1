/** Features of regions: bins of a box, each the mean or the maximum of samples between the elements. */
import {
  and,
  asTensor,
  cast,
  ceil,
  decided,
  dtype,
  float,
  floor,
  formula,
  gather,
  int,
  iota,
  matmul,
  max,
  maximum,
  minimum,
  or,
  productOf,
  reshape,
  shape,
  slice,
  sum,
  text,
  transpose,
  where,
  type Mask,
  type Num,
} from "../lang.js";

interface RoiAttrs {
  readonly coordinate_transformation_mode: string;
  readonly sampling_ratio: number;
  readonly spatial_scale: number;
}

/** One axis of all regions: [regions, 1, 1] tensors, and how many elements and bins it has. */
interface RoiAxis {
  readonly start: Num;
  readonly bin: Num;
  /** Samples of a bin. */
  readonly samples: Num;
  readonly extent: Num;
  readonly bins: number;
}

/** Boxes are x1, y1, x2, y2 rows; `column` is that of the axis's start. Without half pixels a box is at least one element wide. */
function roiAxis(rois: Num, column: number, extent: Num, bins: number, a: RoiAttrs): RoiAxis {
  const [regions] = shape(rois);
  const half = a.coordinate_transformation_mode === "half_pixel";
  const edge = (c: number) => reshape(slice(rois, [{ axis: 1, start: c, size: 1 }]), [regions, 1, 1]) * a.spatial_scale - (half ? 0.5 : 0);
  const start = edge(column);
  const span = edge(column + 2) - start;
  const bin = (half ? span : maximum(span, 1)) / bins;
  const samples = a.sampling_ratio > 0 ? asTensor(a.sampling_ratio, dtype(rois)) : ceil(bin);
  return { start, bin, samples, extent: asTensor(extent, dtype(rois)), bins };
}

/** Where every bin begins: [regions, bins, 1]. */
function binStarts(axis: RoiAxis): Num {
  return axis.start + iota([axis.bins, 1], 0, dtype(axis.start) as "f32") * axis.bin;
}

/** Sample i of every bin. */
function sampleAt(axis: RoiAxis, i: Num): Num {
  return binStarts(axis) + ((i + 0.5) * axis.bin) / maximum(axis.samples, 1);
}

/** The two elements that a sample lies between. Beyond one element outside it counts for nothing. */
interface Taps {
  readonly inside: Mask;
  readonly low: Num;
  readonly high: Num;
  /** Part of the upper one. */
  readonly far: Num;
}

function tapsAt(at: Num, extent: Num): Taps {
  const last = extent - 1;
  const from = minimum(maximum(at, 0), last);
  const low = floor(from);
  return { inside: and(at >= -1, at <= extent), low, high: minimum(low + 1, last), far: from - low };
}

/** A set number of samples a bin: each reads its four elements. Axes: regions, channels, bins and samples down, bins and samples across. */
function bySamples(x: Num, batch: Num, down: RoiAxis, across: RoiAxis, n: number, mode: string): Num {
  const [, channels, height, width] = shape(x);
  const [regions] = shape(batch);
  const at = (axis: RoiAxis) => sampleAt(axis, iota([n], 0, dtype(axis.start) as "f32"));
  const [y, z] = [tapsAt(at(down), down.extent), tapsAt(at(across), across.extent)];
  const rows = (v: Num) => reshape(v, [regions, 1, down.bins, n, 1, 1]);
  const columns = (v: Num) => reshape(v, [regions, 1, 1, 1, across.bins, n]);
  const plane = reshape(batch, [regions, 1, 1, 1, 1, 1]) * asTensor(channels, "i64") + iota([1, channels, 1, 1, 1, 1], 1, "i64");
  const flat = reshape(x, [productOf(shape(x))]);
  const part = (row: Num, column: Num, weight: Num) => {
    const line = plane * asTensor(height, "i64") + cast(rows(row), "i64");
    return gather(flat, line * asTensor(width, "i64") + cast(columns(column), "i64"), 0, true) * weight;
  };
  const [top, bottom] = [rows(where(y.inside, 1 - y.far, 0)), rows(where(y.inside, y.far, 0))];
  const [left, right] = [columns(where(z.inside, 1 - z.far, 0)), columns(where(z.inside, z.far, 0))];
  const parts = [
    part(y.low, z.low, top * left),
    part(y.low, z.high, top * right),
    part(y.high, z.low, bottom * left),
    part(y.high, z.high, bottom * right),
  ];
  const largest = () =>
    max(
      parts.reduce((u, v) => maximum(u, v)),
      [3, 5],
    );
  const average = () =>
    sum(
      parts.reduce((u, v) => u + v),
      [3, 5],
    ) /
    (n * n);
  return reshape(mode === "max" ? largest() : average(), [regions, channels, down.bins, across.bins]);
}

/** What the samples of every bin take of every element along an axis: [regions, bins, extent]. */
interface Shares {
  readonly sum: Num;
  /** Largest and smallest single share; where no sample touches the element the largest is -1. */
  readonly most: Num;
  readonly least: Num;
}

/**
 * Samples as many as a bin is wide, known only from data: they lie more than half an element apart (or there is one), so that
 * at most four touch an element; seven are looked at from a little before it on.
 */
function sharesOf(axis: RoiAxis, extent: Num): Shares {
  const type = dtype(axis.start) as "f32";
  const element = iota([1, 1, extent], 2, type);
  const step = axis.bin / maximum(axis.samples, 1);
  const before = floor((element - 1 - binStarts(axis)) / step - 0.5) - 1;
  const first = maximum(minimum(before, axis.samples - 1), 0);
  const hits = [0, 1, 2, 3, 4, 5, 6].flatMap((k) => {
    const i = first + k;
    const t = tapsAt(sampleAt(axis, i), axis.extent);
    const counts = and(i < axis.samples, t.inside);
    return [
      { hit: and(counts, t.low === element), share: 1 - t.far },
      { hit: and(counts, t.high === element), share: t.far },
    ];
  });
  return {
    sum: hits.map((h) => where(h.hit, h.share, 0)).reduce((u, v) => u + v),
    most: hits.map((h) => where(h.hit, h.share, -1)).reduce((u, v) => maximum(u, v)),
    least: hits.map((h) => where(h.hit, h.share, 2)).reduce((u, v) => minimum(u, v)),
  };
}

/** Whether some sample of a bin lies so far outside that it counts as 0. */
function leavesImage(axis: RoiAxis): Mask {
  return or(sampleAt(axis, 0) < -1, sampleAt(axis, axis.samples - 1) > axis.extent);
}

/** The mean is a product with the shares on either side; the count of samples is at least 1. */
function meanOfShares(image: Num, down: RoiAxis, across: RoiAxis, y: Shares, z: Shares): Num {
  const [regions] = shape(y.sum);
  const four = (v: Num) => reshape(v, [regions, 1, ...shape(v).slice(1)]);
  const total = matmul(matmul(four(y.sum), image), transpose(four(z.sum), [0, 1, 3, 2]));
  return total / maximum(four(down.samples) * four(across.samples), 1);
}

/** A sample's value is the largest of its four weighted elements, as onnxruntime has it; no samples give 0. */
function maximumOfShares(image: Num, down: RoiAxis, across: RoiAxis, y: Shares, z: Shares): Num {
  const [regions] = shape(y.sum);
  const [, channels, height, width] = shape(image);
  const rows = (v: Num) => reshape(v, [regions, 1, down.bins, 1, height, 1]);
  const columns = (v: Num) => reshape(v, [regions, 1, 1, across.bins, 1, width]);
  const value = reshape(image, [shape(image)[0], channels, 1, 1, height, width]);
  const touched = and(rows(y.most) >= 0, columns(z.most) >= 0);
  const weighted = where(value >= 0, rows(y.most) * columns(z.most), rows(y.least) * columns(z.least)) * value;
  const best = reshape(max(where(touched, weighted, -Infinity), [4, 5]), [regions, channels, down.bins, across.bins]);
  const outside = or(
    reshape(leavesImage(down) as unknown as Num, [regions, 1, down.bins, 1]),
    reshape(leavesImage(across) as unknown as Num, [regions, 1, 1, across.bins]),
  );
  const none = or(down.samples < 1, across.samples < 1) as unknown as Num;
  return where(reshape(none, [regions, 1, 1, 1]), 0, where(outside, maximum(best, 0), best));
}

export const RoiAlign = formula(
  {
    inputs: { x: "float", rois: "float", batch_indices: ["i64"] },
    attrs: {
      coordinate_transformation_mode: text("half_pixel", "output_half_pixel"),
      mode: text("avg", "max"),
      output_height: int(1),
      output_width: int(1),
      sampling_ratio: int(0),
      spatial_scale: float(1),
    },
  },
  ({ x, rois, batch_indices, mode, output_height, output_width, ...a }) => {
    const [batch, , height, width] = shape(x);
    const down = roiAxis(rois, 1, height, output_height, a);
    const across = roiAxis(rois, 0, width, output_width, a);
    if (a.sampling_ratio > 0) return bySamples(x, batch_indices, down, across, a.sampling_ratio, mode);
    const image = decided(batch, "==", 1) === true ? x : gather(x, batch_indices, 0);
    const [y, z] = [sharesOf(down, height), sharesOf(across, width)];
    return mode === "max" ? maximumOfShares(image, down, across, y, z) : meanOfShares(image, down, across, y, z);
  },
);
