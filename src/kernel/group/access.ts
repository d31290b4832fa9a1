import { add, divideExactly, floorDiv, isConst, mod, mul, product, sameDim, sub, dimKey, type Dim } from "../../base/dim.js";
import { boundsOf } from "../../base/dim-bounds.js";
import { dimsAttr, intsAttr, rankedType, type Node, type Value } from "../../ir/graph.js";
import { invariant } from "../../base/diagnostic.js";

/** One loop of a group; identity is the object. */
export interface Axis {
  readonly name: string;
  readonly extent: Dim;
}

export interface Term {
  readonly axis: Axis;
  readonly step: Dim;
}

/** offset + sum of step * position(axis). */
export interface Affine {
  readonly offset: Dim;
  readonly terms: readonly Term[];
}

/** "`axis` must be walked as two loops, the inner one of extent `inner`", or a plain no. */
export type Refusal = { readonly kind: "split"; readonly axis: Axis; readonly inner: Dim } | { readonly kind: "no"; readonly why: string };

export const zero: Affine = { offset: 0, terms: [] };

export function along(axis: Axis): Affine {
  return { offset: 0, terms: [{ axis, step: 1 }] };
}

export function stepOf(a: Affine, axis: Axis | undefined): Dim {
  return a.terms.find((t) => t.axis === axis)?.step ?? 0;
}

const keys = new WeakMap<Affine, string>();

export function affineKey(a: Affine): string {
  const known = keys.get(a);
  if (known !== undefined) return known;
  const terms = a.terms.map((t) => `${dimKey(t.step)}*${t.axis.name}`).sort();
  const key = [dimKey(a.offset), ...terms].join("+");
  keys.set(a, key);
  return key;
}

export function addAffine(...parts: readonly Affine[]): Affine {
  const steps = new Map<Axis, Dim>();
  for (const p of parts) for (const t of p.terms) steps.set(t.axis, add(steps.get(t.axis) ?? 0, t.step));
  return {
    offset: add(...parts.map((p) => p.offset)),
    terms: [...steps].filter(([, step]) => step !== 0).map(([axis, step]) => ({ axis, step })),
  };
}

export function scaleAffine(a: Affine, by: Dim, plus: Dim = 0): Affine {
  return addAffine({ offset: add(mul(a.offset, by), plus), terms: a.terms.map((t) => ({ axis: t.axis, step: mul(t.step, by) })) });
}

/** Replaces an axis by outer * inner.extent + inner. */
export function splitAxis(a: Affine, axis: Axis, outer: Axis, inner: Axis): Affine {
  const step = stepOf(a, axis);
  const rest = a.terms.filter((t) => t.axis !== axis);
  const parts = [
    { axis: outer, step: mul(step, inner.extent) },
    { axis: inner, step },
  ];
  return { offset: a.offset, terms: step === 0 ? rest : [...rest, ...parts] };
}

/** Row-major strides in elements of a dense tensor. */
export function denseStrides(shape: readonly Dim[]): Dim[] {
  return shape.map((_, i) => product(shape.slice(i + 1)));
}

/** Of each index, by shape: a group is built anew with every node that asks to join it, over the same loops. */
const positions = new WeakMap<readonly Affine[], Map<readonly Dim[], Affine>>();

/** The element's position in a dense row-major tensor of `shape`. */
export function linear(shape: readonly Dim[], index: readonly Affine[]): Affine {
  const byShape = positions.get(index) ?? new Map<readonly Dim[], Affine>();
  positions.set(index, byShape);
  const known = byShape.get(shape);
  if (known) return known;
  const strides = denseStrides(shape);
  const at = addAffine(...index.map((a, i) => scaleAffine(a, strides[i])));
  byShape.set(shape, at);
  return at;
}

export function shapeOf(v: Value | undefined): readonly Dim[] {
  const type = rankedType(v);
  invariant(type, `value ${v?.name ?? "?"} inside a group has no known rank`);
  return type.shape;
}

interface Loops {
  readonly axes: readonly Axis[];
  readonly index: readonly Affine[];
}

const loopsOver = new WeakMap<Value, Loops>();

/** A loop an extent of the root; the same objects whenever a group of that root is built. */
export function rootLoops(root: Value): Loops {
  const known = loopsOver.get(root);
  if (known) return known;
  const axes = shapeOf(root).map((extent, d): Axis => ({ name: `d${d}`, extent }));
  const loops = { axes, index: axes.map((a) => (a.extent === 1 ? zero : along(a))) };
  loopsOver.set(root, loops);
  return loops;
}

export const movementOps: ReadonlySet<string> = new Set(["reshape", "transpose", "expand", "slice", "window"]);

