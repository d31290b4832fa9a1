import { fromNumbers, toNumbers } from "../../src/base/float-formats.js";
import { tensorType } from "../../src/base/value-type.js";
import { constData } from "../../src/ir/build.js";
import { elementCount } from "../../src/base/tensor.js";
import { intAttr, intsAttr, type ConstData, type Graph, type Node, type Value } from "../../src/ir/graph.js";
import { primitiveAttrs } from "../../src/ir/primitive-node.js";
import { knowing } from "../../src/ir/rewrite/context.js";
import { builtOver } from "../../src/ir/rewrite/decompose.js";
import type { Make } from "../../src/ir/rewrite/make.js";
import { rewriteAny } from "../../src/ir/rewrite/rewrite.js";
import type { AnyView, ValueView } from "../../src/ir/rewrite/views.js";
import { cast, conv, dtype, pad, rank, reshape, squeeze, sum, transpose, windows, type Num } from "../../src/ops/lang.js";
import { contract } from "../../src/ops/lang/contraction.js";
import { isTensor, pointwise } from "../../src/ops/lang/core.js";
import { isLevels, movedLevels } from "./levels.js";
import { isProductMultiplied } from "./levels-as-floats.js";
import type { TargetContext, TargetPass } from "./stage.js";

/**
 * contract(a, b, p, q)  =>  contract(a', b') - p' * columns(b') - q' * rows(a' - p')
 * conv(x, w, p, q)      =>  conv(pad(x', p'), w') - p' * filters(w') - q' * seen(x' - p')
 *
 * Products of 8-bit levels with zero points, or without a sign, as products of signed levels that a library multiplies: v' is
 * v - 128 where v has no sign and v where it has one; columns, rows, filters and what a place sees are added up, those of a constant when compiling. A zero point of a constant is taken out of it where the levels stay in 8 bits. All of it is exact.
 *
 * Skipped when the chip's library multiplies no levels, for a convolution whose filter is data, and for one in groups whose
 * filter cannot take its zero point in.
 */
export const signedProducts: TargetPass = {
  name: "signed-products",
  run(graph, context) {
    if (!multipliesLevels(graph, context)) return graph;
    return rewriteAny(graph, knowing(context.catalogue, context), (view, make) => {
      const product = productOf(view);
      if (!product || !isTaken(product, graph, context)) return undefined;
      return (product.node.op === "conv" ? convolution : matrices)(product, make);
    });
  },
};

/** Whether a product of two matrices of signed levels is the library's. */
function multipliesLevels(graph: Graph, context: TargetContext): boolean {
  const matrix: Value = { name: "m", type: tensorType("i8", [64, 64]) };
  return isProductMultiplied({ op: "contract", a: matrix, b: matrix, attrs: { transa: 0, transb: 0, acc: "i32" } }, graph, context);
}

/** Whether the library takes the product without zero points, or a convolution of one group once it is unfolded. */
function isTaken({ node, a, b }: Product, graph: Graph, context: TargetContext): boolean {
  if (node.op === "conv" && intAttr(node, "group") === 1) return true;
  const signed = (v: ValueView): Value => ({ name: v.name, type: tensorType("i8", v.shape) });
  return isProductMultiplied(
    { op: node.op as "contract" | "conv", a: signed(a), b: signed(b), attrs: primitiveAttrs(node.attrs) },
    graph,
    context,
  );
}

/** A product of levels that is not one of signed levels alone. */
interface Product {
  readonly node: Node;
  readonly a: ValueView;
  readonly b: ValueView;
  readonly zeroA: ValueView | undefined;
  readonly zeroB: ValueView | undefined;
}

function productOf({ node, inputs: [a, b, zeroA, zeroB], outputs: [y] }: AnyView): Product | undefined {
  const isOfLevels = (node.op === "contract" || node.op === "conv") && y?.dtype === "i32" && isLevels(a?.dtype) && isLevels(b?.dtype);
  if (!isOfLevels || !a || !b) return undefined;
  return a.dtype === "i8" && b.dtype === "i8" && !zeroA && !zeroB ? undefined : { node, a, b, zeroA, zeroB };
}

