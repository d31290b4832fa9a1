import { invariant } from "../../src/base/diagnostic.js";
import { isConst, product as productOf, type Dim } from "../../src/base/dim.js";
import { fromNumbers, toNumbers } from "../../src/base/float-formats.js";
import type { Catalogue, Handle, PrimitiveAttrs } from "../../src/ops/op.js";
import type { PrimitiveName } from "../../src/ops/primitive.js";
import { isClaimable, matrixOps } from "../../src/claim/claim.js";
import { intAttr, isUnread, rankedType, type ConstData, type Graph, type Node, type Value } from "../../src/ir/graph.js";
import { primitiveAttrs } from "../../src/ir/primitive-node.js";
import { builderOver } from "../../src/ir/rewrite/decompose.js";
import { knowing } from "../../src/ir/rewrite/context.js";
import type { Make, Outcome } from "../../src/ir/rewrite/make.js";
import { rewriteAny } from "../../src/ir/rewrite/rewrite.js";
import { ValueView } from "../../src/ir/rewrite/views.js";
import { mapped } from "../constants.js";
import type { TargetPass } from "./stage.js";

/** Sums of products stay below this, a quarter of what f16 holds: a partial sum may be larger than the whole. */
const mostSum = 2 ** 14;
/** An operand itself stays below 2^14, however few and small what it meets is. */
const mostExponent = 14;
/** How many terms a sum is taken to have where that is open. */
const openTerms = 2 ** 16;
/** A constant whose largest element lies between these is not scaled. */
const [low, high] = [2 ** -8, 2 ** 8];
/** What a tensor of zeros is divided by. */
const tiny = 2 ** -100;

/**
 * y = P(a, b)   =>   y = P(a / s, b / t) * (s * t)      with s near max |a| / c, so that no sum leaves f16's range
 *
 * for products of float32 on a chip that multiplies halves only: operands and results are brought into f16's range first,
 * by one factor a row, column or sample, which is taken out again. What is left of rounding to halves is their 11 bits.
 * Factors are powers of two: what is exact in halves stays so. On primitives: a bias is an addition there, in f32.
 *
 * Skipped when the chip multiplies float32, when no row takes the product, and for a constant operand whose largest
 * element, which is known when compiling, lies well within f16's range.
 */
export const scaleProducts: TargetPass = {
  name: "scale-products",
  rounds: true,
  run(graph, context) {
    if (context.chip.contractTypes.includes("f32")) return graph;
    return scaled(graph, context.catalogue, (n) => matrixOps.has(n.op) && isSingle(n) && isClaimable(n, graph, context));
  },
};

/** `takes`: the products to scale. */
export function scaled(graph: Graph, catalogue: Catalogue, takes: (node: Node) => boolean): Graph {
  const context = knowing(catalogue, { facts: new Map() });
  return rewriteAny(graph, context, ({ node, inputs }, make) => (takes(node) ? scaledProduct(node, inputs, make) : undefined));
}

/** How many products one element of the result adds up. */
function termsOf(node: Node): Dim {
  const [a, b] = node.inputs.map((v) => rankedType(v)?.shape ?? []);
  if (node.op === "contract") return a[a.length - (intAttr(node, "transa") ? 2 : 1)];
  return productOf(node.op === "conv" ? b.slice(1) : [b[0], ...b.slice(2)]);
}

