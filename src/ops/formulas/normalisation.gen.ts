/* Generated from normalisation.formula.ts; do not edit. */ import { dispatcher } from "../lang/dispatch.js"; const $ = dispatcher("src/ops/formulas/normalisation.formula.ts"); /** Normalisations. Statistics are taken in f32 when the stash type says so, as the standard's own formulas do. */
import {
  abs,
  assumeEqual,
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
  size,
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
  $.call("36:3", assumeEqual, $.call("36:15", size, v), $.call("36:24", shape, x)[1], "there must be one scale, bias, mean and variance a channel");
  return $.call("37:10", cast, $.call("37:15", unsqueeze, v, [0, ...spatialAxes(x)]), $.call("37:53", dtype, x));
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
    if ($.test($.eq(training_mode , 0, "51:23"), "51:9")) {
      const factor = $.div(perChannel(scale, x) , $.call("52:45", sqrt, $.add(perChannel(variance, x) , epsilon, "52:74")), "52:43");
      return $.add($.mul(($.sub(x , perChannel(mu, x), "53:17")) , factor, "53:38") , perChannel(bias, x), "53:47");
    }
    const axes = allAxes(x).filter((a) => $.ne(a , 1, "55:45"));
    const batchMean = $.call("56:23", mean, x, axes);
    const batchVariance = $.call("57:27", mean, $.pow(($.sub(x , batchMean, "57:35")) , 2, "57:48"), axes);
    const y = $.add($.mul(($.div(($.sub(x , batchMean, "58:19")) , $.call("58:34", sqrt, $.add(batchVariance , epsilon, "58:53")), "58:32")) , perChannel(scale, x), "58:65") , perChannel(bias, x), "58:88");
    const moved = (old: Num, now: Num) => $.add($.mul(old , momentum, "59:47") , $.mul($.call("59:60", cast, $.call("59:65", squeeze, now, axes), $.call("59:85", dtype, old)) , ($.sub(1 , momentum, "59:102")), "59:97"), "59:58");
    return [y, moved(mu, batchMean), moved(variance, batchVariance)];
  },
{"name":"BatchNormalization","path":"src/ops/formulas/normalisation.formula.ts","line":44,"column":14});

/** (x - mean) / sqrt(variance + epsilon) over the given axes. */
function standardise(x: Num, axes: number[], epsilon: number): { y: Num; mu: Num; inverse: Num } {
  const mu = $.call("66:14", mean, x, axes);
  const centred = $.sub(x , mu, "67:21");
  const inverse = $.div(1 , $.call("68:23", sqrt, $.add($.call("68:28", mean, $.mul(centred , centred, "68:41"), axes) , epsilon, "68:58")), "68:21");
  return { y: $.mul(centred , inverse, "69:23"), mu, inverse };
}

export const InstanceNormalization = formula(
  { inputs: { x: "float", scale: "float", bias: "float" }, attrs: { epsilon: float(1e-5) } },
  ({ x, scale, bias, epsilon }) => $.add($.mul(standardise(x, spatialAxes(x), epsilon).y , perChannel(scale, x), "74:78") , perChannel(bias, x), "74:101"),
{"name":"InstanceNormalization","path":"src/ops/formulas/normalisation.formula.ts","line":72,"column":14});

/** Axes from `axis` to the last. */
function axesFrom(x: Num, axis: number): number[] {
  return allAxes(x).slice(positive(axis, $.call("79:42", rank, x)));
}

export const LayerNormalization = formula(
  {
    inputs: { x: "float", scale: "float", bias: optional("float") },
    attrs: { axis: int(-1), epsilon: float(1e-5), stash_type: int(1) },
    outputs: 3,
  },
  ({ x, scale, bias, axis, epsilon, stash_type }) => {
    const wide = $.test($.eq(stash_type , 1, "89:29"), "89:18") ? $.call("89:37", cast, x, "f32") : x;
    const { y, mu, inverse } = standardise(wide, axesFrom(x, axis), epsilon);
    const scaled = $.mul($.call("91:20", cast, y, $.call("91:28", dtype, x)) , $.call("91:40", assumeStretches, scale, y, "scale"), "91:38");
    return [bias === undefined ? scaled : $.add(scaled , $.call("92:52", assumeStretches, bias, y, "bias"), "92:50"), mu, inverse];
  },
{"name":"LayerNormalization","path":"src/ops/formulas/normalisation.formula.ts","line":82,"column":14});

