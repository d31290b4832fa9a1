import { boundsOf } from "../../base/dim-bounds.js";
import { sub, type Dim } from "../../base/dim.js";
import { isFloat, type DType } from "../../base/dtype.js";
import { allocate } from "../../base/tensor.js";
import { encodeFloat, isPackedFloat } from "../../base/float-formats.js";
import { intAttr, textAttr, type Node, type Value } from "../../ir/graph.js";
import { identityOf, reduceFn } from "./build.js";
import { typeOf, type Rewriter } from "./rewriter.js";

/** One value everywhere in `shape`. */
export function splat(to: Rewriter, dtype: DType, shape: readonly Dim[], value: number | bigint): Value {
  const data = allocate(dtype, 1);
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) data[0] = BigInt(value);
  else (data as Float32Array)[0] = isPackedFloat(dtype) ? encodeFloat(dtype, Number(value)) : Number(value);
  const one = to.constant({ dtype, shape: shape.map(() => 1), data });
  return shape.every((e) => e === 1) ? one : to.apply("expand", [one], { shape });
}

/** f32 holds positions exactly up to 2^24, and every vector unit reduces it. */
function positionType(extent: Dim): DType {
  return boundsOf(extent).hi <= 1 << 24 ? "f32" : "i32";
}

const plainCast = { round: "trunc", overflow: "wrap" } as const;

/** The first (or last) position whose value equals the extreme; NaN counts as one. */
export function rewriteArgReduce(node: Node, to: Rewriter): boolean {
  const [x] = node.inputs as Value[];
  const { dtype, shape } = typeOf(x);
  const axis = intAttr(node, "axis") ?? 0;
  const last = intAttr(node, "last") === 1;
  const top = to.apply("reduce", [x], { fn: textAttr(node, "fn") ?? "max", axes: [axis] });
  const same = to.apply("eq", [x, to.apply("expand", [top], { shape })]);
  const hit = isFloat(dtype) ? to.apply("or", [same, to.apply("isnan", [x])]) : same;
  const type = positionType(shape[axis]);
  const position = to.apply("iota", [], { shape, axis, dtype: type });
  const never = splat(to, type, shape, last ? -1 : 2 ** 24);
  const place = to.apply("reduce", [to.apply("select", [hit, position, never])], { fn: last ? "max" : "min", axes: [axis] });
  const [out] = node.outputs as Value[];
  to.bind("cast", [place], { to: "i64", ...plainCast }, out);
  return true;
}

/**
 * y[k] = reduction of x[j] over j <= k (j < k exclusive, j >= k reversed): quadratic, but every element is stored once and in
 * order, where a running scan would store step by step.
 */
function maskedReduction(node: Node, to: Rewriter): boolean {
  const [x] = node.inputs as Value[];
  const { dtype, shape } = typeOf(x);
  const axis = intAttr(node, "axis") ?? 0;
  const square = [...shape, shape[axis]];
  const type = positionType(shape[axis]);
  const [here, there] = [axis, shape.length].map((d) => to.apply("iota", [], { shape: square, axis: d, dtype: type }));
  const [exclusive, reverse] = [intAttr(node, "exclusive") === 1, intAttr(node, "reverse") === 1];
  const compare = reverse ? (exclusive ? "gt" : "ge") : exclusive ? "lt" : "le";
  const none = splat(to, dtype, square, identityOf(reduceFn(node), dtype));
  const taken = to.apply("select", [to.apply(compare, [there, here]), acrossLast(to, x, axis, square), none]);
  const [out] = node.outputs as Value[];
  to.bind("reshape", [to.apply("reduce", [taken], { fn: textAttr(node, "fn") ?? "sum", axes: [shape.length] })], { shape }, out);
  return true;
}

/** Along an axis of extent 1, or of none, nothing runs: the elements themselves, or what stands before the first. */
function overOne(node: Node, to: Rewriter): boolean {
  const [x] = node.inputs as Value[];
  const { dtype, shape } = typeOf(x);
  const extent = shape[intAttr(node, "axis") ?? 0];
  if (extent !== 1 && extent !== 0) return false;
  const [out] = node.outputs as Value[];
  const ones = shape.map(() => 1);
  if (extent === 1 && intAttr(node, "exclusive") === 1)
    to.bind("expand", [splat(to, dtype, ones, identityOf(reduceFn(node), dtype))], { shape }, out);
  else to.bind("reshape", [x], { shape }, out);
  return true;
}

