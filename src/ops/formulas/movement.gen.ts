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
    // What is copied stands on both sides, also where it is 0 and says nothing of the rest.
    const copied = $.call("61:20", extents, to).map((d) => $.test(is(d, 0), "61:43") && $.ne(allowzero , 1, "61:65"));
    const left = $.call("62:18", productOf, from.filter((_, i) => !$.test(copied[i], "62:51")));
    const rest = $.call("63:18", productOf, given.filter((_, i) => $.test($.ne(i , open, "63:53"), "63:51") && !$.test(copied[i], "63:66")));
    return $.call("64:12", reshape, 
      x,
      given.map((d, i) => ($.test($.ne(i , open, "66:30"), "66:28") ? d : $.test(is(rest, 0), "66:45") ? 0 : $.call("66:63", floorDiv, left, rest))),
    );
  },
{"name":"Reshape","path":"src/ops/formulas/movement.formula.ts","line":50,"column":14});

export const Flatten = formula({ inputs: { x: "any" }, attrs: { axis: int(1) } }, ({ x, axis }) => {
  const at = positive(axis, $.call("72:29", rank, x));
  return $.call("73:10", reshape, x, [$.call("73:22", productOf, $.call("73:32", shape, x).slice(0, at)), $.call("73:56", productOf, $.call("73:66", shape, x).slice(at))]);
}, {"name":"Flatten","path":"src/ops/formulas/movement.formula.ts","line":71,"column":14});

/** Without axes: every axis whose extent is known to be 1. */
export const Squeeze = formula({ inputs: { x: "any", axes: optionalShaping(["i64"]) } }, ({ x, axes }) => {
  if (axes !== undefined) return $.call("78:34", squeeze, x, $.call("78:45", numbers, axes));
  return $.call("79:10", squeeze, 
    x,
    allAxes(x).filter((a) => is($.call("81:33", shape, x)[a], 1)),
  );
}, {"name":"Squeeze","path":"src/ops/formulas/movement.formula.ts","line":77,"column":14});

export const Unsqueeze = formula({ inputs: { x: "any", axes: shaping(["i64"]) } }, ({ x, axes }) => $.call("85:101", unsqueeze, x, $.call("85:114", numbers, axes)), {"name":"Unsqueeze","path":"src/ops/formulas/movement.formula.ts","line":85,"column":14});

export const Transpose = formula({ inputs: { x: "any" }, attrs: { perm: maybe("ints") } }, ({ x, perm }) => $.call("87:109", transpose, x, perm), {"name":"Transpose","path":"src/ops/formulas/movement.formula.ts","line":87,"column":14});

export const Expand = formula({ inputs: { x: "any", shape: shaping(["i64"]) } }, ({ x, shape: to }) => $.call("89:104", expand, x, $.call("89:114", extents, to)), {"name":"Expand","path":"src/ops/formulas/movement.formula.ts","line":89,"column":14});

export const Concat = formula({ inputs: { inputs: variadic("any") }, attrs: { axis: required("int") } }, ({ inputs, axis }) =>
  $.call("92:3", concat, inputs, axis),
{"name":"Concat","path":"src/ops/formulas/movement.formula.ts","line":91,"column":14});

/** Repeats the whole along each axis. */
export const Tile = formula({ inputs: { x: "any", repeats: shaping(["i64"]) } }, ({ x, repeats }) => {
  const times = $.call("97:17", extents, repeats);
  const dims = $.call("98:16", shape, x);
  const apart = dims.flatMap((d, i) => ($.test(is(times[i], 1), "99:41") ? [d] : [1, d]));
  const spread = dims.flatMap((d, i) => ($.test(is(times[i], 1), "100:42") ? [d] : [times[i], d]));
  return $.call("101:10", reshape, 
    $.call("102:5", expand, $.call("102:12", reshape, x, apart), spread),
    dims.map((d, i) => $.mul(d , times[i], "103:26")),
  );
}, {"name":"Tile","path":"src/ops/formulas/movement.formula.ts","line":96,"column":14});

