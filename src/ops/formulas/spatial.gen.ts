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
function denormalise(g: Num, extent: Num, align: number): Num {
  return $.test($.eq(align , 1, "65:16"), "65:10") ? $.mul(($.div(($.add(g , 1, "65:28")) , 2, "65:33")) , ($.sub(extent , 1, "65:48")), "65:38") : $.div(($.sub($.mul(($.add(g , 1, "65:59")) , extent, "65:64") , 1, "65:73")) , 2, "65:78");
}

/** One neighbour along an axis: its position, and its weight. */
interface Neighbour {
  readonly at: Num;
  readonly weight: Num | undefined;
}

/** Keys' cubic convolution with a = -0.75, as in torch. */
function cubicWeights(r: Num): Num[] {
  const a = -0.75;
  const far = (d: Num) => $.sub($.mul(($.add($.mul(($.sub($.mul(d , a, "77:31") , $.mul(5 , a, "77:39"), "77:35")) , d, "77:44") , $.mul(8 , a, "77:52"), "77:48")) , d, "77:57") , $.mul(4 , a, "77:65"), "77:61");
  const near = (d: Num) => $.add($.mul($.mul(($.sub($.mul(d , ($.add(a , 2, "78:36")), "78:31") , ($.add(a , 3, "78:46")), "78:41")) , d, "78:52") , d, "78:56") , 1, "78:60");
  return [far($.add(r , 1, "79:17")), near(r), near($.sub(1 , r, "79:39")), far($.sub(2 , r, "79:51"))];
}

function neighbours(at: Num, mode: string): Neighbour[] {
  if (mode === "nearest") return [{ at: $.call("83:41", round, at), weight: undefined }];
  const low = $.call("84:15", floor, at);
  const ratio = $.sub(at , low, "85:20");
  if (mode === "linear")
    return [
      { at: low, weight: $.sub(1 , ratio, "88:28") },
      { at: $.add(low , 1, "89:17"), weight: ratio },
    ];
  return cubicWeights(ratio).map((weight, i) => ({ at: $.add(low , ($.sub(i , 1, "91:65")), "91:60"), weight }));
}

/** Every combination of one neighbour an axis. */
function combinations(axes: readonly (readonly Neighbour[])[]): Neighbour[][] {
  return axes.reduce<Neighbour[][]>((acc, list) => acc.flatMap((c) => list.map((n) => [...c, n])), [[]]);
}

/** The element that a neighbour at whole number `at` reads: padding moves every neighbour, never the coordinate between them. */
function elementAt(at: Num, extent: Num, a: SampleAttrs): Num {
  const folded = a.padding_mode === "reflection" ? $.call("101:52", round, reflect(at, ...borders(extent, a.align_corners))) : at;
  return $.call("102:10", cast, $.call("102:15", maximum, $.call("102:23", minimum, folded, $.sub(extent , 1, "102:46")), 0), "i64");
}

