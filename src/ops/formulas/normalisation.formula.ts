/** Normalisations. Statistics are taken in f32 when the stash type says so, as the standard's own formulas do. */
import {
  abs,
  assumeShape,
  assumeStretches,
  cast,
  dtype,
  float,
  floorDiv,
  formula,
  int,
  ints,
  mean,
  optional,
  pad,
  power,
  productOf,
  rank,
  refuse,
  required,
  reshape,
  shape,
  sqrt,
  squeeze,
  sum,
  unsqueeze,
  where,
  windows,
  type Num,
} from "../lang.js";
import { allAxes, positive, spatialAxes } from "./axes.formula.js";

/** A vector of one value a channel. */
function ofChannels(v: Num, channels: Num): Num {
  return assumeShape(v, [channels], "there must be one scale, bias, mean and variance a channel");
}

/** The same, shaped to meet N C ... data of x's element type. */
function perChannel(v: Num, x: Num): Num {
  return cast(unsqueeze(ofChannels(v, shape(x)[1]), [0, ...spatialAxes(x)]), dtype(x));
}

/**
 * (x - mean) * scale / sqrt(variance + epsilon) + bias. In training mode the batch's own statistics are used, and the
 * running ones are moved towards them. Data of one axis is a batch of one channel.
 */
export const BatchNormalization = formula(
  {
    inputs: { x: "float", scale: "float", bias: "float", mean: "float", variance: "float" },
    attrs: { epsilon: float(1e-5), momentum: float(0.9), training_mode: int(0) },
    outputs: 3,
  },
  ({ x, scale, bias, mean: mu, variance, epsilon, momentum, training_mode }) => {
    const channels = rank(x) === 1 ? 1 : shape(x)[1];
    const channel = (v: Num) => (rank(x) === 1 ? cast(ofChannels(v, channels), dtype(x)) : perChannel(v, x));
    if (training_mode === 0) {
      const factor = channel(scale) / sqrt(channel(variance) + epsilon);
      return (x - channel(mu)) * factor + channel(bias);
    }
    const axes = allAxes(x).filter((a) => a !== 1);
    const batchMean = mean(x, axes);
    const batchVariance = mean((x - batchMean) ** 2, axes);
    const y = ((x - batchMean) / sqrt(batchVariance + epsilon)) * channel(scale) + channel(bias);
    const moved = (old: Num, now: Num) => ofChannels(old, channels) * momentum + cast(squeeze(now, axes), dtype(old)) * (1 - momentum);
    return [y, moved(mu, batchMean), moved(variance, batchVariance)];
  },
);

/** (x - mean) / sqrt(variance + epsilon) over the given axes. */
function standardise(x: Num, axes: number[], epsilon: number): { y: Num; mu: Num; inverse: Num } {
  const mu = mean(x, axes);
  const centred = x - mu;
  const inverse = 1 / sqrt(mean(centred * centred, axes) + epsilon);
  return { y: centred * inverse, mu, inverse };
}

export const InstanceNormalization = formula(
  { inputs: { x: "float", scale: "float", bias: "float" }, attrs: { epsilon: float(1e-5) } },
  ({ x, scale, bias, epsilon }) => standardise(x, spatialAxes(x), epsilon).y * perChannel(scale, x) + perChannel(bias, x),
);

/** Axes from `axis` to the last. */
function axesFrom(x: Num, axis: number): number[] {
  return allAxes(x).slice(positive(axis, rank(x)));
}

export const LayerNormalization = formula(
  {
    inputs: { x: "float", scale: "float", bias: optional("float") },
    attrs: { axis: int(-1), epsilon: float(1e-5), stash_type: int(1) },
    outputs: 3,
  },
  ({ x, scale, bias, axis, epsilon, stash_type }) => {
    const wide = stash_type === 1 ? cast(x, "f32") : x;
    const { y, mu, inverse } = standardise(wide, axesFrom(x, axis), epsilon);
    const scaled = cast(y, dtype(x)) * assumeStretches(scale, y, "scale");
    return [bias === undefined ? scaled : scaled + assumeStretches(bias, y, "bias"), mu, inverse];
  },
);

