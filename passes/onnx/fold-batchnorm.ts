import { isConst } from "../../src/base/dim.js";
import { isFloat } from "../../src/base/dtype.js";
import type { ConstData } from "../../src/ir/graph.js";
import type { Make } from "../../src/ir/rewrite/make.js";
import type { NodeView, ValueView } from "../../src/ir/rewrite/views.js";
import { constantsOf, t } from "../constants.js";
import { definePass } from "../pass.js";

type Batchnorm = NodeView<"BatchNormalization">;

/**
 * BatchNormalization(Conv(x, w, b))  =>  Conv(x, w * s, (b - mean) * s + bias)
 * with s = scale / sqrt(variance + epsilon), one factor per output channel; likewise for ConvTranspose (its channels are
 * axis 1 of w) and for Gemm (the columns of its second operand).
 *
 * Every step is rounded as onnxruntime's own fusion rounds it, so that both give the same weights to the bit: one ulp in
 * a first layer moves PP-OCRv4 det by 1e-5 of its range.
 *
 * Skipped when a parameter is not constant, when others read the inner result (it would then be computed twice), and
 * for a ConvTranspose in groups, whose w has no axis of output channels.
 */
export const foldBatchnorm = definePass(
  "fold-batchnorm",
  (graph) =>
    graph.rewrite("BatchNormalization", (bn, make) => {
      if (bn.int("training_mode", 0) !== 0) return;
      return intoConv(bn, make) ?? intoConvTranspose(bn, make) ?? intoGemm(bn, make);
    }),
  { rounds: true },
);

/** s, and b' for an inner bias b. */
function factors(bn: Batchnorm, b: ValueView): { scale: ConstData; bias: ConstData } | undefined {
  const known = constantsOf(b, bn.scale, bn.bias, bn.mean, bn.variance);
  if (!known || !isFloat(known[1].dtype)) return undefined;
  const [b0, scale, bias, mean, variance] = known;
  const epsilon = t.scalar(variance.dtype, bn.float("epsilon", 1e-5));
  const s = t.stored(t.div(scale, t.stored(t.sqrt(t.stored(t.add(variance, epsilon))))));
  return { scale: s, bias: t.add(t.stored(t.mul(t.stored(t.sub(b0, mean)), s)), bias) };
}

function intoConv(bn: Batchnorm, make: Make): ValueView | undefined {
  const conv = bn.x.producer("Conv");
  const w = conv?.w.constant;
  if (!conv || !w || conv.y.uses > 1) return undefined;
  const b = conv.b ?? make.constant(t.fill(w.dtype, [w.shape[0]], 0), bn.bias);
  const by = factors(bn, b);
  return (
    by && make.Conv({ ...conv, w: make.constant(t.mul(w, t.along(by.scale, 0, w.shape.length)), conv.w), b: make.constant(by.bias, b) })
  );
}

function intoConvTranspose(bn: Batchnorm, make: Make): ValueView | undefined {
  const conv = bn.x.producer("ConvTranspose");
  const w = conv?.w.constant;
  if (!conv || !w || conv.y.uses > 1 || conv.int("group", 1) !== 1) return undefined;
  const b = conv.b ?? make.constant(t.fill(w.dtype, [w.shape[1]], 0), bn.bias);
  const by = factors(bn, b);
  return (
    by &&
    make.ConvTranspose({ ...conv, w: make.constant(t.mul(w, t.along(by.scale, 1, w.shape.length)), conv.w), b: make.constant(by.bias, b) })
  );
}

/** y = alpha * a b + beta * c, so c takes the bias divided by beta; a Gemm with beta 0 and a c is left alone. */
function intoGemm(bn: Batchnorm, make: Make): ValueView | undefined {
  const gemm = bn.x.producer("Gemm");
  const w = gemm?.b.constant;
  if (!gemm || !w || gemm.y.uses > 1 || (gemm.c && gemm.float("beta", 1) !== 1)) return undefined;
  const columns = gemm.int("transB", 0) === 1 ? 0 : 1;
  const n = w.shape[columns];
  if (!isConst(n) || (gemm.c?.constant && gemm.c.constant.shape.length > 1 && gemm.c.constant.shape[0] !== 1)) return undefined;
  const c = gemm.c ?? make.constant(t.fill(w.dtype, [n], 0), bn.bias);
  const by = factors(bn, c);
  const attrs = { ...gemm.attrs, beta: { kind: "float", value: 1 } as const };
  return (
    by && make.Gemm({ ...gemm, attrs, b: make.constant(t.mul(w, t.along(by.scale, columns, 2)), gemm.b), c: make.constant(by.bias, c) })
  );
}
