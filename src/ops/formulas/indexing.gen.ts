/* Generated from indexing.formula.ts; do not edit. */ import { dispatcher } from "../lang/dispatch.js"; const $ = dispatcher("src/ops/formulas/indexing.formula.ts"); /** Gathers, scatters, sorting and running folds. */
import {
  cast,
  concat,
  distinctSlices,
  extents,
  dtype,
  formula,
  gather,
  gatherElements,
  gatherND,
  int,
  iota,
  maybe,
  nonZeroPositions,
  numbers,
  optional,
  rank,
  refuse,
  reshape,
  scan,
  scatterElements,
  scatterND,
  shape,
  shaping,
  size,
  slice,
  sort,
  table,
  text,
  vector,
  where,
  mod,
  unsqueeze,
  expand,
  tryNumbers,
  type Num,
  type Reduction,
} from "../lang.js";
import { positive } from "./axes.gen.js";

const index = ["i32", "i64"] as const;
const reductions = text("none", "add", "mul", "max", "min");

export const Gather = formula({ inputs: { x: "any", indices: index }, attrs: { axis: int(0) } }, ({ x, indices, axis }) =>
  $.call("46:3", gather, x, indices, axis),
{"name":"Gather","path":"src/ops/formulas/indexing.formula.ts","line":45,"column":14});

export const GatherElements = formula({ inputs: { x: "any", indices: index }, attrs: { axis: int(0) } }, ({ x, indices, axis }) =>
  $.call("50:3", gatherElements, x, indices, axis),
{"name":"GatherElements","path":"src/ops/formulas/indexing.formula.ts","line":49,"column":14});

/** Index tuples with negative entries counted from the end of their axis. */
function wrapTuples(indices: Num, extents: readonly Num[]): Num {
  const known = $.call("55:17", tryNumbers, indices);
  if ($.test(known?.every((i) => $.ge(i , 0, "56:29")), "56:7")) return indices;
  const depth = extents.length;
  const dims = $.call("58:16", concat, 
    extents.map((d) => $.call("59:24", reshape, $.call("59:32", cast, d, $.call("59:40", dtype, indices)), [1])),
    0,
  );
  return $.call("62:10", where, $.lt(indices , 0, "62:24"), $.add(indices , $.call("62:39", reshape, dims, [...new Array<number>($.sub($.call("62:75", rank, indices) , 1, "62:89")).fill(1), depth]), "62:37"), indices);
}

function depthOf(indices: Num): number {
  return $.call("66:10", shape, indices)[$.sub($.call("66:25", rank, indices) , 1, "66:39")];
}

export const GatherND = formula({ inputs: { x: "any", indices: ["i64"] }, attrs: { batch_dims: int(0) } }, ({ x, indices, batch_dims }) =>
  $.call("70:3", gatherND, x, wrapTuples(indices, $.call("70:35", shape, x).slice(batch_dims, $.add(batch_dims , depthOf(indices), "70:73"))), batch_dims),
{"name":"GatherND","path":"src/ops/formulas/indexing.formula.ts","line":69,"column":14});

export const ScatterElements = formula(
  { inputs: { x: "any", indices: index, updates: "any" }, attrs: { axis: int(0), reduction: reductions } },
  ({ x, indices, updates, axis, reduction }) => $.call("75:49", scatterElements, x, indices, updates, axis, reduction as Reduction),
{"name":"ScatterElements","path":"src/ops/formulas/indexing.formula.ts","line":73,"column":14});

export const ScatterND = formula(
  { inputs: { x: "any", indices: ["i64"], updates: "any" }, attrs: { reduction: reductions } },
  ({ x, indices, updates, reduction }) =>
    $.call("81:5", scatterND, x, wrapTuples(indices, $.call("81:38", shape, x).slice(0, depthOf(indices))), updates, reduction as Reduction),
{"name":"ScatterND","path":"src/ops/formulas/indexing.formula.ts","line":78,"column":14});

/** The slices where a condition holds. How many they are is data, so the condition must happen to be a constant. */
export const Compress = formula({ inputs: { x: "any", condition: ["bool"] }, attrs: { axis: maybe("int") } }, ({ x, condition, axis }) => {
  const kept = $.call("86:16", numbers, condition).flatMap((c, i) => ($.test($.ne(c , 0, "86:56"), "86:54") ? [i] : []));
  const flat = axis === undefined ? $.call("87:37", reshape, x, [$.call("87:49", size, x)]) : x;
  return $.call("88:10", gather, flat, $.call("88:23", vector, kept, "i64"), axis ?? 0);
}, {"name":"Compress","path":"src/ops/formulas/indexing.formula.ts","line":85,"column":14});

