/* Generated from normalisation.formula.ts; do not edit. */ import { dispatcher } from "../lang/dispatch.js"; const $ = dispatcher("src/ops/formulas/normalisation.formula.ts"); /** Normalisations. Statistics are taken in f32 when the stash type says so, as the standard's own formulas do. */
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
import { allAxes, positive, spatialAxes } from "./axes.gen.js";

/** A vector of one value a channel. */
function ofChannels(v: Num, channels: Num): Num {
  return $.call("35:10", assumeShape, v, [channels], "there must be one scale, bias, mean and variance a channel");
}

/** The same, shaped to meet N C ... data of x's element type. */
function perChannel(v: Num, x: Num): Num {
  return $.call("40:10", cast, $.call("40:15", unsqueeze, ofChannels(v, $.call("40:39", shape, x)[1]), [0, ...spatialAxes(x)]), $.call("40:78", dtype, x));
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
    const channels = $.test($.eq($.call("54:22", rank, x) , 1, "54:30"), "54:22") ? 1 : $.call("54:42", shape, x)[1];
    const channel = (v: Num) => ($.test($.eq($.call("55:34", rank, x) , 1, "55:42"), "55:34") ? $.call("55:50", cast, ofChannels(v, channels), $.call("55:80", dtype, x)) : perChannel(v, x));
    if ($.test($.eq(training_mode , 0, "56:23"), "56:9")) {
      const factor = $.div(channel(scale) , $.call("57:39", sqrt, $.add(channel(variance) , epsilon, "57:62")), "57:37");
      return $.add($.mul(($.sub(x , channel(mu), "58:17")) , factor, "58:32") , channel(bias), "58:41");
    }
    const axes = allAxes(x).filter((a) => $.ne(a , 1, "60:45"));
    const batchMean = $.call("61:23", mean, x, axes);
    const batchVariance = $.call("62:27", mean, $.pow(($.sub(x , batchMean, "62:35")) , 2, "62:48"), axes);
    const y = $.add($.mul(($.div(($.sub(x , batchMean, "63:19")) , $.call("63:34", sqrt, $.add(batchVariance , epsilon, "63:53")), "63:32")) , channel(scale), "63:65") , channel(bias), "63:82");
    const moved = (old: Num, now: Num) => $.add($.mul(ofChannels(old, channels) , momentum, "64:69") , $.mul($.call("64:82", cast, $.call("64:87", squeeze, now, axes), $.call("64:107", dtype, old)) , ($.sub(1 , momentum, "64:124")), "64:119"), "64:80");
    return [y, moved(mu, batchMean), moved(variance, batchVariance)];
  },
{"name":"BatchNormalization","path":"src/ops/formulas/normalisation.formula.ts","line":47,"column":14});

/** (x - mean) / sqrt(variance + epsilon) over the given axes. */
function standardise(x: Num, axes: number[], epsilon: number): { y: Num; mu: Num; inverse: Num } {
  const mu = $.call("71:14", mean, x, axes);
  const centred = $.sub(x , mu, "72:21");
  const inverse = $.div(1 , $.call("73:23", sqrt, $.add($.call("73:28", mean, $.mul(centred , centred, "73:41"), axes) , epsilon, "73:58")), "73:21");
  return { y: $.mul(centred , inverse, "74:23"), mu, inverse };
}

export const InstanceNormalization = formula(
  { inputs: { x: "float", scale: "float", bias: "float" }, attrs: { epsilon: float(1e-5) } },
  ({ x, scale, bias, epsilon }) => $.add($.mul(standardise(x, spatialAxes(x), epsilon).y , perChannel(scale, x), "79:78") , perChannel(bias, x), "79:101"),
{"name":"InstanceNormalization","path":"src/ops/formulas/normalisation.formula.ts","line":77,"column":14});

/** Axes from `axis` to the last. */
function axesFrom(x: Num, axis: number): number[] {
  return allAxes(x).slice(positive(axis, $.call("84:42", rank, x)));
}

export const LayerNormalization = formula(
  {
    inputs: { x: "float", scale: "float", bias: optional("float") },
    attrs: { axis: int(-1), epsilon: float(1e-5), stash_type: int(1) },
    outputs: 3,
  },
  ({ x, scale, bias, axis, epsilon, stash_type }) => {
    const wide = $.test($.eq(stash_type , 1, "94:29"), "94:18") ? $.call("94:37", cast, x, "f32") : x;
    const { y, mu, inverse } = standardise(wide, axesFrom(x, axis), epsilon);
    const scaled = $.mul($.call("96:20", cast, y, $.call("96:28", dtype, x)) , $.call("96:40", assumeStretches, scale, y, "scale"), "96:38");
    return [bias === undefined ? scaled : $.add(scaled , $.call("97:52", assumeStretches, bias, y, "bias"), "97:50"), mu, inverse];
  },
{"name":"LayerNormalization","path":"src/ops/formulas/normalisation.formula.ts","line":87,"column":14});

/** x / sqrt(mean(x^2) + epsilon) * scale. */
export const RMSNormalization = formula(
  { inputs: { x: "float", scale: "float" }, attrs: { axis: int(-1), epsilon: float(1e-5), stash_type: int(1) } },
  ({ x, scale, axis, epsilon, stash_type }) => {
    const wide = $.test($.eq(stash_type , 1, "105:29"), "105:18") ? $.call("105:37", cast, x, "f32") : x;
    const y = $.div(wide , $.call("106:22", sqrt, $.add($.call("106:27", mean, $.mul(wide , wide, "106:37"), axesFrom(x, axis)) , epsilon, "106:64")), "106:20");
    return $.mul($.call("107:12", cast, y, $.call("107:20", dtype, scale)) , $.call("107:36", assumeStretches, scale, y, "scale"), "107:34");
  },
{"name":"RMSNormalization","path":"src/ops/formulas/normalisation.formula.ts","line":102,"column":14});

