import { fromNumbers, toNumbers } from "../../src/base/float-formats.js";
import { tensorType } from "../../src/base/value-type.js";
import { constData } from "../../src/ir/build.js";
import { elementCount, type Tensor } from "../../src/base/tensor.js";
import { intAttr, intsAttr, type ConstData, type Graph, type Node } from "../../src/ir/graph.js";
import { nodeAttrs, primitiveAttrs } from "../../src/ir/primitive-node.js";
import { knowing } from "../../src/ir/rewrite/context.js";
import { builderOver } from "../../src/ir/rewrite/decompose.js";
import type { Make } from "../../src/ir/rewrite/make.js";
import { rewriteAny } from "../../src/ir/rewrite/rewrite.js";
import type { AnyView, ValueView } from "../../src/ir/rewrite/views.js";
import { cast, conv, dtype, pad, rank, reshape, sum, transpose, type Num } from "../../src/ops/lang.js";
import { contract } from "../../src/ops/lang/contraction.js";
import { handleOf, isTensor, pointwise, wrap } from "../../src/ops/lang/core.js";
import { withBuilder } from "../../src/ops/lang/value.js";
import { isMultiplied } from "./levels-as-floats.js";
import type { TargetContext, TargetPass } from "./stage.js";

/**
 * contract(a, b, p, q)  =>  contract(a', b') - p' * columns(b') - q' * (rows(a') - p' * k)
 * conv(x, w, p, q)      =>  conv(pad(x', p'), w') - p' * filters(w')
 *
 * Products of 8-bit levels with zero points, or without a sign, as products of signed levels that a library multiplies: v' is
 * v - 128 where v has no sign and v where it has one; columns, rows and filters are sums of levels, those of a constant known when
 * compiling. A zero point of the constant is taken out of it where the levels stay in 8 bits. All of it is exact.
 *
 * Skipped when the chip's library multiplies no levels, when the right operand is no constant or its zero point none, and for a
 * convolution whose filter cannot take its zero point in.
 */
export const signedProducts: TargetPass = {
  name: "signed-products",
  run(graph, context) {
    if (!multipliesLevels(graph, context)) return graph;
    return rewriteAny(graph, knowing(context.catalogue, context), (view, make) => {
      const product = productOf(view);
      return product && (product.node.op === "conv" ? convolution : matrices)(product, make);
    });
  },
};

/** Whether a product of two matrices of signed levels is the library's. */
function multipliesLevels(graph: Graph, context: TargetContext): boolean {
  const matrix = (name: string, dtype: "i8" | "i32") => ({ name, type: tensorType(dtype, [64, 64]) });
  const attrs = nodeAttrs("contract", { transa: 0, transb: 0, acc: "i32" });
  const probe: Node = { op: "contract", inputs: [matrix("a", "i8"), matrix("b", "i8")], outputs: [matrix("y", "i32")], attrs, origin: [] };
  return isMultiplied(probe, graph, context);
}

/** A product of levels that is not one of signed levels alone. */
interface Product {
  readonly node: Node;
  readonly a: ValueView;
  readonly b: ValueView;
  readonly levels: ConstData;
  readonly zeroA: ValueView | undefined;
  /** One for all, or one for each column or filter. */
  readonly zeroB: Float64Array;
}

function productOf({ node, inputs: [a, b, zeroA, zeroB], outputs: [y] }: AnyView): Product | undefined {
  const isOfLevels = (node.op === "contract" || node.op === "conv") && y?.dtype === "i32" && isLevels(a) && isLevels(b);
  const levels = b?.constant;
  const zeros = zeroB ? splat(zeroB) : new Float64Array(1);
  if (!isOfLevels || !a || !b || !levels || !zeros) return undefined;
  if (a.dtype === "i8" && b.dtype === "i8" && !zeroA && !zeroB) return undefined;
  return { node, a, b, levels, zeroA, zeroB: zeros };
}

function isLevels(v: ValueView | undefined): boolean {
  return v?.dtype === "i8" || v?.dtype === "u8";
}

/** The numbers of a constant, also of one that is repeated. */
function splat(v: ValueView): Float64Array | undefined {
  const [from] = v.made && ["expand", "reshape"].includes(v.made.node.op) ? v.made.inputs : [];
  if (from) return splat(from);
  const numbers = v.constant && toNumbers(v.constant.load());
  return numbers && Float64Array.from(numbers);
}

/** Levels with a sign, and what is left of their zero point. */
interface Signed {
  readonly levels: ConstData;
  readonly zero: number;
}

/** The constant with its zero points taken out, or moved where they do not fit. `filterOf` says whose a level is. */
function signed({ levels, zeroB }: Product, filterOf: (i: number) => number): Signed | undefined {
  const values = toNumbers(levels.load());
  const within = (less: (i: number) => number): ConstData | undefined => {
    const moved = Array.from(values, (x, i) => x - less(i));
    return moved.every((x) => x >= -128 && x <= 127) ? constData(fromNumbers("i8", levels.shape, moved)) : undefined;
  };
  const centred = within((i) => zeroB[zeroB.length === 1 ? 0 : filterOf(i)]);
  if (centred) return { levels: centred, zero: 0 };
  const shift = levels.dtype === "u8" ? 128 : 0;
  const shifted = zeroB.length === 1 ? within(() => shift) : undefined;
  return shifted && { levels: shifted, zero: zeroB[0] - shift };
}

