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

interface SampleAttrs {
  readonly align_corners: number;
  readonly mode: string;
  readonly padding_mode: string;
}

/** Back and forth between lo and hi. */
function reflect(x: Num, lo: Num, hi: Num): Num {
  const span = $.call("53:16", maximum, $.sub(hi , lo, "53:27"), 1e-6);
  const m = $.call("54:13", mod, $.sub(x , lo, "54:19"), $.mul(span , 2, "54:30"));
  return $.add(lo , $.call("55:15", minimum, m, $.sub($.mul(span , 2, "55:31") , m, "55:35")), "55:13");
}

/** Where reflection turns round: at the first and last element's centre, or at their outer edge. */
function borders(extent: Num, align: number): [lo: Num, hi: Num] {
  return $.test($.eq(align , 1, "60:16"), "60:10") ? [$.mul(extent , 0, "60:32"), $.sub(extent , 1, "60:44")] : [$.sub($.mul(extent , 0, "60:59") , 0.5, "60:63"), $.sub(extent , 0.5, "60:77")];
}

/** Grid coordinates -1..1 as positions among `extent` elements. */
function denormalise(g: Num, extent: Num, a: SampleAttrs): Num {
  const at = $.test($.eq(a.align_corners , 1, "65:30"), "65:14") ? $.mul(($.div(($.add(g , 1, "65:42")) , 2, "65:47")) , ($.sub(extent , 1, "65:62")), "65:52") : $.div(($.sub($.mul(($.add(g , 1, "65:73")) , extent, "65:78") , 1, "65:87")) , 2, "65:92");
  if (a.padding_mode === "border") return $.call("66:43", maximum, $.call("66:51", minimum, at, $.sub(extent , 1, "66:70")), 0);
  if (a.padding_mode === "reflection") return reflect(at, ...borders(extent, a.align_corners));
  return at;
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

/** Elements of N C ... data at grid positions, whose last axis names the innermost data axis first. */
export const GridSample = formula(
  {
    inputs: { x: "float", grid: "float" },
    attrs: { align_corners: int(0), mode: text("linear", "nearest", "cubic"), padding_mode: text("zeros", "border", "reflection") },
  },
  ({ x, grid, ...a }) => {
    const [batch, channels, ...space] = $.call("109:41", shape, x);
    const n = space.length;
    const sizes = space.map((d) => $.call("111:36", asTensor, d, $.call("111:48", dtype, grid)));
    const outSpace = $.call("112:22", shape, grid).slice(1, -1);
    const points = $.call("113:20", productOf, outSpace);
    const coordinate = (i: number) => $.call("114:39", reshape, $.call("114:47", slice, grid, [{ axis: -1, start: $.sub($.sub(n , 1, "114:81") , i, "114:85"), size: 1 }]), [batch, 1, points]);
    const axes = space.map((_, i) => neighbours(denormalise(coordinate(i), sizes[i], a), a.mode));
    const flat = $.call("116:18", reshape, x, [batch, channels, $.call("116:47", productOf, space)]);
    const parts = combinations(axes).map((taps) => {
      let position: Num = 0;
      let inside: boolean | undefined;
      let weight: Num | undefined;
      taps.forEach((t, i) => {
        const last = $.sub(sizes[i] , 1, "122:31");
        const folded = a.padding_mode === "reflection" ? reflect(t.at, ...borders(sizes[i], a.align_corners)) : t.at;
        const own = $.call("124:21", and, $.ge(t.at , 0, "124:30"), $.le(t.at , last, "124:41"));
        inside = inside === undefined ? own : $.call("125:47", and, inside, own);
        const index = $.call("126:23", cast, $.call("126:28", maximum, $.call("126:36", minimum, $.call("126:44", round, folded), last), 0), "i64");
        position = $.test($.eq(i , 0, "127:22"), "127:20") ? index : $.add($.mul(position , $.call("127:49", asTensor, space[i], "i64"), "127:47") , index, "127:75");
        if (t.weight !== undefined) weight = weight === undefined ? t.weight : $.mul(weight , t.weight, "128:87");
      });
      const everywhere = $.call("130:26", expand, position, [batch, channels, points]);
      const picked = $.call("131:22", gatherElements, flat, everywhere, 2);
      const weighted = weight === undefined ? picked : $.mul(picked , $.call("132:65", cast, weight, $.call("132:78", dtype, x)), "132:63");
      return a.padding_mode === "zeros" && inside !== undefined ? $.call("133:67", where, inside, weighted, 0) : weighted;
    });
    return $.call("135:12", reshape, 
      parts.reduce((u, v) => $.add(u , v, "136:32")),
      [batch, channels, ...outSpace],
    );
  },
{"name":"GridSample","path":"src/ops/formulas/spatial.formula.ts","line":103,"column":14});

/** Coordinates -1..1 of every output position along an axis. */
function ruler(extent: Num, align: number, type: "f32" | "f64" | "f16"): Num {
  const i = $.call("144:13", iota, [extent], 0, type);
  const n = $.call("145:13", asTensor, extent, type);
  return $.test($.eq(align , 1, "146:16"), "146:10") ? $.sub($.div(($.mul(i , 2, "146:27")) , $.call("146:34", maximum, $.sub(n , 1, "146:44"), 1), "146:32") , 1, "146:52") : $.sub($.div(($.add($.mul(i , 2, "146:61") , 1, "146:65")) , n, "146:70") , 1, "146:74");
}

/** The grid that an affine map of 2-D or 3-D space gives for GridSample. */
export const AffineGrid = formula(
  { inputs: { theta: "float", size: shaping(["i64"]) }, attrs: { align_corners: int(0) } },
  ({ theta, size: to, align_corners }) => {
    const [batch, , ...space] = $.call("153:33", extents, to);
    const n = space.length;
    const type = $.call("155:18", dtype, theta) as "f32" | "f64" | "f16";
    const columns = space.map((d, i) => {
      const others = space.map((_, k) => k).filter((k) => $.ne(k , i, "157:61"));
      return $.call("158:14", expand, $.call("158:21", unsqueeze, ruler(d, align_corners, type), others), space);
    });
    const ones = $.call("160:18", full, space, 1, type);
    const base = $.call("161:18", reshape, $.call("161:26", stack, [...columns.reverse(), ones], n), [$.call("161:67", productOf, space), $.add(n , 1, "161:87")]);
    const grid = $.call("162:18", matmul, $.call("162:25", expand, $.call("162:32", unsqueeze, base, [0]), [batch, $.call("162:62", productOf, space), $.add(n , 1, "162:82")]), $.call("162:89", transpose, theta, [0, 2, 1]));
    return $.call("163:12", reshape, grid, [batch, ...space, n]);
  },
{"name":"AffineGrid","path":"src/ops/formulas/spatial.formula.ts","line":150,"column":14});

/** Adds columns of patches up to the image they were cut from: the transpose of a convolution with one-hot filters. */
export const Col2Im = formula(
  {
    inputs: { x: "float", image_shape: shaping(["i64"]), block_shape: shaping(["i64"]) },
    attrs: { dilations: maybe("ints"), pads: maybe("ints"), strides: maybe("ints") },
  },
  ({ x, image_shape, block_shape, ...a }) => {
    const [image, block] = [$.call("174:29", numbers, image_shape), $.call("174:51", numbers, block_shape)];
    const n = image.length;
    const ones = new Array<number>(n).fill(1);
    const [strides, dilations] = [a.strides ?? ones, a.dilations ?? ones];
    const pads = a.pads ?? new Array<number>($.mul(2 , n, "178:48")).fill(0);
    const spans = block.map((k, i) => $.add($.mul(($.sub(k , 1, "179:42")) , dilations[i], "179:47") , 1, "179:62"));
    const counts = image.map((d, i) => $.add(Math.floor($.div(($.sub($.add($.add(d , pads[i], "180:54") , pads[$.add(n , i, "180:73")], "180:64") , spans[i], "180:78")) , strides[i], "180:90")) , 1, "180:104"));
    const taps = block.reduce((p, k) => $.mul(p , k, "181:43"), 1);
    const [batch, rows] = $.call("182:27", shape, x);
    const channels = $.call("183:22", floorDiv, rows, taps);
    if (!$.test($.call("184:10", isFixed, channels), "184:10")) $.call("184:29", refuseOpen, "the channel count of Col2Im", [channels]);
    const patches = $.call("185:21", reshape, x, [batch, rows, ...counts]);
    const one = Array.from({ length: $.mul(taps , taps, "186:43") }, (_, i) => ($.test($.eq(Math.floor($.div(i , taps, "186:77")) , $.rem(i , taps, "186:91"), "186:85"), "186:64") ? 1 : 0));
    const filter = $.call("187:20", table, Array.from({ length: channels }, () => one).flat(), [$.mul(channels , taps, "187:88"), 1, ...block], $.call("187:110", dtype, x));
    const outputPadding = image.map((d, i) => $.sub(d , ($.sub($.sub($.add($.mul(($.sub(counts[i] , 1, "188:63")) , strides[i], "188:68") , spans[i], "188:81") , pads[i], "188:92") , pads[$.add(n , i, "188:111")], "188:102")), "188:49"));
    return $.call("189:12", convTranspose, patches, filter, { strides, dilations, pads, group: channels, outputPadding });
  },
{"name":"Col2Im","path":"src/ops/formulas/spatial.formula.ts","line":168,"column":14});

/** Puts pooled maxima back where they came from; everything else is 0. */
export const MaxUnpool = formula(
  {
    inputs: { x: "float", indices: ["i64"], output_shape: optionalShaping(["i64"]) },
    attrs: { kernel_shape: required("ints"), pads: maybe("ints"), strides: maybe("ints") },
  },
  ({ x, indices, output_shape, kernel_shape, pads, strides }) => {
    const n = kernel_shape.length;
    const around = pads ?? new Array<number>($.mul(2 , n, "201:48")).fill(0);
    const step = strides ?? new Array<number>(n).fill(1);
    const inner = $.call("203:19", shape, x)
      .slice(2)
      .map((d, i) => $.sub($.sub($.add($.mul(($.sub(d , 1, "205:25")) , step[i], "205:30") , kernel_shape[i], "205:40") , around[i], "205:58") , around[$.add(n , i, "205:81")], "205:70"));
    const dims = [...$.call("206:22", shape, x).slice(0, 2), ...inner];
    const empty = $.call("207:19", full, [$.call("207:25", productOf, dims)], 0, $.call("207:46", dtype, x));
    const count = $.call("208:19", size, x);
    const y = $.call("209:15", reshape, $.call("209:23", scatterElements, empty, $.call("209:46", reshape, indices, [count]), $.call("209:73", reshape, x, [count]), 0, "none"), dims);
    if (output_shape === undefined) return y;
    // Positions count in the shape that was pooled; what the wanted shape has more lies behind it.
    const wanted = $.call("212:20", extents, output_shape);
    return $.call("213:12", pad, 
      y,
      dims.map(() => 0),
      dims.map((d, i) => $.sub(wanted[i] , d, "216:36")),
      0,
    );
  },
{"name":"MaxUnpool","path":"src/ops/formulas/spatial.formula.ts","line":194,"column":14});
