/* Generated from axes.formula.ts; do not edit. */ import { dispatcher } from "../lang/dispatch.js"; const $ = dispatcher("src/ops/formulas/axes.formula.ts"); /** Axis handling that several families share. */
import { decided, numbers, rank, squeeze, type Num } from "../lang.js";

/** Whether an extent is known to be this number. */
export function is(d: Num, value: number): boolean {
  return $.eq($.call("6:10", decided, d, "==", value) , true, "6:34");
}

/** Every axis but the first two: the spatial ones of N C ... tensors. */
export function spatialAxes(x: Num): number[] {
  return Array.from({ length: $.sub($.call("11:31", rank, x) , 2, "11:39") }, (_, i) => $.add(i , 2, "11:58"));
}

export function allAxes(x: Num): number[] {
  return Array.from({ length: $.call("15:31", rank, x) }, (_, i) => i);
}

/** A negative axis counts from the end. */
export function positive(axis: number, count: number): number {
  return $.test($.lt(axis , 0, "20:15"), "20:10") ? $.add(axis , count, "20:26") : axis;
}

export interface ReduceOptions {
  readonly keepdims: number;
  readonly noop_with_empty_axes: number;
}

/** Applies a reduction over the axes of an optional input: absent or empty means all, or none when `noop_with_empty_axes`. */
export function reduceOver(x: Num, axes: Num | undefined, options: ReduceOptions, fold: (x: Num, axes: number[]) => Num): Num {
  const given = axes === undefined ? [] : $.call("30:43", numbers, axes);
  const chosen = $.test($.gt(given.length , 0, "31:31"), "31:18") ? given : $.test($.eq(options.noop_with_empty_axes , 1, "31:74"), "31:45") ? [] : allAxes(x);
  const y = fold(x, chosen);
  return $.test($.eq(options.keepdims , 1, "33:27"), "33:10") || $.test($.eq(chosen.length , 0, "33:50"), "33:36") ? y : $.call("33:62", squeeze, y, chosen);
}
