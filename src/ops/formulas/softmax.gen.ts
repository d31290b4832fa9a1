/* Generated from softmax.formula.ts; do not edit. */ import { dispatcher } from "../lang/dispatch.js"; const $ = dispatcher("src/ops/formulas/softmax.formula.ts"); /** The softmax family along one axis. */
import { argMax, cast, dtype, exp, formula, int, iota, log, max, shape, sum } from "../lang.js";

/** exp(x - max x) / sum, along one axis. */
export const Softmax = formula({ inputs: { x: "float" }, attrs: { axis: int(-1) } }, ({ x, axis }) => {
  const e = $.call("6:13", exp, $.sub(x , $.call("6:21", max, x, axis), "6:19"));
  return $.div(e , $.call("7:14", sum, e, axis), "7:12");
}, {"name":"Softmax","path":"src/ops/formulas/softmax.formula.ts","line":5,"column":14});

/** log(softmax(x)) without forming the quotient. */
export const LogSoftmax = formula({ inputs: { x: "float" }, attrs: { axis: int(-1) } }, ({ x, axis }) => {
  const shifted = $.sub(x , $.call("12:23", max, x, axis), "12:21");
  return $.sub(shifted , $.call("13:20", log, $.call("13:24", sum, $.call("13:28", exp, shifted), axis)), "13:18");
}, {"name":"LogSoftmax","path":"src/ops/formulas/softmax.formula.ts","line":11,"column":14});

/** 1 at the first maximum along the axis, 0 elsewhere. */
export const Hardmax = formula({ inputs: { x: "float" }, attrs: { axis: int(-1) } }, ({ x, axis }) =>
  $.call("18:3", cast, $.eq($.call("18:8", iota, $.call("18:13", shape, x), axis, "i64") , $.call("18:40", argMax, x, axis), "18:36"), $.call("18:57", dtype, x)),
{"name":"Hardmax","path":"src/ops/formulas/softmax.formula.ts","line":17,"column":14});
