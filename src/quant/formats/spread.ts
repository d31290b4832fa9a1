/**
 * Which elements of a tensor share a scale: all of them, a channel, or a group of neighbours along an axis. Every walk
 * over a quantised tensor is one over runs of neighbours whose scales lie at a fixed step, so that inner loops stay
 * plain.
 */
import { invariant } from "../../base/diagnostic.js";
import { elementCount } from "../../base/tensor.js";

export interface Spread {
  readonly shape: readonly number[];
  /** One scale an index of this axis; absent for one scale in all. */
  readonly axis?: number;
  /** One scale for each `group` neighbours along the axis and every index of the others; the last may be short. */
  readonly group?: number;
}

/** Elements `at` to `at + length`, the first of which reads scale `param`, the next one `step` further. */
type Visit = (at: number, length: number, param: number, step: number) => void;

interface Split {
  readonly outer: number;
  readonly length: number;
  readonly inner: number;
}

function splitAt(shape: readonly number[], axis: number): Split {
  invariant(axis >= 0 && axis < shape.length, `axis ${axis} of [${shape.join(",")}]`);
  return { outer: elementCount(shape.slice(0, axis)), length: shape[axis], inner: elementCount(shape.slice(axis + 1)) };
}

/** The shape in which ONNX wants scales and zero points. */
export function parameterShape({ shape, axis, group }: Spread): number[] {
  if (axis === undefined) return [];
  const { length } = splitAt(shape, axis);
  return group === undefined ? [length] : shape.map((d, i) => (i === axis ? Math.ceil(length / group) : d));
}

function channelRuns({ outer, length, inner }: Split, visit: Visit): void {
  for (let o = 0; o < outer; o++) {
    if (inner === 1) visit(o * length, length, 0, 1);
    else for (let a = 0; a < length; a++) visit((o * length + a) * inner, inner, a, 0);
  }
}

function groupRuns({ outer, length, inner }: Split, group: number, visit: Visit): void {
  const groups = Math.ceil(length / group);
  for (let o = 0; o < outer; o++) {
    if (inner > 1) for (let a = 0; a < length; a++) visit((o * length + a) * inner, inner, (o * groups + Math.floor(a / group)) * inner, 1);
    else for (let g = 0; g < groups; g++) visit(o * length + g * group, Math.min(group, length - g * group), o * groups + g, 0);
  }
}

/** Whether the elements of each scale are neighbours. */
export function isOneRunEach({ shape, axis, group }: Spread): boolean {
  if (axis === undefined) return true;
  const { outer, inner } = splitAt(shape, axis);
  return group === undefined ? outer === 1 && inner > 1 : inner === 1;
}

/** Visits all elements in order of memory. */
export function forEachRun({ shape, axis, group }: Spread, visit: Visit): void {
  if (axis === undefined) visit(0, elementCount(shape), 0, 0);
  else if (group === undefined) channelRuns(splitAt(shape, axis), visit);
  else groupRuns(splitAt(shape, axis), group, visit);
}
