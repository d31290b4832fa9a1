/** Classification losses over N C ... scores. */
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
import { allAxes } from "./axes.formula.js";

interface LossAttrs {
  readonly ignore_index: number | undefined;
  readonly reduction: string;
}

const lossAttrs = { ignore_index: maybe("int"), reduction: text("mean", "sum", "none") };

/** -score[target] * weight[target], 0 where the target is ignored; the mean divides by the weights that counted. */
function likelihoodLoss(scores: Num, target: Num, weight: Num | undefined, a: LossAttrs): Num {
  const type = dtype(scores);
  const ignored = a.ignore_index === undefined ? undefined : target === a.ignore_index;
  const safe = ignored === undefined ? target : where(ignored, 0, target);
  const picked = squeeze(gatherElements(scores, unsqueeze(safe, [1]), 1), [1]);
  const per = weight === undefined ? full(shape(target), 1, type) : gather(weight, safe, 0);
  const counted = ignored === undefined ? per : where(ignored, 0, per);
  const loss = -picked * counted;
  if (a.reduction === "none") return loss;
  const total = (v: Num) => reshape(sum(v, allAxes(v)), []);
  return a.reduction === "sum" ? total(loss) : total(loss) / total(counted);
}

export const NegativeLogLikelihoodLoss = formula(
  { inputs: { scores: "float", target: ["i32", "i64"], weight: optional("float") }, attrs: lossAttrs },
  ({ scores, target, weight, ...a }) => likelihoodLoss(scores, target, weight, a),
);

export const SoftmaxCrossEntropyLoss = formula(
  { inputs: { scores: "float", labels: ["i32", "i64"], weights: optional("float") }, attrs: lossAttrs, outputs: 2 },
  ({ scores, labels, weights, ...a }) => {
    const shifted = scores - max(scores, 1);
    const logProb = shifted - log(sum(exp(shifted), 1));
    return [likelihoodLoss(logProb, labels, weights, a), logProb];
  },
);
