/** Operators that rearrange elements: shapes, axes, cuts, joins, tiles, blocks. */
import {
  assumeDiffer,
  assumeEqual,
  bounds,
  cast,
  ceilDiv,
  concat,
  decided,
  dtype,
  expand,
  extents,
  floorDiv,
  formula,
  gatherElements,
  int,
  iota,
  isFixed,
  maximum,
  maybe,
  minimum,
  numbers,
  optional,
  optionalShaping,
  pad,
  productOf,
  rank,
  refuse,
  required,
  reshape,
  shape,
  shaping,
  slice,
  squeeze,
  text,
  total,
  transpose,
  unsqueeze,
  variadic,
  where,
  type Num,
} from "../lang.js";
import { allAxes, is, positive } from "./axes.formula.js";

export const Identity = formula({ inputs: { x: "any" } }, ({ x }) => x);

/** 0 keeps the extent at its place, -1 takes what is left. */
export const Reshape = formula(
  { inputs: { x: "any", shape: shaping(["i64"]) }, attrs: { allowzero: int(0) } },
  ({ x, shape: to, allowzero }) => {
    const from = shape(x);
    const given = extents(to).map((d, i) => {
      if (!is(d, 0) || allowzero === 1) return d;
      return from[i] ?? refuse(`a 0 in the shape stands for axis ${i}, which the data does not have`);
    });
    const open = given.findIndex((d) => is(d, -1));
    if (open < 0) return reshape(x, given);
    // What is copied stands on both sides, also where it is 0 and says nothing of the rest.
    const copied = extents(to).map((d) => is(d, 0) && allowzero !== 1);
    const left = productOf(from.filter((_, i) => !copied[i]));
    const rest = productOf(given.filter((_, i) => i !== open && !copied[i]));
    return reshape(
      x,
      given.map((d, i) => (i !== open ? d : is(rest, 0) ? 0 : floorDiv(left, rest))),
    );
  },
);

export const Flatten = formula({ inputs: { x: "any" }, attrs: { axis: int(1) } }, ({ x, axis }) => {
  const at = positive(axis, rank(x));
  return reshape(x, [productOf(shape(x).slice(0, at)), productOf(shape(x).slice(at))]);
});

/** Without axes: every axis of extent 1, which an open extent is taken not to be. */
export const Squeeze = formula({ inputs: { x: "any", axes: optionalShaping(["i64"]) } }, ({ x, axes }) => {
  if (axes !== undefined) return squeeze(x, numbers(axes));
  const single = allAxes(x).filter((a) => is(shape(x)[a], 1));
  for (const a of allAxes(x).filter((a) => !single.includes(a)))
    assumeDiffer(shape(x)[a], 1, `axis ${a} must not have extent 1, or a Squeeze without axes would drop it`);
  return squeeze(x, single);
});

export const Unsqueeze = formula({ inputs: { x: "any", axes: shaping(["i64"]) } }, ({ x, axes }) => unsqueeze(x, numbers(axes)));

export const Transpose = formula({ inputs: { x: "any" }, attrs: { perm: maybe("ints") } }, ({ x, perm }) => transpose(x, perm));

export const Expand = formula({ inputs: { x: "any", shape: shaping(["i64"]) } }, ({ x, shape: to }) => expand(x, extents(to)));

export const Concat = formula({ inputs: { inputs: variadic("any") }, attrs: { axis: required("int") } }, ({ inputs, axis }) =>
  concat(inputs, axis),
);

/** Repeats the whole along each axis. */
export const Tile = formula({ inputs: { x: "any", repeats: shaping(["i64"]) } }, ({ x, repeats }) => {
  const times = extents(repeats);
  const dims = shape(x);
  const apart = dims.flatMap((d, i) => (is(times[i], 1) ? [d] : [1, d]));
  const spread = dims.flatMap((d, i) => (is(times[i], 1) ? [d] : [times[i], d]));
  return reshape(
    expand(reshape(x, apart), spread),
    dims.map((d, i) => d * times[i]),
  );
});