/** Channels in equal groups, each standardised with its spatial elements. */
export const GroupNormalization = formula(
  {
    inputs: { x: "float", scale: "float", bias: "float" },
    attrs: { num_groups: required("int"), epsilon: float(1e-5), stash_type: int(1) },
  },
  ({ x, scale, bias, num_groups, epsilon, stash_type }) => {
    const [n, c, ...spatial] = $.call("118:32", shape, x);
    const wide = $.test($.eq(stash_type , 1, "119:29"), "119:18") ? $.call("119:37", cast, x, "f32") : x;
    const grouped = $.call("120:21", reshape, wide, [n, num_groups, $.mul($.call("120:51", floorDiv, c, num_groups) , $.call("120:77", productOf, spatial), "120:75")]);
    const y = $.call("121:15", cast, $.call("121:20", reshape, standardise(grouped, [2], epsilon).y, $.call("121:66", shape, x)), $.call("121:77", dtype, x));
    return $.add($.mul(y , perChannel(scale, x), "122:14") , perChannel(bias, x), "122:37");
  },
{"name":"GroupNormalization","path":"src/ops/formulas/normalisation.formula.ts","line":112,"column":14});

/** x divided by its 1- or 2-norm along an axis; 0 where the norm is 0. */
export const LpNormalization = formula({ inputs: { x: "float" }, attrs: { axis: int(-1), p: int(2) } }, ({ x, axis, p }) => {
  if ($.test($.ne(p , 1, "128:9"), "128:7") && $.test($.ne(p , 2, "128:20"), "128:18")) $.call("128:27", refuse, `LpNormalization knows p = 1 and p = 2, not ${p}`);
  const norm = $.test($.eq(p , 1, "129:18"), "129:16") ? $.call("129:26", sum, $.call("129:30", abs, x), axis) : $.call("129:46", sqrt, $.call("129:51", sum, $.mul(x , x, "129:57"), axis));
  return $.call("130:10", where, $.eq(norm , 0, "130:21"), x, $.div(x , norm, "130:33"));
}, {"name":"LpNormalization","path":"src/ops/formulas/normalisation.formula.ts","line":127,"column":14});

export const MeanVarianceNormalization = formula({ inputs: { x: "float" }, attrs: { axes: ints(0, 2, 3) } }, ({ x, axes }) => {
  const mu = $.call("134:14", mean, x, axes);
  const deviation = $.call("135:21", sqrt, $.sub($.call("135:26", mean, $.mul(x , x, "135:33"), axes) , $.mul(mu , mu, "135:49"), "135:44"));
  return $.div(($.sub(x , mu, "136:13")) , ($.add(deviation , 1e-9, "136:32")), "136:19");
}, {"name":"MeanVarianceNormalization","path":"src/ops/formulas/normalisation.formula.ts","line":133,"column":14});

/** x / (bias + alpha / size * sum of squares over `size` neighbouring channels) ^ beta. */
export const LRN = formula(
  { inputs: { x: "float" }, attrs: { size: required("int"), alpha: float(1e-4), beta: float(0.75), bias: float(1) } },
  ({ x, size, alpha, beta, bias }) => {
    const before = Math.floor($.div(($.sub(size , 1, "143:37")) , 2, "143:42"));
    const beside = (n: number) => allAxes(x).map((a) => ($.test($.eq(a , 1, "144:60"), "144:58") ? n : 0));
    const squares = $.call("145:21", pad, $.mul(x , x, "145:27"), beside(before), beside($.sub($.sub(size , 1, "145:60") , before, "145:64")), 0);
    const near = $.call("146:18", squeeze, $.call("146:26", sum, $.call("146:30", windows, squares, [1], [size], [1], [1]), -1), [-1]);
    return $.div(x , $.call("147:16", power, $.add(bias , $.mul(($.div(alpha , size, "147:36")) , near, "147:44"), "147:27"), beta), "147:14");
  },
{"name":"LRN","path":"src/ops/formulas/normalisation.formula.ts","line":140,"column":14});

/** com.microsoft SkipLayerNormalization: LayerNormalization of input + skip + bias along the last axis; the sum is the last output. */
export const SkipLayerNormalization = formula(
  {
    domain: "com.microsoft",
    inputs: { input: "float", skip: "float", gamma: "float", beta: optional("float"), bias: optional("float") },
    attrs: { epsilon: float(1e-12) },
    outputs: 4,
  },
  ({ input, skip, gamma, beta, bias, epsilon }) => {
    const both = $.add(input , $.call("160:26", assumeStretches, skip, input, "skip"), "160:24");
    const total = bias === undefined ? both : $.add(both , $.call("161:54", assumeStretches, bias, both, "bias"), "161:52");
    const { y, mu, inverse } = standardise($.call("162:44", cast, total, "f32"), [$.sub($.call("162:65", rank, total) , 1, "162:77")], epsilon);
    const scaled = $.mul($.call("163:20", cast, y, $.call("163:28", dtype, input)) , $.call("163:44", assumeStretches, gamma, y, "gamma"), "163:42");
    return [beta === undefined ? scaled : $.add(scaled , $.call("164:52", assumeStretches, beta, y, "beta"), "164:50"), mu, inverse, total];
  },
{"name":"SkipLayerNormalization","path":"src/ops/formulas/normalisation.formula.ts","line":152,"column":14});
