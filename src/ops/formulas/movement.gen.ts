/* Generated from movement.formula.ts; do not edit. */ import { dispatcher } from "../lang/dispatch.js"; const $ = dispatcher("src/ops/formulas/movement.formula.ts"); /** Operators that rearrange elements: shapes, axes, cuts, joins, tiles, blocks. */
import {
  assumeEqual,
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
  size,
  slice,
  squeeze,
  text,
  transpose,
  unsqueeze,
  variadic,
  where,
  type Num,
} from "../lang.js";
import { allAxes, positive } from "./axes.gen.js";

export const Identity = formula({ inputs: { x: "any" } }, ({ x }) => x, {"name":"Identity","path":"src/ops/formulas/movement.formula.ts","line":43,"column":14});

function is(d: Num, value: number): boolean {
  return $.eq($.call("46:10", decided, d, "==", value) , true, "46:34");
}

/** 0 keeps the extent at its place, -1 takes what is left. */
export const Reshape = formula(
  { inputs: { x: "any", shape: shaping(["i64"]) }, attrs: { allowzero: int(0) } },
  ({ x, shape: to, allowzero }) => {
    const from = $.call("53:18", shape, x);
    const given = $.call("54:19", extents, to).map((d, i) => {
      if (!$.test(is(d, 0), "55:12") || $.test($.eq(allowzero , 1, "55:34"), "55:24")) return d;
      return from[i] ?? $.call("56:25", refuse, `a 0 in the shape stands for axis ${i}, which the data does not have`);
    });
    const open = given.findIndex((d) => is(d, -1));
    if ($.test($.lt(open , 0, "59:14"), "59:9")) return $.call("59:26", reshape, x, given);
    const rest = $.call("60:18", productOf, given.filter((_, i) => $.ne(i , open, "60:53")));
    return $.call("61:12", reshape, 
      x,
      given.map((d, i) => ($.test($.ne(i , open, "63:30"), "63:28") ? d : $.test(is(rest, 0), "63:45") ? 0 : $.call("63:63", floorDiv, $.call("63:72", size, x), rest))),
    );
  },
{"name":"Reshape","path":"src/ops/formulas/movement.formula.ts","line":50,"column":14});

export const Flatten = formula({ inputs: { x: "any" }, attrs: { axis: int(1) } }, ({ x, axis }) => {
  const at = positive(axis, $.call("69:29", rank, x));
  return $.call("70:10", reshape, x, [$.call("70:22", productOf, $.call("70:32", shape, x).slice(0, at)), $.call("70:56", productOf, $.call("70:66", shape, x).slice(at))]);
}, {"name":"Flatten","path":"src/ops/formulas/movement.formula.ts","line":68,"column":14});

/** Without axes: every axis whose extent is known to be 1. */
export const Squeeze = formula({ inputs: { x: "any", axes: optionalShaping(["i64"]) } }, ({ x, axes }) => {
  if (axes !== undefined) return $.call("75:34", squeeze, x, $.call("75:45", numbers, axes));
  return $.call("76:10", squeeze, 
    x,
    allAxes(x).filter((a) => is($.call("78:33", shape, x)[a], 1)),
  );
}, {"name":"Squeeze","path":"src/ops/formulas/movement.formula.ts","line":74,"column":14});

export const Unsqueeze = formula({ inputs: { x: "any", axes: shaping(["i64"]) } }, ({ x, axes }) => $.call("82:101", unsqueeze, x, $.call("82:114", numbers, axes)), {"name":"Unsqueeze","path":"src/ops/formulas/movement.formula.ts","line":82,"column":14});

export const Transpose = formula({ inputs: { x: "any" }, attrs: { perm: maybe("ints") } }, ({ x, perm }) => $.call("84:109", transpose, x, perm), {"name":"Transpose","path":"src/ops/formulas/movement.formula.ts","line":84,"column":14});

export const Expand = formula({ inputs: { x: "any", shape: shaping(["i64"]) } }, ({ x, shape: to }) => $.call("86:104", expand, x, $.call("86:114", extents, to)), {"name":"Expand","path":"src/ops/formulas/movement.formula.ts","line":86,"column":14});