/** Beyond this an end or start means "to the border", as exporters write INT_MAX for it. */
const unlimited = $.sub($.pow(2 , 31, "108:21") , 1, "108:27");

/** A start or end with negative ones counted from the end, as an extent expression where the sign shows only at run time. */
function fromEnd(at: Num, extent: Num): Num {
  const negative = $.call("112:20", decided, at, "<", 0);
  if (negative !== undefined) return $.test(negative, "113:38") ? $.add(extent , at, "113:56") : at;
  // extent - 1 is negative for an empty axis alone, where both readings are clamped to 0.
  if ($.test(is($.sub(extent , at, "115:17"), 1), "115:7")) return $.call("115:34", maximum, at, 0);
  return $.sub(at , $.mul(extent , $.call("116:24", minimum, $.call("116:32", maximum, at, -1), 0), "116:22"), "116:13");
}

/** A start or end as the standard clamps it: negative counts from the end, then limited to lo..hi. */
function border(at: Num, extent: Num, lo: Num, hi: Num): Num {
  if ($.test($.call("121:7", isFixed, at), "121:7") && $.test($.ge(at , unlimited, "121:25"), "121:22")) return hi;
  if ($.test($.call("122:7", isFixed, at), "122:7") && $.test($.le(at , $.neg(unlimited, "122:28"), "122:25"), "122:22")) return lo;
  const place = fromEnd(at, extent);
  // What counts from the end is at most extent - 1, so only a bound from the start can pass hi.
  const within = $.test($.eq($.call("125:18", decided, at, "<=", hi) , true, "125:40"), "125:18") || $.eq($.call("125:52", decided, at, "<", 0) , true, "125:72");
  return $.call("126:10", maximum, $.test(within, "126:18") ? place : $.call("126:35", minimum, place, hi), lo);
}

/**
 * Of a start beyond the end the slice is empty, so the count needs no start clamped from above: x[1:] and x[:n - 1] come
 * to the same expression, and x[::-1] to n.
 */
function cut(axis: number, extent: Num, start: Num, end: Num, step: number) {
  if ($.test($.eq(step , 0, "134:12"), "134:7")) $.call("134:19", refuse, "a slice step is 0");
  if ($.test($.gt(step , 0, "135:12"), "135:7")) {
    const from = border(start, extent, 0, extent);
    // The last few: as many as there are, at most.
    if ($.test($.call("138:9", isFixed, start), "138:9") && $.test($.lt(start , 0, "138:33"), "138:27") && $.test($.gt(start , $.neg(unlimited, "138:48"), "138:46"), "138:40") && $.test($.eq(step , 1, "138:67"), "138:62") && $.test($.call("138:76", isFixed, end), "138:76") && $.test($.ge(end , unlimited, "138:96"), "138:92"))
      return { axis, start: from, size: $.call("139:41", minimum, extent, $.neg(start, "139:57")), step };
    const raw = $.test($.call("140:17", isFixed, start), "140:17") && $.test($.ge(start , 0, "140:41"), "140:35") && $.test($.lt(start , unlimited, "140:55"), "140:49") ? start : from;
    return { axis, start: from, size: $.call("141:39", maximum, $.call("141:47", ceilDiv, $.sub(border(end, extent, 0, extent) , raw, "141:86"), step), 0), step };
  }
  const last = $.sub(extent , 1, "143:23");
  const from = border(start, extent, 0, last);
  const to = border(end, extent, -1, last);
  // An empty axis has no last element to begin at.
  const count = $.test(is($.sub(from , $.call("147:27", maximum, last, 0), "147:25"), 0), "147:17") ? $.call("147:50", ceilDiv, $.sub(last , to, "147:63"), $.neg(step, "147:69")) : $.call("147:78", minimum, $.call("147:86", ceilDiv, $.sub(from , to, "147:99"), $.neg(step, "147:105")), extent);
  return { axis, start: from, size: $.call("148:37", maximum, count, 0), step };
}

const index = ["i32", "i64"] as const;

