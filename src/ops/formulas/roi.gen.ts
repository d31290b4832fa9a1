/* Generated from roi.formula.ts; do not edit. */ import { dispatcher } from "../lang/dispatch.js"; const $ = dispatcher("src/ops/formulas/roi.formula.ts"); /** Features of regions: bins of a box, each the mean or the maximum of samples between the elements. */
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
  const [regions] = $.call("50:21", shape, rois);
  const half = a.coordinate_transformation_mode === "half_pixel";
  const edge = (c: number) => $.sub($.mul($.call("52:31", reshape, $.call("52:39", slice, rois, [{ axis: 1, start: c, size: 1 }]), [regions, 1, 1]) , a.spatial_scale, "52:103") , ($.test(half, "52:124") ? 0.5 : 0), "52:121");
  const start = edge(column);
  const span = $.sub(edge($.add(column , 2, "54:28")) , start, "54:33");
  const bin = $.div(($.test(half, "55:16") ? span : $.call("55:30", maximum, span, 1)) , bins, "55:48");
  const samples = $.test($.gt(a.sampling_ratio , 0, "56:36"), "56:19") ? $.call("56:42", asTensor, a.sampling_ratio, $.call("56:69", dtype, rois)) : $.call("56:84", ceil, bin);
  return { start, bin, samples, extent: $.call("57:41", asTensor, extent, $.call("57:58", dtype, rois)), bins };
}

/** Where every bin begins: [regions, bins, 1]. */
function binStarts(axis: RoiAxis): Num {
  return $.add(axis.start , $.mul($.call("62:23", iota, [axis.bins, 1], 0, $.call("62:47", dtype, axis.start) as "f32") , axis.bin, "62:75"), "62:21");
}

/** Sample i of every bin. */
function sampleAt(axis: RoiAxis, i: Num): Num {
  return $.add(binStarts(axis) , $.div(($.mul(($.add(i , 0.5, "67:32")) , axis.bin, "67:39")) , $.call("67:53", maximum, axis.samples, 1), "67:51"), "67:26");
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
  const last = $.sub(extent , 1, "80:23");
  const from = $.call("81:16", minimum, $.call("81:24", maximum, at, 0), last);
  const low = $.call("82:15", floor, from);
  return { inside: $.call("83:20", and, $.ge(at , -1, "83:27"), $.le(at , extent, "83:37")), low, high: $.call("83:60", minimum, $.add(low , 1, "83:72"), last), far: $.sub(from , low, "83:94") };
}

/** A set number of samples a bin: each reads its four elements. Axes: regions, channels, bins and samples down, bins and samples across. */
function bySamples(x: Num, batch: Num, down: RoiAxis, across: RoiAxis, n: number, mode: string): Num {
  const [, channels, height, width] = $.call("88:39", shape, x);
  const [regions] = $.call("89:21", shape, batch);
  const at = (axis: RoiAxis) => sampleAt(axis, $.call("90:48", iota, [n], 0, $.call("90:61", dtype, axis.start) as "f32"));
  const [y, z] = [tapsAt(at(down), down.extent), tapsAt(at(across), across.extent)];
  const rows = (v: Num) => $.call("92:28", reshape, v, [regions, 1, down.bins, n, 1, 1]);
  const columns = (v: Num) => $.call("93:31", reshape, v, [regions, 1, 1, 1, across.bins, n]);
  const plane = $.add($.mul($.call("94:17", reshape, batch, [regions, 1, 1, 1, 1, 1]) , $.call("94:60", asTensor, channels, "i64"), "94:58") , $.call("94:88", iota, [1, channels, 1, 1, 1, 1], 1, "i64"), "94:86");
  const flat = $.call("95:16", reshape, x, [$.call("95:28", productOf, $.call("95:38", shape, x))]);
  const part = (row: Num, column: Num, weight: Num) => {
    const line = $.add($.mul(plane , $.call("97:26", asTensor, height, "i64"), "97:24") , $.call("97:52", cast, rows(row), "i64"), "97:50");
    return $.mul($.call("98:12", gather, flat, $.add($.mul(line , $.call("98:32", asTensor, width, "i64"), "98:30") , $.call("98:57", cast, columns(column), "i64"), "98:55"), 0, true) , weight, "98:96");
  };
  const [top, bottom] = [rows($.call("100:31", where, y.inside, $.sub(1 , y.far, "100:49"), 0)), rows($.call("100:68", where, y.inside, y.far, 0))];
  const [left, right] = [columns($.call("101:34", where, z.inside, $.sub(1 , z.far, "101:52"), 0)), columns($.call("101:74", where, z.inside, z.far, 0))];
  const parts = [
    part(y.low, z.low, $.mul(top , left, "103:28")),
    part(y.low, z.high, $.mul(top , right, "104:29")),
    part(y.high, z.low, $.mul(bottom , left, "105:32")),
    part(y.high, z.high, $.mul(bottom , right, "106:33")),
  ];
  const largest = () =>
    $.call("109:5", max, 
      parts.reduce((u, v) => $.call("110:30", maximum, u, v)),
      [3, 5],
    );
  const average = () =>
    $.div($.call("114:5", sum, 
      parts.reduce((u, v) => $.add(u , v, "115:32")),
      [3, 5],
    ) ,
    ($.mul(n , n, "118:8")), "117:7");
  return $.call("119:10", reshape, mode === "max" ? largest() : average(), [regions, channels, down.bins, across.bins]);
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
  const type = $.call("135:16", dtype, axis.start) as "f32";
  const element = $.call("136:19", iota, [1, 1, extent], 2, type);
  const step = $.div(axis.bin , $.call("137:27", maximum, axis.samples, 1), "137:25");
  const before = $.sub($.call("138:18", floor, $.sub($.div(($.sub($.sub(element , 1, "138:33") , binStarts(axis), "138:37")) , step, "138:56") , 0.5, "138:63")) , 1, "138:70");
  const first = $.call("139:17", maximum, $.call("139:25", minimum, before, $.sub(axis.samples , 1, "139:54")), 0);
  const hits = [0, 1, 2, 3, 4, 5, 6].flatMap((k) => {
    const i = $.add(first , k, "141:21");
    const t = tapsAt(sampleAt(axis, i), axis.extent);
    const counts = $.call("143:20", and, $.lt(i , axis.samples, "143:26"), t.inside);
    return [
      { hit: $.call("145:14", and, counts, $.eq(t.low , element, "145:32")), share: $.sub(1 , t.far, "145:55") },
      { hit: $.call("146:14", and, counts, $.eq(t.high , element, "146:33")), share: t.far },
    ];
  });
  return {
    sum: hits.map((h) => $.call("150:26", where, h.hit, h.share, 0)).reduce((u, v) => $.add(u , v, "150:71")),
    most: hits.map((h) => $.call("151:27", where, h.hit, h.share, -1)).reduce((u, v) => $.call("151:71", maximum, u, v)),
    least: hits.map((h) => $.call("152:28", where, h.hit, h.share, 2)).reduce((u, v) => $.call("152:71", minimum, u, v)),
  };
}