export const Concat = formula({ inputs: { inputs: variadic("any") }, attrs: { axis: required("int") } }, ({ inputs, axis }) =>
  $.call("89:3", concat, inputs, axis),
{"name":"Concat","path":"src/ops/formulas/movement.formula.ts","line":88,"column":14});

/** Repeats the whole along each axis. */
export const Tile = formula({ inputs: { x: "any", repeats: shaping(["i64"]) } }, ({ x, repeats }) => {
  const times = $.call("94:17", extents, repeats);
  const dims = $.call("95:16", shape, x);
  const apart = dims.flatMap((d, i) => ($.test(is(times[i], 1), "96:41") ? [d] : [1, d]));
  const spread = dims.flatMap((d, i) => ($.test(is(times[i], 1), "97:42") ? [d] : [times[i], d]));
  return $.call("98:10", reshape, 
    $.call("99:5", expand, $.call("99:12", reshape, x, apart), spread),
    dims.map((d, i) => $.mul(d , times[i], "100:26")),
  );
}, {"name":"Tile","path":"src/ops/formulas/movement.formula.ts","line":93,"column":14});

/** Beyond this an end or start means "to the border", as exporters write INT_MAX for it. */
const unlimited = $.sub($.pow(2 , 31, "105:21") , 1, "105:27");

/** A start or end with negative ones counted from the end, as an extent expression where the sign shows only at run time. */
function fromEnd(at: Num, extent: Num): Num {
  const negative = $.call("109:20", decided, at, "<", 0);
  if (negative !== undefined) return $.test(negative, "110:38") ? $.add(extent , at, "110:56") : at;
  // extent - 1 is negative for an empty axis alone, where both readings are clamped to 0.
  if ($.test(is($.sub(extent , at, "112:17"), 1), "112:7")) return $.call("112:34", maximum, at, 0);
  return $.sub(at , $.mul(extent , $.call("113:24", minimum, $.call("113:32", maximum, at, -1), 0), "113:22"), "113:13");
}

/** A start or end as the standard clamps it: negative counts from the end, then limited to lo..hi. */
function border(at: Num, extent: Num, lo: Num, hi: Num): Num {
  if ($.test($.call("118:7", isFixed, at), "118:7") && $.test($.ge(at , unlimited, "118:25"), "118:22")) return hi;
  if ($.test($.call("119:7", isFixed, at), "119:7") && $.test($.le(at , $.neg(unlimited, "119:28"), "119:25"), "119:22")) return lo;
  const place = fromEnd(at, extent);
  // What counts from the end is at most extent - 1, so only a bound from the start can pass hi.
  const within = $.test($.eq($.call("122:18", decided, at, "<=", hi) , true, "122:40"), "122:18") || $.eq($.call("122:52", decided, at, "<", 0) , true, "122:72");
  return $.call("123:10", maximum, $.test(within, "123:18") ? place : $.call("123:35", minimum, place, hi), lo);
}

/**
 * Of a start beyond the end the slice is empty, so the count needs no start clamped from above: x[1:] and x[:n - 1] come
 * to the same expression, and x[::-1] to n.
 */
function cut(axis: number, extent: Num, start: Num, end: Num, step: number) {
  if ($.test($.eq(step , 0, "131:12"), "131:7")) $.call("131:19", refuse, "a slice step is 0");
  if ($.test($.gt(step , 0, "132:12"), "132:7")) {
    const from = border(start, extent, 0, extent);
    const raw = $.test($.call("134:17", isFixed, start), "134:17") && $.test($.ge(start , 0, "134:41"), "134:35") && $.test($.lt(start , unlimited, "134:55"), "134:49") ? start : from;
    return { axis, start: from, size: $.call("135:39", maximum, $.call("135:47", ceilDiv, $.sub(border(end, extent, 0, extent) , raw, "135:86"), step), 0), step };
  }
  const last = $.sub(extent , 1, "137:23");
  const from = border(start, extent, 0, last);
  const to = border(end, extent, -1, last);
  // An empty axis has no last element to begin at.
  const count = $.test(is($.sub(from , $.call("141:27", maximum, last, 0), "141:25"), 0), "141:17") ? $.call("141:50", ceilDiv, $.sub(last , to, "141:63"), $.neg(step, "141:69")) : $.call("141:78", minimum, $.call("141:86", ceilDiv, $.sub(from , to, "141:99"), $.neg(step, "141:105")), extent);
  return { axis, start: from, size: $.call("142:37", maximum, count, 0), step };
}

