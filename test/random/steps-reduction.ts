/** Steps that gather many elements into one: reductions, running sums, positions, normalisations. */
import { isFloat, type DType } from "../../src/base/dtype.js";
import type { Tensor } from "../../src/base/tensor.js";
import type { Value } from "../../src/ir/graph.js";
import { float, int, ints, type Attrs, type Growing } from "./growing.js";
import type { Step } from "./step.js";
import { axisOf, i64, spelled } from "./steps-movement.js";

const always = ["ReduceSum", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceSumSquare", "ReduceL1"];
const floats = [...always, "ReduceMean", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceSum", "ReduceMax", "ReduceMean"];

/** Integers wrap on the chips; onnxruntime's C++ leaves it undefined where it adds and multiplies by other means. */
export function overflows({ dtype, data }: Tensor, op: string): boolean {
  if (isFloat(dtype)) return false;
  const sizes = Array.from(data as ArrayLike<number | bigint>, (v) => Math.abs(Number(v)));
  if (op === "ReduceProd") return sizes.reduce((a, b) => a * Math.max(1, b), 1) >= 2 ** 31;
  return sizes.reduce((a, b) => a + (op === "ReduceSumSquare" ? b * b : b), 0) >= 2 ** 31;
}

const reduce: Step = (g, x) => {
  const shape = g.shape(x);
  const dtype = g.dtype(x);
  if (dtype === "bool") return undefined;
  const op = g.rng.pick(isFloat(dtype) ? floats : always);
  const from = op === "ReduceLogSum" ? g.node("Abs", [x]) : x;
  if (!from || (!/Max|Min/.test(op) && overflows(g.tensor(x), op))) return undefined;
  const keepdims: Attrs = g.rng.chance(0.5) ? {} : { keepdims: int(g.rng.int(0, 1)) };
  if (shape.length === 0 || g.rng.chance(0.1))
    return g.node(op, [from], { ...keepdims, ...(g.rng.chance(0.2) ? { noop_with_empty_axes: int(1) } : {}) });
  const axes = g.rng.some([...shape.keys()]).map((a) => spelled(g, a, shape.length));
  return g.node(op, [from, i64(g, g.rng.shuffled(axes))], keepdims);
};

const position: Step = (g, x) => {
  const shape = g.shape(x);
  if (shape.length === 0 || g.dtype(x) === "bool") return undefined;
  const axis = axisOf(g, x);
  const attrs = { axis: int(spelled(g, axis, shape.length)), keepdims: int(g.rng.int(0, 1)), select_last_index: int(g.rng.int(0, 1)) };
  return g.node(g.rng.pick(["ArgMax", "ArgMin"]), [x], attrs);
};

const running: Step = (g, x) => {
  const shape = g.shape(x);
  if (shape.length === 0 || g.dtype(x) === "bool") return undefined;
  const axis = g.numbers(g.rng.pick<DType>(["i64", "i32"]), [spelled(g, axisOf(g, x), shape.length)], []);
  return g.node("CumSum", [x, axis], { exclusive: int(g.rng.int(0, 1)), reverse: int(g.rng.int(0, 1)) });
};

const softmax: Step = (g, x) => {
  if (!isFloat(g.dtype(x)) || g.shape(x).length === 0) return undefined;
  const op = g.rng.pick(["Softmax", "Softmax", "LogSoftmax", "Hardmax"]);
  return g.node(op, [x], { axis: int(spelled(g, axisOf(g, x), g.shape(x).length)) });
};

/** A parameter of the extents from `axis` on: a constant, for exporters write constants. */
function parameter(g: Growing, x: Value, shape: readonly number[]): Value {
  return g.other(g.dtype(x), shape, undefined, shape);
}

const normalise: Step = (g, x) => {
  const shape = g.shape(x);
  if (!isFloat(g.dtype(x)) || shape.length === 0) return undefined;
  const axis = g.rng.chance(0.7) ? shape.length - 1 : axisOf(g, x);
  const rest = shape.slice(axis);
  if (rest.some((_, k) => g.isOpen(x, axis + k))) return undefined;
  const epsilon = { epsilon: float(g.rng.pick([1e-5, 1e-3, 0.1])) };
  const attrs = { axis: int(spelled(g, axis, shape.length)), ...epsilon };
  if (g.rng.chance(0.25)) return g.node("RMSNormalization", [x, parameter(g, x, rest)], attrs);
  return g.node(
    "LayerNormalization",
    g.rng.chance(0.6) ? [x, parameter(g, x, rest), parameter(g, x, rest)] : [x, parameter(g, x, rest)],
    attrs,
  );
};

const normaliseChannels: Step = (g, x) => {
  const shape = g.shape(x);
  if (!isFloat(g.dtype(x)) || shape.length < 3 || g.isOpen(x, 1) || shape[1] === 0) return undefined;
  const c = shape[1];
  const epsilon = float(g.rng.pick([1e-5, 1e-3, 0.1]));
  const [scale, shift] = [parameter(g, x, [c]), parameter(g, x, [c])];
  const op = g.rng.pick(["InstanceNormalization", "GroupNormalization", "BatchNormalization", "MeanVarianceNormalization", "LRN"]);
  if (op === "InstanceNormalization") return g.node(op, [x, scale, shift], { epsilon });
  if (op === "GroupNormalization") {
    const groups = g.rng.pick([1, 2, 3, 4, c].filter((n) => c % n === 0));
    return g.node(op, [x, scale, shift], { epsilon, num_groups: int(groups) });
  }
  if (op === "BatchNormalization") {
    const variance = g.numbers(
      g.dtype(x),
      Array.from({ length: c }, () => g.rng.int(2, 16) / 8),
    );
    return g.node(op, [x, scale, shift, parameter(g, x, [c]), variance], { epsilon });
  }
  if (op === "LRN")
    return g.dtype(x) === "f32" ? g.node(op, [x], { size: int(g.rng.pick([1, 3, 5])), alpha: float(0.1), beta: float(0.75) }) : undefined;
  // mean(x^2) - mean(x)^2 over few elements may be less than nothing.
  const axes = g.rng.some([...shape.keys()]);
  // Of equal elements onnxruntime makes NaN: it knows no epsilon here.
  const isFlat = new Set(g.tensor(x).data as Iterable<number>).size === 1;
  return isFlat || axes.reduce((n, a) => n * shape[a], 1) < 8 ? undefined : g.node(op, [x], { axes: ints(axes) });
};

const lpNormalise: Step = (g, x) => {
  if (!isFloat(g.dtype(x)) || g.shape(x).length === 0) return undefined;
  return g.node("LpNormalization", [x], { axis: int(spelled(g, axisOf(g, x), g.shape(x).length)), p: int(g.rng.int(1, 2)) });
};

/** exp(x - max x) / sum, written out; the axis may be any. */
const softmaxByHand: Step = (g, x) => {
  const shape = g.shape(x);
  if (!isFloat(g.dtype(x)) || shape.length === 0) return undefined;
  const axes = g.rng.chance(0.8) ? [axisOf(g, x)] : g.rng.some([...shape.keys()]);
  const most = g.node("ReduceMax", [x, i64(g, axes)]);
  const shifted = most && g.node("Sub", [x, most]);
  const e = shifted && g.node("Exp", [shifted]);
  const sum = e && g.node("ReduceSum", [e, i64(g, axes)]);
  return sum && g.node("Div", [e, sum]);
};

/** (x - mean) / sqrt(var + eps), written out. */
const layerNormByHand: Step = (g, x) => {
  const shape = g.shape(x);
  if (!isFloat(g.dtype(x)) || shape.length === 0) return undefined;
  const axes = g.rng.chance(0.8) ? [axisOf(g, x)] : g.rng.some([...shape.keys()]);
  const mean = g.node("ReduceMean", [x, i64(g, axes)]);
  const d = mean && g.node("Sub", [x, mean]);
  const squares = d && g.node("Mul", [d, d]);
  const variance = squares && g.node("ReduceMean", [squares, i64(g, axes)]);
  const safe = variance && g.node("Add", [variance, g.numbers(g.dtype(x), [0.125], [])]);
  const root = safe && g.node("Sqrt", [safe]);
  return root && d && g.node("Div", [d, root]);
};

export const reduction: readonly (readonly [number, Step])[] = [
  [6, reduce],
  [1.5, position],
  [1.5, running],
  [2, softmax],
  [2, normalise],
  [1, normaliseChannels],
  [0.5, lpNormalise],
  [1, softmaxByHand],
  [1, layerNormByHand],
];
