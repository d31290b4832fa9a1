import { isConst, sameDim, type Dim } from "../../src/base/dim.js";
import { infoOf, type DType } from "../../src/base/dtype.js";
import { int, ints } from "../../src/ir/attr.js";
import { constData } from "../../src/ir/build.js";
import type { Attr } from "../../src/ir/graph.js";
import type { Make } from "../../src/ir/rewrite/make.js";
import type { AnyView, ValueView } from "../../src/ir/rewrite/views.js";
import { definePass } from "../pass.js";

const reshaping: ReadonlySet<string> = new Set(["Reshape", "Flatten", "Squeeze", "Unsqueeze"]);

/**
 * reshape(reshape(x))            =>  Reshape(x, shape of the result)
 * Transpose(Transpose(x, p), q)  =>  Transpose(x, p[q])
 * Cast(Cast(x))                  =>  Cast(x), when the inner type holds every value of x
 * where reshape is any of Reshape, Flatten, Squeeze, Unsqueeze. What cancels to nothing is left to drop-noops.
 *
 * Skipped for a result with two or more extents that are neither known nor copied from x: one Reshape can compute only one.
 */
export const mergeMovement = definePass("merge-movement", (graph) =>
  graph.rewriteAny((view, make) => {
    const [x] = view.inputs;
    const inner = x?.made;
    if (!x || !inner || inner.outputs.length !== 1) return;
    if (reshaping.has(view.node.op) && reshaping.has(inner.node.op)) return mergeReshapes(view, inner, make);
    if (view.node.op === "Transpose" && inner.node.op === "Transpose") return mergeTransposes(view, inner, make);
    if (view.node.op === "Cast" && inner.node.op === "Cast") return mergeCasts(view, inner, make);
    return;
  }),
);

/**
 * A Reshape operand for y's shape: 0 copies an extent of x that stands at the same place, -1 stands for one that is not
 * known. Undefined when more is unknown than that can say, or when an extent of 0 keeps -1 from being computed.
 */
function shapeOperand(x: ValueView, y: ValueView): bigint[] | undefined {
  const { shape } = y;
  if (!shape) return undefined;
  const copied = (d: Dim, i: number): boolean => x.shape?.[i] !== undefined && sameDim(d, x.shape[i]);
  const open = shape.filter((d, i) => !isConst(d) && !copied(d, i)).length;
  if (open > 1 || (shape.includes(0) && !shape.every(isConst))) return undefined;
  return shape.map((d, i) => (isConst(d) ? BigInt(d) : copied(d, i) ? 0n : -1n));
}

/** Undefined when one Reshape with a constant operand cannot give y's shape. */
export function makeReshape(x: ValueView, y: ValueView, make: Make): ValueView | undefined {
  const shape = shapeOperand(x, y);
  if (!shape) return undefined;
  const literal = y.fixedShape?.includes(0);
  const attrs: Readonly<Record<string, Attr>> = literal ? { allowzero: int(1) } : {};
  const operand = constData({ dtype: "i64", shape: [shape.length], data: BigInt64Array.from(shape) });
  return make.Reshape({ x, shape: make.constant(operand, `${y.name}.shape`), attrs });
}

function mergeReshapes(outer: AnyView, inner: AnyView, make: Make): ValueView | undefined {
  const [x, y] = [inner.inputs[0], outer.outputs[0]];
  return x && y && makeReshape(x, y, make);
}

function mergeTransposes(outer: AnyView, inner: AnyView, make: Make): ValueView | undefined {
  const [x] = inner.inputs;
  const rank = x?.shape?.length;
  if (!x || rank === undefined) return undefined;
  const backwards = Array.from({ length: rank }, (_, i) => rank - 1 - i);
  const [p, q] = [inner.ints("perm") ?? backwards, outer.ints("perm") ?? backwards];
  return make.Transpose({ x, attrs: { perm: ints(q.map((i) => p[i])) } });
}

function mergeCasts(outer: AnyView, inner: AnyView, make: Make): ValueView | undefined {
  const [x] = inner.inputs;
  const middle = inner.outputs[0]?.dtype;
  return x?.dtype && middle && holds(middle, x.dtype) ? make.Cast({ x, attrs: outer.attrs }) : undefined;
}

/** Whether every value of `from` survives a cast to `to`. */
function holds(to: DType, from: DType): boolean {
  if (to === from) return true;
  const [a, b] = [infoOf(from), infoOf(to)];
  if (a.kind === "bool") return b.kind === "int" || b.kind === "uint" || (b.kind === "float" && b.significand !== undefined);
  if (a.kind === "float") return (to === "f64" || to === "f32") && a.significand !== undefined && a.bits < b.bits;
  if (b.kind === "float") return (a.kind === "int" || a.kind === "uint") && a.bits <= (b.significand ?? 0);
  if (b.kind === "int") return (a.kind === "int" && a.bits < b.bits) || (a.kind === "uint" && a.bits < b.bits);
  return b.kind === "uint" && a.kind === "uint" && a.bits < b.bits;
}
