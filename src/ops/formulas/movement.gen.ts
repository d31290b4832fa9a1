/* Generated from movement.formula.ts; do not edit. */ import { dispatcher } from "../lang/dispatch.js"; const $ = dispatcher("src/ops/formulas/movement.formula.ts"); /** Operators that rearrange elements: shapes, axes, cuts, joins, tiles, blocks. */
import {
  assumeEqual,
  bounds,
  cast,
  ceilDiv,
  concat,
  decided,
  dtype,
  expand,
  extents,
  floorDiv,
  formula,
  gatherElements,
  int,
  iota,
  isFixed,
  maximum,
  maybe,
  minimum,
  numbers,
  optional,
  optionalShaping,
  pad,
  productOf,
  rank,
  refuse,
  required,
  reshape,
  shape,
  shaping,
  slice,
  squeeze,
  text,
  transpose,
  unsqueeze,
  variadic,
  where,
  type Num,
} from "../lang.js";
import { allAxes, is, positive } from "./axes.gen.js";

export const Identity = formula({ inputs: { x: "any" } }, ({ x }) => x, {"name":"Identity","path":"src/ops/formulas/movement.formula.ts","line":43,"column":14});

/** 0 keeps the extent at its place, -1 takes what is left. */
export const Reshape = formula(
  { inputs: { x: "any", shape: shaping(["i64"]) }, attrs: { allowzero: int(0) } },
  ({ x, shape: to, allowzero }) => {
    const from = $.call("49:18", shape, x);
    const given = $.call("50:19", extents, to).map((d, i) => {
      if (!$.test(is(d, 0), "51:12") || $.test($.eq(allowzero , 1, "51:34"), "51:24")) return d;
      return from[i] ?? $.call("52:25", refuse, `a 0 in the shape stands for axis ${i}, which the data does not have`);
    });
    const open = given.findIndex((d) => is(d, -1));
    if ($.test($.lt(open , 0, "55:14"), "55:9")) return $.call("55:26", reshape, x, given);
    // What is copied stands on both sides, also where it is 0 and says nothing of the rest.
    const copied = $.call("57:20", extents, to).map((d) => $.test(is(d, 0), "57:43") && $.ne(allowzero , 1, "57:65"));
    const left = $.call("58:18", productOf, from.filter((_, i) => !$.test(copied[i], "58:51")));
    const rest = $.call("59:18", productOf, given.filter((_, i) => $.test($.ne(i , open, "59:53"), "59:51") && !$.test(copied[i], "59:66")));
    return $.call("60:12", reshape, 
      x,
      given.map((d, i) => ($.test($.ne(i , open, "62:30"), "62:28") ? d : $.test(is(rest, 0), "62:45") ? 0 : $.call("62:63", floorDiv, left, rest))),
    );
  },
{"name":"Reshape","path":"src/ops/formulas/movement.formula.ts","line":46,"column":14});

export const Flatten = formula({ inputs: { x: "any" }, attrs: { axis: int(1) } }, ({ x, axis }) => {
  const at = positive(axis, $.call("68:29", rank, x));
  return $.call("69:10", reshape, x, [$.call("69:22", productOf, $.call("69:32", shape, x).slice(0, at)), $.call("69:56", productOf, $.call("69:66", shape, x).slice(at))]);
}, {"name":"Flatten","path":"src/ops/formulas/movement.formula.ts","line":67,"column":14});

/** Without axes: every axis whose extent is known to be 1. */
export const Squeeze = formula({ inputs: { x: "any", axes: optionalShaping(["i64"]) } }, ({ x, axes }) => {
  if (axes !== undefined) return $.call("74:34", squeeze, x, $.call("74:45", numbers, axes));
  return $.call("75:10", squeeze, 
    x,
    allAxes(x).filter((a) => is($.call("77:33", shape, x)[a], 1)),
  );
}, {"name":"Squeeze","path":"src/ops/formulas/movement.formula.ts","line":73,"column":14});

export const Unsqueeze = formula({ inputs: { x: "any", axes: shaping(["i64"]) } }, ({ x, axes }) => $.call("81:101", unsqueeze, x, $.call("81:114", numbers, axes)), {"name":"Unsqueeze","path":"src/ops/formulas/movement.formula.ts","line":81,"column":14});

export const Transpose = formula({ inputs: { x: "any" }, attrs: { perm: maybe("ints") } }, ({ x, perm }) => $.call("83:109", transpose, x, perm), {"name":"Transpose","path":"src/ops/formulas/movement.formula.ts","line":83,"column":14});

