/* Generated from softmax.formula.ts; do not edit. */ import { dispatcher } from "../lang/dispatch.js"; const $ = dispatcher("src/ops/formulas/softmax.formula.ts"); /** The softmax family along one axis. */
import { argMax, cast, dtype, exp, formula, int, iota, log, max, shape, sum, type Num } from "../lang.js";

/** exp(x - max x) / sum, along one axis. */
export function softmax(x: Num, axis: number): Num {
  const e = $.call("6:13", exp, $.sub(x , $.call("6:21", max, x, axis), "6:19"));
  return $.div(e , $.call("7:14", sum, e, axis), "7:12");
}

export const Softmax = formula({ inputs: { x: "float" }, attrs: { axis: int(-1) } }, ({ x, axis }) => softmax(x, axis), {"name":"Softmax","path":"src/ops/formulas/softmax.formula.ts","line":10,"column":14});

/** log(softmax(x)) without forming the quotient. */
export const LogSoftmax = formula({ inputs: { x: "float" }, attrs: { axis: int(-1) } }, ({ x, axis }) => {
  const shifted = $.sub(x , $.call("14:23", max, x, axis), "14:21");
  return $.sub(shifted , $.call("15:20", log, $.call("15:24", sum, $.call("15:28", exp, shifted), axis)), "15:18");
}, {"name":"LogSoftmax","path":"src/ops/formulas/softmax.formula.ts","line":13,"column":14});

/** 1 at the first maximum along the axis, 0 elsewhere. */
export const Hardmax = formula({ inputs: { x: "float" }, attrs: { axis: int(-1) } }, ({ x, axis }) =>
  $.call("20:3", cast, $.eq($.call("20:8", iota, $.call("20:13", shape, x), axis, "i64") , $.call("20:40", argMax, x, axis), "20:36"), $.call("20:57", dtype, x)),
{"name":"Hardmax","path":"src/ops/formulas/softmax.formula.ts","line":19,"column":14});
