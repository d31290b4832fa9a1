/** Operators that make tensors from shapes, ranges and types, or ask a tensor for its shape. */
import {
  cast,
  ceilDiv,
  constant,
  dimsTensor,
  dtype,
  expand,
  extents,
  formula,
  full,
  int,
  iota,
  isIntegerType,
  maximum,
  maybe,
  numbers,
  optional,
  rank,
  refuse,
  required,
  reshape,
  shape,
  shaping,
  size,
  text,
  tryExtents,
  tryNumbers,
  unsqueeze,
  vector,
  where,
  slice,
  type Num,
} from "../lang.js";
import { positive } from "./axes.formula.js";

/** A constant, as a tensor or as one number or list of numbers. */
export const Constant = formula(
  {
    inputs: {},
    attrs: {
      value: maybe("tensor"),
      value_float: maybe("float"),
      value_floats: maybe("floats"),
      value_int: maybe("int"),
      value_ints: maybe("ints"),
    },
  },
  ({ value, value_float, value_floats, value_int, value_ints }) => {
    if (value !== undefined) return constant(value);
    if (value_float !== undefined) return full([], value_float, "f32");
    if (value_floats !== undefined) return vector(value_floats, "f32");
    if (value_int !== undefined) return full([], value_int, "i64");
    if (value_ints !== undefined) return vector(value_ints, "i64");
    return refuse("Constant has no value that a tensor program can hold");
  },
);

export const ConstantOfShape = formula(
  { inputs: { shape: shaping(["i64"]) }, attrs: { value: maybe("tensor") } },
  ({ shape: dims, value }) => {
    const extent = extents(dims);
    if (value === undefined) return full(extent, 0, "f32");
    return expand(
      reshape(
        constant(value),
        extent.map(() => 1),
      ),
      extent,
    );
  },
);

/** The extents of axes start..end as i64. */
export const Shape = formula({ inputs: { x: "any" }, attrs: { start: int(0), end: maybe("int") } }, ({ x, start, end }) => {
  const n = rank(x);
  const limit = (at: number) => Math.min(Math.max(at < 0 ? at + n : at, 0), n);
  return dimsTensor(shape(x).slice(limit(start), limit(end ?? n)));
});

export const Size = formula({ inputs: { x: "any" } }, ({ x }) => reshape(dimsTensor([size(x)]), []));

/** start, start + delta, ... below (or above) limit. */
export const Range = formula(
  { inputs: { start: shaping("number"), limit: shaping("number"), delta: shaping("number") }, attrs: { stash_type: int(1) } },
  ({ start, limit, delta }) => {
    const type = dtype(start);
    const [step] = numbers(delta);
    if (step === 0) refuse("Range needs a step that is not 0");
    const [first, last] = [tryExtents(start), tryExtents(limit)];
    if (isIntegerType(type) || (first !== undefined && last !== undefined && step % 1 === 0)) {
      const [[from], [to]] = [first ?? numbers(start), last ?? numbers(limit)];
      const count = ceilDiv((to - from) * Math.sign(step), Math.abs(step));
      return iota([maximum(count, 0)], 0, type) * step + from;
    }
    const [[from], [to]] = [numbers(start), numbers(limit)];
    const count = Math.max(Math.ceil((to - from) / step), 0);
    return iota([count], 0, type) * step + from;
  },
);

/** Ones on a diagonal of a matrix shaped like the input. */
export const EyeLike = formula({ inputs: { x: "any" }, attrs: { dtype: maybe("dtype"), k: int(0) } }, ({ x, dtype: type, k }) => {
  const dims = shape(x);
  return cast(iota(dims, 1, "i64") - iota(dims, 0, "i64") === k, type ?? dtype(x));
});

/** on/off values along a new axis of extent `depth`; negative indices count from the end. */
export const OneHot = formula(
  { inputs: { indices: "number", depth: shaping("number"), values: "any" }, attrs: { axis: int(-1) } },
  ({ indices, depth, values, axis }) => {
    const [count] = extents(depth);
    const at = positive(axis, rank(indices) + 1);
    const wanted = cast(unsqueeze(indices, [at]), "i64");
    const wrapped = where(wanted < 0, wanted + count, wanted);
    const dims = [...shape(indices).slice(0, at), count, ...shape(indices).slice(at)];
    const pick = (i: number) => reshape(slice(values, [{ axis: 0, start: i, size: 1 }]), []);
    return where(iota(dims, at, "i64") === wrapped, pick(1), pick(0));
  },
);

const castAttrs = { saturate: int(1), round_mode: text("up", "down", "nearest") };

function convert(x: Num, to: ReturnType<typeof dtype>, saturate: number, mode: string): Num {
  if (to === "f8e8m0") return cast(x, to, { round: mode === "up" ? "up" : mode === "down" ? "down" : "nearest", saturate: saturate === 1 });
  const packed = to === "f8e4m3fn" || to === "f8e4m3fnuz" || to === "f8e5m2" || to === "f8e5m2fnuz" || to === "f4e2m1";
  return cast(x, to, { saturate: packed && saturate === 1 });
}

export const Cast = formula({ inputs: { x: "any" }, attrs: { to: required("dtype"), ...castAttrs } }, ({ x, to, saturate, round_mode }) =>
  convert(x, to, saturate, round_mode),
);

export const CastLike = formula({ inputs: { x: "any", target: "any" }, attrs: castAttrs }, ({ x, target, saturate, round_mode }) =>
  convert(x, dtype(target), saturate, round_mode),
);

/** Inference passes data through. Training would draw random numbers. */
export const Dropout = formula(
  { inputs: { x: "float", ratio: optional("float"), training_mode: optional(["bool"]) }, attrs: { seed: maybe("int") }, outputs: 2 },
  ({ x, ratio, training_mode }) => {
    const training = training_mode !== undefined && numbers(training_mode)[0] !== 0;
    const off = ratio !== undefined && tryNumbers(ratio)?.[0] === 0;
    if (training && !off) refuse("Dropout in training mode draws random numbers", "Export the model for inference.");
    return [x, full(shape(x), true, "bool")];
  },
);
