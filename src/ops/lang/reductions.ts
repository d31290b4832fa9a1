/** Many elements become one, or a running value, or an order, along axes that stay with extent 1. */
import { product } from "../../base/dim.js";
import { isInteger } from "../../base/dtype.js";
import { applyWrapped, axesOf, handleOf, normalAxis, pointwise, wrap } from "./core.js";
import type { Mask } from "./elementwise.js";
import { rank } from "./questions.js";
import { builder, fromDim, type Num } from "./value.js";

type Axes = number | readonly number[];

const reduction =
  (fn: string) =>
  (x: Num, axes?: Axes): Num => {
    const h = handleOf(x);
    const list = axesOf(h, axes);
    return list.length === 0 || h.shape.length === 0 ? x : applyWrapped("reduce", [h], { fn, axes: list });
  };

export const sum = reduction("sum");
export const prod = reduction("prod");
export const max = reduction("max");
export const min = reduction("min");
export const any = (x: Mask, axes?: Axes): boolean => reduction("any")(x as Num, axes) as unknown as boolean;
export const all = (x: Mask, axes?: Axes): boolean => reduction("all")(x as Num, axes) as unknown as boolean;

/** How many elements a reduction over `axes` folds into one. */
export function countAlong(x: Num, axes?: Axes): Num {
  const h = handleOf(x);
  return fromDim(product(axesOf(h, axes).map((a) => (h.shape.length === 0 ? 1 : h.shape[a]))));
}

export function mean(x: Num, axes?: Axes): Num {
  const { dtype: type } = handleOf(x);
  const total = sum(x, axes);
  return pointwise(isInteger(type) ? "truncdiv" : "div", [total, countAlong(x, axes)]);
}

/** Positions (i64) of the extreme along an axis, which stays with extent 1. */
export function argMax(x: Num, axis: number, last = false): Num {
  return applyWrapped("argreduce", [handleOf(x)], { fn: "max", axis: normalAxis(axis, rank(x)), last: Number(last) });
}

export function argMin(x: Num, axis: number, last = false): Num {
  return applyWrapped("argreduce", [handleOf(x)], { fn: "min", axis: normalAxis(axis, rank(x)), last: Number(last) });
}

/** Running sum, product, maximum or minimum. */
export function scan(x: Num, fn: "sum" | "prod" | "max" | "min", axis: number, exclusive = false, reverse = false): Num {
  const at = normalAxis(axis, rank(x));
  return applyWrapped("scan", [handleOf(x)], { fn, axis: at, exclusive: Number(exclusive), reverse: Number(reverse) });
}

/** Sorted values and their positions (i64); equal values keep their order. */
export function sort(x: Num, axis: number, descending = false): [values: Num, indices: Num] {
  const out = builder().apply("sort", [handleOf(x)], { axis: normalAxis(axis, rank(x)), descending: Number(descending) });
  return [wrap(out[0]), wrap(out[1])];
}
