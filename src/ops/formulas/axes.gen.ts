/* Generated from axes.formula.ts; do not edit. */ import { dispatcher } from "../lang/dispatch.js"; const $ = dispatcher("src/ops/formulas/axes.formula.ts"); /** Axis handling that several families share. */
import { decided, numbers, rank, refuse, squeeze, type Num } from "../lang.js";

/** Whether an extent is known to be this number. */
export function is(d: Num, value: number): boolean {
  return $.eq($.call("6:10", decided, d, "==", value) , true, "6:34");
}

/** Every axis but the first two: the spatial ones of N C ... tensors. */
export function spatialAxes(x: Num): number[] {
  return Array.from({ length: $.sub($.call("11:31", rank, x) , 2, "11:39") }, (_, i) => $.add(i , 2, "11:58"));
}

/** Refuses lists of a window that have not one entry a spatial axis (pads two), as onnxruntime does. */
export function requireLengths(axes: number, lists: Readonly<Record<string, readonly unknown[] | undefined>>): void {
  Object.entries(lists).forEach(([name, list]) => {
    const wanted = name === "pads" ? $.mul(2 , axes, "17:40") : axes;
    if (list !== undefined && $.test($.ne(list.length , wanted, "18:43"), "18:31")) $.call("18:55", refuse, `${name} has ${list.length} entries; ${axes} spatial axes take ${wanted}`);
  });
}

export function allAxes(x: Num): number[] {
  return Array.from({ length: $.call("23:31", rank, x) }, (_, i) => i);
}

/** A negative axis counts from the end. */
export function positive(axis: number, count: number): number {
  return $.test($.lt(axis , 0, "28:15"), "28:10") ? $.add(axis , count, "28:26") : axis;
}

export interface ReduceOptions {
  readonly keepdims: number;
  readonly noop_with_empty_axes: number;
}

/** Applies a reduction over the axes of an optional input: absent or empty means all, or none when `noop_with_empty_axes`. */
export function reduceOver(x: Num, axes: Num | undefined, options: ReduceOptions, fold: (x: Num, axes: number[]) => Num): Num {
  const given = axes === undefined ? [] : $.call("38:43", numbers, axes);
  const chosen = $.test($.gt(given.length , 0, "39:31"), "39:18") ? given : $.test($.eq(options.noop_with_empty_axes , 1, "39:74"), "39:45") ? [] : allAxes(x);
  const y = fold(x, chosen);
  return $.test($.eq(options.keepdims , 1, "41:27"), "41:10") || $.test($.eq(chosen.length , 0, "41:50"), "41:36") ? y : $.call("41:62", squeeze, y, chosen);
}