export const Slice = formula(
  {
    inputs: { x: "any", starts: shaping(index), ends: shaping(index), axes: optionalShaping(index), steps: optionalShaping(index) },
  },
  ({ x, starts, ends, axes, steps }) => {
    const dims = $.call("158:18", shape, x);
    const [from, to] = [$.call("159:25", bounds, starts), $.call("159:41", bounds, ends)];
    const on = axes === undefined ? from.map((_, i) => i) : $.call("160:61", numbers, axes).map((a) => positive(a, dims.length));
    const by = steps === undefined ? from.map(() => 1) : $.call("161:58", numbers, steps);
    return $.call("162:12", slice, 
      x,
      on.map((axis, i) => cut(axis, dims[axis], from[i], to[i], by[i])),
    );
  },
{"name":"Slice","path":"src/ops/formulas/movement.formula.ts","line":153,"column":14});

/** Into the sizes given, or into as equal parts as possible, the last one smaller. */
export const Split = formula(
  { inputs: { x: "any", split: optionalShaping(["i64"]) }, attrs: { axis: int(0), num_outputs: maybe("int") }, outputs: Infinity },
  ({ x, split, axis, num_outputs }, { outputs }) => {
    const at = positive(axis, $.call("173:31", rank, x));
    const extent = $.call("174:20", shape, x)[at];
    const parts = num_outputs ?? outputs;
    if ($.test($.lt(parts , outputs, "176:15"), "176:9")) $.call("176:26", refuse, `Split names ${parts} parts and has ${outputs} outputs`);
    const chunk = $.call("177:19", ceilDiv, extent, parts);
    const sizes =
      split !== undefined
        ? $.call("180:11", extents, split)
        : Array.from({ length: outputs }, (_, i) => ($.test($.lt(i , $.sub(parts , 1, "181:64"), "181:56"), "181:54") ? chunk : $.sub(extent , $.mul(chunk , ($.sub(parts , 1, "181:102")), "181:93"), "181:85")));
    let start: Num = 0;
    return sizes.map((length) => {
      const part = $.call("184:20", slice, x, [{ axis: at, start, size: length }]);
      start = $.add(start , length, "185:21");
      return part;
    });
  },
{"name":"Split","path":"src/ops/formulas/movement.formula.ts","line":170,"column":14});

/** N, C, H, W with channels moved into blocks of space; DCR and CRD differ in which channel digits move. */
export const DepthToSpace = formula(
  { inputs: { x: "any" }, attrs: { blocksize: required("int"), mode: text("DCR", "CRD") } },
  ({ x, blocksize, mode }) => {
    const [n, c, h, w] = $.call("195:26", shape, x);
    const depth = $.call("196:19", floorDiv, c, $.mul(blocksize , blocksize, "196:41"));
    const dcr = mode === "DCR";
    const apart = $.call("198:19", reshape, x, $.test(dcr, "198:30") ? [n, blocksize, blocksize, depth, h, w] : [n, depth, blocksize, blocksize, h, w]);
    return $.call("199:12", reshape, $.call("199:20", transpose, apart, $.test(dcr, "199:37") ? [0, 3, 4, 1, 5, 2] : [0, 1, 4, 2, 5, 3]), [n, depth, $.mul(h , blocksize, "199:98"), $.mul(w , blocksize, "199:113")]);
  },
{"name":"DepthToSpace","path":"src/ops/formulas/movement.formula.ts","line":192,"column":14});

export const SpaceToDepth = formula({ inputs: { x: "any" }, attrs: { blocksize: required("int") } }, ({ x, blocksize }) => {
  const [n, c, h, w] = $.call("204:24", shape, x);
  const [rows, cols] = [$.call("205:25", floorDiv, h, blocksize), $.call("205:49", floorDiv, w, blocksize)];
  const apart = $.call("206:17", reshape, x, [n, c, rows, blocksize, cols, blocksize]);
  return $.call("207:10", reshape, $.call("207:18", transpose, apart, [0, 3, 5, 1, 2, 4]), [n, $.mul($.mul(c , blocksize, "207:62") , blocksize, "207:74"), rows, cols]);
}, {"name":"SpaceToDepth","path":"src/ops/formulas/movement.formula.ts","line":203,"column":14});