function matrices(p: Product, make: Make): ValueView | undefined {
  const attrs = primitiveAttrs(p.node.attrs);
  const [transA, transB] = [attrs["transa"] === 1, attrs["transb"] === 1];
  const [columns] = transB ? p.levels.shape : p.levels.shape.slice(1);
  const filterOf = (i: number): number => (transB ? Math.floor(i / p.levels.shape[1]) : i % columns);
  const held = p.levels.shape.length === 2 ? signed(p, filterOf) : undefined;
  if (!held) return undefined;
  return built(make, (operand) => {
    const a = signedLevels(operand(p.a));
    const product = contract(a, operand(make.constant(held.levels, p.b)), { transA, transB, acc: "i32" });
    const zero = zeroPoint(p, operand);
    const byColumn = less(product, zero, sumsOf(held.levels, filterOf, [1, columns]), p, operand, make);
    if (held.zero === 0) return byColumn;
    const rows = sum(cast(transA ? turned(a) : a, "i32"), [-1]);
    const terms = p.levels.shape[transB ? 1 : 0];
    const centred = pointwise("sub", [rows, isTensor(zero) ? pointwise("mul", [zero, terms]) : zero * terms]);
    return pointwise("sub", [byColumn, pointwise("mul", [centred, held.zero])]);
  });
}

function convolution(p: Product, make: Make): ValueView | undefined {
  const [filters] = p.levels.shape;
  const taps = elementCount(p.levels.shape) / filters;
  const filterOf = (i: number): number => Math.floor(i / taps);
  const held = signed(p, filterOf);
  if (!held || held.zero !== 0) return undefined;
  const spatial = p.levels.shape.slice(2);
  const window = (name: string): readonly number[] => intsAttr(p.node, name) ?? [];
  const pads = window("pads");
  const around = { strides: window("strides"), dilations: window("dilations"), group: intAttr(p.node, "group") ?? 1, acc: "i32" } as const;
  return built(make, (operand) => {
    const [x, w] = [signedLevels(operand(p.a)), operand(make.constant(held.levels, p.b))];
    const zero = zeroPoint(p, operand);
    const beside = (from: number): number[] => [0, 0, ...pads.slice(from, from + spatial.length)];
    const isPadded = !isZero(zero) && pads.some((n) => n > 0);
    const padded = isPadded ? pad(x, beside(0), beside(spatial.length), levelOf(zero, operand, make)) : x;
    const product = conv(padded, w, { ...around, pads: isPadded ? pads.map(() => 0) : pads });
    return less(product, zero, sumsOf(held.levels, filterOf, [1, filters, ...spatial.map(() => 1)]), p, operand, make);
  });
}

function isZero(zero: Num): boolean {
  return (zero as unknown) === 0;
}

/** A zero point as the level that it is. */
function levelOf(zero: Num, operand: (v: ValueView) => Num, make: Make): Num {
  return isTensor(zero) ? cast(reshape(zero, []), "i8") : operand(make.constant(constData(fromNumbers("i8", [], [zero]))));
}

/** What the left operand's zero point adds is taken away: known, it is one constant. */
function less(product: Num, zero: Num, sums: Tensor, { b }: Product, operand: (v: ValueView) => Num, make: Make): Num {
  if (isZero(zero)) return product;
  const constantOf = (t: Tensor): Num => operand(make.constant(constData(t), b));
  if (isTensor(zero)) return pointwise("sub", [product, pointwise("mul", [zero, constantOf(sums)])]);
  const all = toNumbers(sums).map((x) => x * zero);
  return pointwise("sub", [product, constantOf(fromNumbers("i32", sums.shape, all))]);
}

/** What each column or filter adds up to. */
function sumsOf(levels: ConstData, filterOf: (i: number) => number, shape: readonly number[]): Tensor {
  const sums = new Float64Array(elementCount(shape));
  toNumbers(levels.load()).forEach((x, i) => (sums[filterOf(i)] += x));
  return fromNumbers("i32", shape, sums);
}

/** The left operand's, moved as its levels are: a number where it is known and one for all. */
function zeroPoint({ a, zeroA }: Product, operand: (v: ValueView) => Num): Num {
  const shift = a.dtype === "u8" ? 128 : 0;
  const known = zeroA ? splat(zeroA) : new Float64Array(1);
  if (known?.every((z) => z === known[0])) return known[0] - shift;
  return zeroA ? pointwise("sub", [cast(operand(zeroA), "i32"), shift]) : -shift;
}

/** Levels from -128 to 127 in place of such from 0 to 255. */
function signedLevels(levels: Num): Num {
  return dtype(levels) === "i8" ? levels : cast(pointwise("sub", [cast(levels, "i32"), 128]), "i8");
}

function turned(x: Num): Num {
  const last = rank(x) - 1;
  return transpose(x, [...Array(last - 1).keys(), last, last - 1]);
}

/** What a formula over views makes. */
function built(make: Make, formula: (operand: (v: ValueView) => Num) => Num): ValueView {
  const builder = builderOver(make);
  const operand = (v: ValueView): Num => wrap(builder.operand(v.dtype ?? "i8", v.shape ?? [], v, v.constant, undefined));
  return withBuilder(builder, () => builder.own(handleOf(formula(operand))).behind);
}
