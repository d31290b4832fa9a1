/** Steps that move elements and compute nothing. */
import type { Value } from "../../src/ir/graph.js";
import { int, ints, text, type Growing } from "./growing.js";
import type { Step } from "./step.js";

const endless = 9223372036854775807n;

export function i64(g: Growing, values: readonly (number | bigint)[]): Value {
  return g.constant({ dtype: "i64", shape: [values.length], data: BigInt64Array.from(values, BigInt) });
}

export function axisOf(g: Growing, x: Value): number {
  return g.rng.int(0, g.shape(x).length - 1);
}

/** An axis as a node may spell it. */
export function spelled(g: Growing, axis: number, rank: number): number {
  return g.rng.chance(0.4) ? axis - rank : axis;
}

const rank = (g: Growing, x: Value): number => g.shape(x).length;

const transpose: Step = (g, x) => {
  if (rank(g, x) < 2) return undefined;
  const perm = g.rng.shuffled([...g.shape(x).keys()]);
  return g.node("Transpose", [x], g.rng.chance(0.1) ? {} : { perm: ints(perm) });
};

/** Splits an extent, merges neighbours, or keeps what it can with 0 and -1. */
const reshape: Step = (g, x) => {
  const shape = g.shape(x);
  const open = shape.some((_, d) => g.isOpen(x, d));
  const at = shape.length > 0 ? axisOf(g, x) : 0;
  if (open) {
    const keep = g.rng.int(0, shape.length - 1);
    return g.node("Reshape", [x, i64(g, [...shape.slice(0, keep).map(() => 0), -1])]);
  }
  const factors = [2, 3, 4, 5, 8, 16].filter((f) => shape[at] > f && shape[at] % f === 0);
  const to =
    factors.length > 0 && g.rng.chance(0.6) && shape.length < 6
      ? shape.flatMap((d, i) => (i === at ? g.rng.shuffled([d / g.rng.pick(factors), 0]).map((p) => p) : [d]))
      : undefined;
  if (to) {
    const f = g.rng.pick(factors);
    const split = shape.flatMap((d, i) => (i === at ? (g.rng.chance(0.5) ? [f, d / f] : [d / f, f]) : [d]));
    return g.node("Reshape", [x, i64(g, split)]);
  }
  if (shape.length < 2 || g.rng.chance(0.2)) return g.node("Reshape", [x, i64(g, [...shape, 1])]);
  const first = g.rng.int(0, shape.length - 2);
  return g.node("Reshape", [x, i64(g, [...shape.slice(0, first), shape[first] * shape[first + 1], ...shape.slice(first + 2)])]);
};

const flatten: Step = (g, x) => g.node("Flatten", [x], { axis: int(g.rng.int(0, rank(g, x))) });

/** Starts, ends and steps of either sign, ends beyond the end; an axis turned round now and then. */
const slice: Step = (g, x) => {
  const shape = g.shape(x);
  if (shape.length === 0) return undefined;
  const axes = g.rng.some([...shape.keys()]).slice(0, 2);
  const parts = axes.map((axis) => {
    const n = shape[axis];
    if (g.rng.chance(0.2)) return { start: -1n, end: g.rng.chance(0.5) ? -endless : -endless - 1n, step: -1 };
    if (g.isOpen(x, axis)) return { start: BigInt(g.rng.int(0, 1)), end: g.rng.chance(0.5) ? endless : -1n, step: g.rng.int(1, 2) };
    const start = g.rng.int(0, Math.max(0, n - 1));
    const step = g.rng.pick([1, 1, 2, 3, -1, -2]);
    const end = step > 0 ? g.rng.int(start, n) : g.rng.int(-n - 1, Math.max(-n - 1, start - n - 1));
    return { start: BigInt(start), end: step > 0 && g.rng.chance(0.3) ? endless : BigInt(end), step };
  });
  const steps =
    g.rng.chance(0.2) && parts.every((p) => p.step === 1)
      ? undefined
      : i64(
          g,
          parts.map((p) => p.step),
        );
  const operands = [
    x,
    i64(
      g,
      parts.map((p) => p.start),
    ),
    i64(
      g,
      parts.map((p) => p.end),
    ),
    i64(
      g,
      axes.map((a) => spelled(g, a, shape.length)),
    ),
  ];
  return g.node("Slice", steps ? [...operands, steps] : operands);
};

const pad: Step = (g, x) => {
  const shape = g.shape(x);
  if (shape.length === 0) return undefined;
  const mode = g.rng.pick(["constant", "constant", "edge", "reflect", "wrap"]);
  const most = (d: number): number => (mode === "constant" ? 3 : mode === "edge" ? (d > 0 ? 3 : 0) : Math.max(0, Math.min(3, d - 1)));
  const few = shape.map(() => g.rng.chance(0.5));
  const amounts = [...shape, ...shape].map((d, i) => (few[i % shape.length] ? g.rng.int(0, most(d)) : 0));
  if (mode === "constant" && g.rng.chance(0.2)) {
    const axis = axisOf(g, x);
    if (shape[axis] > 2) amounts[axis] = -1;
  }
  if (mode !== "constant") return g.node("Pad", [x, i64(g, amounts)], { mode: text(mode) });
  const value = g.rng.chance(0.5) ? g.numbers(g.dtype(x), [g.dtype(x) === "bool" ? 1 : g.rng.int(0, 3)], []) : undefined;
  return g.node("Pad", value ? [x, i64(g, amounts), value] : [x, i64(g, amounts)]);
};

