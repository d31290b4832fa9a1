/* Generated from movement.formula.ts; do not edit. */ import { dispatcher } from "../lang/dispatch.js"; const $ = dispatcher("src/ops/formulas/movement.formula.ts"); /** Operators that rearrange elements: shapes, axes, cuts, joins, tiles, blocks. */
import {
  assumeDiffer,
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
  total,
  transpose,
  unsqueeze,
  variadic,
  where,
  type Num,
} from "../lang.js";
import { allAxes, is, positive } from "./axes.gen.js";

export const Identity = formula({ inputs: { x: "any" } }, ({ x }) => x, {"name":"Identity","path":"src/ops/formulas/movement.formula.ts","line":45,"column":14});

/** 0 keeps the extent at its place, -1 takes what is left. */
export const Reshape = formula(
  { inputs: { x: "any", shape: shaping(["i64"]) }, attrs: { allowzero: int(0) } },
  ({ x, shape: to, allowzero }) => {
    const from = $.call("51:18", shape, x);
    const given = $.call("52:19", extents, to).map((d, i) => {
      if (!$.test(is(d, 0), "53:12") || $.test($.eq(allowzero , 1, "53:34"), "53:24")) return d;
      return from[i] ?? $.call("54:25", refuse, `a 0 in the shape stands for axis ${i}, which the data does not have`);
    });
    const open = given.findIndex((d) => is(d, -1));
    if ($.test($.lt(open , 0, "57:14"), "57:9")) return $.call("57:26", reshape, x, given);
    // What is copied stands on both sides, also where it is 0 and says nothing of the rest.
    const copied = $.call("59:20", extents, to).map((d) => $.test(is(d, 0), "59:43") && $.ne(allowzero , 1, "59:65"));
    const left = $.call("60:18", productOf, from.filter((_, i) => !$.test(copied[i], "60:51")));
    const rest = $.call("61:18", productOf, given.filter((_, i) => $.test($.ne(i , open, "61:53"), "61:51") && !$.test(copied[i], "61:66")));
    return $.call("62:12", reshape, 
      x,
      given.map((d, i) => ($.test($.ne(i , open, "64:30"), "64:28") ? d : $.test(is(rest, 0), "64:45") ? 0 : $.call("64:63", floorDiv, left, rest))),
    );
  },
{"name":"Reshape","path":"src/ops/formulas/movement.formula.ts","line":48,"column":14});

export const Flatten = formula({ inputs: { x: "any" }, attrs: { axis: int(1) } }, ({ x, axis }) => {
  const at = positive(axis, $.call("70:29", rank, x));
  return $.call("71:10", reshape, x, [$.call("71:22", productOf, $.call("71:32", shape, x).slice(0, at)), $.call("71:56", productOf, $.call("71:66", shape, x).slice(at))]);
}, {"name":"Flatten","path":"src/ops/formulas/movement.formula.ts","line":69,"column":14});

/** Without axes: every axis of extent 1, which an open extent is taken not to be. */
export const Squeeze = formula({ inputs: { x: "any", axes: optionalShaping(["i64"]) } }, ({ x, axes }) => {
  if (axes !== undefined) return $.call("76:34", squeeze, x, $.call("76:45", numbers, axes));
  const single = allAxes(x).filter((a) => is($.call("77:46", shape, x)[a], 1));
  for (const a of allAxes(x).filter((a) => !$.test(single.includes(a), "78:45")))
    $.call("79:5", assumeDiffer, $.call("79:18", shape, x)[a], 1, `axis ${a} must not have extent 1, or a Squeeze without axes would drop it`);
  return $.call("80:10", squeeze, x, single);
}, {"name":"Squeeze","path":"src/ops/formulas/movement.formula.ts","line":75,"column":14});

export const Unsqueeze = formula({ inputs: { x: "any", axes: shaping(["i64"]) } }, ({ x, axes }) => $.call("83:101", unsqueeze, x, $.call("83:114", numbers, axes)), {"name":"Unsqueeze","path":"src/ops/formulas/movement.formula.ts","line":83,"column":14});

