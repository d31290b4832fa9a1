/** Reductions over axes that come as an input, and positions of extremes. */
import {
  abs,
  all,
  any,
  argMax,
  argMin,
  assumeElements,
  cast,
  dtype,
  exp,
  formula,
  int,
  isFixed,
  isFloatType,
  isInf,
  log,
  max,
  mean,
  min,
  optionalShaping,
  prod,
  productOf,
  rank,
  refuse,
  shape,
  sqrt,
  squeeze,
  sum,
  where,
  type Num,
} from "../lang.js";
import { is, positive, reduceOver } from "./axes.formula.js";

const numeric = { x: "number", axes: optionalShaping(["i64"]) } as const;
const withBool = { x: "any", axes: optionalShaping(["i64"]) } as const;
const attrs = { keepdims: int(1), noop_with_empty_axes: int(0) };

/** Runs a float computation on an integer tensor through f32. */
function throughFloat(x: Num, f: (x: Num) => Num): Num {
  return isFloatType(dtype(x)) ? f(x) : cast(f(cast(x, "f32")), dtype(x));
}

export const ReduceSum = formula({ inputs: numeric, attrs }, ({ x, axes, ...o }) => reduceOver(x, axes, o, sum));
export const ReduceProd = formula({ inputs: numeric, attrs }, ({ x, axes, ...o }) => reduceOver(x, axes, o, prod));
export const ReduceMean = formula({ inputs: numeric, attrs }, ({ x, axes, ...o }) => reduceOver(x, axes, o, mean));
/** On bool: whether any holds. */
export const ReduceMax = formula({ inputs: withBool, attrs }, ({ x, axes, ...o }) =>
  reduceOver(x, axes, o, (t, list) => (dtype(t) === "bool" ? (any(t, list) as unknown as Num) : max(t, list))),
);
/** On bool: whether all hold. */
export const ReduceMin = formula({ inputs: withBool, attrs }, ({ x, axes, ...o }) =>
  reduceOver(x, axes, o, (t, list) => (dtype(t) === "bool" ? (all(t, list) as unknown as Num) : min(t, list))),
);
export const ReduceL1 = formula({ inputs: numeric, attrs }, ({ x, axes, ...o }) => reduceOver(x, axes, o, (t, list) => sum(abs(t), list)));
export const ReduceL2 = formula({ inputs: numeric, attrs }, ({ x, axes, ...o }) =>
  reduceOver(x, axes, o, (t, list) => throughFloat(t, (v) => sqrt(sum(v * v, list)))),
);
export const ReduceSumSquare = formula({ inputs: numeric, attrs }, ({ x, axes, ...o }) =>
  reduceOver(x, axes, o, (t, list) => sum(t * t, list)),
);
export const ReduceLogSum = formula({ inputs: numeric, attrs }, ({ x, axes, ...o }) =>
  reduceOver(x, axes, o, (t, list) => throughFloat(t, (v) => log(sum(v, list)))),
);

/** log(sum(exp(x))), shifted by the maximum so that exp cannot overflow. */
export const ReduceLogSumExp = formula({ inputs: numeric, attrs }, ({ x, axes, ...o }) =>
  reduceOver(x, axes, o, (t, list) =>
    throughFloat(t, (v) => {
      const top = max(v, list);
      const shift = where(isInf(top), 0, top);
      return log(sum(exp(v - shift), list)) + shift;
    }),
  ),
);

/** What no element is chosen from has no position; onnxruntime refuses it too. */
function requireChoice(x: Num, axis: number): void {
  const others = productOf(shape(x).filter((_, i) => i !== axis));
  const message = `there is no element to choose on axis ${axis}, which has none`;
  if (is(shape(x)[axis], 0) && isFixed(others) && !is(others, 0)) refuse(message);
  assumeElements(shape(x)[axis], others, message);
}

const argAttrs = { axis: int(0), keepdims: int(1), select_last_index: int(0) };

export const ArgMax = formula({ inputs: { x: "number" }, attrs: argAttrs }, ({ x, axis, keepdims, select_last_index }) => {
  requireChoice(x, positive(axis, rank(x)));
  const at = argMax(x, axis, select_last_index === 1);
  return keepdims === 1 ? at : squeeze(at, [axis]);
});

export const ArgMin = formula({ inputs: { x: "number" }, attrs: argAttrs }, ({ x, axis, keepdims, select_last_index }) => {
  requireChoice(x, positive(axis, rank(x)));
  const at = argMin(x, axis, select_last_index === 1);
  return keepdims === 1 ? at : squeeze(at, [axis]);
});