function scaledProduct(node: Node, inputs: readonly (ValueView | undefined)[], make: Make): Outcome {
  const builder = builderOver(make);
  const apply = (op: PrimitiveName, operands: readonly Handle[], attrs: PrimitiveAttrs = {}): Handle =>
    builder.apply(op, operands, attrs, true)[0];
  const single: Single = (value, shape) =>
    apply("expand", [apply("reshape", [builder.constant(fromNumbers("f32", [], [value]))], { shape: shape.map(() => 1) })], { shape });
  const terms = termsOf(node);
  const data = inputs.map((v) => v && make.facts.constant(v.value));
  const largest = data.map((d) => d && largestOf(d));
  const known = largest.map((m) => m !== undefined && m >= low && m <= high);
  if (known.every(Boolean)) return undefined;
  // What is left for the operands that are scaled, each the same part of it.
  const room =
    mostSum /
    (isConst(terms) ? Math.max(1, terms) : openTerms) /
    largest.reduce<number>((n, m, i) => (known[i] ? n * (m as number) : n), 1);
  const target = 2 ** Math.min(mostExponent, Math.floor(Math.log2(known.includes(true) ? room : Math.sqrt(room))));
  const factors: Handle[] = [];
  const operands = inputs.map((v, i): Handle => {
    const type = rankedType(v?.value);
    invariant(v && type, `${node.op} has all its operands`);
    const x = builder.operand(type.dtype, type.shape, v, data[i], undefined);
    if (known[i]) return x;
    const constant = data[i];
    const most = largest[i];
    if (constant && most !== undefined) {
      const factor = 2 ** Math.ceil(Math.log2(Math.max(most, tiny))) / target;
      factors.push(
        single(
          factor,
          type.shape.map(() => 1),
        ),
      );
      return builder.operand(
        type.dtype,
        type.shape,
        make.constant(
          mapped(constant, (x) => x / factor),
          v,
        ),
        undefined,
        undefined,
      );
    }
    const [inner, outer] = axesOf(node, i, type.shape.length);
    const most0 = apply("reduce", [apply("abs", [x])], { fn: "max", axes: inner });
    const whole = outer.length === 0 ? most0 : apply("reduce", [most0], { fn: "max", axes: outer });
    const above = powerAbove(apply("max", [whole, single(tiny, whole.shape)]), apply, single);
    const factor = apply("mul", [above, single(1 / target, whole.shape)]);
    factors.push(node.op === "contract" ? underResult(factor, i, apply) : factor);
    return apply("div", [x, apply("expand", [factor], { shape: type.shape })]);
  });
  const y = apply(node.op as PrimitiveName, operands, primitiveAttrs(node.attrs));
  const back = factors.reduce((t, f) => apply("mul", [t, apply("expand", [aligned(f, y.shape.length, apply)], { shape: y.shape })]), y);
  return [builder.own(back).behind];
}

type Apply = (op: PrimitiveName, operands: readonly Handle[], attrs?: PrimitiveAttrs) => Handle;

type Single = (value: number, shape: readonly Dim[]) => Handle;

/**
 * The power of two above positive numbers. x (2^23 + 1) less its neighbour is x's leading bit, where products and
 * differences are rounded to nearest (S. M. Rump, T. Ogita, S. Oishi, Accurate Floating-Point Summation I, 2008); were they
 * not, factors would be no powers of two and as good otherwise.
 */
function powerAbove(x: Handle, apply: Apply, single: Single): Handle {
  const times = (a: Handle, n: number): Handle => apply("mul", [a, single(n, a.shape)]);
  const large = apply("lt", [single(2 ** 90, x.shape), x]);
  const small = apply("select", [large, times(x, 2 ** -64), x]);
  const shifted = times(small, 2 ** 23 + 1);
  const leading = apply("sub", [shifted, times(shifted, 1 - 2 ** -24)]);
  return times(apply("select", [large, times(leading, 2 ** 64), leading]), 2);
}

/** A factor of one element, or of one a batch entry, under the result's rank. */
function aligned(f: Handle, rank: number, apply: Apply): Handle {
  const lead = new Array<Dim>(rank - f.shape.length).fill(1);
  return lead.length === 0 ? f : apply("reshape", [f], { shape: [...lead, ...f.shape] });
}

/** Factors of a's rows stand in a column beside the result, those of b's columns in a row. */
function underResult(f: Handle, operand: number, apply: Apply): Handle {
  const [m, n] = f.shape.slice(-2);
  const count = m === 1 ? n : m;
  return apply("reshape", [f], { shape: [...f.shape.slice(0, -2), ...(operand === 0 ? [count, 1] : [1, count])] });
}

/**
 * The axes over which an operand has one factor: of a matrix the one that is summed, so that each row and column has its own;
 * of a convolution's data all but the batch, of its filter all. The innermost first, whose rows are spread over the cores.
 */
function axesOf(node: Node, operand: number, rank: number): readonly [inner: number[], outer: number[]] {
  if (node.op === "contract") {
    const turned = intAttr(node, operand === 0 ? "transa" : "transb") === 1;
    return [[(operand === 0) === turned ? rank - 2 : rank - 1], []];
  }
  const from = operand === 0 ? 1 : 0;
  const all = Array.from({ length: rank - from }, (_, i) => from + i);
  return [all.slice(-(rank - 2)), all.slice(0, -(rank - 2))];
}

function largestOf(data: ConstData): number {
  if (isUnread(data)) return 1;
  let most = 0;
  for (const x of toNumbers(data.load())) most = Math.max(most, Math.abs(x));
  return most;
}

/** Values of products that a chip takes in f32. */
export function isSingle(node: Node): boolean {
  return [...node.inputs, ...node.outputs].every((v: Value | undefined) => v !== undefined && rankedType(v)?.dtype === "f32");
}
