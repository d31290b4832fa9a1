/* Generated from spatial.formula.ts; do not edit. */ import { dispatcher } from "../lang/dispatch.js"; const $ = dispatcher("src/ops/formulas/spatial.formula.ts"); /** Sampling on grids, and the inverses of cutting patches and of max pooling. */
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
import { requireLengths } from "./axes.gen.js";

interface SampleAttrs {
  readonly align_corners: number;
  readonly mode: string;
  readonly padding_mode: string;
}

/** Back and forth between lo and hi. */
function reflect(x: Num, lo: Num, hi: Num): Num {
  const span = $.call("56:16", maximum, $.sub(hi , lo, "56:27"), 1e-6);
  const m = $.call("57:13", mod, $.sub(x , lo, "57:19"), $.mul(span , 2, "57:30"));
  return $.add(lo , $.call("58:15", minimum, m, $.sub($.mul(span , 2, "58:31") , m, "58:35")), "58:13");
}

/** Where reflection turns round: at the first and last element's centre, or at their outer edge. */
function borders(extent: Num, align: number): [lo: Num, hi: Num] {
  return $.test($.eq(align , 1, "63:16"), "63:10") ? [$.mul(extent , 0, "63:32"), $.sub(extent , 1, "63:44")] : [$.sub($.mul(extent , 0, "63:59") , 0.5, "63:63"), $.sub(extent , 0.5, "63:77")];
}

/** Grid coordinates -1..1 as positions among `extent` elements. */
function denormalise(g: Num, extent: Num, align: number): Num {
  return $.test($.eq(align , 1, "68:16"), "68:10") ? $.mul(($.div(($.add(g , 1, "68:28")) , 2, "68:33")) , ($.sub(extent , 1, "68:48")), "68:38") : $.div(($.sub($.mul(($.add(g , 1, "68:59")) , extent, "68:64") , 1, "68:73")) , 2, "68:78");
}

/** One neighbour along an axis: its position, and its weight. */
interface Neighbour {
  readonly at: Num;
  readonly weight: Num | undefined;
}

/** Keys' cubic convolution with a = -0.75, as in torch. */
function cubicWeights(r: Num): Num[] {
  const a = -0.75;
  const far = (d: Num) => $.sub($.mul(($.add($.mul(($.sub($.mul(d , a, "80:31") , $.mul(5 , a, "80:39"), "80:35")) , d, "80:44") , $.mul(8 , a, "80:52"), "80:48")) , d, "80:57") , $.mul(4 , a, "80:65"), "80:61");
  const near = (d: Num) => $.add($.mul($.mul(($.sub($.mul(d , ($.add(a , 2, "81:36")), "81:31") , ($.add(a , 3, "81:46")), "81:41")) , d, "81:52") , d, "81:56") , 1, "81:60");
  return [far($.add(r , 1, "82:17")), near(r), near($.sub(1 , r, "82:39")), far($.sub(2 , r, "82:51"))];
}

function neighbours(at: Num, mode: string): Neighbour[] {
  if (mode === "nearest") return [{ at: $.call("86:41", round, at), weight: undefined }];
  const low = $.call("87:15", floor, at);
  const ratio = $.sub(at , low, "88:20");
  if (mode === "linear")
    return [
      { at: low, weight: $.sub(1 , ratio, "91:28") },
      { at: $.add(low , 1, "92:17"), weight: ratio },
    ];
  return cubicWeights(ratio).map((weight, i) => ({ at: $.add(low , ($.sub(i , 1, "94:65")), "94:60"), weight }));
}

/** Every combination of one neighbour an axis. */
function combinations(axes: readonly (readonly Neighbour[])[]): Neighbour[][] {
  return axes.reduce<Neighbour[][]>((acc, list) => acc.flatMap((c) => list.map((n) => [...c, n])), [[]]);
}

/** The element that a neighbour at whole number `at` reads: padding moves every neighbour, never the coordinate between them. */
function elementAt(at: Num, extent: Num, a: SampleAttrs): Num {
  const folded = a.padding_mode === "reflection" ? $.call("104:52", round, reflect(at, ...borders(extent, a.align_corners))) : at;
  return $.call("105:10", cast, $.call("105:15", maximum, $.call("105:23", minimum, folded, $.sub(extent , 1, "105:46")), 0), "i64");
}

