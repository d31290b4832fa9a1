/** Gathers, scatters, sorting and running folds. */
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
import { positive } from "./axes.formula.js";

const index = ["i32", "i64"] as const;
const reductions = text("none", "add", "mul", "max", "min");

export const Gather = formula({ inputs: { x: "any", indices: index }, attrs: { axis: int(0) } }, ({ x, indices, axis }) =>
  gather(x, indices, axis),
);

export const GatherElements = formula({ inputs: { x: "any", indices: index }, attrs: { axis: int(0) } }, ({ x, indices, axis }) =>
  gatherElements(x, indices, axis),
);

export const GatherND = formula({ inputs: { x: "any", indices: ["i64"] }, attrs: { batch_dims: int(0) } }, ({ x, indices, batch_dims }) => {
  if (batch_dims < 0) refuse(`batch_dims counts leading axes and is ${batch_dims}`);
  return gatherND(x, indices, batch_dims);
});

export const ScatterElements = formula(
  { inputs: { x: "any", indices: index, updates: "any" }, attrs: { axis: int(0), reduction: reductions } },
  ({ x, indices, updates, axis, reduction }) => scatterElements(x, indices, updates, axis, reduction as Reduction),
);

export const ScatterND = formula(
  { inputs: { x: "any", indices: ["i64"], updates: "any" }, attrs: { reduction: reductions } },
  ({ x, indices, updates, reduction }) => scatterND(x, indices, updates, reduction as Reduction),
);

/** The slices where a condition holds. How many they are is data, so the condition must happen to be a constant. */
export const Compress = formula({ inputs: { x: "any", condition: ["bool"] }, attrs: { axis: maybe("int") } }, ({ x, condition, axis }) => {
  const kept = numbers(condition).flatMap((c, i) => (c !== 0 ? [i] : []));
  const flat = axis === undefined ? reshape(x, [size(x)]) : x;
  return gather(flat, vector(kept, "i64"), axis ?? 0);
});

/** Where the elements are that are not zero, one column each. */
export const NonZero = formula({ inputs: { x: "any" }, constantsOnly: true }, ({ x }) => {
  const dims = shape(x);
  const at = nonZeroPositions(x);
  const strides = dims.map((_, i) => dims.slice(i + 1).reduce((a, b) => a * b, 1));
  const digits = dims.flatMap((extent, i) => at.map((p) => Math.floor(p / strides[i]) % extent));
  return table(digits, [dims.length, at.length], "i64");
});

/** Each distinct value (or slice along an axis) once: those, where each first stands, which one stands where, how often. */
export const Unique = formula(
  { inputs: { x: "any" }, attrs: { axis: maybe("int"), sorted: int(1) }, outputs: 4, constantsOnly: true },
  ({ x, axis, sorted }) => {
    const at = axis === undefined ? 0 : positive(axis, rank(x));
    const from = axis === undefined ? reshape(x, [size(x)]) : x;
    const { first, inverse, counts } = distinctSlices(from, at, sorted === 1);
    return [gather(from, vector(first, "i64"), at), vector(first, "i64"), vector(inverse, "i64"), vector(counts, "i64")];
  },
);

/** The k largest or smallest along an axis, and their positions; ties by lower position. */
export const TopK = formula(
  { inputs: { x: "number", k: shaping(["i64"]) }, attrs: { axis: int(-1), largest: int(1), sorted: int(1) }, outputs: 2 },
  ({ x, k, axis, largest }) => {
    const [count] = extents(k);
    const at = positive(axis, rank(x));
    assumeAtMost(count, shape(x)[at], `it asks for more elements than axis ${at} has`);
    const first = (t: Num) => slice(t, [{ axis: at, start: 0, size: count }], true);
    const [values, indices] = sort(x, at, largest === 1);
    return [first(values), first(indices)];
  },
);

const running = { exclusive: int(0), reverse: int(0) };

export const CumSum = formula({ inputs: { x: "number", axis: shaping(index) }, attrs: running }, ({ x, axis, exclusive, reverse }) =>
  scan(x, "sum", numbers(axis)[0], exclusive === 1, reverse === 1),
);

export const CumProd = formula({ inputs: { x: "number", axis: shaping(index) }, attrs: running }, ({ x, axis, exclusive, reverse }) =>
  scan(x, "prod", numbers(axis)[0], exclusive === 1, reverse === 1),
);

/** Writes updates into a cache at each batch entry's own position along an axis; "circular" wraps round its end. */
export const TensorScatter = formula(
  {
    inputs: { past: "any", update: "any", write_indices: optional(["i64"]) },
    attrs: { axis: int(-2), mode: text("linear", "circular") },
  },
  ({ past, update, write_indices, axis, mode }) => {
    const at = positive(axis, rank(past));
    if (at === 0) refuse("TensorScatter writes along an axis other than the batch");
    const dims = shape(update);
    const step = iota(dims, at, "i64");
    const others = dims.slice(1).map((_, i) => i + 1);
    const start = write_indices === undefined ? 0 : expand(unsqueeze(write_indices, others), dims);
    const known = write_indices === undefined ? [0] : tryNumbers(write_indices);
    if (mode === "linear" && known !== undefined)
      assumeAtMost(total([Math.max(0, ...known), dims[at]]), shape(past)[at], `the cache's axis ${at} must have room for what is written`);
    const to = step + start;
    const position = mode === "circular" ? mod(to, shape(past)[at]) : to;
    return scatterElements(past, position, update, at, "none");
  },
);