/** The index of the element of a movement's input that its output at `index` shows. */
export function moveIndex(node: Node, index: readonly Affine[]): readonly Affine[] | Refusal {
  const from = shapeOf(node.inputs[0]);
  const to = shapeOf(node.outputs[0]);
  switch (node.op) {
    case "transpose": {
      const perm = intsAttr(node, "perm") ?? [];
      return from.map((_, d) => index[perm.indexOf(d)]);
    }
    case "expand":
      return index.map((a, d) => (from[d] === 1 ? zero : a));
    case "slice": {
      const starts = dimsAttr(node, "starts") ?? [];
      const steps = intsAttr(node, "steps") ?? [];
      return index.map((a, d) => scaleAffine(a, steps[d], starts[d]));
    }
    case "window":
      return windowIndex(node, from.length, index);
    default:
      return reshapeIndex(to, from, index);
  }
}

function windowIndex(node: Node, rank: number, index: readonly Affine[]): readonly Affine[] {
  const [axes, strides, dilations] = ["axes", "strides", "dilations"].map((name) => intsAttr(node, name) ?? []);
  return Array.from({ length: rank }, (_, d) => {
    const k = axes.indexOf(d);
    if (k < 0) return index[d];
    return addAffine(scaleAffine(index[d], strides[k]), scaleAffine(index[rank + k], dilations[k]));
  });
}

/** Index of the same row-major element under another shape, block by block of dims with equal products. */
function reshapeIndex(to: readonly Dim[], from: readonly Dim[], index: readonly Affine[]): readonly Affine[] | Refusal {
  const out: Affine[] = [];
  let [i, j] = [0, 0];
  while (i < to.length || j < from.length) {
    const block = nextBlock(to.slice(i), from.slice(j));
    const here = linear(to.slice(i, i + block.to), index.slice(i, i + block.to));
    const digits = digitsOf(here, from.slice(j, j + block.from));
    if ("kind" in digits) return digits;
    out.push(...digits);
    i += block.to;
    j += block.from;
  }
  return out;
}

/** The shortest prefixes of both shapes with the same product; all that is left when none has. */
function nextBlock(to: readonly Dim[], from: readonly Dim[]): { to: number; from: number } {
  for (let total = 1; total <= to.length + from.length; total++)
    for (let a = 0; a <= Math.min(total, to.length); a++) {
      const b = total - a;
      if (b <= from.length && sameDim(product(to.slice(0, a)), product(from.slice(0, b)))) return { to: a, from: b };
    }
  return { to: to.length, from: from.length };
}

/** Splits a position into row-major digits of `extents`, where the terms allow it. */
function digitsOf(position: Affine, extents: readonly Dim[]): Affine[] | Refusal {
  const digits: Affine[] = [];
  let rest = position;
  for (let d = 0; d < extents.length; d++) {
    const inner = product(extents.slice(d + 1));
    if (inner === 1) {
      digits.push(rest);
      return [...digits, ...extents.slice(d + 1).map(() => zero)];
    }
    const cut = divideAffine(rest, inner);
    if ("kind" in cut) return cut;
    digits.push(cut.high);
    rest = cut.low;
  }
  return digits;
}

function divideAffine(a: Affine, by: Dim): { high: Affine; low: Affine } | Refusal {
  const high: Term[] = [];
  const low: Term[] = [];
  for (const t of a.terms) {
    const exact = divideExactly(t.step, by);
    if (exact === undefined) low.push(t);
    else high.push({ axis: t.axis, step: exact });
  }
  const lowOffset = isConst(a.offset) && isConst(by) ? mod(a.offset, by) : divideExactly(a.offset, by) !== undefined ? 0 : a.offset;
  const highOffset = floorDiv(sub(a.offset, lowOffset), by);
  const most = add(lowOffset, ...low.map((t) => mul(t.step, sub(t.axis.extent, 1))));
  const least = Math.min(...low.map((t) => boundsOf(t.step).lo), boundsOf(lowOffset).lo);
  if (least >= 0 && boundsOf(sub(sub(by, 1), most)).lo >= 0)
    return { high: { offset: highOffset, terms: high }, low: { offset: lowOffset, terms: low } };
  return splitWish(low, by);
}

/** The axis that, walked as two loops, makes the division exact. */
function splitWish(low: readonly Term[], by: Dim): Refusal {
  for (const t of low) {
    const inner = divideExactly(by, t.step);
    if (inner === undefined || inner === 1 || sameDim(inner, t.axis.extent)) continue;
    if (divideExactly(t.axis.extent, inner) !== undefined) return { kind: "split", axis: t.axis, inner };
  }
  return { kind: "no", why: "the reshape crosses the strides of what it reads" };
}