/** Keeps the upper or lower triangle, k diagonals off the main one, and zeroes the rest. */
export const Trilu = formula({ inputs: { x: "any", k: optional(["i64"]) }, attrs: { upper: int(1) } }, ({ x, k, upper }) => {
  const matrix = $.call("212:18", shape, x).slice(-2);
  const distance = $.sub($.call("213:20", iota, matrix, 1, "i64") , $.call("213:45", iota, matrix, 0, "i64"), "213:43");
  const diagonal = k === undefined ? 0 : $.call("214:42", reshape, k, []);
  const kept = $.test($.eq(upper , 1, "215:22"), "215:16") ? $.ge(distance , diagonal, "215:39") : $.le(distance , diagonal, "215:62");
  return $.call("216:10", where, kept, x, $.call("216:25", cast, 0, $.call("216:33", dtype, x)));
}, {"name":"Trilu","path":"src/ops/formulas/movement.formula.ts","line":211,"column":14});

/** Centred: what is too long is cut, what is too short is padded with zeros. */
export const CenterCropPad = formula(
  { inputs: { x: "any", shape: shaping(index) }, attrs: { axes: maybe("ints") } },
  ({ x, shape: to, axes }) => {
    const wanted = $.call("223:20", extents, to);
    const on = axes === undefined ? allAxes(x) : axes.map((a) => positive(a, $.call("224:78", rank, x)));
    const dims = $.call("225:18", shape, x);
    const goal = dims.map((d, i) => ($.test(on.includes(i), "226:38") ? wanted[on.indexOf(i)] : d));
    const excess = dims.map((d, i) => $.call("227:39", maximum, $.sub(d , goal[i], "227:49"), 0));
    const lack = dims.map((d, i) => $.call("228:37", maximum, $.sub(goal[i] , d, "228:53"), 0));
    const cropped = $.call("229:21", slice, 
      x,
      dims.map((d, axis) => ({ axis, start: $.call("231:45", floorDiv, excess[axis], 2), size: $.sub(d , excess[axis], "231:80") })),
    );
    const before = lack.map((l) => $.call("233:36", floorDiv, l, 2));
    return $.call("234:12", pad, 
      cropped,
      before,
      lack.map((l, i) => $.sub(l , before[i], "237:28")),
      $.call("238:7", cast, 0, $.call("238:15", dtype, x)),
    );
  },
{"name":"CenterCropPad","path":"src/ops/formulas/movement.formula.ts","line":220,"column":14});

/** Reverses the first `lengths[b]` steps of every batch entry. */
export const ReverseSequence = formula(
  { inputs: { x: "any", sequence_lens: ["i64"] }, attrs: { batch_axis: int(1), time_axis: int(0) } },
  ({ x, sequence_lens, batch_axis, time_axis }) => {
    const dims = $.call("247:18", shape, x);
    $.call("248:5", assumeEqual, dims[batch_axis], $.call("248:35", shape, sequence_lens)[0], "one sequence length a batch entry");
    const plane = [dims[0], dims[1]];
    const step = $.call("250:18", iota, plane, time_axis, "i64");
    const lengths = $.call("251:21", unsqueeze, sequence_lens, [time_axis]);
    const source = $.call("252:20", where, $.lt(step , lengths, "252:31"), $.sub($.sub(lengths , 1, "252:50") , step, "252:54"), step);
    const everywhere = $.call("253:24", expand, 
      $.call("254:7", unsqueeze, 
        source,
        dims.slice(2).map((_, i) => $.add(i , 2, "256:39")),
      ),
      dims,
    );
    return $.call("260:12", gatherElements, x, everywhere, time_axis);
  },
{"name":"ReverseSequence","path":"src/ops/formulas/movement.formula.ts","line":244,"column":14});
