/** Steps whose addresses are data: gathers, scatters, one-hot, top k. Indices are in range, negative ones among them. */
import type { DType } from "../../src/base/dtype.js";
import { elementCount } from "../../src/base/tensor.js";
import type { Value } from "../../src/ir/graph.js";
import { int, text, type Growing } from "./growing.js";
import type { Step } from "./step.js";
import { axisOf, i64, spelled } from "./steps-movement.js";
import { tensorOf } from "./values.js";

function indices(g: Growing, shape: readonly number[], extent: number, dtype?: DType): Value {
  const type = dtype ?? g.rng.pick<DType>(["i64", "i64", "i32"]);
  const values = Array.from({ length: elementCount(shape) }, () => g.rng.int(g.rng.chance(0.3) ? -extent : 0, extent - 1));
  return g.other(type, shape, tensorOf(type, shape, values), shape);
}

const gather: Step = (g, x) => {
  const shape = g.shape(x);
  if (shape.length === 0) return undefined;
  const axis = axisOf(g, x);
  if (shape[axis] === 0 || g.isOpen(x, axis)) return undefined;
  const of = g.rng.pick([[], [1], [3], [7], [2, 3], [17], [1, 2, 2], [0]]);
  return g.node("Gather", [x, indices(g, of, shape[axis])], { axis: int(spelled(g, axis, shape.length)) });
};

const gatherElements: Step = (g, x) => {
  const shape = g.shape(x);
  if (shape.length === 0 || shape.some((d, i) => d === 0 || g.isOpen(x, i))) return undefined;
  const axis = axisOf(g, x);
  const of = shape.map((d, i) => (i === axis ? g.rng.pick([1, 2, 5, d]) : g.rng.chance(0.8) ? d : g.rng.int(1, d)));
  return g.node("GatherElements", [x, indices(g, of, shape[axis])], { axis: int(axis) });
};

/** Rows of positions in the first `width` axes behind `batch`. */
function rowsOf(g: Growing, lead: readonly number[], extents: readonly number[]): Value {
  const rows = elementCount(lead);
  const values = Array.from({ length: rows }, () => extents.map((e) => g.rng.int(g.rng.chance(0.2) ? -e : 0, e - 1))).flat();
  const shape = [...lead, extents.length];
  return g.other("i64", shape, tensorOf("i64", shape, values), shape);
}

const gatherNd: Step = (g, x) => {
  const shape = g.shape(x);
  if (shape.length === 0 || shape.some((d, i) => d === 0 || g.isOpen(x, i))) return undefined;
  const batch = g.rng.chance(0.3) && shape.length > 1 ? 1 : 0;
  const width = g.rng.int(1, shape.length - batch);
  const lead = [...shape.slice(0, batch), ...g.rng.pick([[1], [5], [2, 3]])];
  return g.node("GatherND", [x, rowsOf(g, lead, shape.slice(batch, batch + width))], { batch_dims: int(batch) });
};

/** With "none" no position is written twice: nobody says who is last. */
const scatterNd: Step = (g, x) => {
  const shape = g.shape(x);
  if (shape.length === 0 || g.dtype(x) === "bool" || shape.some((d, i) => d === 0 || g.isOpen(x, i))) return undefined;
  const reduction = g.rng.pick(["none", "none", "add", "mul", "max", "min"]);
  const width = g.rng.int(1, shape.length);
  const extents = shape.slice(0, width);
  const places = g.rng.shuffled([...Array(Math.min(40, elementCount(extents))).keys()]).slice(0, g.rng.int(1, 6));
  const rows = places.map((p) => extents.map((e, k) => Math.floor(p / elementCount(extents.slice(k + 1))) % e));
  if (reduction !== "none" && rows.length > 1) rows[1] = rows[0];
  const at = g.constant(tensorOf("i64", [rows.length, width], rows.flat()));
  const updates = [rows.length, ...shape.slice(width)];
  return g.node("ScatterND", [x, at, g.other(g.dtype(x), updates)], { reduction: text(reduction) });
};

const scatterElements: Step = (g, x) => {
  const shape = g.shape(x);
  if (shape.length === 0 || g.dtype(x) === "bool" || shape.some((d, i) => d === 0 || g.isOpen(x, i))) return undefined;
  const reduction = g.rng.pick(["none", "none", "add", "mul", "max", "min"]);
  const axis = axisOf(g, x);
  const count = g.rng.int(1, Math.min(4, shape[axis]));
  const of = shape.map((d, i) => (i === axis ? count : d));
  const inner = elementCount(of.slice(axis + 1));
  const start = g.rng.int(0, shape[axis] - count);
  const values = Array.from({ length: elementCount(of) }, (_, p) =>
    reduction === "none" ? start + (Math.floor(p / inner) % count) : g.rng.int(-shape[axis], shape[axis] - 1),
  );
  const at = g.other("i64", of, tensorOf("i64", of, values), of);
  return g.node("ScatterElements", [x, at, g.other(g.dtype(x), of)], {
    axis: int(spelled(g, axis, shape.length)),
    reduction: text(reduction),
  });
};

const oneHot: Step = (g, x) => {
  const depth = g.rng.pick([1, 3, 8, 17]);
  const of = g.rng.pick([[1], [3], [2, 5]]);
  const values = g.numbers(g.dtype(x) === "bool" ? "f32" : g.dtype(x), [0, 1]);
  return g.node("OneHot", [indices(g, of, depth, "i64"), g.numbers("i64", [depth], []), values], { axis: int(g.rng.int(-1, of.length)) });
};

const topK: Step = (g, x) => {
  const shape = g.shape(x);
  if (shape.length === 0 || g.dtype(x) === "bool") return undefined;
  const axis = axisOf(g, x);
  if (shape[axis] === 0 || g.isOpen(x, axis)) return undefined;
  const k = g.rng.pick([1, Math.min(2, shape[axis]), shape[axis]]);
  const attrs = { axis: int(spelled(g, axis, shape.length)), largest: int(g.rng.int(0, 1)), sorted: int(1) };
  return g.many("TopK", [x, i64(g, [k])], attrs, 2);
};

const compress: Step = (g, x) => {
  const shape = g.shape(x);
  if (shape.length === 0) return undefined;
  const axis = axisOf(g, x);
  if (g.isOpen(x, axis)) return undefined;
  const keep = g.numbers(
    "bool",
    Array.from({ length: shape[axis] }, () => g.rng.int(0, 1)),
  );
  return g.node("Compress", [x, keep], { axis: int(axis) });
};

export const indexing: readonly (readonly [number, Step])[] = [
  [4, gather],
  [2, gatherElements],
  [1.5, gatherNd],
  [1.5, scatterNd],
  [1.5, scatterElements],
  [0.7, oneHot],
  [0.7, topK],
  [0.4, compress],
];