export const Expand = formula({ inputs: { x: "any", shape: shaping(["i64"]) } }, ({ x, shape: to }) => $.call("85:104", expand, x, $.call("85:114", extents, to)), {"name":"Expand","path":"src/ops/formulas/movement.formula.ts","line":85,"column":14});

export const Concat = formula({ inputs: { inputs: variadic("any") }, attrs: { axis: required("int") } }, ({ inputs, axis }) =>
  $.call("88:3", concat, inputs, axis),
{"name":"Concat","path":"src/ops/formulas/movement.formula.ts","line":87,"column":14});

/** Repeats the whole along each axis. */
export const Tile = formula({ inputs: { x: "any", repeats: shaping(["i64"]) } }, ({ x, repeats }) => {
  const times = $.call("93:17", extents, repeats);
  const dims = $.call("94:16", shape, x);
  const apart = dims.flatMap((d, i) => ($.test(is(times[i], 1), "95:41") ? [d] : [1, d]));
  const spread = dims.flatMap((d, i) => ($.test(is(times[i], 1), "96:42") ? [d] : [times[i], d]));
  return $.call("97:10", reshape, 
    $.call("98:5", expand, $.call("98:12", reshape, x, apart), spread),
    dims.map((d, i) => $.mul(d , times[i], "99:26")),
  );
}, {"name":"Tile","path":"src/ops/formulas/movement.formula.ts","line":92,"column":14});

/** Beyond this an end or start means "to the border", as exporters write INT_MAX for it. */
const unlimited = $.sub($.pow(2 , 31, "104:21") , 1, "104:27");

/** A start or end with negative ones counted from the end, as an extent expression where the sign shows only at run time. */
function fromEnd(at: Num, extent: Num): Num {
  const negative = $.call("108:20", decided, at, "<", 0);
  if (negative !== undefined) return $.test(negative, "109:38") ? $.add(extent , at, "109:56") : at;
  // extent - 1 is negative for an empty axis alone, where both readings are clamped to 0.
  if ($.test(is($.sub(extent , at, "111:17"), 1), "111:7")) return $.call("111:34", maximum, at, 0);
  return $.sub(at , $.mul(extent , $.call("112:24", minimum, $.call("112:32", maximum, at, -1), 0), "112:22"), "112:13");
}

/** A start or end as the standard clamps it: negative counts from the end, then limited to lo..hi. */
function border(at: Num, extent: Num, lo: Num, hi: Num): Num {
  if ($.test($.call("117:7", isFixed, at), "117:7") && $.test($.ge(at , unlimited, "117:25"), "117:22")) return hi;
  if ($.test($.call("118:7", isFixed, at), "118:7") && $.test($.le(at , $.neg(unlimited, "118:28"), "118:25"), "118:22")) return lo;
  const place = fromEnd(at, extent);
  // What counts from the end is at most extent - 1, so only a bound from the start can pass hi.
  const within = $.test($.eq($.call("121:18", decided, at, "<=", hi) , true, "121:40"), "121:18") || $.eq($.call("121:52", decided, at, "<", 0) , true, "121:72");
  return $.call("122:10", maximum, $.test(within, "122:18") ? place : $.call("122:35", minimum, place, hi), lo);
}

/**
 * Of a start beyond the end the slice is empty, so the count needs no start clamped from above: x[1:] and x[:n - 1] come
 * to the same expression, and x[::-1] to n.
 */
function cut(axis: number, extent: Num, start: Num, end: Num, step: number) {
  if ($.test($.eq(step , 0, "130:12"), "130:7")) $.call("130:19", refuse, "a slice step is 0");
  if ($.test($.gt(step , 0, "131:12"), "131:7")) {
    const from = border(start, extent, 0, extent);
    // The last few: as many as there are, at most.
    if ($.test($.call("134:9", isFixed, start), "134:9") && $.test($.lt(start , 0, "134:33"), "134:27") && $.test($.gt(start , $.neg(unlimited, "134:48"), "134:46"), "134:40") && $.test($.eq(step , 1, "134:67"), "134:62") && $.test($.call("134:76", isFixed, end), "134:76") && $.test($.ge(end , unlimited, "134:96"), "134:92"))
      return { axis, start: from, size: $.call("135:41", minimum, extent, $.neg(start, "135:57")), step };
    const raw = $.test($.call("136:17", isFixed, start), "136:17") && $.test($.ge(start , 0, "136:41"), "136:35") && $.test($.lt(start , unlimited, "136:55"), "136:49") ? start : from;
    return { axis, start: from, size: $.call("137:39", maximum, $.call("137:47", ceilDiv, $.sub(border(end, extent, 0, extent) , raw, "137:86"), step), 0), step };
  }
  const last = $.sub(extent , 1, "139:23");
  const from = border(start, extent, 0, last);
  const to = border(end, extent, -1, last);
  // An empty axis has no last element to begin at.
  const count = $.test(is($.sub(from , $.call("143:27", maximum, last, 0), "143:25"), 0), "143:17") ? $.call("143:50", ceilDiv, $.sub(last , to, "143:63"), $.neg(step, "143:69")) : $.call("143:78", minimum, $.call("143:86", ceilDiv, $.sub(from , to, "143:99"), $.neg(step, "143:105")), extent);
  return { axis, start: from, size: $.call("144:37", maximum, count, 0), step };
}

