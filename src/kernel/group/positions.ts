import { isConst, product, type Dim } from "../../base/dim.js";
import { intAttr, textAttr, type Node, type Value } from "../../ir/graph.js";
import { denseStrides } from "./access.js";
import { splat } from "./order.js";
import { typeOf, type Rewriter } from "./rewriter.js";

function asI32(to: Rewriter, x: Value): Value {
  return typeOf(x).dtype === "i32" ? x : to.apply("cast", [x], { to: "i32", round: "trunc", overflow: "wrap" });
}

/** x * by, by a host integer. */
function times(to: Rewriter, x: Value, by: Dim): Value {
  if (by === 1) return x;
  const { shape } = typeOf(x);
  if (isConst(by)) return to.apply("mul", [x, splat(to, "i32", shape, by)]);
  const one = to.apply("reshape", [asI32(to, to.apply("dims", [], { value: [by] }))], { shape: shape.map(() => 1) });
  return to.apply("mul", [x, to.apply("expand", [one], { shape })]);
}

function sum(to: Rewriter, parts: readonly Value[]): Value {
  return parts.reduce((a, b) => to.apply("add", [a, b]));
}

/** Position of the element an index points at, along `axis`, everything else staying in place. */
function elementPositions(to: Rewriter, indices: Value, axis: number, shape: readonly Dim[]): Value {
  const strides = denseStrides(shape);
  const own = typeOf(indices).shape;
  const parts = own.flatMap((extent, d) => {
    if (d === axis) return [times(to, asI32(to, indices), strides[d])];
    return extent === 1 ? [] : [times(to, to.apply("iota", [], { shape: own, axis: d, dtype: "i32" }), strides[d])];
  });
  return sum(to, parts);
}

/** Row number of every index tuple, within the leading `batch` + depth dims of `shape`. */
function tuplePositions(to: Rewriter, indices: Value, shape: readonly Dim[], batch: number): Value {
  const own = typeOf(indices).shape;
  const depth = own[own.length - 1] as number;
  const lead = own.slice(0, -1);
  const strides = denseStrides(shape.slice(0, batch + depth));
  const component = (k: number): Value => {
    const starts = own.map((_, d) => (d === own.length - 1 ? k : 0));
    const part = to.apply("slice", [indices], { starts, sizes: [...lead, 1], steps: own.map(() => 1) });
    return times(to, asI32(to, to.apply("reshape", [part], { shape: lead })), strides[batch + k]);
  };
  const places = Array.from({ length: batch }, (_, d) =>
    times(to, to.apply("iota", [], { shape: lead, axis: d, dtype: "i32" }), strides[d]),
  );
  const parts = [...places, ...Array.from({ length: depth }, (_, k) => component(k))];
  return parts.length > 0 ? sum(to, parts) : splat(to, "i32", lead, 0);
}

export function rewriteGather(node: Node, to: Rewriter): boolean {
  const [x, indices] = node.inputs as Value[];
  if (typeOf(indices).dtype === "i32") return false;
  const [out] = node.outputs as Value[];
  to.bind("gather", [x, asI32(to, indices)], { axis: intAttr(node, "axis") ?? 0 }, out);
  return true;
}

export function rewriteGatherElements(node: Node, to: Rewriter): boolean {
  const [x, indices] = node.inputs as Value[];
  const [out] = node.outputs as Value[];
  const { shape } = typeOf(x);
  const flat = to.apply("reshape", [x], { shape: [product(shape)] });
  to.bind("gather", [flat, elementPositions(to, indices, intAttr(node, "axis") ?? 0, shape)], { axis: 0 }, out);
  return true;
}

export function rewriteGatherNd(node: Node, to: Rewriter): boolean {
  const [x, indices] = node.inputs as Value[];
  const [out] = node.outputs as Value[];
  const { shape } = typeOf(x);
  const batch = intAttr(node, "batchdims") ?? 0;
  const depth = typeOf(indices).shape.at(-1) as number;
  const rows = to.apply("reshape", [x], { shape: [product(shape.slice(0, batch + depth)), ...shape.slice(batch + depth)] });
  to.bind("gather", [rows, tuplePositions(to, indices, shape, batch)], { axis: 0 }, out);
  return true;
}

/** scatternd of rows: x [rows, width], positions [count], updates [count, width]. */
function scatterRows(node: Node, to: Rewriter, x: Value, positions: Value, width: readonly Dim[]): boolean {
  const [, , updates] = node.inputs as Value[];
  const [out] = node.outputs as Value[];
  const count = product(typeOf(positions).shape);
  const q = product(width);
  const rows = to.apply("reshape", [x], { shape: [product(typeOf(x).shape.slice(0, typeOf(x).shape.length - width.length)), q] });
  const at = to.apply("reshape", [positions], { shape: [count, 1] });
  const given = to.apply("reshape", [updates], { shape: [count, q] });
  const done = to.apply("scatternd", [rows, at, given], { reduction: textAttr(node, "reduction") ?? "none" });
  to.bind("reshape", [done], { shape: typeOf(x).shape }, out);
  return true;
}

export function rewriteScatterElements(node: Node, to: Rewriter): boolean {
  const [x, indices] = node.inputs as Value[];
  return scatterRows(node, to, x, elementPositions(to, indices, intAttr(node, "axis") ?? 0, typeOf(x).shape), []);
}

export function rewriteScatterNd(node: Node, to: Rewriter): boolean {
  const [x, indices] = node.inputs as Value[];
  const { shape } = typeOf(x);
  const depth = typeOf(indices).shape.at(-1) as number;
  return scatterRows(node, to, x, tuplePositions(to, indices, shape, 0), shape.slice(depth));
}