/** Elements of N C ... data at grid positions, whose last axis names the innermost data axis first. */
export const GridSample = formula(
  {
    inputs: { x: "float", grid: "float" },
    attrs: { align_corners: int(0), mode: text("linear", "nearest", "cubic"), padding_mode: text("zeros", "border", "reflection") },
  },
  ({ x, grid, ...a }) => {
    const [batch, channels, ...space] = $.call("115:41", shape, x);
    const n = space.length;
    const sizes = space.map((d) => $.call("117:36", asTensor, d, $.call("117:48", dtype, grid)));
    const outSpace = $.call("118:22", shape, grid).slice(1, -1);
    const points = $.call("119:20", productOf, outSpace);
    const coordinate = (i: number) => $.call("120:39", reshape, $.call("120:47", slice, grid, [{ axis: -1, start: $.sub($.sub(n , 1, "120:81") , i, "120:85"), size: 1 }]), [batch, 1, points]);
    const axes = space.map((_, i) => neighbours(denormalise(coordinate(i), sizes[i], a.align_corners), a.mode));
    const flat = $.call("122:18", reshape, x, [batch, channels, $.call("122:47", productOf, space)]);
    const parts = combinations(axes).map((taps) => {
      let position: Num = 0;
      let inside: boolean | undefined;
      let weight: Num | undefined;
      taps.forEach((t, i) => {
        const own = $.call("128:21", and, $.ge(t.at , 0, "128:30"), $.le(t.at , $.sub(sizes[i] , 1, "128:53"), "128:41"));
        inside = inside === undefined ? own : $.call("129:47", and, inside, own);
        const index = elementAt(t.at, sizes[i], a);
        position = $.test($.eq(i , 0, "131:22"), "131:20") ? index : $.add($.mul(position , $.call("131:49", asTensor, space[i], "i64"), "131:47") , index, "131:75");
        if (t.weight !== undefined) weight = weight === undefined ? t.weight : $.mul(weight , t.weight, "132:87");
      });
      const everywhere = $.call("134:26", expand, position, [batch, channels, points]);
      const picked = $.call("135:22", gatherElements, flat, everywhere, 2);
      const weighted = weight === undefined ? picked : $.mul(picked , $.call("136:65", cast, weight, $.call("136:78", dtype, x)), "136:63");
      return a.padding_mode === "zeros" && inside !== undefined ? $.call("137:67", where, inside, weighted, 0) : weighted;
    });
    return $.call("139:12", reshape, 
      parts.reduce((u, v) => $.add(u , v, "140:32")),
      [batch, channels, ...outSpace],
    );
  },
{"name":"GridSample","path":"src/ops/formulas/spatial.formula.ts","line":109,"column":14});

/** Coordinates -1..1 of every output position along an axis; a single position with corners aligned is 1, as in onnxruntime. */
function ruler(extent: Num, align: number, type: "f32" | "f64" | "f16"): Num {
  const i = $.call("148:13", iota, [extent], 0, type);
  const n = $.call("149:13", asTensor, extent, type);
  return $.test($.eq(align , 1, "150:16"), "150:10") ? $.sub($.add($.div(($.mul(i , 2, "150:27")) , $.call("150:34", maximum, $.sub(n , 1, "150:44"), 1), "150:32") , 1, "150:52") , $.mul($.call("150:58", minimum, $.sub(n , 1, "150:68"), 1) , 2, "150:76"), "150:56") : $.sub($.div(($.add($.mul(i , 2, "150:85") , 1, "150:89")) , n, "150:94") , 1, "150:98");
}

/** The grid that an affine map of 2-D or 3-D space gives for GridSample. */
export const AffineGrid = formula(
  { inputs: { theta: "float", size: shaping(["i64"]) }, attrs: { align_corners: int(0) } },
  ({ theta, size: to, align_corners }) => {
    const [batch, , ...space] = $.call("157:33", extents, to);
    const n = space.length;
    const type = $.call("159:18", dtype, theta) as "f32" | "f64" | "f16";
    const columns = space.map((d, i) => {
      const others = space.map((_, k) => k).filter((k) => $.ne(k , i, "161:61"));
      return $.call("162:14", expand, $.call("162:21", unsqueeze, ruler(d, align_corners, type), others), space);
    });
    const ones = $.call("164:18", full, space, 1, type);
    const base = $.call("165:18", reshape, $.call("165:26", stack, [...columns.reverse(), ones], n), [$.call("165:67", productOf, space), $.add(n , 1, "165:87")]);
    const grid = $.call("166:18", matmul, $.call("166:25", expand, $.call("166:32", unsqueeze, base, [0]), [batch, $.call("166:62", productOf, space), $.add(n , 1, "166:82")]), $.call("166:89", transpose, theta, [0, 2, 1]));
    return $.call("167:12", reshape, grid, [batch, ...space, n]);
  },
{"name":"AffineGrid","path":"src/ops/formulas/spatial.formula.ts","line":154,"column":14});