/** Where the elements are that are not zero, one column each. */
export const NonZero = formula({ inputs: { x: "any" }, constantsOnly: true }, ({ x }) => {
  const dims = $.call("93:16", shape, x);
  const at = $.call("94:14", nonZeroPositions, x);
  const strides = dims.map((_, i) => dims.slice($.add(i , 1, "95:51")).reduce((a, b) => $.mul(a , b, "95:75"), 1));
  const digits = dims.flatMap((extent, i) => at.map((p) => $.rem(Math.floor($.div(p , strides[i], "96:73")) , extent, "96:87")));
  return $.call("97:10", table, digits, [dims.length, at.length], "i64");
}, {"name":"NonZero","path":"src/ops/formulas/indexing.formula.ts","line":92,"column":14});

/** Each distinct value (or slice along an axis) once: those, where each first stands, which one stands where, how often. */
export const Unique = formula(
  { inputs: { x: "any" }, attrs: { axis: maybe("int"), sorted: int(1) }, outputs: 4, constantsOnly: true },
  ({ x, axis, sorted }) => {
    const at = axis === undefined ? 0 : positive(axis, $.call("104:56", rank, x));
    const from = axis === undefined ? $.call("105:39", reshape, x, [$.call("105:51", size, x)]) : x;
    const { first, inverse, counts } = $.call("106:40", distinctSlices, from, at, $.eq(sorted , 1, "106:72"));
    return [$.call("107:13", gather, from, $.call("107:26", vector, first, "i64"), at), $.call("107:53", vector, first, "i64"), $.call("107:75", vector, inverse, "i64"), $.call("107:99", vector, counts, "i64")];
  },
{"name":"Unique","path":"src/ops/formulas/indexing.formula.ts","line":101,"column":14});

/** The k largest or smallest along an axis, and their positions; ties by lower position. */
export const TopK = formula(
  { inputs: { x: "number", k: shaping(["i64"]) }, attrs: { axis: int(-1), largest: int(1), sorted: int(1) }, outputs: 2 },
  ({ x, k, axis, largest }) => {
    const [count] = $.call("115:21", extents, k);
    const at = positive(axis, $.call("116:31", rank, x));
    const first = (t: Num) => $.call("117:31", slice, t, [{ axis: at, start: 0, size: count }]);
    const [values, indices] = $.call("118:31", sort, x, at, $.eq(largest , 1, "118:51"));
    return [first(values), first(indices)];
  },
{"name":"TopK","path":"src/ops/formulas/indexing.formula.ts","line":112,"column":14});

const running = { exclusive: int(0), reverse: int(0) };

export const CumSum = formula({ inputs: { x: "number", axis: shaping(index) }, attrs: running }, ({ x, axis, exclusive, reverse }) =>
  $.call("126:3", scan, x, "sum", $.call("126:18", numbers, axis)[0], $.eq(exclusive , 1, "126:46"), $.eq(reverse , 1, "126:61")),
{"name":"CumSum","path":"src/ops/formulas/indexing.formula.ts","line":125,"column":14});

export const CumProd = formula({ inputs: { x: "number", axis: shaping(index) }, attrs: running }, ({ x, axis, exclusive, reverse }) =>
  $.call("130:3", scan, x, "prod", $.call("130:19", numbers, axis)[0], $.eq(exclusive , 1, "130:47"), $.eq(reverse , 1, "130:62")),
{"name":"CumProd","path":"src/ops/formulas/indexing.formula.ts","line":129,"column":14});

/** Writes updates into a cache at each batch entry's own position along an axis; "circular" wraps round its end. */
export const TensorScatter = formula(
  {
    inputs: { past: "any", update: "any", write_indices: optional(["i64"]) },
    attrs: { axis: int(-2), mode: text("linear", "circular") },
  },
  ({ past, update, write_indices, axis, mode }) => {
    const at = positive(axis, $.call("140:31", rank, past));
    if ($.test($.eq(at , 0, "141:12"), "141:9")) $.call("141:19", refuse, "TensorScatter writes along an axis other than the batch");
    const dims = $.call("142:18", shape, update);
    const step = $.call("143:18", iota, dims, at, "i64");
    const others = dims.slice(1).map((_, i) => $.add(i , 1, "144:50"));
    const start = write_indices === undefined ? 0 : $.call("145:53", expand, $.call("145:60", unsqueeze, write_indices, others), dims);
    const to = $.add(step , start, "146:21");
    const position = mode === "circular" ? $.call("147:44", mod, to, $.call("147:52", shape, past)[at]) : to;
    return $.call("148:12", scatterElements, past, position, update, at, "none");
  },
{"name":"TensorScatter","path":"src/ops/formulas/indexing.formula.ts","line":134,"column":14});
