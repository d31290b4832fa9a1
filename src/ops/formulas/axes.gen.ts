/* Generated from axes.formula.ts; do not edit. */ import { dispatcher } from "../lang/dispatch.js"; const $ = dispatcher("src/ops/formulas/axes.formula.ts"); /** Axis handling that several families share. */
import { numbers, rank, squeeze, type Num } from "../lang.js";

/** Every axis but the first two: the spatial ones of N C ... tensors. */
export function spatialAxes(x: Num): number[] {
  return Array.from({ length: $.sub($.call("6:31", rank, x) , 2, "6:39") }, (_, i) => $.add(i , 2, "6:58"));
}

export function allAxes(x: Num): number[] {
  return Array.from({ length: $.call("10:31", rank, x) }, (_, i) => i);
}

/** A negative axis counts from the end. */
export function positive(axis: number, count: number): number {
  return $.test($.lt(axis , 0, "15:15"), "15:10") ? $.add(axis , count, "15:26") : axis;
}

export interface ReduceOptions {
  readonly keepdims: number;
  readonly noop_with_empty_axes: number;
}

/** Applies a reduction over the axes of an optional input: absent or empty means all, or none when `noop_with_empty_axes`. */
export function reduceOver(x: Num, axes: Num | undefined, options: ReduceOptions, fold: (x: Num, axes: number[]) => Num): Num {
  const given = axes === undefined ? [] : $.call("25:43", numbers, axes);
  const chosen = $.test($.gt(given.length , 0, "26:31"), "26:18") ? given : $.test($.eq(options.noop_with_empty_axes , 1, "26:74"), "26:45") ? [] : allAxes(x);
  const y = fold(x, chosen);
  return $.test($.eq(options.keepdims , 1, "28:27"), "28:10") || $.test($.eq(chosen.length , 0, "28:50"), "28:36") ? y : $.call("28:62", squeeze, y, chosen);
}