/** Elements of N C ... data at grid positions, whose last axis names the innermost data axis first. */
export const GridSample = formula(
  {
    inputs: { x: "float", grid: "float" },
    attrs: { align_corners: int(0), mode: text("linear", "nearest", "cubic"), padding_mode: text("zeros", "border", "reflection") },
  },
  ({ x, grid, ...a }) => {
    const [batch, channels, ...space] = $.call("112:41", shape, x);
    const n = space.length;
    const sizes = space.map((d) => $.call("114:36", asTensor, d, $.call("114:48", dtype, grid)));
    const outSpace = $.call("115:22", shape, grid).slice(1, -1);
    const points = $.call("116:20", productOf, outSpace);
    const coordinate = (i: number) => $.call("117:39", reshape, $.call("117:47", slice, grid, [{ axis: -1, start: $.sub($.sub(n , 1, "117:81") , i, "117:85"), size: 1 }]), [batch, 1, points]);
    const axes = space.map((_, i) => neighbours(denormalise(coordinate(i), sizes[i], a.align_corners), a.mode));
    const flat = $.call("119:18", reshape, x, [batch, channels, $.call("119:47", productOf, space)]);
    const parts = combinations(axes).map((taps) => {
      let position: Num = 0;
      let inside: boolean | undefined;
      let weight: Num | undefined;
      taps.forEach((t, i) => {
        const own = $.call("125:21", and, $.ge(t.at , 0, "125:30"), $.le(t.at , $.sub(sizes[i] , 1, "125:53"), "125:41"));
        inside = inside === undefined ? own : $.call("126:47", and, inside, own);
        const index = elementAt(t.at, sizes[i], a);
        position = $.test($.eq(i , 0, "128:22"), "128:20") ? index : $.add($.mul(position , $.call("128:49", asTensor, space[i], "i64"), "128:47") , index, "128:75");
        if (t.weight !== undefined) weight = weight === undefined ? t.weight : $.mul(weight , t.weight, "129:87");
      });
      const everywhere = $.call("131:26", expand, position, [batch, channels, points]);
      const picked = $.call("132:22", gatherElements, flat, everywhere, 2);
      const weighted = weight === undefined ? picked : $.mul(picked , $.call("133:65", cast, weight, $.call("133:78", dtype, x)), "133:63");
      return a.padding_mode === "zeros" && inside !== undefined ? $.call("134:67", where, inside, weighted, 0) : weighted;
    });
    return $.call("136:12", reshape, 
      parts.reduce((u, v) => $.add(u , v, "137:32")),
      [batch, channels, ...outSpace],
    );
  },
{"name":"GridSample","path":"src/ops/formulas/spatial.formula.ts","line":106,"column":14});

/** Coordinates -1..1 of every output position along an axis; a single position with corners aligned is 1, as in onnxruntime. */
function ruler(extent: Num, align: number, type: "f32" | "f64" | "f16"): Num {
  const i = $.call("145:13", iota, [extent], 0, type);
  const n = $.call("146:13", asTensor, extent, type);
  return $.test($.eq(align , 1, "147:16"), "147:10") ? $.sub($.add($.div(($.mul(i , 2, "147:27")) , $.call("147:34", maximum, $.sub(n , 1, "147:44"), 1), "147:32") , 1, "147:52") , $.mul($.call("147:58", minimum, $.sub(n , 1, "147:68"), 1) , 2, "147:76"), "147:56") : $.sub($.div(($.add($.mul(i , 2, "147:85") , 1, "147:89")) , n, "147:94") , 1, "147:98");
}

/** The grid that an affine map of 2-D or 3-D space gives for GridSample. */
export const AffineGrid = formula(
  { inputs: { theta: "float", size: shaping(["i64"]) }, attrs: { align_corners: int(0) } },
  ({ theta, size: to, align_corners }) => {
    const [batch, , ...space] = $.call("154:33", extents, to);
    const n = space.length;
    const type = $.call("156:18", dtype, theta) as "f32" | "f64" | "f16";
    const columns = space.map((d, i) => {
      const others = space.map((_, k) => k).filter((k) => $.ne(k , i, "158:61"));
      return $.call("159:14", expand, $.call("159:21", unsqueeze, ruler(d, align_corners, type), others), space);
    });
    const ones = $.call("161:18", full, space, 1, type);
    const base = $.call("162:18", reshape, $.call("162:26", stack, [...columns.reverse(), ones], n), [$.call("162:67", productOf, space), $.add(n , 1, "162:87")]);
    const grid = $.call("163:18", matmul, $.call("163:25", expand, $.call("163:32", unsqueeze, base, [0]), [batch, $.call("163:62", productOf, space), $.add(n , 1, "163:82")]), $.call("163:89", transpose, theta, [0, 2, 1]));
    return $.call("164:12", reshape, grid, [batch, ...space, n]);
  },
{"name":"AffineGrid","path":"src/ops/formulas/spatial.formula.ts","line":151,"column":14});