/** Beyond this an end or start means "to the border", as exporters write INT_MAX for it. */
const unlimited = 2 ** 31 - 1;

/** A start or end with negative ones counted from the end, as an extent expression where the sign shows only at run time. */
function fromEnd(at: Num, extent: Num): Num {
  const negative = decided(at, "<", 0);
  if (negative !== undefined) return negative ? extent + at : at;
  // extent - 1 is negative for an empty axis alone, where both readings are clamped to 0.
  if (is(extent - at, 1)) return maximum(at, 0);
  return at - extent * minimum(maximum(at, -1), 0);
}

/** A start or end as the standard clamps it: negative counts from the end, then limited to lo..hi. */
function border(at: Num, extent: Num, lo: Num, hi: Num): Num {
  if (isFixed(at) && at >= unlimited) return hi;
  if (isFixed(at) && at <= -unlimited) return lo;
  const place = fromEnd(at, extent);
  // What counts from the end is at most extent - 1, so only a bound from the start can pass hi.
  const within = decided(at, "<=", hi) === true || decided(at, "<", 0) === true;
  return maximum(within ? place : minimum(place, hi), lo);
}

/**
 * Of a start beyond the end the slice is empty, so the count needs no start clamped from above: x[1:] and x[:n - 1] come
 * to the same expression, and x[::-1] to n.
 */
function cut(axis: number, extent: Num, start: Num, end: Num, step: number) {
  if (step === 0) refuse("a slice step is 0");
  if (step > 0) {
    const from = border(start, extent, 0, extent);
    // The last few: as many as there are, at most.
    if (isFixed(start) && start < 0 && start > -unlimited && step === 1 && isFixed(end) && end >= unlimited)
      return { axis, start: from, size: minimum(extent, -start), step };
    const raw = isFixed(start) && start >= 0 && start < unlimited ? start : from;
    return { axis, start: from, size: maximum(ceilDiv(border(end, extent, 0, extent) - raw, step), 0), step };
  }
  const last = extent - 1;
  const from = border(start, extent, 0, last);
  const to = border(end, extent, -1, last);
  // An empty axis has no last element to begin at.
  const count = is(from - maximum(last, 0), 0) ? ceilDiv(last - to, -step) : minimum(ceilDiv(from - to, -step), extent);
  return { axis, start: from, size: maximum(count, 0), step };
}

const index = ["i32", "i64"] as const;

export const Slice = formula(
  {
    inputs: { x: "any", starts: shaping(index), ends: shaping(index), axes: optionalShaping(index), steps: optionalShaping(index) },
  },
  ({ x, starts, ends, axes, steps }) => {
    const dims = shape(x);
    const [from, to] = [bounds(starts), bounds(ends)];
    const on = axes === undefined ? from.map((_, i) => i) : numbers(axes).map((a) => positive(a, dims.length));
    const by = steps === undefined ? from.map(() => 1) : numbers(steps);
    return slice(
      x,
      on.map((axis, i) => cut(axis, dims[axis], from[i], to[i], by[i])),
      true,
    );
  },
);

/** Into the sizes given, or into as equal parts as possible, the last one smaller. */
export const Split = formula(
  { inputs: { x: "any", split: optionalShaping(["i64"]) }, attrs: { axis: int(0), num_outputs: maybe("int") }, outputs: Infinity },
  ({ x, split, axis, num_outputs }, { outputs }) => {
    const at = positive(axis, rank(x));
    const extent = shape(x)[at];
    const parts = num_outputs ?? outputs;
    if (parts < outputs) refuse(`Split names ${parts} parts and has ${outputs} outputs`);
    const chunk = ceilDiv(extent, parts);
    const sizes =
      split !== undefined
        ? extents(split)
        : Array.from({ length: outputs }, (_, i) => (i < parts - 1 ? chunk : extent - chunk * (parts - 1)));
    assumeEqual(total(sizes), extent, `the parts must add up to axis ${at}`);
    let start: Num = 0;
    return sizes.map((length) => {
      const part = slice(x, [{ axis: at, start, size: length }]);
      start = start + length;
      return part;
    });
  },
);