/** Exclusive scans shift first; reversed ones run on the flipped tensor. */
export function rewriteScan(node: Node, to: Rewriter): boolean {
  if (overOne(node, to)) return true;
  if (to.spills) return maskedReduction(node, to);
  const [exclusive, reverse] = [intAttr(node, "exclusive") === 1, intAttr(node, "reverse") === 1];
  if (!exclusive && !reverse) return false;
  const [x] = node.inputs as Value[];
  const { dtype, shape } = typeOf(x);
  const axis = intAttr(node, "axis") ?? 0;
  const [out] = node.outputs as Value[];
  const flip = (v: Value, into?: Value): Value => {
    const attrs = {
      starts: shape.map((e, d) => (d === axis ? sub(e, 1) : 0)),
      sizes: shape,
      steps: shape.map((_, d) => (d === axis ? -1 : 1)),
    };
    if (into) to.bind("slice", [v], attrs, into);
    return into ?? to.apply("slice", [v], attrs);
  };
  const forward = reverse ? flip(x) : x;
  const shifted = exclusive ? shift(to, forward, axis, identityOf(reduceFn(node), dtype)) : forward;
  const attrs = { fn: textAttr(node, "fn") ?? "sum", axis, exclusive: 0, reverse: 0 };
  if (reverse) flip(to.apply("scan", [shifted], attrs), out);
  else to.bind("scan", [shifted], attrs, out);
  return true;
}

/** Moves everything one place up along an axis; the first place gets `first`. Put in front before the last is cut off: an empty axis has no last. */
function shift(to: Rewriter, x: Value, axis: number, first: number | bigint): Value {
  const { dtype, shape } = typeOf(x);
  const low = shape.map((_, d) => (d === axis ? 1 : 0));
  const longer = to.apply("pad", [x, splat(to, dtype, [], first)], { low, high: shape.map(() => 0) });
  return to.apply("slice", [longer], { starts: shape.map(() => 0), sizes: shape, steps: shape.map(() => 1) });
}

/**
 * Rank of every element = how many come before it; the element of rank p is then picked by comparison. Quadratic in the
 * axis, without a data-dependent address.
 */
export function rewriteSort(node: Node, to: Rewriter): boolean {
  const [x] = node.inputs as Value[];
  const { dtype, shape } = typeOf(x);
  const axis = intAttr(node, "axis") ?? 0;
  const length = shape[axis];
  const square = [...shape, length];
  const type = positionType(length);
  const own = (v: Value) => to.apply("expand", [to.apply("reshape", [v], { shape: [...shape, 1] })], { shape: square });
  const others = (v: Value) => acrossLast(to, v, axis, square);
  const [mine, theirs] = [own(x), others(x)];
  const before = to.apply(intAttr(node, "descending") === 1 ? "gt" : "lt", [theirs, mine]);
  const [here, there] = [
    to.apply("iota", [], { shape: square, axis, dtype: type }),
    to.apply("iota", [], { shape: square, axis: shape.length, dtype: type }),
  ];
  const tie = to.apply("and", [to.apply("eq", [theirs, mine]), to.apply("lt", [there, here])]);
  const counted = to.apply("cast", [to.apply("or", [before, tie])], { to: type, ...plainCast });
  const axes = [shape.length];
  const rank = to.apply("reshape", [to.apply("reduce", [counted], { fn: "sum", axes })], { shape });
  const chosen = to.apply("eq", [others(rank), here]);
  const [values, indices] = node.outputs;
  const pick = (from: Value, none: Value): Value => to.apply("reduce", [to.apply("select", [chosen, from, none])], { fn: "max", axes });
  if (values) to.bind("reshape", [pick(theirs, splat(to, dtype, square, identityOf("max", dtype)))], { shape }, values);
  if (indices) {
    const place = to.apply("reshape", [pick(there, splat(to, type, square, -1))], { shape });
    to.bind("cast", [place], { to: "i64", ...plainCast }, indices);
  }
  return true;
}

/** v[.., k, ..] at [.., j, .., k]: the axis seen along a new last one. */
function acrossLast(to: Rewriter, v: Value, axis: number, square: readonly Dim[]): Value {
  const rank = square.length - 1;
  const perm = [...Array.from({ length: rank }, (_, d) => d).filter((d) => d !== axis), axis];
  const moved = to.apply("transpose", [v], { perm });
  const shape = square.map((e, d) => (d === axis ? 1 : e));
  return to.apply("expand", [to.apply("reshape", [moved], { shape })], { shape: square });
}
