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

export const GatherND = formula({ inputs: { x: "any", indices: ["i64"] }, attrs: { batch_dims: int(0) } }, ({ x, indices, batch_dims }) => {
  if ($.test($.lt(batch_dims , 0, "52:18"), "52:7")) $.call("52:23", refuse, `batch_dims counts leading axes and is ${batch_dims}`);
  return $.call("53:10", gatherND, x, indices, batch_dims);
}, {"name":"GatherND","path":"src/ops/formulas/indexing.formula.ts","line":51,"column":14});

export const ScatterElements = formula(
  { inputs: { x: "any", indices: index, updates: "any" }, attrs: { axis: int(0), reduction: reductions } },
  ({ x, indices, updates, axis, reduction }) => $.call("58:49", scatterElements, x, indices, updates, axis, reduction as Reduction),
{"name":"ScatterElements","path":"src/ops/formulas/indexing.formula.ts","line":56,"column":14});

export const ScatterND = formula(
  { inputs: { x: "any", indices: ["i64"], updates: "any" }, attrs: { reduction: reductions } },
  ({ x, indices, updates, reduction }) => $.call("63:43", scatterND, x, indices, updates, reduction as Reduction),
{"name":"ScatterND","path":"src/ops/formulas/indexing.formula.ts","line":61,"column":14});

/** The slices where a condition holds. How many they are is data, so the condition must happen to be a constant. */
export const Compress = formula({ inputs: { x: "any", condition: ["bool"] }, attrs: { axis: maybe("int") } }, ({ x, condition, axis }) => {
  const kept = $.call("68:16", numbers, condition).flatMap((c, i) => ($.test($.ne(c , 0, "68:56"), "68:54") ? [i] : []));
  const flat = axis === undefined ? $.call("69:37", reshape, x, [$.call("69:49", size, x)]) : x;
  return $.call("70:10", gather, flat, $.call("70:23", vector, kept, "i64"), axis ?? 0);
}, {"name":"Compress","path":"src/ops/formulas/indexing.formula.ts","line":67,"column":14});

/** Where the elements are that are not zero, one column each. */
export const NonZero = formula({ inputs: { x: "any" }, constantsOnly: true }, ({ x }) => {
  const dims = $.call("75:16", shape, x);
  const at = $.call("76:14", nonZeroPositions, x);
  const strides = dims.map((_, i) => dims.slice($.add(i , 1, "77:51")).reduce((a, b) => $.mul(a , b, "77:75"), 1));
  const digits = dims.flatMap((extent, i) => at.map((p) => $.rem(Math.floor($.div(p , strides[i], "78:73")) , extent, "78:87")));
  return $.call("79:10", table, digits, [dims.length, at.length], "i64");
}, {"name":"NonZero","path":"src/ops/formulas/indexing.formula.ts","line":74,"column":14});

/** Each distinct value (or slice along an axis) once: those, where each first stands, which one stands where, how often. */
export const Unique = formula(
  { inputs: { x: "any" }, attrs: { axis: maybe("int"), sorted: int(1) }, outputs: 4, constantsOnly: true },
  ({ x, axis, sorted }) => {
    const at = axis === undefined ? 0 : positive(axis, $.call("86:56", rank, x));
    const from = axis === undefined ? $.call("87:39", reshape, x, [$.call("87:51", size, x)]) : x;
    const { first, inverse, counts } = $.call("88:40", distinctSlices, from, at, $.eq(sorted , 1, "88:72"));
    return [$.call("89:13", gather, from, $.call("89:26", vector, first, "i64"), at), $.call("89:53", vector, first, "i64"), $.call("89:75", vector, inverse, "i64"), $.call("89:99", vector, counts, "i64")];
  },
{"name":"Unique","path":"src/ops/formulas/indexing.formula.ts","line":83,"column":14});

/** The k largest or smallest along an axis, and their positions; ties by lower position. */
export const TopK = formula(
  { inputs: { x: "number", k: shaping(["i64"]) }, attrs: { axis: int(-1), largest: int(1), sorted: int(1) }, outputs: 2 },
  ({ x, k, axis, largest }) => {
    const [count] = $.call("97:21", extents, k);
    const at = positive(axis, $.call("98:31", rank, x));
    $.call("99:5", assumeAtMost, count, $.call("99:25", shape, x)[at], `it asks for more elements than axis ${at} has`);
    const first = (t: Num) => $.call("100:31", slice, t, [{ axis: at, start: 0, size: count }], true);
    const [values, indices] = $.call("101:31", sort, x, at, $.eq(largest , 1, "101:51"));
    return [first(values), first(indices)];
  },
{"name":"TopK","path":"src/ops/formulas/indexing.formula.ts","line":94,"column":14});

const running = { exclusive: int(0), reverse: int(0) };

export const CumSum = formula({ inputs: { x: "number", axis: shaping(index) }, attrs: running }, ({ x, axis, exclusive, reverse }) =>
  $.call("109:3", scan, x, "sum", $.call("109:18", numbers, axis)[0], $.eq(exclusive , 1, "109:46"), $.eq(reverse , 1, "109:61")),
{"name":"CumSum","path":"src/ops/formulas/indexing.formula.ts","line":108,"column":14});

export const CumProd = formula({ inputs: { x: "number", axis: shaping(index) }, attrs: running }, ({ x, axis, exclusive, reverse }) =>
  $.call("113:3", scan, x, "prod", $.call("113:19", numbers, axis)[0], $.eq(exclusive , 1, "113:47"), $.eq(reverse , 1, "113:62")),
{"name":"CumProd","path":"src/ops/formulas/indexing.formula.ts","line":112,"column":14});

/** Writes updates into a cache at each batch entry's own position along an axis; "circular" wraps round its end. */
export const TensorScatter = formula(
  {
    inputs: { past: "any", update: "any", write_indices: optional(["i64"]) },
    attrs: { axis: int(-2), mode: text("linear", "circular") },
  },
  ({ past, update, write_indices, axis, mode }) => {
    const at = positive(axis, $.call("123:31", rank, past));
    if ($.test($.eq(at , 0, "124:12"), "124:9")) $.call("124:19", refuse, "TensorScatter writes along an axis other than the batch");
    const dims = $.call("125:18", shape, update);
    const step = $.call("126:18", iota, dims, at, "i64");
    const others = dims.slice(1).map((_, i) => $.add(i , 1, "127:50"));
    const start = write_indices === undefined ? 0 : $.call("128:53", expand, $.call("128:60", unsqueeze, write_indices, others), dims);
    const known = write_indices === undefined ? [0] : $.call("129:55", tryNumbers, write_indices);
    if (mode === "linear" && known !== undefined)
      $.call("131:7", assumeAtMost, $.call("131:20", total, [Math.max(0, ...known), dims[at]]), $.call("131:62", shape, past)[at], `the cache's axis ${at} must have room for what is written`);
    const to = $.add(step , start, "132:21");
    const position = mode === "circular" ? $.call("133:44", mod, to, $.call("133:52", shape, past)[at]) : to;
    return $.call("134:12", scatterElements, past, position, update, at, "none");
  },
{"name":"TensorScatter","path":"src/ops/formulas/indexing.formula.ts","line":117,"column":14});
