/* Generated from indexing.formula.ts; do not edit. */ import { dispatcher } from "../lang/dispatch.js"; const $ = dispatcher("src/ops/formulas/indexing.formula.ts"); /** Gathers, scatters, sorting and running folds. */
import {
  cast,
  concat,
  dtype,
  formula,
  gather,
  gatherElements,
  gatherND,
  int,
  iota,
  maybe,
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
  $.call("42:3", gather, x, indices, axis),
{"name":"Gather","path":"src/ops/formulas/indexing.formula.ts","line":41,"column":14});

export const GatherElements = formula({ inputs: { x: "any", indices: index }, attrs: { axis: int(0) } }, ({ x, indices, axis }) =>
  $.call("46:3", gatherElements, x, indices, axis),
{"name":"GatherElements","path":"src/ops/formulas/indexing.formula.ts","line":45,"column":14});

/** Index tuples with negative entries counted from the end of their axis. */
function wrapTuples(indices: Num, extents: readonly Num[]): Num {
  const known = $.call("51:17", tryNumbers, indices);
  if ($.test(known?.every((i) => $.ge(i , 0, "52:29")), "52:7")) return indices;
  const depth = extents.length;
  const dims = $.call("54:16", concat, 
    extents.map((d) => $.call("55:24", reshape, $.call("55:32", cast, d, $.call("55:40", dtype, indices)), [1])),
    0,
  );
  return $.call("58:10", where, $.lt(indices , 0, "58:24"), $.add(indices , $.call("58:39", reshape, dims, [...new Array<number>($.sub($.call("58:75", rank, indices) , 1, "58:89")).fill(1), depth]), "58:37"), indices);
}

function depthOf(indices: Num): number {
  return $.call("62:10", shape, indices)[$.sub($.call("62:25", rank, indices) , 1, "62:39")];
}

export const GatherND = formula({ inputs: { x: "any", indices: ["i64"] }, attrs: { batch_dims: int(0) } }, ({ x, indices, batch_dims }) =>
  $.call("66:3", gatherND, x, wrapTuples(indices, $.call("66:35", shape, x).slice(batch_dims, $.add(batch_dims , depthOf(indices), "66:73"))), batch_dims),
{"name":"GatherND","path":"src/ops/formulas/indexing.formula.ts","line":65,"column":14});

export const ScatterElements = formula(
  { inputs: { x: "any", indices: index, updates: "any" }, attrs: { axis: int(0), reduction: reductions } },
  ({ x, indices, updates, axis, reduction }) => $.call("71:49", scatterElements, x, indices, updates, axis, reduction as Reduction),
{"name":"ScatterElements","path":"src/ops/formulas/indexing.formula.ts","line":69,"column":14});

export const ScatterND = formula(
  { inputs: { x: "any", indices: ["i64"], updates: "any" }, attrs: { reduction: reductions } },
  ({ x, indices, updates, reduction }) =>
    $.call("77:5", scatterND, x, wrapTuples(indices, $.call("77:38", shape, x).slice(0, depthOf(indices))), updates, reduction as Reduction),
{"name":"ScatterND","path":"src/ops/formulas/indexing.formula.ts","line":74,"column":14});

/** The slices where a condition holds. How many they are is data, so the condition must happen to be a constant. */
export const Compress = formula({ inputs: { x: "any", condition: ["bool"] }, attrs: { axis: maybe("int") } }, ({ x, condition, axis }) => {
  const kept = $.call("82:16", numbers, condition).flatMap((c, i) => ($.test($.ne(c , 0, "82:56"), "82:54") ? [i] : []));
  const flat = axis === undefined ? $.call("83:37", reshape, x, [$.call("83:49", size, x)]) : x;
  return $.call("84:10", gather, flat, $.call("84:23", vector, kept, "i64"), axis ?? 0, true);
}, {"name":"Compress","path":"src/ops/formulas/indexing.formula.ts","line":81,"column":14});

/** The k largest or smallest along an axis, and their positions; ties by lower position. */
export const TopK = formula(
  { inputs: { x: "number", k: shaping(["i64"]) }, attrs: { axis: int(-1), largest: int(1), sorted: int(1) }, outputs: 2 },
  ({ x, k, axis, largest }) => {
    const [count] = $.call("91:21", numbers, k);
    const at = positive(axis, $.call("92:31", rank, x));
    const first = (t: Num) => $.call("93:31", slice, t, [{ axis: at, start: 0, size: count }]);
    const [values, indices] = $.call("94:31", sort, x, at, $.eq(largest , 1, "94:51"));
    return [first(values), first(indices)];
  },
{"name":"TopK","path":"src/ops/formulas/indexing.formula.ts","line":88,"column":14});

const running = { exclusive: int(0), reverse: int(0) };

export const CumSum = formula({ inputs: { x: "number", axis: shaping(index) }, attrs: running }, ({ x, axis, exclusive, reverse }) =>
  $.call("102:3", scan, x, "sum", $.call("102:18", numbers, axis)[0], $.eq(exclusive , 1, "102:46"), $.eq(reverse , 1, "102:61")),
{"name":"CumSum","path":"src/ops/formulas/indexing.formula.ts","line":101,"column":14});

export const CumProd = formula({ inputs: { x: "number", axis: shaping(index) }, attrs: running }, ({ x, axis, exclusive, reverse }) =>
  $.call("106:3", scan, x, "prod", $.call("106:19", numbers, axis)[0], $.eq(exclusive , 1, "106:47"), $.eq(reverse , 1, "106:62")),
{"name":"CumProd","path":"src/ops/formulas/indexing.formula.ts","line":105,"column":14});

/** Writes updates into a cache at each batch entry's own position along an axis; "circular" wraps round its end. */
export const TensorScatter = formula(
  {
    inputs: { past: "any", update: "any", write_indices: optional(["i64"]) },
    attrs: { axis: int(-2), mode: text("linear", "circular") },
  },
  ({ past, update, write_indices, axis, mode }) => {
    const at = positive(axis, $.call("116:31", rank, past));
    if ($.test($.eq(at , 0, "117:12"), "117:9")) $.call("117:19", refuse, "TensorScatter writes along an axis other than the batch");
    const dims = $.call("118:18", shape, update);
    const step = $.call("119:18", iota, dims, at, "i64");
    const others = dims.slice(1).map((_, i) => $.add(i , 1, "120:50"));
    const start = write_indices === undefined ? 0 : $.call("121:53", expand, $.call("121:60", unsqueeze, write_indices, others), dims);
    const to = $.add(step , start, "122:21");
    const position = mode === "circular" ? $.call("123:44", mod, to, $.call("123:52", shape, past)[at]) : to;
    return $.call("124:12", scatterElements, past, position, update, at, "none");
  },
{"name":"TensorScatter","path":"src/ops/formulas/indexing.formula.ts","line":110,"column":14});