const index = ["i32", "i64"] as const;

export const Slice = formula(
  {
    inputs: { x: "any", starts: shaping(index), ends: shaping(index), axes: optionalShaping(index), steps: optionalShaping(index) },
  },
  ({ x, starts, ends, axes, steps }) => {
    const dims = $.call("154:18", shape, x);
    const [from, to] = [$.call("155:25", bounds, starts), $.call("155:41", bounds, ends)];
    const on = axes === undefined ? from.map((_, i) => i) : $.call("156:61", numbers, axes).map((a) => positive(a, dims.length));
    const by = steps === undefined ? from.map(() => 1) : $.call("157:58", numbers, steps);
    return $.call("158:12", slice, 
      x,
      on.map((axis, i) => cut(axis, dims[axis], from[i], to[i], by[i])),
    );
  },
{"name":"Slice","path":"src/ops/formulas/movement.formula.ts","line":149,"column":14});

/** Into the sizes given, or into as equal parts as possible, the last one smaller. */
export const Split = formula(
  { inputs: { x: "any", split: optionalShaping(["i64"]) }, attrs: { axis: int(0), num_outputs: maybe("int") }, outputs: Infinity },
  ({ x, split, axis, num_outputs }, { outputs }) => {
    const at = positive(axis, $.call("169:31", rank, x));
    const extent = $.call("170:20", shape, x)[at];
    const parts = num_outputs ?? outputs;
    if ($.test($.lt(parts , outputs, "172:15"), "172:9")) $.call("172:26", refuse, `Split names ${parts} parts and has ${outputs} outputs`);
    const chunk = $.call("173:19", ceilDiv, extent, parts);
    const sizes =
      split !== undefined
        ? $.call("176:11", extents, split)
        : Array.from({ length: outputs }, (_, i) => ($.test($.lt(i , $.sub(parts , 1, "177:64"), "177:56"), "177:54") ? chunk : $.sub(extent , $.mul(chunk , ($.sub(parts , 1, "177:102")), "177:93"), "177:85")));
    let start: Num = 0;
    return sizes.map((length) => {
      const part = $.call("180:20", slice, x, [{ axis: at, start, size: length }]);
      start = $.add(start , length, "181:21");
      return part;
    });
  },
{"name":"Split","path":"src/ops/formulas/movement.formula.ts","line":166,"column":14});

/** N, C, H, W with channels moved into blocks of space; DCR and CRD differ in which channel digits move. */
export const DepthToSpace = formula(
  { inputs: { x: "any" }, attrs: { blocksize: required("int"), mode: text("DCR", "CRD") } },
  ({ x, blocksize, mode }) => {
    const [n, c, h, w] = $.call("191:26", shape, x);
    const depth = $.call("192:19", floorDiv, c, $.mul(blocksize , blocksize, "192:41"));
    const dcr = mode === "DCR";
    const apart = $.call("194:19", reshape, x, $.test(dcr, "194:30") ? [n, blocksize, blocksize, depth, h, w] : [n, depth, blocksize, blocksize, h, w]);
    return $.call("195:12", reshape, $.call("195:20", transpose, apart, $.test(dcr, "195:37") ? [0, 3, 4, 1, 5, 2] : [0, 1, 4, 2, 5, 3]), [n, depth, $.mul(h , blocksize, "195:98"), $.mul(w , blocksize, "195:113")]);
  },
{"name":"DepthToSpace","path":"src/ops/formulas/movement.formula.ts","line":188,"column":14});