const index = ["i32", "i64"] as const;

export const Slice = formula(
  {
    inputs: { x: "any", starts: shaping(index), ends: shaping(index), axes: optionalShaping(index), steps: optionalShaping(index) },
  },
  ({ x, starts, ends, axes, steps }) => {
    const dims = $.call("152:18", shape, x);
    const [from, to] = [$.call("153:25", extents, starts), $.call("153:42", extents, ends)];
    const on = axes === undefined ? from.map((_, i) => i) : $.call("154:61", numbers, axes).map((a) => positive(a, dims.length));
    const by = steps === undefined ? from.map(() => 1) : $.call("155:58", numbers, steps);
    return $.call("156:12", slice, 
      x,
      on.map((axis, i) => cut(axis, dims[axis], from[i], to[i], by[i])),
    );
  },
{"name":"Slice","path":"src/ops/formulas/movement.formula.ts","line":147,"column":14});

/** Into the sizes given, or into as equal parts as possible, the last one smaller. */
export const Split = formula(
  { inputs: { x: "any", split: optionalShaping(["i64"]) }, attrs: { axis: int(0), num_outputs: maybe("int") }, outputs: Infinity },
  ({ x, split, axis, num_outputs }, { outputs }) => {
    const at = positive(axis, $.call("167:31", rank, x));
    const extent = $.call("168:20", shape, x)[at];
    const parts = num_outputs ?? outputs;
    const chunk = $.call("170:19", ceilDiv, extent, parts);
    const sizes =
      split !== undefined
        ? $.call("173:11", extents, split)
        : Array.from({ length: parts }, (_, i) => ($.test($.lt(i , $.sub(parts , 1, "174:62"), "174:54"), "174:52") ? chunk : $.sub(extent , $.mul(chunk , ($.sub(parts , 1, "174:100")), "174:91"), "174:83")));
    let start: Num = 0;
    return sizes.map((length) => {
      const part = $.call("177:20", slice, x, [{ axis: at, start, size: length }]);
      start = $.add(start , length, "178:21");
      return part;
    });
  },
{"name":"Split","path":"src/ops/formulas/movement.formula.ts","line":164,"column":14});

/** N, C, H, W with channels moved into blocks of space; DCR and CRD differ in which channel digits move. */
export const DepthToSpace = formula(
  { inputs: { x: "any" }, attrs: { blocksize: required("int"), mode: text("DCR", "CRD") } },
  ({ x, blocksize, mode }) => {
    const [n, c, h, w] = $.call("188:26", shape, x);
    const depth = $.call("189:19", floorDiv, c, $.mul(blocksize , blocksize, "189:41"));
    const dcr = mode === "DCR";
    const apart = $.call("191:19", reshape, x, $.test(dcr, "191:30") ? [n, blocksize, blocksize, depth, h, w] : [n, depth, blocksize, blocksize, h, w]);
    return $.call("192:12", reshape, $.call("192:20", transpose, apart, $.test(dcr, "192:37") ? [0, 3, 4, 1, 5, 2] : [0, 1, 4, 2, 5, 3]), [n, depth, $.mul(h , blocksize, "192:98"), $.mul(w , blocksize, "192:113")]);
  },
{"name":"DepthToSpace","path":"src/ops/formulas/movement.formula.ts","line":185,"column":14});

export const SpaceToDepth = formula({ inputs: { x: "any" }, attrs: { blocksize: required("int") } }, ({ x, blocksize }) => {
  const [n, c, h, w] = $.call("197:24", shape, x);
  const [rows, cols] = [$.call("198:25", floorDiv, h, blocksize), $.call("198:49", floorDiv, w, blocksize)];
  const apart = $.call("199:17", reshape, x, [n, c, rows, blocksize, cols, blocksize]);
  return $.call("200:10", reshape, $.call("200:18", transpose, apart, [0, 3, 5, 1, 2, 4]), [n, $.mul($.mul(c , blocksize, "200:62") , blocksize, "200:74"), rows, cols]);
}, {"name":"SpaceToDepth","path":"src/ops/formulas/movement.formula.ts","line":196,"column":14});

