/** BatchNormalization's four forms and GroupNormalization's two. */
import type { Value } from "../../ir/graph.js";
import type { Rewrite } from "./draft.js";
import { cannotUpgrade, floatOf, i64, int, intOf, scalarLike, without } from "./rewrites.js";

/** `is_test` told inference from training; later its outputs do. Training with Y alone is spelled at once. */
export const batchNormalizationTo7: Rewrite = (node) => {
  const infers = intOf(node, "is_test", 0) !== 0;
  const attrs = without(node.attrs, "is_test");
  return infers ? { ...node, outputs: node.outputs.slice(0, 1), attrs } : { ...node, attrs: { ...attrs, training_mode: int(1) } };
};

/**
 * spatial=0 gave every activation its own statistics:
 * y = (x - mean) / sqrt(var + epsilon) * scale + bias, broadcast over the batch.
 */
export const batchNormalizationTo9: Rewrite = (node, make) => {
  const attrs = without(node.attrs, "spatial");
  if (intOf(node, "spatial", 1) !== 0) return { ...node, attrs };
  const [x, scale, bias, mean, variance] = node.inputs;
  if (node.attrs.training_mode || node.outputs.slice(1).some((v) => make.isRead(v)))
    cannotUpgrade(node, make, "trains with spatial=0", "Statistics of single activations over the batch went out of ONNX with opset 9.");
  const padded = make.before("Add", [variance, scalarLike(make, floatOf(node, "epsilon", 1e-5), variance)]);
  const unit = make.before("Div", [make.before("Sub", [x, mean]), make.before("Sqrt", [padded])]);
  make.after("Add", [make.before("Mul", [unit, scale]), bias], node.outputs.slice(0, 1));
  return undefined;
};

/** Outputs beyond Y meant training; two of them, the saved statistics, exist no more. */
export const batchNormalizationTo14: Rewrite = (node, make) => {
  const [y, mean, variance, ...saved] = node.outputs;
  if (saved.some((v) => make.isRead(v)))
    cannotUpgrade(node, make, "its saved mean or variance is read", "Opset 14 took those outputs, which only a training step needs, out.");
  const trains = node.attrs.training_mode !== undefined || make.isRead(mean) || make.isRead(variance);
  if (!trains) return { ...node, outputs: [y] };
  return { ...node, outputs: [y, mean, variance], attrs: { ...node.attrs, training_mode: int(1) } };
};

/**
 * Version 18 had a scale and a bias per group, 21 has them per channel:
 * scale'[C] = Reshape(Expand(Unsqueeze(scale, 1), [1, C / groups]), [-1]).
 */
export const groupNormalizationTo21: Rewrite = (node, make) => {
  const [x, scale, bias] = node.inputs;
  const groups = intOf(node, "num_groups", 1);
  const channels = make.before("Shape", [x], { start: int(1), end: int(2) });
  const perGroup = make.before("Div", [channels, make.constant(i64([groups]))]);
  const shape = make.before("Concat", [make.constant(i64([1])), perGroup], { axis: int(0) });
  const spread = (v: Value | undefined): Value => {
    const column = make.before("Unsqueeze", [v, make.constant(i64([1]))]);
    return make.before("Reshape", [make.before("Expand", [column, shape]), make.constant(i64([-1]))]);
  };
  return { ...node, inputs: [x, spread(scale), spread(bias)] };
};