export const SpaceToDepth = formula({ inputs: { x: "any" }, attrs: { blocksize: required("int") } }, ({ x, blocksize }) => {
  const [n, c, h, w] = $.call("200:24", shape, x);
  const [rows, cols] = [$.call("201:25", floorDiv, h, blocksize), $.call("201:49", floorDiv, w, blocksize)];
  const apart = $.call("202:17", reshape, x, [n, c, rows, blocksize, cols, blocksize]);
  return $.call("203:10", reshape, $.call("203:18", transpose, apart, [0, 3, 5, 1, 2, 4]), [n, $.mul($.mul(c , blocksize, "203:62") , blocksize, "203:74"), rows, cols]);
}, {"name":"SpaceToDepth","path":"src/ops/formulas/movement.formula.ts","line":199,"column":14});

/** Keeps the upper or lower triangle, k diagonals off the main one, and zeroes the rest. */
export const Trilu = formula({ inputs: { x: "any", k: optional(["i64"]) }, attrs: { upper: int(1) } }, ({ x, k, upper }) => {
  const matrix = $.call("208:18", shape, x).slice(-2);
  const distance = $.sub($.call("209:20", iota, matrix, 1, "i64") , $.call("209:45", iota, matrix, 0, "i64"), "209:43");
  const diagonal = k === undefined ? 0 : $.call("210:42", reshape, k, []);
  const kept = $.test($.eq(upper , 1, "211:22"), "211:16") ? $.ge(distance , diagonal, "211:39") : $.le(distance , diagonal, "211:62");
  return $.call("212:10", where, kept, x, $.call("212:25", cast, 0, $.call("212:33", dtype, x)));
}, {"name":"Trilu","path":"src/ops/formulas/movement.formula.ts","line":207,"column":14});

/** Centred: what is too long is cut, what is too short is padded with zeros. */
export const CenterCropPad = formula(
  { inputs: { x: "any", shape: shaping(index) }, attrs: { axes: maybe("ints") } },
  ({ x, shape: to, axes }) => {
    const wanted = $.call("219:20", extents, to);
    const on = axes === undefined ? allAxes(x) : axes.map((a) => positive(a, $.call("220:78", rank, x)));
    const dims = $.call("221:18", shape, x);
    const goal = dims.map((d, i) => ($.test(on.includes(i), "222:38") ? wanted[on.indexOf(i)] : d));
    const excess = dims.map((d, i) => $.call("223:39", maximum, $.sub(d , goal[i], "223:49"), 0));
    const lack = dims.map((d, i) => $.call("224:37", maximum, $.sub(goal[i] , d, "224:53"), 0));
    const cropped = $.call("225:21", slice, 
      x,
      dims.map((d, axis) => ({ axis, start: $.call("227:45", floorDiv, excess[axis], 2), size: $.sub(d , excess[axis], "227:80") })),
    );
    const before = lack.map((l) => $.call("229:36", floorDiv, l, 2));
    return $.call("230:12", pad, 
      cropped,
      before,
      lack.map((l, i) => $.sub(l , before[i], "233:28")),
      $.call("234:7", cast, 0, $.call("234:15", dtype, x)),
    );
  },
{"name":"CenterCropPad","path":"src/ops/formulas/movement.formula.ts","line":216,"column":14});

/** Reverses the first `lengths[b]` steps of every batch entry. */
export const ReverseSequence = formula(
  { inputs: { x: "any", sequence_lens: ["i64"] }, attrs: { batch_axis: int(1), time_axis: int(0) } },
  ({ x, sequence_lens, batch_axis, time_axis }) => {
    const dims = $.call("243:18", shape, x);
    $.call("244:5", assumeEqual, dims[batch_axis], $.call("244:35", shape, sequence_lens)[0], "one sequence length a batch entry");
    const plane = [dims[0], dims[1]];
    const step = $.call("246:18", iota, plane, time_axis, "i64");
    const lengths = $.call("247:21", unsqueeze, sequence_lens, [time_axis]);
    const source = $.call("248:20", where, $.lt(step , lengths, "248:31"), $.sub($.sub(lengths , 1, "248:50") , step, "248:54"), step);
    const everywhere = $.call("249:24", expand, 
      $.call("250:7", unsqueeze, 
        source,
        dims.slice(2).map((_, i) => $.add(i , 2, "252:39")),
      ),
      dims,
    );
    return $.call("256:12", gatherElements, x, everywhere, time_axis);
  },
{"name":"ReverseSequence","path":"src/ops/formulas/movement.formula.ts","line":240,"column":14});
