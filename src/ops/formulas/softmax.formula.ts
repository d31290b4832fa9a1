/** The softmax family along one axis. */
import { argMax, cast, dtype, exp, formula, int, iota, log, max, shape, sum, type Num } from "../lang.js";

/** exp(x - max x) / sum, along one axis. */
export function softmax(x: Num, axis: number): Num {
  const e = exp(x - max(x, axis));
  return e / sum(e, axis);
}

export const Softmax = formula({ inputs: { x: "float" }, attrs: { axis: int(-1) } }, ({ x, axis }) => softmax(x, axis));

/** log(softmax(x)) without forming the quotient. */
export const LogSoftmax = formula({ inputs: { x: "float" }, attrs: { axis: int(-1) } }, ({ x, axis }) => {
  const shifted = x - max(x, axis);
  return shifted - log(sum(exp(shifted), axis));
});

/** 1 at the first maximum along the axis, 0 elsewhere. */
export const Hardmax = formula({ inputs: { x: "float" }, attrs: { axis: int(-1) } }, ({ x, axis }) =>
  cast(iota(shape(x), axis, "i64") === argMax(x, axis), dtype(x)),
);