export const Transpose = formula({ inputs: { x: "any" }, attrs: { perm: maybe("ints") } }, ({ x, perm }) => $.call("85:109", transpose, x, perm), {"name":"Transpose","path":"src/ops/formulas/movement.formula.ts","line":85,"column":14});

export const Expand = formula({ inputs: { x: "any", shape: shaping(["i64"]) } }, ({ x, shape: to }) => $.call("87:104", expand, x, $.call("87:114", extents, to)), {"name":"Expand","path":"src/ops/formulas/movement.formula.ts","line":87,"column":14});

export const Concat = formula({ inputs: { inputs: variadic("any") }, attrs: { axis: required("int") } }, ({ inputs, axis }) =>
  $.call("90:3", concat, inputs, axis),
{"name":"Concat","path":"src/ops/formulas/movement.formula.ts","line":89,"column":14});

/** Repeats the whole along each axis. */
export const Tile = formula({ inputs: { x: "any", repeats: shaping(["i64"]) } }, ({ x, repeats }) => {
  const times = $.call("95:17", extents, repeats);
  const dims = $.call("96:16", shape, x);
  const apart = dims.flatMap((d, i) => ($.test(is(times[i], 1), "97:41") ? [d] : [1, d]));
  const spread = dims.flatMap((d, i) => ($.test(is(times[i], 1), "98:42") ? [d] : [times[i], d]));
  return $.call("99:10", reshape, 
    $.call("100:5", expand, $.call("100:12", reshape, x, apart), spread),
    dims.map((d, i) => $.mul(d , times[i], "101:26")),
  );
}, {"name":"Tile","path":"src/ops/formulas/movement.formula.ts","line":94,"column":14});

/** Beyond this an end or start means "to the border", as exporters write INT_MAX for it. */
const unlimited = $.sub($.pow(2 , 31, "106:21") , 1, "106:27");

/** A start or end with negative ones counted from the end, as an extent expression where the sign shows only at run time. */
function fromEnd(at: Num, extent: Num): Num {
  const negative = $.call("110:20", decided, at, "<", 0);
  if (negative !== undefined) return $.test(negative, "111:38") ? $.add(extent , at, "111:56") : at;
  // extent - 1 is negative for an empty axis alone, where both readings are clamped to 0.
  if ($.test(is($.sub(extent , at, "113:17"), 1), "113:7")) return $.call("113:34", maximum, at, 0);
  return $.sub(at , $.mul(extent , $.call("114:24", minimum, $.call("114:32", maximum, at, -1), 0), "114:22"), "114:13");
}

/** A start or end as the standard clamps it: negative counts from the end, then limited to lo..hi. */
function border(at: Num, extent: Num, lo: Num, hi: Num): Num {
  if ($.test($.call("119:7", isFixed, at), "119:7") && $.test($.ge(at , unlimited, "119:25"), "119:22")) return hi;
  if ($.test($.call("120:7", isFixed, at), "120:7") && $.test($.le(at , $.neg(unlimited, "120:28"), "120:25"), "120:22")) return lo;
  const place = fromEnd(at, extent);
  // What counts from the end is at most extent - 1, so only a bound from the start can pass hi.
  const within = $.test($.eq($.call("123:18", decided, at, "<=", hi) , true, "123:40"), "123:18") || $.eq($.call("123:52", decided, at, "<", 0) , true, "123:72");
  return $.call("124:10", maximum, $.test(within, "124:18") ? place : $.call("124:35", minimum, place, hi), lo);
}

/**
 * Of a start beyond the end the slice is empty, so the count needs no start clamped from above: x[1:] and x[:n - 1] come
 * to the same expression, and x[::-1] to n.
 */