/** x / sqrt(mean(x^2) + epsilon) * scale. */
export const RMSNormalization = formula(
  { inputs: { x: "float", scale: "float" }, attrs: { axis: int(-1), epsilon: float(1e-5), stash_type: int(1) } },
  ({ x, scale, axis, epsilon, stash_type }) => {
    const wide = stash_type === 1 ? cast(x, "f32") : x;
    const y = wide / sqrt(mean(wide * wide, axesFrom(x, axis)) + epsilon);
    return cast(y, dtype(scale)) * assumeStretches(scale, y, "scale");
  },
);

/** Channels in equal groups, each standardised with its spatial elements. */
export const GroupNormalization = formula(
  {
    inputs: { x: "float", scale: "float", bias: "float" },
    attrs: { num_groups: required("int"), epsilon: float(1e-5), stash_type: int(1) },
  },
  ({ x, scale, bias, num_groups, epsilon, stash_type }) => {
    const [n, c, ...spatial] = shape(x);
    const wide = stash_type === 1 ? cast(x, "f32") : x;
    const grouped = reshape(wide, [n, num_groups, floorDiv(c, num_groups) * productOf(spatial)]);
    const y = cast(reshape(standardise(grouped, [2], epsilon).y, shape(x)), dtype(x));
    return y * perChannel(scale, x) + perChannel(bias, x);
  },
);

/** x divided by its 1- or 2-norm along an axis; 0 where the norm is 0. */
export const LpNormalization = formula({ inputs: { x: "float" }, attrs: { axis: int(-1), p: int(2) } }, ({ x, axis, p }) => {
  if (p !== 1 && p !== 2) refuse(`LpNormalization knows p = 1 and p = 2, not ${p}`);
  const norm = p === 1 ? sum(abs(x), axis) : sqrt(sum(x * x, axis));
  return where(norm === 0, x, x / norm);
});

export const MeanVarianceNormalization = formula({ inputs: { x: "float" }, attrs: { axes: ints(0, 2, 3) } }, ({ x, axes }) => {
  const mu = mean(x, axes);
  const deviation = sqrt(mean(x * x, axes) - mu * mu);
  return (x - mu) / (deviation + 1e-9);
});

/** x / (bias + alpha / size * sum of squares over `size` neighbouring channels) ^ beta. */
export const LRN = formula(
  { inputs: { x: "float" }, attrs: { size: required("int"), alpha: float(1e-4), beta: float(0.75), bias: float(1) } },
  ({ x, size, alpha, beta, bias }) => {
    const before = Math.floor((size - 1) / 2);
    const beside = (n: number) => allAxes(x).map((a) => (a === 1 ? n : 0));
    const squares = pad(x * x, beside(before), beside(size - 1 - before), 0);
    const near = squeeze(sum(windows(squares, [1], [size], [1], [1]), -1), [-1]);
    return x / power(bias + (alpha / size) * near, beta);
  },
);

/** com.microsoft SkipLayerNormalization: LayerNormalization of input + skip + bias along the last axis; the sum is the last output. */
export const SkipLayerNormalization = formula(
  {
    domain: "com.microsoft",
    inputs: { input: "float", skip: "float", gamma: "float", beta: optional("float"), bias: optional("float") },
    attrs: { epsilon: float(1e-12) },
    outputs: 4,
  },
  ({ input, skip, gamma, beta, bias, epsilon }) => {
    const both = input + assumeStretches(skip, input, "skip");
    const total = bias === undefined ? both : both + assumeStretches(bias, both, "bias");
    const { y, mu, inverse } = standardise(cast(total, "f32"), [rank(total) - 1], epsilon);
    const scaled = cast(y, dtype(input)) * assumeStretches(gamma, y, "gamma");
    return [beta === undefined ? scaled : scaled + assumeStretches(beta, y, "beta"), mu, inverse, total];
  },
);
