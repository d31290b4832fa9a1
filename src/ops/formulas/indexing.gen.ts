/* Generated from indexing.formula.ts; do not edit. */ import { dispatcher } from "../lang/dispatch.js"; const $ = dispatcher("src/ops/formulas/indexing.formula.ts"); /** Gathers, scatters, sorting and running folds. */
import {
  assumeAtMost,
  distinctSlices,
  extents,
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
  total,
  vector,
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
  $.call("44:3", gather, x, indices, axis),
{"name":"Gather","path":"src/ops/formulas/indexing.formula.ts","line":43,"column":14});

export const GatherElements = formula({ inputs: { x: "any", indices: index }, attrs: { axis: int(0) } }, ({ x, indices, axis }) =>
  $.call("48:3", gatherElements, x, indices, axis),
{"name":"GatherElements","path":"src/ops/formulas/indexing.formula.ts","line":47,"column":14});

export const GatherND = formula({ inputs: { x: "any", indices: ["i64"] }, attrs: { batch_dims: int(0) } }, ({ x, indices, batch_dims }) =>
  $.call("52:3", gatherND, x, indices, batch_dims),
{"name":"GatherND","path":"src/ops/formulas/indexing.formula.ts","line":51,"column":14});

export const ScatterElements = formula(
  { inputs: { x: "any", indices: index, updates: "any" }, attrs: { axis: int(0), reduction: reductions } },
  ({ x, indices, updates, axis, reduction }) => $.call("57:49", scatterElements, x, indices, updates, axis, reduction as Reduction),
{"name":"ScatterElements","path":"src/ops/formulas/indexing.formula.ts","line":55,"column":14});

export const ScatterND = formula(
  { inputs: { x: "any", indices: ["i64"], updates: "any" }, attrs: { reduction: reductions } },
  ({ x, indices, updates, reduction }) => $.call("62:43", scatterND, x, indices, updates, reduction as Reduction),
{"name":"ScatterND","path":"src/ops/formulas/indexing.formula.ts","line":60,"column":14});

/** The slices where a condition holds. How many they are is data, so the condition must happen to be a constant. */
export const Compress = formula({ inputs: { x: "any", condition: ["bool"] }, attrs: { axis: maybe("int") } }, ({ x, condition, axis }) => {
  const kept = $.call("67:16", numbers, condition).flatMap((c, i) => ($.test($.ne(c , 0, "67:56"), "67:54") ? [i] : []));
  const flat = axis === undefined ? $.call("68:37", reshape, x, [$.call("68:49", size, x)]) : x;
  return $.call("69:10", gather, flat, $.call("69:23", vector, kept, "i64"), axis ?? 0);
}, {"name":"Compress","path":"src/ops/formulas/indexing.formula.ts","line":66,"column":14});

/** Where the elements are that are not zero, one column each. */
export const NonZero = formula({ inputs: { x: "any" }, constantsOnly: true }, ({ x }) => {
  const dims = $.call("74:16", shape, x);
  const at = $.call("75:14", nonZeroPositions, x);
  const strides = dims.map((_, i) => dims.slice($.add(i , 1, "76:51")).reduce((a, b) => $.mul(a , b, "76:75"), 1));
  const digits = dims.flatMap((extent, i) => at.map((p) => $.rem(Math.floor($.div(p , strides[i], "77:73")) , extent, "77:87")));
  return $.call("78:10", table, digits, [dims.length, at.length], "i64");
}, {"name":"NonZero","path":"src/ops/formulas/indexing.formula.ts","line":73,"column":14});