const concat: Step = (g, x) => {
  const shape = g.shape(x);
  if (shape.length === 0) return undefined;
  const axis = axisOf(g, x);
  const parts = [x];
  for (let k = g.rng.int(1, 2); k > 0; k--) {
    if (g.rng.chance(0.4)) parts.push(x);
    else {
      const n = g.rng.pick([0, 1, 1, 2, 3, 7]);
      const dims = g.dims(x).map((d, i) => (i === axis ? n : d));
      parts.push(
        g.other(
          g.dtype(x),
          shape.map((d, i) => (i === axis ? n : d)),
          undefined,
          dims,
        ),
      );
    }
  }
  return g.node("Concat", g.rng.shuffled(parts), { axis: int(spelled(g, axis, shape.length)) });
};

const split: Step = (g, x) => {
  const shape = g.shape(x);
  const axis = shape.length > 0 ? axisOf(g, x) : -1;
  if (axis < 0 || g.isOpen(x, axis) || shape[axis] < 2) return undefined;
  const count = g.rng.int(2, Math.min(3, shape[axis]));
  if (g.rng.chance(0.4)) return g.many("Split", [x], { axis: int(axis), num_outputs: int(count) }, count);
  const sizes = Array.from({ length: count - 1 }, () => g.rng.int(0, Math.floor(shape[axis] / count)));
  sizes.push(shape[axis] - sizes.reduce((a, b) => a + b, 0));
  return g.many("Split", [x, i64(g, g.rng.shuffled(sizes))], { axis: int(spelled(g, axis, shape.length)) }, count);
};

const expand: Step = (g, x) => {
  const shape = g.shape(x);
  const to = shape.map((d, i) => (g.isOpen(x, i) ? 1 : d === 1 ? g.rng.pick([1, 2, 3, 5, 8, 33]) : g.rng.chance(0.5) ? 1 : d));
  return g.node("Expand", [x, i64(g, g.rng.chance(0.4) && shape.length < 6 ? [g.rng.int(1, 3), ...to] : to)]);
};

const tile: Step = (g, x) => {
  const repeats = g.shape(x).map(() => g.rng.pick([1, 1, 1, 2, 3]));
  return repeats.length > 0 ? g.node("Tile", [x, i64(g, repeats)]) : undefined;
};

const unsqueeze: Step = (g, x) => {
  const n = rank(g, x);
  if (n > 5) return undefined;
  return g.node("Unsqueeze", [x, i64(g, [spelled(g, g.rng.int(0, n), n + 1)])]);
};

const squeeze: Step = (g, x) => {
  const ones = [...g.shape(x).keys()].filter((d) => g.shape(x)[d] === 1 && !g.isOpen(x, d));
  if (ones.length === 0) return undefined;
  return g.node("Squeeze", [x, i64(g, g.rng.some(ones))]);
};

const depthToSpace: Step = (g, x) => {
  const shape = g.shape(x);
  if (shape.length !== 4) return undefined;
  const deep = [2, 3].find((b) => shape[1] % (b * b) === 0 && shape[1] > 0 && !g.isOpen(x, 1));
  if (deep) return g.node("DepthToSpace", [x], { blocksize: int(deep), mode: text(g.rng.pick(["DCR", "CRD"])) });
  const wide = [2, 3].find((b) => shape[2] % b === 0 && shape[3] % b === 0 && !g.isOpen(x, 2) && !g.isOpen(x, 3));
  return wide ? g.node("SpaceToDepth", [x], { blocksize: int(wide) }) : undefined;
};

const trilu: Step = (g, x) => {
  if (rank(g, x) < 2) return undefined;
  const k = g.numbers("i64", [g.rng.int(-3, 3)], []);
  return g.node("Trilu", g.rng.chance(0.7) ? [x, k] : [x], { upper: int(g.rng.int(0, 1)) });
};

const centre: Step = (g, x) => {
  const shape = g.shape(x);
  if (shape.length === 0) return undefined;
  const axis = axisOf(g, x);
  if (g.isOpen(x, axis)) return undefined;
  return g.node("CenterCropPad", [x, i64(g, [Math.max(0, shape[axis] + g.rng.int(-3, 3))])], { axes: ints([axis]) });
};

const reverse: Step = (g, x) => {
  const shape = g.shape(x);
  if (shape.length < 2 || g.isOpen(x, 0) || g.isOpen(x, 1)) return undefined;
  const batch = g.rng.int(0, 1);
  const lens = Array.from({ length: shape[batch] }, () => g.rng.int(Math.min(1, shape[1 - batch]), shape[1 - batch]));
  return g.node("ReverseSequence", [x, i64(g, lens)], { batch_axis: int(batch), time_axis: int(1 - batch) });
};

const identity: Step = (g, x) => g.node("Identity", [x]);

export const movement: readonly (readonly [number, Step])[] = [
  [4, transpose],
  [3, reshape],
  [1, flatten],
  [4, slice],
  [3, pad],
  [3, concat],
  [1.5, split],
  [2, expand],
  [1.5, tile],
  [1, unsqueeze],
  [1, squeeze],
  [1, depthToSpace],
  [1, trilu],
  [0.5, centre],
  [0.5, reverse],
  [0.2, identity],
];