/** Adds columns of patches up to the image they were cut from: the transpose of a convolution with one-hot filters. */
export const Col2Im = formula(
  {
    inputs: { x: "float", image_shape: shaping(["i64"]), block_shape: shaping(["i64"]) },
    attrs: { dilations: maybe("ints"), pads: maybe("ints"), strides: maybe("ints") },
  },
  ({ x, image_shape, block_shape, ...a }) => {
    const [image, block] = [$.call("175:29", numbers, image_shape), $.call("175:51", numbers, block_shape)];
    const n = image.length;
    const ones = new Array<number>(n).fill(1);
    const [strides, dilations] = [a.strides ?? ones, a.dilations ?? ones];
    const pads = a.pads ?? new Array<number>($.mul(2 , n, "179:48")).fill(0);
    const spans = block.map((k, i) => $.add($.mul(($.sub(k , 1, "180:42")) , dilations[i], "180:47") , 1, "180:62"));
    const counts = image.map((d, i) => $.add(Math.floor($.div(($.sub($.add($.add(d , pads[i], "181:54") , pads[$.add(n , i, "181:73")], "181:64") , spans[i], "181:78")) , strides[i], "181:90")) , 1, "181:104"));
    const taps = block.reduce((p, k) => $.mul(p , k, "182:43"), 1);
    const [batch, rows] = $.call("183:27", shape, x);
    const channels = $.call("184:22", floorDiv, rows, taps);
    if (!$.test($.call("185:10", isFixed, channels), "185:10")) $.call("185:29", refuseOpen, "the channel count of Col2Im", [channels]);
    const patches = $.call("186:21", reshape, x, [batch, rows, ...counts]);
    const one = Array.from({ length: $.mul(taps , taps, "187:43") }, (_, i) => ($.test($.eq(Math.floor($.div(i , taps, "187:77")) , $.rem(i , taps, "187:91"), "187:85"), "187:64") ? 1 : 0));
    const filter = $.call("188:20", table, Array.from({ length: channels }, () => one).flat(), [$.mul(channels , taps, "188:88"), 1, ...block], $.call("188:110", dtype, x));
    const outputPadding = image.map((d, i) => $.sub(d , ($.sub($.sub($.add($.mul(($.sub(counts[i] , 1, "189:63")) , strides[i], "189:68") , spans[i], "189:81") , pads[i], "189:92") , pads[$.add(n , i, "189:111")], "189:102")), "189:49"));
    return $.call("190:12", convTranspose, patches, filter, { strides, dilations, pads, group: channels, outputPadding });
  },
{"name":"Col2Im","path":"src/ops/formulas/spatial.formula.ts","line":169,"column":14});

/** Puts pooled maxima back where they came from; everything else is 0. */
export const MaxUnpool = formula(
  {
    inputs: { x: "float", indices: ["i64"], output_shape: optionalShaping(["i64"]) },
    attrs: { kernel_shape: required("ints"), pads: maybe("ints"), strides: maybe("ints") },
  },
  ({ x, indices, output_shape, kernel_shape, pads, strides }) => {
    const n = kernel_shape.length;
    const around = pads ?? new Array<number>($.mul(2 , n, "202:48")).fill(0);
    const step = strides ?? new Array<number>(n).fill(1);
    const inner = $.call("204:19", shape, x)
      .slice(2)
      .map((d, i) => $.sub($.sub($.add($.mul(($.sub(d , 1, "206:25")) , step[i], "206:30") , kernel_shape[i], "206:40") , around[i], "206:58") , around[$.add(n , i, "206:81")], "206:70"));
    const dims = [...$.call("207:22", shape, x).slice(0, 2), ...inner];
    const empty = $.call("208:19", full, [$.call("208:25", productOf, dims)], 0, $.call("208:46", dtype, x));
    const count = $.call("209:19", size, x);
    const y = $.call("210:15", reshape, $.call("210:23", scatterElements, empty, $.call("210:46", reshape, indices, [count]), $.call("210:73", reshape, x, [count]), 0, "none"), dims);
    if (output_shape === undefined) return y;
    // Positions count in the shape that was pooled; what the wanted shape has more lies behind it.
    const wanted = $.call("213:20", extents, output_shape);
    return $.call("214:12", pad, 
      y,
      dims.map(() => 0),
      dims.map((d, i) => $.sub(wanted[i] , d, "217:36")),
      0,
    );
  },
{"name":"MaxUnpool","path":"src/ops/formulas/spatial.formula.ts","line":195,"column":14});
