import { elementCount } from "../../src/base/tensor.js";
import { isFloat } from "../../src/base/dtype.js";
import type { ConstData } from "../../src/ir/graph.js";
import type { Make } from "../../src/ir/rewrite/make.js";
import type { NodeView, ValueView } from "../../src/ir/rewrite/views.js";
import { t } from "../constants.js";
import { definePass, type Subject } from "../pass.js";

/**
 * Conv(x, w, b) * s  =>  Conv(x, w * s, b * s)      Conv(x, w, b) / s  =>  Conv(x, w / s, b / s)
 * Conv(x, w, b) + s  =>  Conv(x, w, b + s)          Conv(x, w, b) - s  =>  Conv(x, w, b - s)
 * with s a number without axes or one number an output channel; likewise for ConvTranspose, and for Gemm with one a
 * column. `s * Conv` and `s + Conv` too, not `s / Conv` and `s - Conv`.
 *
 * Skipped when s, w or b is not constant, when s varies along another axis, when others read the inner result, when the
 * type is not a float, for a ConvTranspose in groups (multiplication only), and for a Gemm whose alpha or beta is not 1.
 *
 * These are the factors that onnxruntime folds when it opens a model, so its numbers stay the same to the bit.
 */
export const foldScale = definePass("fold-scale", (graph) => folded(graph, (s) => s.shape.length === 0 || elementCount(s.shape) > 1), {
  rounds: true,
});

/**
 * The same for one number in any shape, [1] as well. onnxruntime keeps those apart, so there the new weights round
 * otherwise than the product did: harmless on a card, but PP-OCRv4 det moves by 1.8e-5 of its range. Hence `onCards`.
 */
export const foldScalar = definePass("fold-scalar", (graph) => folded(graph, () => true), { onCards: true, rounds: true });

function folded(graph: Subject, fits: (factor: ConstData) => boolean): Subject {
  const fold = (x: ValueView, by: ValueView, op: Operation, make: Make): ValueView | undefined =>
    by.constant && isFloat(by.constant.dtype) && fits(by.constant) ? into(x, by.constant, op, make) : undefined;
  return graph
    .rewrite("Mul", (node, make) => fold(node.a, node.b, "mul", make) ?? fold(node.b, node.a, "mul", make))
    .rewrite("Div", (node, make) => fold(node.a, node.b, "div", make))
    .rewrite("Add", (node, make) => fold(node.a, node.b, "add", make) ?? fold(node.b, node.a, "add", make))
    .rewrite("Sub", (node, make) => fold(node.a, node.b, "sub", make));
}

type Operation = "mul" | "div" | "add" | "sub";
type Linear = NodeView<"Conv"> | NodeView<"ConvTranspose"> | NodeView<"Gemm">;

function into(x: ValueView, factor: ConstData, op: Operation, make: Make): ValueView | undefined {
  const conv = x.producer("Conv");
  if (conv) return rebuilt(conv, conv.w, conv.b, 0, factor, op, make, (w, b) => make.Conv({ ...conv, w, b }));
  const transposed = x.producer("ConvTranspose");
  if (transposed) {
    const grouped = transposed.int("group", 1) !== 1;
    return grouped
      ? undefined
      : rebuilt(transposed, transposed.w, transposed.b, 1, factor, op, make, (w, b) => make.ConvTranspose({ ...transposed, w, b }));
  }
  const gemm = x.producer("Gemm");
  if (!gemm || gemm.float("alpha", 1) !== 1 || gemm.float("beta", 1) !== 1) return undefined;
  return rebuilt(gemm, gemm.b, gemm.c, gemm.int("transB", 0) === 1 ? 0 : 1, factor, op, make, (b, c) => make.Gemm({ ...gemm, b, c }));
}

/** `axis` is the one of `w` that counts output channels; in the result they are axis 1. */
function rebuilt(
  inner: Linear,
  w: ValueView,
  b: ValueView | undefined,
  axis: number,
  factor: ConstData,
  op: Operation,
  make: Make,
  build: (w: ValueView, b: ValueView | undefined) => ValueView,
): ValueView | undefined {
  const rank = inner.y.shape?.length;
  const weights = w.constant;
  if (inner.y.uses > 1 || rank === undefined || !weights || (b && !b.constant)) return undefined;
  const channels = weights.shape[axis];
  const s = perChannel(factor, rank, channels);
  if (!s || (b?.constant && elementCount(b.constant.shape) !== channels)) return undefined;
  const scales = op === "mul" || op === "div";
  const bias = b?.constant ?? t.fill(weights.dtype, [channels], 0);
  const newBias = b || !scales ? make.constant(t[op](t.reshape(bias, [channels]), s), b ?? w) : undefined;
  const newWeights = scales
    ? make.constant(t[op](weights, elementCount(s.shape) === 1 ? s : t.along(s, axis, weights.shape.length)), w)
    : w;
  return build(newWeights, newBias);
}

/** The factor as one number, [1], or one a channel, [channels]; undefined when it varies otherwise or widens the result. */
function perChannel(factor: ConstData, rank: number, channels: number): ConstData | undefined {
  const count = elementCount(factor.shape);
  if (factor.shape.length > rank) return undefined;
  if (count === 1) return t.reshape(factor, [1]);
  const axis = 1 - rank + factor.shape.length;
  return axis >= 0 && factor.shape[axis] === channels && count === channels ? t.reshape(factor, [channels]) : undefined;
}
