import { dimKey, isConst, mul, product, type Dim } from "../../base/dim.js";
import { fail } from "../../base/diagnostic.js";
import { isDType, type DType } from "../../base/dtype.js";
import { intAttr, intsAttr, textAttr, type Node, type Value } from "../../ir/graph.js";
import { splat } from "./order.js";
import { typeOf, type Rewriter } from "./rewriter.js";

function accumulatorOf(node: Node): DType {
  const acc = textAttr(node, "acc") ?? "";
  return isDType(acc) ? acc : typeOf(node.inputs[0]).dtype;
}

/** x - zero point, in the accumulator's type; `own` are the zero point's extents on the axes of x. */
function centred(to: Rewriter, x: Value, zeroPoint: Value | undefined, acc: DType, own: (from: readonly Dim[]) => readonly Dim[]): Value {
  const cast = (v: Value) => (typeOf(v).dtype === acc ? v : to.apply("cast", [v], { to: acc, round: "trunc", overflow: "wrap" }));
  if (!zeroPoint) return cast(x);
  const { shape } = typeOf(x);
  const apart = to.apply("reshape", [cast(zeroPoint)], { shape: own(typeOf(zeroPoint).shape) });
  return to.apply("sub", [cast(x), to.apply("expand", [apart], { shape })]);
}

/** On the last axes, as they lie in a matrix that may be turned: a zero point has one row or one column. */
function lastAxes(rank: number, isTurned: boolean) {
  return (from: readonly Dim[]): readonly Dim[] => {
    const all = [...new Array<Dim>(rank - from.length).fill(1), ...from];
    return isTurned ? [...all.slice(0, -2), all[rank - 1], all[rank - 2]] : all;
  };
}

/** On the first axis, one a filter, or one for all. */
function firstAxis(rank: number) {
  return (from: readonly Dim[]): readonly Dim[] => [...from, ...new Array<Dim>(rank - from.length).fill(1)];
}

/** Inserts an axis of extent 1 and repeats it. */
function repeatAt(to: Rewriter, x: Value, axis: number, extent: Dim): Value {
  const { shape } = typeOf(x);
  const one = to.apply("reshape", [x], { shape: [...shape.slice(0, axis), 1, ...shape.slice(axis)] });
  return to.apply("expand", [one], { shape: [...shape.slice(0, axis), extent, ...shape.slice(axis)] });
}

function swapLast(to: Rewriter, x: Value): Value {
  const rank = typeOf(x).shape.length;
  const perm = Array.from({ length: rank }, (_, d) => (d < rank - 2 ? d : 2 * rank - 3 - d));
  return to.apply("transpose", [x], { perm });
}

/** sum over k of a[.., m, k] * b[.., n, k]. */
export function rewriteContract(node: Node, to: Rewriter): boolean {
  const acc = accumulatorOf(node);
  const [a, b, za, zb] = node.inputs;
  const [out] = node.outputs as Value[];
  const side = (v: Value, zero: Value | undefined, isTurned: boolean, isColumns: boolean) => {
    const ready = centred(to, v, zero, acc, lastAxes(typeOf(v).shape.length, isTurned));
    return isTurned === isColumns ? ready : swapLast(to, ready);
  };
  const left = side(a as Value, za, intAttr(node, "transa") === 1, false);
  const right = side(b as Value, zb, intAttr(node, "transb") === 1, true);
  const shape = typeOf(left).shape;
  const [m, n] = [shape[shape.length - 2], typeOf(right).shape.at(-2) as Dim];
  const batch = shape.slice(0, -2);
  const rows = repeatAt(to, left, shape.length - 1, n);
  const k = shape[shape.length - 1];
  const columns = typeOf(right).shape.length === 2 && batch.length > 0 ? batchOf(to, right, batch) : right;
  const both = to.apply("mul", [rows, repeatAt(to, columns, shape.length - 2, m)]);
  const sum = k === 0 ? splat(to, acc, [...batch, m, n, 1], 0) : to.apply("reduce", [both], { fn: "sum", axes: [shape.length] });
  to.bind("reshape", [sum], { shape: [...batch, m, n] }, out);
  return true;
}

