/** Elements picked or placed by indices that are data. Where the indices are known and regular, a pick is a slice. */
import { decide, type Cond } from "../../base/cond.js";
import { add, isConst, mul, type Dim } from "../../base/dim.js";
import { fromNumbers } from "../../base/float-formats.js";
import { applyWrapped, handleOf, normalAxis, pointwise, scalar, wrap } from "./core.js";
import { where } from "./elementwise.js";
import { constant } from "./make.js";
import { concat, reshape, slice } from "./movement.js";
import type { Handle } from "../op.js";
import type { Reach } from "../affine.js";
import { isFixed, rank, refuseOpen, shape, size, tryExtents, tryNumbers } from "./questions.js";
import { builder, fromDim, toDim, type Num } from "./value.js";

/**
 * x.shape[:axis] + indices.shape + x.shape[axis+1:]. Negative indices count from the end unless told that there are
 * none. Known indices in equal steps are a slice, which moves into the reader's loads.
 */
export function gather(x: Num, indices: Num, axis: number, nonNegative = false): Num {
  const at = normalAxis(axis, rank(x));
  requireWithin(indices, shape(x)[at]);
  const steps = regularSteps(indices);
  if (steps) {
    const extent = shape(x)[at];
    const start = isBelow(mul(-1, toDim(steps.start)), 1) ? steps.start : fromDim(add(toDim(extent), toDim(steps.start)));
    const cut = slice(x, [{ axis: at, start, size: steps.count, step: steps.step }]);
    return rank(indices) === 1 ? cut : reshape(cut, [...shape(x).slice(0, at), ...shape(indices), ...shape(x).slice(at + 1)]);
  }
  const from = nonNegative ? indices : wrapIndices(indices, shape(x)[at]);
  return applyWrapped("gather", [handleOf(x), handleOf(from)], { axis: at });
}

/** What indices are known to reach, least and most; nothing where they are data. */
function reachesOf(indices: Num): readonly (Reach | undefined)[] {
  const each = tryExtents(indices)?.map((e) => ({ least: toDim(e), most: toDim(e) }));
  return each ?? builder().reaches(handleOf(indices));
}

/** Indices must lie within the axis, which is a guard where that hangs on sizes. */
function requireWithin(indices: Num, extent: Num): void {
  const known = tryNumbers(indices);
  const all = known ? spanOf(known) : reachesOf(indices);
  all.forEach((reach) => requireReach(reach, { extent, count: size(indices) }));
}

/** The same for tuples of indices, one for each of the axes. */
function requireTuplesWithin(indices: Num, extents: readonly Num[]): void {
  const known = tryNumbers(indices);
  const each = known ? [] : reachesOf(indices);
  extents.forEach((extent, k) => {
    const own = <T>(list: readonly T[]): T[] => list.filter((_, i) => i % extents.length === k || list.length === 1);
    const all = known ? spanOf(known.filter((_, i) => i % extents.length === k)) : own(each);
    all.forEach((reach) => requireReach(reach, { extent, count: size(indices) }));
  });
}

function spanOf(known: readonly number[]): readonly Reach[] {
  if (known.length === 0) return [];
  return [{ least: known.reduce((a, b) => Math.min(a, b)), most: known.reduce((a, b) => Math.max(a, b)) }];
}

/** Where there are any indices. Negative ones count from the end; no extent is negative. */
function requireReach(reach: Reach | undefined, { extent, count }: { readonly extent: Num; readonly count: Num }): void {
  if (!reach) return;
  const { least, most } = reach;
  const [below, n] = [mul(-1, least), toDim(extent)];
  const needs = (when: Cond, message: string): void =>
    builder().assume({ op: "or", all: [when, { op: "eq", a: toDim(count), b: 0 }] }, message);
  const message = (at: Dim, needed: string): string =>
    isConst(at) ? `index ${at} needs an axis of ${needed} elements` : `index ${at} must lie within an axis of ${n} elements`;
  if (!isBelow(most, 0)) needs({ op: "lt", a: most, b: n }, message(most, `more than ${most}`));
  if (!isBelow(below, 1)) needs({ op: "le", a: below, b: n }, message(least, `at least ${below}`));
}