/** N, C, H, W with channels moved into blocks of space; DCR and CRD differ in which channel digits move. */
export const DepthToSpace = formula(
  { inputs: { x: "any" }, attrs: { blocksize: required("int"), mode: text("DCR", "CRD") } },
  ({ x, blocksize, mode }) => {
    const [n, c, h, w] = shape(x);
    const depth = floorDiv(c, blocksize * blocksize);
    const dcr = mode === "DCR";
    const apart = reshape(x, dcr ? [n, blocksize, blocksize, depth, h, w] : [n, depth, blocksize, blocksize, h, w]);
    return reshape(transpose(apart, dcr ? [0, 3, 4, 1, 5, 2] : [0, 1, 4, 2, 5, 3]), [n, depth, h * blocksize, w * blocksize]);
  },
);

export const SpaceToDepth = formula({ inputs: { x: "any" }, attrs: { blocksize: required("int") } }, ({ x, blocksize }) => {
  const [n, c, h, w] = shape(x);
  const [rows, cols] = [floorDiv(h, blocksize), floorDiv(w, blocksize)];
  const apart = reshape(x, [n, c, rows, blocksize, cols, blocksize]);
  return reshape(transpose(apart, [0, 3, 5, 1, 2, 4]), [n, c * blocksize * blocksize, rows, cols]);
});

/** Keeps the upper or lower triangle, k diagonals off the main one, and zeroes the rest. */
export const Trilu = formula({ inputs: { x: "any", k: optional(["i64"]) }, attrs: { upper: int(1) } }, ({ x, k, upper }) => {
  const matrix = shape(x).slice(-2);
  const distance = iota(matrix, 1, "i64") - iota(matrix, 0, "i64");
  const diagonal = k === undefined ? 0 : reshape(k, []);
  const kept = upper === 1 ? distance >= diagonal : distance <= diagonal;
  return where(kept, x, cast(0, dtype(x)));
});

/** Centred: what is too long is cut, what is too short is padded with zeros. */
export const CenterCropPad = formula(
  { inputs: { x: "any", shape: shaping(index) }, attrs: { axes: maybe("ints") } },
  ({ x, shape: to, axes }) => {
    const wanted = extents(to);
    const on = axes === undefined ? allAxes(x) : axes.map((a) => positive(a, rank(x)));
    const dims = shape(x);
    const goal = dims.map((d, i) => (on.includes(i) ? wanted[on.indexOf(i)] : d));
    const excess = dims.map((d, i) => maximum(d - goal[i], 0));
    const lack = dims.map((d, i) => maximum(goal[i] - d, 0));
    const cropped = slice(
      x,
      dims.map((d, axis) => ({ axis, start: floorDiv(excess[axis], 2), size: d - excess[axis] })),
    );
    const before = lack.map((l) => floorDiv(l, 2));
    return pad(
      cropped,
      before,
      lack.map((l, i) => l - before[i]),
      cast(0, dtype(x)),
    );
  },
);

/** Reverses the first `lengths[b]` steps of every batch entry. */
export const ReverseSequence = formula(
  { inputs: { x: "any", sequence_lens: ["i64"] }, attrs: { batch_axis: int(1), time_axis: int(0) } },
  ({ x, sequence_lens, batch_axis, time_axis }) => {
    const dims = shape(x);
    assumeEqual(dims[batch_axis], shape(sequence_lens)[0], "one sequence length a batch entry");
    const plane = [dims[0], dims[1]];
    const step = iota(plane, time_axis, "i64");
    const lengths = unsqueeze(sequence_lens, [time_axis]);
    const source = where(step < lengths, lengths - 1 - step, step);
    const everywhere = expand(
      unsqueeze(
        source,
        dims.slice(2).map((_, i) => i + 2),
      ),
      dims,
    );
    return gatherElements(x, everywhere, time_axis);
  },
);