/** Keeps the upper or lower triangle, k diagonals off the main one, and zeroes the rest. */
export const Trilu = formula({ inputs: { x: "any", k: optional(["i64"]) }, attrs: { upper: int(1) } }, ({ x, k, upper }) => {
  const matrix = $.call("205:18", shape, x).slice(-2);
  const distance = $.sub($.call("206:20", iota, matrix, 1, "i64") , $.call("206:45", iota, matrix, 0, "i64"), "206:43");
  const diagonal = k === undefined ? 0 : $.call("207:42", reshape, k, []);
  const kept = $.test($.eq(upper , 1, "208:22"), "208:16") ? $.ge(distance , diagonal, "208:39") : $.le(distance , diagonal, "208:62");
  return $.call("209:10", where, kept, x, $.call("209:25", cast, 0, $.call("209:33", dtype, x)));
}, {"name":"Trilu","path":"src/ops/formulas/movement.formula.ts","line":204,"column":14});

/** Centred: what is too long is cut, what is too short is padded with zeros. */
export const CenterCropPad = formula(
  { inputs: { x: "any", shape: shaping(index) }, attrs: { axes: maybe("ints") } },
  ({ x, shape: to, axes }) => {
    const wanted = $.call("216:20", extents, to);
    const on = axes === undefined ? allAxes(x) : axes.map((a) => positive(a, $.call("217:78", rank, x)));
    const dims = $.call("218:18", shape, x);
    const goal = dims.map((d, i) => ($.test(on.includes(i), "219:38") ? wanted[on.indexOf(i)] : d));
    const excess = dims.map((d, i) => $.call("220:39", maximum, $.sub(d , goal[i], "220:49"), 0));
    const lack = dims.map((d, i) => $.call("221:37", maximum, $.sub(goal[i] , d, "221:53"), 0));
    const cropped = $.call("222:21", slice, 
      x,
      dims.map((d, axis) => ({ axis, start: $.call("224:45", floorDiv, excess[axis], 2), size: $.sub(d , excess[axis], "224:80") })),
    );
    const before = lack.map((l) => $.call("226:36", floorDiv, l, 2));
    return $.call("227:12", pad, 
      cropped,
      before,
      lack.map((l, i) => $.sub(l , before[i], "230:28")),
      $.call("231:7", cast, 0, $.call("231:15", dtype, x)),
    );
  },
{"name":"CenterCropPad","path":"src/ops/formulas/movement.formula.ts","line":213,"column":14});

/** Reverses the first `lengths[b]` steps of every batch entry. */
export const ReverseSequence = formula(
  { inputs: { x: "any", sequence_lens: ["i64"] }, attrs: { batch_axis: int(1), time_axis: int(0) } },
  ({ x, sequence_lens, batch_axis, time_axis }) => {
    const dims = $.call("240:18", shape, x);
    $.call("241:5", assumeEqual, dims[batch_axis], $.call("241:35", shape, sequence_lens)[0], "one sequence length a batch entry");
    const plane = [dims[0], dims[1]];
    const step = $.call("243:18", iota, plane, time_axis, "i64");
    const lengths = $.call("244:21", unsqueeze, sequence_lens, [time_axis]);
    const source = $.call("245:20", where, $.lt(step , lengths, "245:31"), $.sub($.sub(lengths , 1, "245:50") , step, "245:54"), step);
    const everywhere = $.call("246:24", expand, 
      $.call("247:7", unsqueeze, 
        source,
        dims.slice(2).map((_, i) => $.add(i , 2, "249:39")),
      ),
      dims,
    );
    return $.call("253:12", gatherElements, x, everywhere, time_axis);
  },
{"name":"ReverseSequence","path":"src/ops/formulas/movement.formula.ts","line":237,"column":14});