const isBelow = (d: Dim, limit: number): boolean => decide({ op: "lt", a: d, b: limit }) === true;

/** Indices that are known, of one sign, and equally far apart; or a single one that the host knows, and that is not negative. */
function regularSteps(indices: Num): { start: Num; step: number; count: number } | undefined {
  const known = tryNumbers(indices);
  if (!known) {
    const [only, ...more] = tryExtents(indices) ?? [];
    return only !== undefined && more.length === 0 && isBelow(mul(-1, toDim(only)), 1) ? { start: only, step: 1, count: 1 } : undefined;
  }
  if (known.length === 0) return undefined;
  const [start] = known;
  const step = known.length > 1 ? known[1] - start : 1;
  const regular = step !== 0 && known.every((k, i) => k === start + i * step && k >= 0 === start >= 0);
  return regular ? { start, step, count: known.length } : undefined;
}

/** Adds the extent to negative indices; known indices are wrapped at once. */
export function wrapIndices(indices: Num, extent: Num): Num {
  const h = handleOf(indices);
  const known = tryNumbers(indices);
  const reaches = builder().reaches(h);
  if (known ? known.every((i) => i >= 0) : reaches.length > 0 && reaches.every((r) => r && isBelow(mul(-1, r.least), 1))) return indices;
  if (known && typeof extent === "number")
    return constant(
      fromNumbers(
        h.dtype,
        h.shape as readonly number[],
        known.map((i) => (i < 0 ? i + extent : i)),
      ),
    );
  return wrapped(indices, wrap(scalar(extent, h.dtype)));
}

/** The same where the extents are a tensor that broadcasts to the indices. */
function wrapped(indices: Num, extents: Num): Num {
  const zero = wrap(scalar(0, handleOf(indices).dtype));
  return where(pointwise("lt", [indices, zero]), pointwise("add", [indices, extents]), indices);
}

export function gatherElements(x: Num, indices: Num, axis: number): Num {
  const at = normalAxis(axis, rank(x));
  requireWithin(indices, shape(x)[at]);
  return applyWrapped("gatherelements", [handleOf(x), handleOf(wrapIndices(indices, shape(x)[at]))], { axis: at });
}

/** Tuples of indices on the last axis, for axes of x from `first` on; negative ones are counted from the end. */
function tuples(x: Num, indices: Num, first: number): Handle {
  const depth = shape(indices)[rank(indices) - 1];
  if (!isFixed(depth)) refuseOpen("how many axes the last axis of indices names", [depth]);
  const extents = shape(x).slice(first, first + depth);
  requireTuplesWithin(indices, extents);
  if (tryNumbers(indices)?.every((i) => i >= 0)) return handleOf(indices);
  const { dtype } = handleOf(indices);
  const list = concat(
    extents.map((d) => reshape(wrap(scalar(d, dtype)), [1])),
    0,
  );
  return handleOf(wrapped(indices, reshape(list, [...new Array<number>(rank(indices) - 1).fill(1), depth])));
}

export function gatherND(x: Num, indices: Num, batchDims: number): Num {
  return applyWrapped("gathernd", [handleOf(x), tuples(x, indices, batchDims)], { batchdims: batchDims });
}

export type Reduction = "none" | "add" | "mul" | "max" | "min";

export function scatterElements(x: Num, indices: Num, updates: Num, axis: number, how: Reduction): Num {
  const at = normalAxis(axis, rank(x));
  requireWithin(indices, shape(x)[at]);
  const from = wrapIndices(indices, shape(x)[at]);
  return applyWrapped("scatterelements", [handleOf(x), handleOf(from), handleOf(updates)], { axis: at, reduction: how });
}

export function scatterND(x: Num, indices: Num, updates: Num, how: Reduction): Num {
  return applyWrapped("scatternd", [handleOf(x), tuples(x, indices, 0), handleOf(updates)], { reduction: how });
}
