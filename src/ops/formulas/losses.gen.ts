/* Generated from losses.formula.ts; do not edit. */ import { dispatcher } from "../lang/dispatch.js"; const $ = dispatcher("src/ops/formulas/losses.formula.ts"); /** Classification losses over N C ... scores. */
import {
  dtype,
  exp,
  formula,
  full,
  gather,
  gatherElements,
  log,
  max,
  maybe,
  optional,
  reshape,
  shape,
  squeeze,
  sum,
  text,
  unsqueeze,
  where,
  type Num,
} from "../lang.js";
import { allAxes } from "./axes.gen.js";

interface LossAttrs {
  readonly ignore_index: number | undefined;
  readonly reduction: string;
}

const lossAttrs = { ignore_index: maybe("int"), reduction: text("mean", "sum", "none") };

/** -score[target] * weight[target], 0 where the target is ignored; the mean divides by the weights that counted. */
function likelihoodLoss(scores: Num, target: Num, weight: Num | undefined, a: LossAttrs): Num {
  const type = $.call("33:16", dtype, scores);
  const ignored = a.ignore_index === undefined ? undefined : $.eq(target , a.ignore_index, "34:69");
  const safe = ignored === undefined ? target : $.call("35:49", where, ignored, 0, target);
  const picked = $.call("36:18", squeeze, $.call("36:26", gatherElements, scores, $.call("36:49", unsqueeze, safe, [1]), 1), [1]);
  const per = weight === undefined ? $.call("37:38", full, $.call("37:43", shape, target), 1, type) : $.call("37:69", gather, weight, safe, 0);
  const counted = ignored === undefined ? per : $.call("38:49", where, ignored, 0, per);
  const loss = $.mul($.neg(picked, "39:16") , counted, "39:24");
  if (a.reduction === "none") return loss;
  const total = (v: Num) => $.call("41:29", reshape, $.call("41:37", sum, v, allAxes(v)), []);
  return a.reduction === "sum" ? total(loss) : $.div(total(loss) , total(counted), "42:60");
}

export const NegativeLogLikelihoodLoss = formula(
  { inputs: { scores: "float", target: ["i32", "i64"], weight: optional("float") }, attrs: lossAttrs },
  ({ scores, target, weight, ...a }) => likelihoodLoss(scores, target, weight, a),
{"name":"NegativeLogLikelihoodLoss","path":"src/ops/formulas/losses.formula.ts","line":45,"column":14});

export const SoftmaxCrossEntropyLoss = formula(
  { inputs: { scores: "float", labels: ["i32", "i64"], weights: optional("float") }, attrs: lossAttrs, outputs: 2 },
  ({ scores, labels, weights, ...a }) => {
    const shifted = $.sub(scores , $.call("53:30", max, scores, 1), "53:28");
    const logProb = $.sub(shifted , $.call("54:31", log, $.call("54:35", sum, $.call("54:39", exp, shifted), 1)), "54:29");
    return [likelihoodLoss(logProb, labels, weights, a), logProb];
  },
{"name":"SoftmaxCrossEntropyLoss","path":"src/ops/formulas/losses.formula.ts","line":50,"column":14});
