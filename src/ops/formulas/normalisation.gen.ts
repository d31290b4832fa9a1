/* Generated from normalisation.formula.ts; do not edit. */ import { dispatcher } from "../lang/dispatch.js"; const $ = dispatcher("src/ops/formulas/normalisation.formula.ts"); /** Normalisations. Statistics are taken in f32 when the stash type says so, as the standard's own formulas do. */
import {
  abs,
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
import { allAxes, positive, spatialAxes } from "./axes.gen.js";

/** A vector of one value a channel, shaped to meet N C ... data of x's element type. */
function perChannel(v: Num, x: Num): Num {
  return $.call("33:10", cast, $.call("33:15", unsqueeze, v, [0, ...spatialAxes(x)]), $.call("33:53", dtype, x));
}

/**
 * (x - mean) * scale / sqrt(variance + epsilon) + bias. In training mode the batch's own statistics are used, and the
 * running ones are moved towards them.
 */
export const BatchNormalization = formula(
  {
    inputs: { x: "float", scale: "float", bias: "float", mean: "float", variance: "float" },
    attrs: { epsilon: float(1e-5), momentum: float(0.9), training_mode: int(0) },
    outputs: 3,
  },
  ({ x, scale, bias, mean: mu, variance, epsilon, momentum, training_mode }) => {
    if ($.test($.eq(training_mode , 0, "47:23"), "47:9")) {
      const factor = $.div(perChannel(scale, x) , $.call("48:45", sqrt, $.add(perChannel(variance, x) , epsilon, "48:74")), "48:43");
      return $.add($.mul(($.sub(x , perChannel(mu, x), "49:17")) , factor, "49:38") , perChannel(bias, x), "49:47");
    }
    const axes = allAxes(x).filter((a) => $.ne(a , 1, "51:45"));
    const batchMean = $.call("52:23", mean, x, axes);
    const batchVariance = $.call("53:27", mean, $.pow(($.sub(x , batchMean, "53:35")) , 2, "53:48"), axes);
    const y = $.add($.mul(($.div(($.sub(x , batchMean, "54:19")) , $.call("54:34", sqrt, $.add(batchVariance , epsilon, "54:53")), "54:32")) , perChannel(scale, x), "54:65") , perChannel(bias, x), "54:88");
    const moved = (old: Num, now: Num) => $.add($.mul(old , momentum, "55:47") , $.mul($.call("55:60", cast, $.call("55:65", squeeze, now, axes), $.call("55:85", dtype, old)) , ($.sub(1 , momentum, "55:102")), "55:97"), "55:58");
    return [y, moved(mu, batchMean), moved(variance, batchVariance)];
  },
{"name":"BatchNormalization","path":"src/ops/formulas/normalisation.formula.ts","line":40,"column":14});

/** (x - mean) / sqrt(variance + epsilon) over the given axes. */
function standardise(x: Num, axes: number[], epsilon: number): { y: Num; mu: Num; inverse: Num } {
  const mu = $.call("62:14", mean, x, axes);
  const centred = $.sub(x , mu, "63:21");
  const inverse = $.div(1 , $.call("64:23", sqrt, $.add($.call("64:28", mean, $.mul(centred , centred, "64:41"), axes) , epsilon, "64:58")), "64:21");
  return { y: $.mul(centred , inverse, "65:23"), mu, inverse };
}

export const InstanceNormalization = formula(
  { inputs: { x: "float", scale: "float", bias: "float" }, attrs: { epsilon: float(1e-5) } },
  ({ x, scale, bias, epsilon }) => $.add($.mul(standardise(x, spatialAxes(x), epsilon).y , perChannel(scale, x), "70:78") , perChannel(bias, x), "70:101"),
{"name":"InstanceNormalization","path":"src/ops/formulas/normalisation.formula.ts","line":68,"column":14});

/** Axes from `axis` to the last. */
function axesFrom(x: Num, axis: number): number[] {
  return allAxes(x).slice(positive(axis, $.call("75:42", rank, x)));
}

export const LayerNormalization = formula(
  {
    inputs: { x: "float", scale: "float", bias: optional("float") },
    attrs: { axis: int(-1), epsilon: float(1e-5), stash_type: int(1) },
    outputs: 3,
  },
  ({ x, scale, bias, axis, epsilon, stash_type }) => {
    const wide = $.test($.eq(stash_type , 1, "85:29"), "85:18") ? $.call("85:37", cast, x, "f32") : x;
    const { y, mu, inverse } = standardise(wide, axesFrom(x, axis), epsilon);
    const scaled = $.mul($.call("87:20", cast, y, $.call("87:28", dtype, x)) , scale, "87:38");
    return [bias === undefined ? scaled : $.add(scaled , bias, "88:50"), mu, inverse];
  },
{"name":"LayerNormalization","path":"src/ops/formulas/normalisation.formula.ts","line":78,"column":14});

/** x / sqrt(mean(x^2) + epsilon) * scale. */
export const RMSNormalization = formula(
  { inputs: { x: "float", scale: "float" }, attrs: { axis: int(-1), epsilon: float(1e-5), stash_type: int(1) } },
  ({ x, scale, axis, epsilon, stash_type }) => {
    const wide = $.test($.eq(stash_type , 1, "96:29"), "96:18") ? $.call("96:37", cast, x, "f32") : x;
    const y = $.div(wide , $.call("97:22", sqrt, $.add($.call("97:27", mean, $.mul(wide , wide, "97:37"), axesFrom(x, axis)) , epsilon, "97:64")), "97:20");
    return $.mul($.call("98:12", cast, y, $.call("98:20", dtype, scale)) , scale, "98:34");
  },
{"name":"RMSNormalization","path":"src/ops/formulas/normalisation.formula.ts","line":93,"column":14});

/** Channels in equal groups, each standardised with its spatial elements. */
export const GroupNormalization = formula(
  {
    inputs: { x: "float", scale: "float", bias: "float" },
    attrs: { num_groups: required("int"), epsilon: float(1e-5), stash_type: int(1) },
  },
  ({ x, scale, bias, num_groups, epsilon, stash_type }) => {
    const [n, c, ...spatial] = $.call("109:32", shape, x);
    const wide = $.test($.eq(stash_type , 1, "110:29"), "110:18") ? $.call("110:37", cast, x, "f32") : x;
    const grouped = $.call("111:21", reshape, wide, [n, num_groups, $.mul($.call("111:51", floorDiv, c, num_groups) , $.call("111:77", productOf, spatial), "111:75")]);
    const y = $.call("112:15", cast, $.call("112:20", reshape, standardise(grouped, [2], epsilon).y, $.call("112:66", shape, x)), $.call("112:77", dtype, x));
    return $.add($.mul(y , perChannel(scale, x), "113:14") , perChannel(bias, x), "113:37");
  },
{"name":"GroupNormalization","path":"src/ops/formulas/normalisation.formula.ts","line":103,"column":14});

/** x divided by its 1- or 2-norm along an axis; 0 where the norm is 0. */
export const LpNormalization = formula({ inputs: { x: "float" }, attrs: { axis: int(-1), p: int(2) } }, ({ x, axis, p }) => {
  if ($.test($.ne(p , 1, "119:9"), "119:7") && $.test($.ne(p , 2, "119:20"), "119:18")) $.call("119:27", refuse, `LpNormalization knows p = 1 and p = 2, not ${p}`);
  const norm = $.test($.eq(p , 1, "120:18"), "120:16") ? $.call("120:26", sum, $.call("120:30", abs, x), axis) : $.call("120:46", sqrt, $.call("120:51", sum, $.mul(x , x, "120:57"), axis));
  return $.call("121:10", where, $.eq(norm , 0, "121:21"), x, $.div(x , norm, "121:33"));
}, {"name":"LpNormalization","path":"src/ops/formulas/normalisation.formula.ts","line":118,"column":14});

export const MeanVarianceNormalization = formula({ inputs: { x: "float" }, attrs: { axes: ints(0, 2, 3) } }, ({ x, axes }) => {
  const mu = $.call("125:14", mean, x, axes);
  const deviation = $.call("126:21", sqrt, $.sub($.call("126:26", mean, $.mul(x , x, "126:33"), axes) , $.mul(mu , mu, "126:49"), "126:44"));
  return $.div(($.sub(x , mu, "127:13")) , ($.add(deviation , 1e-9, "127:32")), "127:19");
}, {"name":"MeanVarianceNormalization","path":"src/ops/formulas/normalisation.formula.ts","line":124,"column":14});

/** x / (bias + alpha / size * sum of squares over `size` neighbouring channels) ^ beta. */
export const LRN = formula(
  { inputs: { x: "float" }, attrs: { size: required("int"), alpha: float(1e-4), beta: float(0.75), bias: float(1) } },
  ({ x, size, alpha, beta, bias }) => {
    const before = Math.floor($.div(($.sub(size , 1, "134:37")) , 2, "134:42"));
    const beside = (n: number) => allAxes(x).map((a) => ($.test($.eq(a , 1, "135:60"), "135:58") ? n : 0));
    const squares = $.call("136:21", pad, $.mul(x , x, "136:27"), beside(before), beside($.sub($.sub(size , 1, "136:60") , before, "136:64")), 0);
    const near = $.call("137:18", squeeze, $.call("137:26", sum, $.call("137:30", windows, squares, [1], [size], [1], [1]), -1), [-1]);
    return $.div(x , $.call("138:16", power, $.add(bias , $.mul(($.div(alpha , size, "138:36")) , near, "138:44"), "138:27"), beta), "138:14");
  },
{"name":"LRN","path":"src/ops/formulas/normalisation.formula.ts","line":131,"column":14});