/** Each distinct value (or slice along an axis) once: those, where each first stands, which one stands where, how often. */
export const Unique = formula(
  { inputs: { x: "any" }, attrs: { axis: maybe("int"), sorted: int(1) }, outputs: 4, constantsOnly: true },
  ({ x, axis, sorted }) => {
    const at = axis === undefined ? 0 : positive(axis, $.call("85:56", rank, x));
    const from = axis === undefined ? $.call("86:39", reshape, x, [$.call("86:51", size, x)]) : x;
    const { first, inverse, counts } = $.call("87:40", distinctSlices, from, at, $.eq(sorted , 1, "87:72"));
    return [$.call("88:13", gather, from, $.call("88:26", vector, first, "i64"), at), $.call("88:53", vector, first, "i64"), $.call("88:75", vector, inverse, "i64"), $.call("88:99", vector, counts, "i64")];
  },
{"name":"Unique","path":"src/ops/formulas/indexing.formula.ts","line":82,"column":14});

/** The k largest or smallest along an axis, and their positions; ties by lower position. */
export const TopK = formula(
  { inputs: { x: "number", k: shaping(["i64"]) }, attrs: { axis: int(-1), largest: int(1), sorted: int(1) }, outputs: 2 },
  ({ x, k, axis, largest }) => {
    const [count] = $.call("96:21", extents, k);
    const at = positive(axis, $.call("97:31", rank, x));
    $.call("98:5", assumeAtMost, count, $.call("98:25", shape, x)[at], `it asks for more elements than axis ${at} has`);
    const first = (t: Num) => $.call("99:31", slice, t, [{ axis: at, start: 0, size: count }], true);
    const [values, indices] = $.call("100:31", sort, x, at, $.eq(largest , 1, "100:51"));
    return [first(values), first(indices)];
  },
{"name":"TopK","path":"src/ops/formulas/indexing.formula.ts","line":93,"column":14});

const running = { exclusive: int(0), reverse: int(0) };

export const CumSum = formula({ inputs: { x: "number", axis: shaping(index) }, attrs: running }, ({ x, axis, exclusive, reverse }) =>
  $.call("108:3", scan, x, "sum", $.call("108:18", numbers, axis)[0], $.eq(exclusive , 1, "108:46"), $.eq(reverse , 1, "108:61")),
{"name":"CumSum","path":"src/ops/formulas/indexing.formula.ts","line":107,"column":14});

export const CumProd = formula({ inputs: { x: "number", axis: shaping(index) }, attrs: running }, ({ x, axis, exclusive, reverse }) =>
  $.call("112:3", scan, x, "prod", $.call("112:19", numbers, axis)[0], $.eq(exclusive , 1, "112:47"), $.eq(reverse , 1, "112:62")),
{"name":"CumProd","path":"src/ops/formulas/indexing.formula.ts","line":111,"column":14});

/** Writes updates into a cache at each batch entry's own position along an axis; "circular" wraps round its end. */
export const TensorScatter = formula(
  {
    inputs: { past: "any", update: "any", write_indices: optional(["i64"]) },
    attrs: { axis: int(-2), mode: text("linear", "circular") },
  },
  ({ past, update, write_indices, axis, mode }) => {
    const at = positive(axis, $.call("122:31", rank, past));
    if ($.test($.eq(at , 0, "123:12"), "123:9")) $.call("123:19", refuse, "TensorScatter writes along an axis other than the batch");
    const dims = $.call("124:18", shape, update);
    const step = $.call("125:18", iota, dims, at, "i64");
    const others = dims.slice(1).map((_, i) => $.add(i , 1, "126:50"));
    const start = write_indices === undefined ? 0 : $.call("127:53", expand, $.call("127:60", unsqueeze, write_indices, others), dims);
    const known = write_indices === undefined ? [0] : $.call("128:55", tryNumbers, write_indices);
    if (mode === "linear" && known !== undefined)
      $.call("130:7", assumeAtMost, $.call("130:20", total, [Math.max(0, ...known), dims[at]]), $.call("130:62", shape, past)[at], `the cache's axis ${at} must have room for what is written`);
    const to = $.add(step , start, "131:21");
    const position = mode === "circular" ? $.call("132:44", mod, to, $.call("132:52", shape, past)[at]) : to;
    return $.call("133:12", scatterElements, past, position, update, at, "none");
  },
{"name":"TensorScatter","path":"src/ops/formulas/indexing.formula.ts","line":116,"column":14});