/** Kernels walk a filter's window in loops of known length. */
function requireFixed(node: Node, filter: readonly Dim[]): void {
  const open = filter.filter((d) => !isConst(d)).map(dimKey);
  if (open.length === 0) return;
  const [of] = node.origin;
  fail(
    "dynamic-extent",
    `a convolution's filter [${filter.map(dimKey).join(", ")}] must be known when compiling for a kernel, but ${open.join(", ")} is known only at run time`,
    {
      location: { node: of },
      why: "The target's library has no call for this convolution, and generated kernels walk a window of known size.",
      fix: "Fix the extents with --dim or --shape.",
    },
  );
}

function batchOf(to: Rewriter, x: Value, batch: readonly Dim[]): Value {
  const { shape } = typeOf(x);
  const one = to.apply("reshape", [x], { shape: [...batch.map(() => 1), ...shape] });
  return to.apply("expand", [one], { shape: [...batch, ...shape] });
}

/** sum over input channels of a group and over the window of x[n, g, c, o * s + k * d] * w[g, m, c, k]. */
export function rewriteConv(node: Node, to: Rewriter): boolean {
  const acc = accumulatorOf(node);
  const [x, w, zx, zw] = node.inputs;
  const groups = intAttr(node, "group") ?? 1;
  const kernel = typeOf(w).shape;
  requireFixed(node, kernel);
  const spatial = kernel.length - 2;
  const [strides, pads, dilations] = ["strides", "pads", "dilations"].map((name) => intsAttr(node, name) ?? []);
  const ready = padded(to, centred(to, x as Value, zx, acc, firstAxis(kernel.length)), pads, spatial, acc);
  const axes = Array.from({ length: spatial }, (_, d) => d + 2);
  const sizes = kernel.slice(2) as number[];
  const seen = to.apply("window", [ready], { axes, sizes, strides, dilations });
  const [n, c, ...rest] = typeOf(seen).shape;
  const [outs, window] = [rest.slice(0, spatial), rest.slice(spatial)];
  const [inner, outer] = [kernel[1], (kernel[0] as number) / groups];
  const reduced = product([inner, ...window]);
  const places = outs.map((_, d) => d);
  const parted = [n, groups, divideGroups(c, groups)];
  const ones = outs.map(() => 1);
  // [n, c, out.., k..] -> [n, g, m, out.., c/g, k..], and the weights alike.
  const summedLast = (): Value => {
    const grouped = to.apply("reshape", [seen], { shape: [...parted, ...outs, ...window] });
    const perm = [0, 1, ...places.map((d) => d + 3), 2, ...places.map((d) => d + 3 + spatial)];
    return repeatAt(to, to.apply("transpose", [grouped], { perm }), 2, outer);
  };
  // -> [n, g, m, c/g, k.., out..]: whole rows of places are added to each other, and lie so in memory.
  const placesLast = (): Value => {
    const turned = to.apply("transpose", [seen], { perm: [0, 1, ...places.map((d) => d + 2 + spatial), ...places.map((d) => d + 2)] });
    to.apart.add(turned);
    return repeatAt(to, to.apply("reshape", [turned], { shape: [...parted, ...window, ...outs] }), 2, outer);
  };
  const left = to.folds ? summedLast() : placesLast();
  const shape = typeOf(left).shape;
  const own = to.folds ? [1, groups, outer, ...ones, inner, ...window] : [1, groups, outer, inner, ...window, ...ones];
  const right = to.apply("expand", [to.apply("reshape", [centred(to, w as Value, zw, acc, firstAxis(kernel.length))], { shape: own })], {
    shape,
  });
  const summed = [3, ...places.map((d) => d + 4)].map((d) => (to.folds ? d + spatial : d));
  const [out] = node.outputs as Value[];
  const full = [n, mul(groups, outer), ...outs];
  const sum = reduced === 0 ? splat(to, acc, full, 0) : to.apply("reduce", [to.apply("mul", [left, right])], { fn: "sum", axes: summed });
  to.bind("reshape", [sum], { shape: full }, out);
  return true;
}

function divideGroups(c: Dim, groups: number): Dim {
  return typeof c === "number" ? c / groups : c;
}

function padded(to: Rewriter, x: Value, pads: readonly number[], spatial: number, acc: DType): Value {
  if (pads.every((p) => p === 0)) return x;
  const side = (from: number) => [0, 0, ...pads.slice(from, from + spatial)];
  return to.apply("pad", [x, splat(to, acc, [], 0)], { low: side(0), high: side(spatial) });
}
