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

export const Identity = formula({ inputs: { x: "any" } }, ({ x }) => x, {"name":"Identity","path":"src/ops/formulas/movement.formula.ts","line":44,"column":14});

function is(d: Num, value: number): boolean {
  return $.eq($.call("47:10", decided, d, "==", value) , true, "47:34");
}

/** 0 keeps the extent at its place, -1 takes what is left. */
export const Reshape = formula(
  { inputs: { x: "any", shape: shaping(["i64"]) }, attrs: { allowzero: int(0) } },
  ({ x, shape: to, allowzero }) => {
    const from = $.call("54:18", shape, x);
    const given = $.call("55:19", extents, to).map((d, i) => {
      if (!$.test(is(d, 0), "56:12") || $.test($.eq(allowzero , 1, "56:34"), "56:24")) return d;
      return from[i] ?? $.call("57:25", refuse, `a 0 in the shape stands for axis ${i}, which the data does not have`);
    });
    const open = given.findIndex((d) => is(d, -1));
    if ($.test($.lt(open , 0, "60:14"), "60:9")) return $.call("60:26", reshape, x, given);
    const rest = $.call("61:18", productOf, given.filter((_, i) => $.ne(i , open, "61:53")));
    return $.call("62:12", reshape, 
      x,
      given.map((d, i) => ($.test($.ne(i , open, "64:30"), "64:28") ? d : $.test(is(rest, 0), "64:45") ? 0 : $.call("64:63", floorDiv, $.call("64:72", size, x), rest))),
    );
  },
{"name":"Reshape","path":"src/ops/formulas/movement.formula.ts","line":51,"column":14});

export const Flatten = formula({ inputs: { x: "any" }, attrs: { axis: int(1) } }, ({ x, axis }) => {
  const at = positive(axis, $.call("70:29", rank, x));
  return $.call("71:10", reshape, x, [$.call("71:22", productOf, $.call("71:32", shape, x).slice(0, at)), $.call("71:56", productOf, $.call("71:66", shape, x).slice(at))]);
}, {"name":"Flatten","path":"src/ops/formulas/movement.formula.ts","line":69,"column":14});

/** Without axes: every axis whose extent is known to be 1. */
export const Squeeze = formula({ inputs: { x: "any", axes: optionalShaping(["i64"]) } }, ({ x, axes }) => {
  if (axes !== undefined) return $.call("76:34", squeeze, x, $.call("76:45", numbers, axes));
  return $.call("77:10", squeeze, 
    x,
    allAxes(x).filter((a) => is($.call("79:33", shape, x)[a], 1)),
  );
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
    );
  },
{"name":"Slice","path":"src/ops/formulas/movement.formula.ts","line":151,"column":14});

/** Into the sizes given, or into as equal parts as possible, the last one smaller. */
export const Split = formula(
  { inputs: { x: "any", split: optionalShaping(["i64"]) }, attrs: { axis: int(0), num_outputs: maybe("int") }, outputs: Infinity },
  ({ x, split, axis, num_outputs }, { outputs }) => {
    const at = positive(axis, $.call("171:31", rank, x));
    const extent = $.call("172:20", shape, x)[at];
    const parts = num_outputs ?? outputs;
    if ($.test($.lt(parts , outputs, "174:15"), "174:9")) $.call("174:26", refuse, `Split names ${parts} parts and has ${outputs} outputs`);
    const chunk = $.call("175:19", ceilDiv, extent, parts);
    const sizes =
      split !== undefined
        ? $.call("178:11", extents, split)
        : Array.from({ length: outputs }, (_, i) => ($.test($.lt(i , $.sub(parts , 1, "179:64"), "179:56"), "179:54") ? chunk : $.sub(extent , $.mul(chunk , ($.sub(parts , 1, "179:102")), "179:93"), "179:85")));
    let start: Num = 0;
    return sizes.map((length) => {
      const part = $.call("182:20", slice, x, [{ axis: at, start, size: length }]);
      start = $.add(start , length, "183:21");
      return part;
    });
  },
{"name":"Split","path":"src/ops/formulas/movement.formula.ts","line":168,"column":14});

/** N, C, H, W with channels moved into blocks of space; DCR and CRD differ in which channel digits move. */
export const DepthToSpace = formula(
  { inputs: { x: "any" }, attrs: { blocksize: required("int"), mode: text("DCR", "CRD") } },
  ({ x, blocksize, mode }) => {
    const [n, c, h, w] = $.call("193:26", shape, x);
    const depth = $.call("194:19", floorDiv, c, $.mul(blocksize , blocksize, "194:41"));
    const dcr = mode === "DCR";
    const apart = $.call("196:19", reshape, x, $.test(dcr, "196:30") ? [n, blocksize, blocksize, depth, h, w] : [n, depth, blocksize, blocksize, h, w]);
    return $.call("197:12", reshape, $.call("197:20", transpose, apart, $.test(dcr, "197:37") ? [0, 3, 4, 1, 5, 2] : [0, 1, 4, 2, 5, 3]), [n, depth, $.mul(h , blocksize, "197:98"), $.mul(w , blocksize, "197:113")]);
  },
{"name":"DepthToSpace","path":"src/ops/formulas/movement.formula.ts","line":190,"column":14});

