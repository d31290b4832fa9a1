/** Axis handling that several families share. */
import { decided, numbers, rank, refuse, squeeze, type Num } from "../lang.js";

/** Whether an extent is known to be this number. */
export function is(d: Num, value: number): boolean {
  return decided(d, "==", value) === true;
}

/** Every axis but the first two: the spatial ones of N C ... tensors. */
export function spatialAxes(x: Num): number[] {
  return Array.from({ length: rank(x) - 2 }, (_, i) => i + 2);
}

/** Refuses lists of a window that have not one entry a spatial axis (pads two), as onnxruntime does. */
export function requireLengths(axes: number, lists: Readonly<Record<string, readonly unknown[] | undefined>>): void {
  Object.entries(lists).forEach(([name, list]) => {
    const wanted = name === "pads" ? 2 * axes : axes;
    if (list !== undefined && list.length !== wanted) refuse(`${name} has ${list.length} entries; ${axes} spatial axes take ${wanted}`);
  });
}

export function allAxes(x: Num): number[] {
  return Array.from({ length: rank(x) }, (_, i) => i);
}

/** A negative axis counts from the end. */
export function positive(axis: number, count: number): number {
  return axis < 0 ? axis + count : axis;
}

export interface ReduceOptions {
  readonly keepdims: number;
  readonly noop_with_empty_axes: number;
}

/** Applies a reduction over the axes of an optional input: absent or empty means all, or none when `noop_with_empty_axes`. */
export function reduceOver(x: Num, axes: Num | undefined, options: ReduceOptions, fold: (x: Num, axes: number[]) => Num): Num {
  const given = axes === undefined ? [] : numbers(axes);
  const chosen = given.length > 0 ? given : options.noop_with_empty_axes === 1 ? [] : allAxes(x);
  const y = fold(x, chosen);
  return options.keepdims === 1 || chosen.length === 0 ? y : squeeze(y, chosen);
}