/** Adds columns of patches up to the image they were cut from: the transpose of a convolution with one-hot filters. */
export const Col2Im = formula(
  {
    inputs: { x: "float", image_shape: shaping(["i64"]), block_shape: shaping(["i64"]) },
    attrs: { dilations: maybe("ints"), pads: maybe("ints"), strides: maybe("ints") },
  },
  ({ x, image_shape, block_shape, ...a }) => {
    const [image, block] = [$.call("178:29", numbers, image_shape), $.call("178:51", numbers, block_shape)];
    const n = image.length;
    const ones = new Array<number>(n).fill(1);
    const [strides, dilations] = [a.strides ?? ones, a.dilations ?? ones];
    const pads = a.pads ?? new Array<number>($.mul(2 , n, "182:48")).fill(0);
    const spans = block.map((k, i) => $.add($.mul(($.sub(k , 1, "183:42")) , dilations[i], "183:47") , 1, "183:62"));
    const counts = image.map((d, i) => $.add(Math.floor($.div(($.sub($.add($.add(d , pads[i], "184:54") , pads[$.add(n , i, "184:73")], "184:64") , spans[i], "184:78")) , strides[i], "184:90")) , 1, "184:104"));
    const taps = block.reduce((p, k) => $.mul(p , k, "185:43"), 1);
    const [batch, rows] = $.call("186:27", shape, x);
    const channels = $.call("187:22", floorDiv, rows, taps);
    if (!$.test($.call("188:10", isFixed, channels), "188:10")) $.call("188:29", refuseOpen, "the channel count of Col2Im", [channels]);
    const patches = $.call("189:21", reshape, x, [batch, rows, ...counts]);
    const one = Array.from({ length: $.mul(taps , taps, "190:43") }, (_, i) => ($.test($.eq(Math.floor($.div(i , taps, "190:77")) , $.rem(i , taps, "190:91"), "190:85"), "190:64") ? 1 : 0));
    const filter = $.call("191:20", table, Array.from({ length: channels }, () => one).flat(), [$.mul(channels , taps, "191:88"), 1, ...block], $.call("191:110", dtype, x));
    const outputPadding = image.map((d, i) => $.sub(d , ($.sub($.sub($.add($.mul(($.sub(counts[i] , 1, "192:63")) , strides[i], "192:68") , spans[i], "192:81") , pads[i], "192:92") , pads[$.add(n , i, "192:111")], "192:102")), "192:49"));
    return $.call("193:12", convTranspose, patches, filter, { strides, dilations, pads, group: channels, outputPadding });
  },
{"name":"Col2Im","path":"src/ops/formulas/spatial.formula.ts","line":172,"column":14});

/** Puts pooled maxima back where they came from; everything else is 0. */
export const MaxUnpool = formula(
  {
    inputs: { x: "float", indices: ["i64"], output_shape: optionalShaping(["i64"]) },
    attrs: { kernel_shape: required("ints"), pads: maybe("ints"), strides: maybe("ints") },
  },
  ({ x, indices, output_shape, kernel_shape, pads, strides }) => {
    const n = kernel_shape.length;
    requireLengths($.sub($.call("205:20", rank, x) , 2, "205:28"), { kernel_shape, strides, pads });
    const around = pads ?? new Array<number>($.mul(2 , n, "206:48")).fill(0);
    const step = strides ?? new Array<number>(n).fill(1);
    const inner = $.call("208:19", shape, x)
      .slice(2)
      .map((d, i) => $.sub($.sub($.add($.mul(($.sub(d , 1, "210:25")) , step[i], "210:30") , kernel_shape[i], "210:40") , around[i], "210:58") , around[$.add(n , i, "210:81")], "210:70"));
    inner.forEach((d, i) => $.call("211:29", assumeAtMost, 0, d, `axis ${$.add(i , 2, "211:58")} comes to ${$.test($.call("211:74", isFixed, d), "211:74") ? d : "less than no"} elements`));
    const dims = [...$.call("212:22", shape, x).slice(0, 2), ...inner];
    const empty = $.call("213:19", full, [$.call("213:25", productOf, dims)], 0, $.call("213:46", dtype, x));
    const count = $.call("214:19", size, x);
    const y = $.call("215:15", reshape, $.call("215:23", scatterElements, empty, $.call("215:46", reshape, indices, [count]), $.call("215:73", reshape, x, [count]), 0, "none"), dims);
    if (output_shape === undefined) return y;
    // Positions count in the shape that was pooled; what the wanted shape has more lies behind it.
    const wanted = $.call("218:20", extents, output_shape);
    return $.call("219:12", pad, 
      y,
      dims.map(() => 0),
      dims.map((d, i) => $.sub(wanted[i] , d, "222:36")),
      0,
    );
  },
{"name":"MaxUnpool","path":"src/ops/formulas/spatial.formula.ts","line":198,"column":14});
