/** Elements move and are repeated, none is computed: reshape, transpose, slices, pads, joins, windows. */
import { sub, type Dim } from "../../base/dim.js";
import { apply, applyWrapped, axesOf, broadcast, broadcastShape, commonDType, expandTo, handleOf, normalAxis, wrap } from "./core.js";
import { refuse, shape } from "./questions.js";
import { absent, builder, fromDim, toDim, type Num } from "./value.js";

export function reshape(x: Num, dims: readonly Num[]): Num {
  return applyWrapped("reshape", [handleOf(x)], { shape: dims.map(toDim) });
}

/** Without `perm`: axes in reverse order. */
export function transpose(x: Num, perm?: readonly number[]): Num {
  const h = handleOf(x);
  const order = perm ?? h.shape.map((_, i) => h.shape.length - 1 - i);
  return applyWrapped("transpose", [h], { perm: order.map((p) => normalAxis(p, h.shape.length)) });
}

/** numpy's broadcast_to, both ways: extents of x that are not 1 win over 1 in `dims`. */
export function expand(x: Num, dims: readonly Num[]): Num {
  const h = handleOf(x);
  return wrap(expandTo(h, broadcastShape("expand", [h.shape, dims.map(toDim)])));
}

/** Inserts axes of extent 1 at positions of the result. */
export function unsqueeze(x: Num, axes: readonly number[]): Num {
  const h = handleOf(x);
  const total = h.shape.length + axes.length;
  const at = new Set(axes.map((a) => normalAxis(a, total)));
  if (at.size !== axes.length) refuse(`axes [${axes.join(", ")}] name one axis twice`);
  const rest = [...h.shape];
  return wrap(apply("reshape", [h], { shape: Array.from({ length: total }, (_, i) => (at.has(i) ? 1 : rest.shift()!)) }, true));
}

/** Drops axes, whose extent must be 1. */
export function squeeze(x: Num, axes: readonly number[]): Num {
  const h = handleOf(x);
  const at = axesOf(h, axes);
  if (at.some((a) => a >= h.shape.length)) refuse(`axes [${axes.join(", ")}] of a tensor that has none`);
  for (const a of at) if (h.shape[a] !== 1) builder().unify(h.shape[a], 1, `squeezed axis ${a} must have extent 1`);
  return wrap(apply("reshape", [h], { shape: h.shape.filter((_, i) => !at.includes(i)) }, true));
}

export interface SliceAxis {
  readonly axis: number;
  readonly start: Num;
  readonly size: Num;
  readonly step?: number;
}

/** y[i] = x[start + i * step] on the named axes; the others stay whole. Starts and sizes must lie within x; `fits`: they are clamped to it. */
export function slice(x: Num, cuts: readonly SliceAxis[], fits = false): Num {
  const h = handleOf(x);
  const [starts, sizes, steps] = [h.shape.map((): Dim => 0), [...h.shape], h.shape.map(() => 1)];
  for (const cut of cuts) {
    const axis = normalAxis(cut.axis, h.shape.length);
    [starts[axis], sizes[axis], steps[axis]] = [toDim(cut.start), toDim(cut.size), cut.step ?? 1];
  }
  return wrap(apply("slice", [h], { starts, sizes, steps }, fits));
}

/** Reverses axes. */
export function flip(x: Num, axes: readonly number[]): Num {
  const dims = shape(x);
  return slice(
    x,
    axes.map((axis) => {
      const extent = dims[normalAxis(axis, dims.length)];
      return { axis, start: fromDim(sub(toDim(extent), 1)), size: extent, step: -1 };
    }),
  );
}

/** Adds elements before and after; amounts are never negative, one an axis. */
export function pad(x: Num, low: readonly Num[], high: readonly Num[], value: Num): Num {
  const h = handleOf(x);
  const fill = handleOf(value, h.dtype);
  const at = fill.shape.length === 0 ? fill : apply("reshape", [fill], { shape: [] });
  return applyWrapped("pad", [h, at], { low: low.map(toDim), high: high.map(toDim) });
}

export function concat(parts: readonly Num[], axis: number): Num {
  if (parts.length === 1) return parts[0];
  commonDType("concat", parts);
  const handles = parts.map((p) => handleOf(p));
  const first = handles[0] ?? absent();
  const at = normalAxis(axis, first.shape.length);
  for (const h of handles.slice(1)) {
    if (h.shape.length !== first.shape.length) refuse(`concat of rank ${first.shape.length} and rank ${h.shape.length} tensors`);
    h.shape.forEach((d, i) => i !== at && builder().unify(first.shape[i], d, `concat: extents of axis ${i} must be equal`));
  }
  return applyWrapped("concat", handles, { axis: at });
}

/** Joins tensors of one shape along a new axis. */
export function stack(parts: readonly Num[], axis: number): Num {
  return concat(
    parts.map((p) => unsqueeze(p, [axis])),
    axis,
  );
}

/** Sliding windows: each axis k becomes the count of windows, and one axis a window size is appended at the end. */
export function windows(
  x: Num,
  axes: readonly number[],
  sizes: readonly number[],
  strides: readonly number[],
  dilations: readonly number[],
): Num {
  return applyWrapped("window", [handleOf(x)], { axes, sizes, strides, dilations });
}

/** All operands broadcast to their common shape. */
export function broadcastAll(values: readonly Num[]): Num[] {
  return broadcast("broadcast", values).map(wrap);
}