function cut(axis: number, extent: Num, start: Num, end: Num, step: number) {
  if ($.test($.eq(step , 0, "132:12"), "132:7")) $.call("132:19", refuse, "a slice step is 0");
  if ($.test($.gt(step , 0, "133:12"), "133:7")) {
    const from = border(start, extent, 0, extent);
    // The last few: as many as there are, at most.
    if ($.test($.call("136:9", isFixed, start), "136:9") && $.test($.lt(start , 0, "136:33"), "136:27") && $.test($.gt(start , $.neg(unlimited, "136:48"), "136:46"), "136:40") && $.test($.eq(step , 1, "136:67"), "136:62") && $.test($.call("136:76", isFixed, end), "136:76") && $.test($.ge(end , unlimited, "136:96"), "136:92"))
      return { axis, start: from, size: $.call("137:41", minimum, extent, $.neg(start, "137:57")), step };
    const raw = $.test($.call("138:17", isFixed, start), "138:17") && $.test($.ge(start , 0, "138:41"), "138:35") && $.test($.lt(start , unlimited, "138:55"), "138:49") ? start : from;
    return { axis, start: from, size: $.call("139:39", maximum, $.call("139:47", ceilDiv, $.sub(border(end, extent, 0, extent) , raw, "139:86"), step), 0), step };
  }
  const last = $.sub(extent , 1, "141:23");
  const from = border(start, extent, 0, last);
  const to = border(end, extent, -1, last);
  // An empty axis has no last element to begin at.
  const count = $.test(is($.sub(from , $.call("145:27", maximum, last, 0), "145:25"), 0), "145:17") ? $.call("145:50", ceilDiv, $.sub(last , to, "145:63"), $.neg(step, "145:69")) : $.call("145:78", minimum, $.call("145:86", ceilDiv, $.sub(from , to, "145:99"), $.neg(step, "145:105")), extent);
  return { axis, start: from, size: $.call("146:37", maximum, count, 0), step };
}

const index = ["i32", "i64"] as const;

export const Slice = formula(
  {
    inputs: { x: "any", starts: shaping(index), ends: shaping(index), axes: optionalShaping(index), steps: optionalShaping(index) },
  },
  ({ x, starts, ends, axes, steps }) => {
    const dims = $.call("156:18", shape, x);
    const [from, to] = [$.call("157:25", bounds, starts), $.call("157:41", bounds, ends)];
    const on = axes === undefined ? from.map((_, i) => i) : $.call("158:61", numbers, axes).map((a) => positive(a, dims.length));
    const by = steps === undefined ? from.map(() => 1) : $.call("159:58", numbers, steps);
    return $.call("160:12", slice, 
      x,
      on.map((axis, i) => cut(axis, dims[axis], from[i], to[i], by[i])),
      true,
    );
  },
{"name":"Slice","path":"src/ops/formulas/movement.formula.ts","line":151,"column":14});

/** Into the sizes given, or into as equal parts as possible, the last one smaller. */
export const Split = formula(
  { inputs: { x: "any", split: optionalShaping(["i64"]) }, attrs: { axis: int(0), num_outputs: maybe("int") }, outputs: Infinity },
  ({ x, split, axis, num_outputs }, { outputs }) => {
    const at = positive(axis, $.call("172:31", rank, x));
    const extent = $.call("173:20", shape, x)[at];
    const parts = num_outputs ?? outputs;
    if ($.test($.lt(parts , outputs, "175:15"), "175:9")) $.call("175:26", refuse, `Split names ${parts} parts and has ${outputs} outputs`);
    const chunk = $.call("176:19", ceilDiv, extent, parts);
    const sizes =
      split !== undefined
        ? $.call("179:11", extents, split)
        : Array.from({ length: outputs }, (_, i) => ($.test($.lt(i , $.sub(parts , 1, "180:64"), "180:56"), "180:54") ? chunk : $.sub(extent , $.mul(chunk , ($.sub(parts , 1, "180:102")), "180:93"), "180:85")));
    $.call("181:5", assumeEqual, $.call("181:17", total, sizes), extent, `the parts must add up to axis ${at}`);
    let start: Num = 0;
    return sizes.map((length) => {
      const part = $.call("184:20", slice, x, [{ axis: at, start, size: length }]);
      start = $.add(start , length, "185:21");
      return part;
    });
  },
{"name":"Split","path":"src/ops/formulas/movement.formula.ts","line":169,"column":14});

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