/** The numbers of a constant, also of one that is repeated. */
function splat(v: ValueView): Float64Array | undefined {
  const [from] = v.made && ["expand", "reshape"].includes(v.made.node.op) ? v.made.inputs : [];
  if (from) return splat(from);
  const numbers = v.constant && toNumbers(v.constant.load());
  return numbers && Float64Array.from(numbers);
}

/** A constant with a sign, and what is left of its zero point. */
interface Signed {
  readonly levels: ConstData;
  readonly zero: number;
}

/** The right operand with its zero points taken out, or moved where they do not fit. `filterOf` says whose a level is. */
function signedConstant({ b, zeroB }: Product, filterOf: (i: number) => number): Signed | undefined {
  const [levels, zeros] = [b.constant, zeroB ? splat(zeroB) : new Float64Array(1)];
  if (!levels || !zeros) return undefined;
  const key = `${zeros.length > 1 ? filterOf(1) : ""}:${zeros.join()}`;
  const centred = movedLevels(levels, key, (i) => zeros[zeros.length === 1 ? 0 : filterOf(i)]);
  if (centred) return { levels: centred, zero: 0 };
  const shift = levels.dtype === "u8" ? 128 : 0;
  const shifted = zeros.length === 1 ? movedLevels(levels, "middle", () => shift) : undefined;
  return shifted && { levels: shifted, zero: zeros[0] - shift };
}

function matrices(p: Product, make: Make): ValueView | undefined {
  const attrs = primitiveAttrs(p.node.attrs);
  const [transA, transB] = [attrs["transa"] === 1, attrs["transb"] === 1];
  const shape = p.b.fixedShape ?? [];
  const columns = shape[transB ? 0 : 1];
  const filterOf = (i: number): number => (transB ? Math.floor(i / shape[1]) : i % columns);
  const held = shape.length === 2 ? signedConstant(p, filterOf) : undefined;
  return builtOver(make, (operand) => {
    const a = signedLevels(operand(p.a));
    const [zeroA, right] = [
      zeroPoint(p.a, p.zeroA, operand),
      held ? ofConstant(held, filterOf, [1, columns], operand, make) : ofData(p, transB, operand),
    ];
    const product = minus(contract(a, right.levels, { transA, transB, acc: "i32" }), right.sumsTimes(zeroA));
    if (isZero(right.zero)) return product;
    const rows = sum(minus(cast(transA ? turned(a) : a, "i32"), zeroA), [-1]);
    return minus(product, times(rows, right.zero));
  });
}

function convolution(p: Product, make: Make): ValueView | undefined {
  const [filters, ...inner] = p.b.fixedShape ?? [];
  const [taps, spatial] = [elementCount(inner), inner.slice(1)];
  const filterOf = (i: number): number => Math.floor(i / taps);
  const held = signedConstant(p, filterOf);
  const group = intAttr(p.node, "group") ?? 1;
  if (!held || (held.zero !== 0 && group !== 1)) return undefined;
  const window = (name: string): readonly number[] => intsAttr(p.node, name) ?? [];
  const pads = window("pads");
  const [strides, dilations] = [window("strides"), window("dilations")];
  return builtOver(make, (operand) => {
    const [x, zero] = [signedLevels(operand(p.a)), zeroPoint(p.a, p.zeroA, operand)];
    const w = ofConstant(held, filterOf, [1, filters, ...spatial.map(() => 1)], operand, make);
    const beside = (from: number): number[] => [0, 0, ...pads.slice(from, from + spatial.length)];
    const isPadded = !isZero(zero) && pads.some((n) => n > 0);
    const padded = isPadded ? pad(x, beside(0), beside(spatial.length), levelOf(zero, operand, make)) : x;
    const own = isPadded ? pads.map(() => 0) : pads;
    const product = minus(conv(padded, w.levels, { strides, dilations, group, pads: own, acc: "i32" }), w.sumsTimes(zero));
    if (isZero(w.zero)) return product;
    const seen = pad(minus(cast(padded, "i32"), zero), [0, 0, ...own.slice(0, spatial.length)], [0, 0, ...own.slice(spatial.length)], 0);
    return minus(product, times(sumsSeen(seen, spatial, strides, dilations), w.zero));
  });
}

