/* Generated from spatial.formula.ts; do not edit. */ import { dispatcher } from "../lang/dispatch.js"; const $ = dispatcher("src/ops/formulas/spatial.formula.ts"); /** Sampling on grids, and the inverses of cutting patches and of max pooling. */
import {
  and,
  asTensor,
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
import { requireLengths } from "./axes.gen.js";

interface SampleAttrs {
  readonly align_corners: number;
  readonly mode: string;
  readonly padding_mode: string;
}

/** Back and forth between lo and hi. */
function reflect(x: Num, lo: Num, hi: Num): Num {
  const span = $.call("55:16", maximum, $.sub(hi , lo, "55:27"), 1e-6);
  const m = $.call("56:13", mod, $.sub(x , lo, "56:19"), $.mul(span , 2, "56:30"));
  return $.add(lo , $.call("57:15", minimum, m, $.sub($.mul(span , 2, "57:31") , m, "57:35")), "57:13");
}

/** Where reflection turns round: at the first and last element's centre, or at their outer edge. */
function borders(extent: Num, align: number): [lo: Num, hi: Num] {
  return $.test($.eq(align , 1, "62:16"), "62:10") ? [$.mul(extent , 0, "62:32"), $.sub(extent , 1, "62:44")] : [$.sub($.mul(extent , 0, "62:59") , 0.5, "62:63"), $.sub(extent , 0.5, "62:77")];
}

/** Grid coordinates -1..1 as positions among `extent` elements. */
function denormalise(g: Num, extent: Num, align: number): Num {
  return $.test($.eq(align , 1, "67:16"), "67:10") ? $.mul(($.div(($.add(g , 1, "67:28")) , 2, "67:33")) , ($.sub(extent , 1, "67:48")), "67:38") : $.div(($.sub($.mul(($.add(g , 1, "67:59")) , extent, "67:64") , 1, "67:73")) , 2, "67:78");
}

/** One neighbour along an axis: its position, and its weight. */
interface Neighbour {
  readonly at: Num;
  readonly weight: Num | undefined;
}

/** Keys' cubic convolution with a = -0.75, as in torch. */
function cubicWeights(r: Num): Num[] {
  const a = -0.75;
  const far = (d: Num) => $.sub($.mul(($.add($.mul(($.sub($.mul(d , a, "79:31") , $.mul(5 , a, "79:39"), "79:35")) , d, "79:44") , $.mul(8 , a, "79:52"), "79:48")) , d, "79:57") , $.mul(4 , a, "79:65"), "79:61");
  const near = (d: Num) => $.add($.mul($.mul(($.sub($.mul(d , ($.add(a , 2, "80:36")), "80:31") , ($.add(a , 3, "80:46")), "80:41")) , d, "80:52") , d, "80:56") , 1, "80:60");
  return [far($.add(r , 1, "81:17")), near(r), near($.sub(1 , r, "81:39")), far($.sub(2 , r, "81:51"))];
}

function neighbours(at: Num, mode: string): Neighbour[] {
  if (mode === "nearest") return [{ at: $.call("85:41", round, at), weight: undefined }];
  const low = $.call("86:15", floor, at);
  const ratio = $.sub(at , low, "87:20");
  if (mode === "linear")
    return [
      { at: low, weight: $.sub(1 , ratio, "90:28") },
      { at: $.add(low , 1, "91:17"), weight: ratio },
    ];
  return cubicWeights(ratio).map((weight, i) => ({ at: $.add(low , ($.sub(i , 1, "93:65")), "93:60"), weight }));
}

/** Every combination of one neighbour an axis. */
function combinations(axes: readonly (readonly Neighbour[])[]): Neighbour[][] {
  return axes.reduce<Neighbour[][]>((acc, list) => acc.flatMap((c) => list.map((n) => [...c, n])), [[]]);
}

/** The element that a neighbour at whole number `at` reads: padding moves every neighbour, never the coordinate between them. */
function elementAt(at: Num, extent: Num, a: SampleAttrs): Num {
  const folded = a.padding_mode === "reflection" ? $.call("103:52", round, reflect(at, ...borders(extent, a.align_corners))) : at;
  return $.call("104:10", cast, $.call("104:15", maximum, $.call("104:23", minimum, folded, $.sub(extent , 1, "104:46")), 0), "i64");
}

/** Elements of N C ... data at grid positions, whose last axis names the innermost data axis first. */
export const GridSample = formula(
  {
    inputs: { x: "float", grid: "float" },
    attrs: { align_corners: int(0), mode: text("linear", "nearest", "cubic"), padding_mode: text("zeros", "border", "reflection") },
  },
  ({ x, grid, ...a }) => {
    const [batch, channels, ...space] = $.call("114:41", shape, x);
    const n = space.length;
    const sizes = space.map((d) => $.call("116:36", asTensor, d, $.call("116:48", dtype, grid)));
    const outSpace = $.call("117:22", shape, grid).slice(1, -1);
    const points = $.call("118:20", productOf, outSpace);
    const coordinate = (i: number) => $.call("119:39", reshape, $.call("119:47", slice, grid, [{ axis: -1, start: $.sub($.sub(n , 1, "119:81") , i, "119:85"), size: 1 }]), [batch, 1, points]);
    const axes = space.map((_, i) => neighbours(denormalise(coordinate(i), sizes[i], a.align_corners), a.mode));
    const flat = $.call("121:18", reshape, x, [batch, channels, $.call("121:47", productOf, space)]);
    const parts = combinations(axes).map((taps) => {
      let position: Num = 0;
      let inside: boolean | undefined;
      let weight: Num | undefined;
      taps.forEach((t, i) => {
        const own = $.call("127:21", and, $.ge(t.at , 0, "127:30"), $.le(t.at , $.sub(sizes[i] , 1, "127:53"), "127:41"));
        inside = inside === undefined ? own : $.call("128:47", and, inside, own);
        const index = elementAt(t.at, sizes[i], a);
        position = $.test($.eq(i , 0, "130:22"), "130:20") ? index : $.add($.mul(position , $.call("130:49", asTensor, space[i], "i64"), "130:47") , index, "130:75");
        if (t.weight !== undefined) weight = weight === undefined ? t.weight : $.mul(weight , t.weight, "131:87");
      });
      const everywhere = $.call("133:26", expand, position, [batch, channels, points]);
      const picked = $.call("134:22", gatherElements, flat, everywhere, 2);
      const weighted = weight === undefined ? picked : $.mul(picked , $.call("135:65", cast, weight, $.call("135:78", dtype, x)), "135:63");
      return a.padding_mode === "zeros" && inside !== undefined ? $.call("136:67", where, inside, weighted, 0) : weighted;
    });
    return $.call("138:12", reshape, 
      parts.reduce((u, v) => $.add(u , v, "139:32")),
      [batch, channels, ...outSpace],
    );
  },
{"name":"GridSample","path":"src/ops/formulas/spatial.formula.ts","line":108,"column":14});

/** Coordinates -1..1 of every output position along an axis; a single position with corners aligned is 1, as in onnxruntime. */
function ruler(extent: Num, align: number, type: "f32" | "f64" | "f16"): Num {
  const i = $.call("147:13", iota, [extent], 0, type);
  const n = $.call("148:13", asTensor, extent, type);
  return $.test($.eq(align , 1, "149:16"), "149:10") ? $.sub($.add($.div(($.mul(i , 2, "149:27")) , $.call("149:34", maximum, $.sub(n , 1, "149:44"), 1), "149:32") , 1, "149:52") , $.mul($.call("149:58", minimum, $.sub(n , 1, "149:68"), 1) , 2, "149:76"), "149:56") : $.sub($.div(($.add($.mul(i , 2, "149:85") , 1, "149:89")) , n, "149:94") , 1, "149:98");
}

/** The grid that an affine map of 2-D or 3-D space gives for GridSample. */
export const AffineGrid = formula(
  { inputs: { theta: "float", size: shaping(["i64"]) }, attrs: { align_corners: int(0) } },
  ({ theta, size: to, align_corners }) => {
    const [batch, , ...space] = $.call("156:33", extents, to);
    const n = space.length;
    const type = $.call("158:18", dtype, theta) as "f32" | "f64" | "f16";
    const columns = space.map((d, i) => {
      const others = space.map((_, k) => k).filter((k) => $.ne(k , i, "160:61"));
      return $.call("161:14", expand, $.call("161:21", unsqueeze, ruler(d, align_corners, type), others), space);
    });
    const ones = $.call("163:18", full, space, 1, type);
    const base = $.call("164:18", reshape, $.call("164:26", stack, [...columns.reverse(), ones], n), [$.call("164:67", productOf, space), $.add(n , 1, "164:87")]);
    const grid = $.call("165:18", matmul, $.call("165:25", expand, $.call("165:32", unsqueeze, base, [0]), [batch, $.call("165:62", productOf, space), $.add(n , 1, "165:82")]), $.call("165:89", transpose, theta, [0, 2, 1]));
    return $.call("166:12", reshape, grid, [batch, ...space, n]);
  },
{"name":"AffineGrid","path":"src/ops/formulas/spatial.formula.ts","line":153,"column":14});

/** Adds columns of patches up to the image they were cut from: the transpose of a convolution with one-hot filters. */
export const Col2Im = formula(
  {
    inputs: { x: "float", image_shape: shaping(["i64"]), block_shape: shaping(["i64"]) },
    attrs: { dilations: maybe("ints"), pads: maybe("ints"), strides: maybe("ints") },
  },
  ({ x, image_shape, block_shape, ...a }) => {
    const [image, block] = [$.call("177:29", numbers, image_shape), $.call("177:51", numbers, block_shape)];
    const n = image.length;
    const ones = new Array<number>(n).fill(1);
    const [strides, dilations] = [a.strides ?? ones, a.dilations ?? ones];
    const pads = a.pads ?? new Array<number>($.mul(2 , n, "181:48")).fill(0);
    const spans = block.map((k, i) => $.add($.mul(($.sub(k , 1, "182:42")) , dilations[i], "182:47") , 1, "182:62"));
    const counts = image.map((d, i) => $.add(Math.floor($.div(($.sub($.add($.add(d , pads[i], "183:54") , pads[$.add(n , i, "183:73")], "183:64") , spans[i], "183:78")) , strides[i], "183:90")) , 1, "183:104"));
    const taps = block.reduce((p, k) => $.mul(p , k, "184:43"), 1);
    const [batch, rows] = $.call("185:27", shape, x);
    const channels = $.call("186:22", floorDiv, rows, taps);
    if (!$.test($.call("187:10", isFixed, channels), "187:10")) $.call("187:29", refuseOpen, "the channel count of Col2Im", [channels]);
    const patches = $.call("188:21", reshape, x, [batch, rows, ...counts]);
    const one = Array.from({ length: $.mul(taps , taps, "189:43") }, (_, i) => ($.test($.eq(Math.floor($.div(i , taps, "189:77")) , $.rem(i , taps, "189:91"), "189:85"), "189:64") ? 1 : 0));
    const filter = $.call("190:20", table, Array.from({ length: channels }, () => one).flat(), [$.mul(channels , taps, "190:88"), 1, ...block], $.call("190:110", dtype, x));
    const outputPadding = image.map((d, i) => $.sub(d , ($.sub($.sub($.add($.mul(($.sub(counts[i] , 1, "191:63")) , strides[i], "191:68") , spans[i], "191:81") , pads[i], "191:92") , pads[$.add(n , i, "191:111")], "191:102")), "191:49"));
    return $.call("192:12", convTranspose, patches, filter, { strides, dilations, pads, group: channels, outputPadding });
  },
{"name":"Col2Im","path":"src/ops/formulas/spatial.formula.ts","line":171,"column":14});

/** Puts pooled maxima back where they came from; everything else is 0. */
export const MaxUnpool = formula(
  {
    inputs: { x: "float", indices: ["i64"], output_shape: optionalShaping(["i64"]) },
    attrs: { kernel_shape: required("ints"), pads: maybe("ints"), strides: maybe("ints") },
  },
  ({ x, indices, output_shape, kernel_shape, pads, strides }) => {
    const n = kernel_shape.length;
    requireLengths($.sub($.call("204:20", rank, x) , 2, "204:28"), { kernel_shape, strides, pads });
    const around = pads ?? new Array<number>($.mul(2 , n, "205:48")).fill(0);
    const step = strides ?? new Array<number>(n).fill(1);
    const inner = $.call("207:19", shape, x)
      .slice(2)
      .map((d, i) => $.sub($.sub($.add($.mul(($.sub(d , 1, "209:25")) , step[i], "209:30") , kernel_shape[i], "209:40") , around[i], "209:58") , around[$.add(n , i, "209:81")], "209:70"));
    const dims = [...$.call("210:22", shape, x).slice(0, 2), ...inner];
    const empty = $.call("211:19", full, [$.call("211:25", productOf, dims)], 0, $.call("211:46", dtype, x));
    const count = $.call("212:19", size, x);
    const y = $.call("213:15", reshape, $.call("213:23", scatterElements, empty, $.call("213:46", reshape, indices, [count]), $.call("213:73", reshape, x, [count]), 0, "none"), dims);
    if (output_shape === undefined) return y;
    // Positions count in the shape that was pooled; what the wanted shape has more lies behind it.
    const wanted = $.call("216:20", extents, output_shape);
    return $.call("217:12", pad, 
      y,
      dims.map(() => 0),
      dims.map((d, i) => $.sub(wanted[i] , d, "220:36")),
      0,
    );
  },
{"name":"MaxUnpool","path":"src/ops/formulas/spatial.formula.ts","line":197,"column":14});