export const SpaceToDepth = formula({ inputs: { x: "any" }, attrs: { blocksize: required("int") } }, ({ x, blocksize }) => {
  const [n, c, h, w] = $.call("202:24", shape, x);
  const [rows, cols] = [$.call("203:25", floorDiv, h, blocksize), $.call("203:49", floorDiv, w, blocksize)];
  const apart = $.call("204:17", reshape, x, [n, c, rows, blocksize, cols, blocksize]);
  return $.call("205:10", reshape, $.call("205:18", transpose, apart, [0, 3, 5, 1, 2, 4]), [n, $.mul($.mul(c , blocksize, "205:62") , blocksize, "205:74"), rows, cols]);
}, {"name":"SpaceToDepth","path":"src/ops/formulas/movement.formula.ts","line":201,"column":14});

/** Keeps the upper or lower triangle, k diagonals off the main one, and zeroes the rest. */
export const Trilu = formula({ inputs: { x: "any", k: optional(["i64"]) }, attrs: { upper: int(1) } }, ({ x, k, upper }) => {
  const matrix = $.call("210:18", shape, x).slice(-2);
  const distance = $.sub($.call("211:20", iota, matrix, 1, "i64") , $.call("211:45", iota, matrix, 0, "i64"), "211:43");
  const diagonal = k === undefined ? 0 : $.call("212:42", reshape, k, []);
  const kept = $.test($.eq(upper , 1, "213:22"), "213:16") ? $.ge(distance , diagonal, "213:39") : $.le(distance , diagonal, "213:62");
  return $.call("214:10", where, kept, x, $.call("214:25", cast, 0, $.call("214:33", dtype, x)));
}, {"name":"Trilu","path":"src/ops/formulas/movement.formula.ts","line":209,"column":14});

/** Centred: what is too long is cut, what is too short is padded with zeros. */
export const CenterCropPad = formula(
  { inputs: { x: "any", shape: shaping(index) }, attrs: { axes: maybe("ints") } },
  ({ x, shape: to, axes }) => {
    const wanted = $.call("221:20", extents, to);
    const on = axes === undefined ? allAxes(x) : axes.map((a) => positive(a, $.call("222:78", rank, x)));
    const dims = $.call("223:18", shape, x);
    const goal = dims.map((d, i) => ($.test(on.includes(i), "224:38") ? wanted[on.indexOf(i)] : d));
    const excess = dims.map((d, i) => $.call("225:39", maximum, $.sub(d , goal[i], "225:49"), 0));
    const lack = dims.map((d, i) => $.call("226:37", maximum, $.sub(goal[i] , d, "226:53"), 0));
    const cropped = $.call("227:21", slice, 
      x,
      dims.map((d, axis) => ({ axis, start: $.call("229:45", floorDiv, excess[axis], 2), size: $.sub(d , excess[axis], "229:80") })),
    );
    const before = lack.map((l) => $.call("231:36", floorDiv, l, 2));
    return $.call("232:12", pad, 
      cropped,
      before,
      lack.map((l, i) => $.sub(l , before[i], "235:28")),
      $.call("236:7", cast, 0, $.call("236:15", dtype, x)),
    );
  },
{"name":"CenterCropPad","path":"src/ops/formulas/movement.formula.ts","line":218,"column":14});

/** Reverses the first `lengths[b]` steps of every batch entry. */
export const ReverseSequence = formula(
  { inputs: { x: "any", sequence_lens: ["i64"] }, attrs: { batch_axis: int(1), time_axis: int(0) } },
  ({ x, sequence_lens, batch_axis, time_axis }) => {
    const dims = $.call("245:18", shape, x);
    $.call("246:5", assumeEqual, dims[batch_axis], $.call("246:35", shape, sequence_lens)[0], "one sequence length a batch entry");
    const plane = [dims[0], dims[1]];
    const step = $.call("248:18", iota, plane, time_axis, "i64");
    const lengths = $.call("249:21", unsqueeze, sequence_lens, [time_axis]);
    const source = $.call("250:20", where, $.lt(step , lengths, "250:31"), $.sub($.sub(lengths , 1, "250:50") , step, "250:54"), step);
    const everywhere = $.call("251:24", expand, 
      $.call("252:7", unsqueeze, 
        source,
        dims.slice(2).map((_, i) => $.add(i , 2, "254:39")),
      ),
      dims,
    );
    return $.call("258:12", gatherElements, x, everywhere, time_axis);
  },
{"name":"ReverseSequence","path":"src/ops/formulas/movement.formula.ts","line":242,"column":14});