/** Whether some sample of a bin lies so far outside that it counts as 0. */
function leavesImage(axis: RoiAxis): Mask {
  return $.call("158:10", or, $.lt(sampleAt(axis, 0) , -1, "158:31"), $.gt(sampleAt(axis, $.sub(axis.samples , 1, "158:65")) , axis.extent, "158:70"));
}

/** The mean is a product with the shares on either side; the count of samples is at least 1. */
function meanOfShares(image: Num, down: RoiAxis, across: RoiAxis, y: Shares, z: Shares): Num {
  const [regions] = $.call("163:21", shape, y.sum);
  const four = (v: Num) => $.call("164:28", reshape, v, [regions, 1, ...$.call("164:55", shape, v).slice(1)]);
  const total = $.call("165:17", matmul, $.call("165:24", matmul, four(y.sum), image), $.call("165:52", transpose, four(z.sum), [0, 1, 3, 2]));
  return $.div(total , $.call("166:18", maximum, $.mul(four(down.samples) , four(across.samples), "166:45"), 1), "166:16");
}

/** A sample's value is the largest of its four weighted elements, as onnxruntime has it; no samples give 0. */
function maximumOfShares(image: Num, down: RoiAxis, across: RoiAxis, y: Shares, z: Shares): Num {
  const [regions] = $.call("171:21", shape, y.sum);
  const [, channels, height, width] = $.call("172:39", shape, image);
  const rows = (v: Num) => $.call("173:28", reshape, v, [regions, 1, down.bins, 1, height, 1]);
  const columns = (v: Num) => $.call("174:31", reshape, v, [regions, 1, 1, across.bins, 1, width]);
  const value = $.call("175:17", reshape, image, [$.call("175:33", shape, image)[0], channels, 1, 1, height, width]);
  const touched = $.call("176:19", and, $.ge(rows(y.most) , 0, "176:36"), $.ge(columns(z.most) , 0, "176:58"));
  const weighted = $.mul($.call("177:20", where, $.ge(value , 0, "177:32"), $.mul(rows(y.most) , columns(z.most), "177:51"), $.mul(rows(y.least) , columns(z.least), "177:84")) , value, "177:104");
  const best = $.call("178:16", reshape, $.call("178:24", max, $.call("178:28", where, touched, weighted, $.neg(Infinity, "178:53")), [4, 5]), [regions, channels, down.bins, across.bins]);
  const outside = $.call("179:19", or, 
    $.call("180:5", reshape, leavesImage(down) as unknown as Num, [regions, 1, down.bins, 1]),
    $.call("181:5", reshape, leavesImage(across) as unknown as Num, [regions, 1, 1, across.bins]),
  );
  const none = $.call("183:16", or, $.lt(down.samples , 1, "183:32"), $.lt(across.samples , 1, "183:52")) as unknown as Num;
  return $.call("184:10", where, $.call("184:16", reshape, none, [regions, 1, 1, 1]), 0, $.call("184:54", where, outside, $.call("184:69", maximum, best, 0), best));
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
    const [batch, , height, width] = $.call("200:38", shape, x);
    const down = roiAxis(rois, 1, height, output_height, a);
    const across = roiAxis(rois, 0, width, output_width, a);
    if ($.test($.gt(a.sampling_ratio , 0, "203:26"), "203:9")) return bySamples(x, batch_indices, down, across, a.sampling_ratio, mode);
    const image = $.test($.eq($.call("204:19", decided, batch, "==", 1) , true, "204:43"), "204:19") ? x : $.call("204:58", gather, x, batch_indices, 0);
    const [y, z] = [sharesOf(down, height), sharesOf(across, width)];
    return mode === "max" ? maximumOfShares(image, down, across, y, z) : meanOfShares(image, down, across, y, z);
  },
{"name":"RoiAlign","path":"src/ops/formulas/roi.formula.ts","line":187,"column":14});