/** What each place sees, added up: [N, 1, places..]. */
function sumsSeen(x: Num, taps: readonly number[], strides: readonly number[], dilations: readonly number[]): Num {
  const axes = taps.map((_, i) => 2 + i);
  const beyond = axes.map((a) => a + taps.length);
  return squeeze(sum(windows(x, axes, taps, strides, dilations), [1, ...beyond]), beyond);
}

type Operand = (v: ValueView) => Num;

/** The right operand of a product. */
interface Right {
  readonly levels: Num;
  readonly zero: Num;
  /** What its columns or filters add up to, times a number that meets them. */
  readonly sumsTimes: (zero: Num) => Num;
}

function ofConstant(
  { levels, zero }: Signed,
  filterOf: (i: number) => number,
  shape: readonly number[],
  operand: Operand,
  make: Make,
): Right {
  const sums = new Float64Array(elementCount(shape));
  (levels.load().data as Int8Array).forEach((x, i) => (sums[filterOf(i)] += x));
  const constantOf = (factor: number): Num =>
    operand(
      make.constant(
        constData(
          fromNumbers(
            "i32",
            shape,
            sums.map((x) => x * factor),
          ),
        ),
      ),
    );
  const sumsTimes = (by: Num): Num => (isZero(by) ? by : isTensor(by) ? times(by, constantOf(1)) : constantOf(by));
  return { levels: operand(make.constant(levels)), zero, sumsTimes };
}

function ofData({ b, zeroB }: Product, transB: boolean, operand: Operand): Right {
  const levels = signedLevels(operand(b));
  const columns = (): Num => sum(cast(levels, "i32"), [transB ? -1 : -2]);
  const sumsTimes = (by: Num): Num => (isZero(by) ? by : times(transB ? turned(columns()) : columns(), by));
  return { levels, zero: zeroPoint(b, zeroB, operand), sumsTimes };
}

/** Known to be nothing. */
function isZero(zero: Num): boolean {
  return (zero as unknown) === 0;
}

function times(a: Num, b: Num): Num {
  return pointwise("mul", [a, b]);
}

function minus(a: Num, b: Num): Num {
  return isZero(b) ? a : pointwise("sub", [a, b]);
}

/** A zero point as the level that it is. */
function levelOf(zero: Num, operand: Operand, make: Make): Num {
  return isTensor(zero) ? cast(reshape(zero, []), "i8") : operand(make.constant(constData(fromNumbers("i8", [], [zero]))));
}

/** An operand's zero point, moved as its levels are: a number where it is known and one for all. */
function zeroPoint(of: ValueView, zero: ValueView | undefined, operand: Operand): Num {
  const shift = of.dtype === "u8" ? 128 : 0;
  const known = zero ? splat(zero) : new Float64Array(1);
  if (known?.every((z) => z === known[0])) return known[0] - shift;
  return zero ? minus(cast(operand(zero), "i32"), shift) : -shift;
}

/** Levels from -128 to 127 in place of such from 0 to 255. */
function signedLevels(levels: Num): Num {
  return dtype(levels) === "i8" ? levels : cast(pointwise("sub", [cast(levels, "i32"), 128]), "i8");
}

function turned(x: Num): Num {
  const last = rank(x) - 1;
  return transpose(x, [...Array(last - 1).keys(), last, last - 1]);
}