/** x / sqrt(mean(x^2) + epsilon) * scale. */
export const RMSNormalization = formula(
  { inputs: { x: "float", scale: "float" }, attrs: { axis: int(-1), epsilon: float(1e-5), stash_type: int(1) } },
  ({ x, scale, axis, epsilon, stash_type }) => {
    const wide = $.test($.eq(stash_type , 1, "100:29"), "100:18") ? $.call("100:37", cast, x, "f32") : x;
    const y = $.div(wide , $.call("101:22", sqrt, $.add($.call("101:27", mean, $.mul(wide , wide, "101:37"), axesFrom(x, axis)) , epsilon, "101:64")), "101:20");
    return $.mul($.call("102:12", cast, y, $.call("102:20", dtype, scale)) , $.call("102:36", assumeStretches, scale, y, "scale"), "102:34");
  },
{"name":"RMSNormalization","path":"src/ops/formulas/normalisation.formula.ts","line":97,"column":14});

/** Channels in equal groups, each standardised with its spatial elements. */
export const GroupNormalization = formula(
  {
    inputs: { x: "float", scale: "float", bias: "float" },
    attrs: { num_groups: required("int"), epsilon: float(1e-5), stash_type: int(1) },
  },
  ({ x, scale, bias, num_groups, epsilon, stash_type }) => {
    const [n, c, ...spatial] = $.call("113:32", shape, x);
    const wide = $.test($.eq(stash_type , 1, "114:29"), "114:18") ? $.call("114:37", cast, x, "f32") : x;
    const grouped = $.call("115:21", reshape, wide, [n, num_groups, $.mul($.call("115:51", floorDiv, c, num_groups) , $.call("115:77", productOf, spatial), "115:75")]);
    const y = $.call("116:15", cast, $.call("116:20", reshape, standardise(grouped, [2], epsilon).y, $.call("116:66", shape, x)), $.call("116:77", dtype, x));
    return $.add($.mul(y , perChannel(scale, x), "117:14") , perChannel(bias, x), "117:37");
  },
{"name":"GroupNormalization","path":"src/ops/formulas/normalisation.formula.ts","line":107,"column":14});

/** x divided by its 1- or 2-norm along an axis; 0 where the norm is 0. */
export const LpNormalization = formula({ inputs: { x: "float" }, attrs: { axis: int(-1), p: int(2) } }, ({ x, axis, p }) => {
  if ($.test($.ne(p , 1, "123:9"), "123:7") && $.test($.ne(p , 2, "123:20"), "123:18")) $.call("123:27", refuse, `LpNormalization knows p = 1 and p = 2, not ${p}`);
  const norm = $.test($.eq(p , 1, "124:18"), "124:16") ? $.call("124:26", sum, $.call("124:30", abs, x), axis) : $.call("124:46", sqrt, $.call("124:51", sum, $.mul(x , x, "124:57"), axis));
  return $.call("125:10", where, $.eq(norm , 0, "125:21"), x, $.div(x , norm, "125:33"));
}, {"name":"LpNormalization","path":"src/ops/formulas/normalisation.formula.ts","line":122,"column":14});

export const MeanVarianceNormalization = formula({ inputs: { x: "float" }, attrs: { axes: ints(0, 2, 3) } }, ({ x, axes }) => {
  const mu = $.call("129:14", mean, x, axes);
  const deviation = $.call("130:21", sqrt, $.sub($.call("130:26", mean, $.mul(x , x, "130:33"), axes) , $.mul(mu , mu, "130:49"), "130:44"));
  return $.div(($.sub(x , mu, "131:13")) , ($.add(deviation , 1e-9, "131:32")), "131:19");
}, {"name":"MeanVarianceNormalization","path":"src/ops/formulas/normalisation.formula.ts","line":128,"column":14});

/** x / (bias + alpha / size * sum of squares over `size` neighbouring channels) ^ beta. */
export const LRN = formula(
  { inputs: { x: "float" }, attrs: { size: required("int"), alpha: float(1e-4), beta: float(0.75), bias: float(1) } },
  ({ x, size, alpha, beta, bias }) => {
    const before = Math.floor($.div(($.sub(size , 1, "138:37")) , 2, "138:42"));
    const beside = (n: number) => allAxes(x).map((a) => ($.test($.eq(a , 1, "139:60"), "139:58") ? n : 0));
    const squares = $.call("140:21", pad, $.mul(x , x, "140:27"), beside(before), beside($.sub($.sub(size , 1, "140:60") , before, "140:64")), 0);
    const near = $.call("141:18", squeeze, $.call("141:26", sum, $.call("141:30", windows, squares, [1], [size], [1], [1]), -1), [-1]);
    return $.div(x , $.call("142:16", power, $.add(bias , $.mul(($.div(alpha , size, "142:36")) , near, "142:44"), "142:27"), beta), "142:14");
  },
{"name":"LRN","path":"src/ops/formulas/normalisation.formula.ts","line":135,"column":14});
