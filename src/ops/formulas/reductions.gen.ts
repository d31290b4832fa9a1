/* Generated from reductions.formula.ts; do not edit. */ import { dispatcher } from "../lang/dispatch.js"; const $ = dispatcher("src/ops/formulas/reductions.formula.ts"); /** Reductions over axes that come as an input, and positions of extremes. */
import {
  abs,
  all,
  any,
  argMax,
  argMin,
  cast,
  dtype,
  exp,
  formula,
  int,
  isFloatType,
  isInf,
  log,
  max,
  mean,
  min,
  optionalShaping,
  prod,
  sqrt,
  squeeze,
  sum,
  where,
  type Num,
} from "../lang.js";
import { reduceOver } from "./axes.gen.js";

const numeric = { x: "number", axes: optionalShaping(["i64"]) } as const;
const withBool = { x: "any", axes: optionalShaping(["i64"]) } as const;
const attrs = { keepdims: int(1), noop_with_empty_axes: int(0) };

/** Runs a float computation on an integer tensor through f32. */
function throughFloat(x: Num, f: (x: Num) => Num): Num {
  return $.test($.call("35:10", isFloatType, $.call("35:22", dtype, x)), "35:10") ? f(x) : $.call("35:41", cast, f($.call("35:48", cast, x, "f32")), $.call("35:65", dtype, x));
}

export const ReduceSum = formula({ inputs: numeric, attrs }, ({ x, axes, ...o }) => reduceOver(x, axes, o, sum), {"name":"ReduceSum","path":"src/ops/formulas/reductions.formula.ts","line":38,"column":14});
export const ReduceProd = formula({ inputs: numeric, attrs }, ({ x, axes, ...o }) => reduceOver(x, axes, o, prod), {"name":"ReduceProd","path":"src/ops/formulas/reductions.formula.ts","line":39,"column":14});
export const ReduceMean = formula({ inputs: numeric, attrs }, ({ x, axes, ...o }) => reduceOver(x, axes, o, mean), {"name":"ReduceMean","path":"src/ops/formulas/reductions.formula.ts","line":40,"column":14});
/** On bool: whether any holds. */
export const ReduceMax = formula({ inputs: withBool, attrs }, ({ x, axes, ...o }) =>
  reduceOver(x, axes, o, (t, list) => ($.call("43:40", dtype, t) === "bool" ? ($.call("43:63", any, t, list) as unknown as Num) : $.call("43:97", max, t, list))),
{"name":"ReduceMax","path":"src/ops/formulas/reductions.formula.ts","line":42,"column":14});
/** On bool: whether all hold. */
export const ReduceMin = formula({ inputs: withBool, attrs }, ({ x, axes, ...o }) =>
  reduceOver(x, axes, o, (t, list) => ($.call("47:40", dtype, t) === "bool" ? ($.call("47:63", all, t, list) as unknown as Num) : $.call("47:97", min, t, list))),
{"name":"ReduceMin","path":"src/ops/formulas/reductions.formula.ts","line":46,"column":14});
export const ReduceL1 = formula({ inputs: numeric, attrs }, ({ x, axes, ...o }) => reduceOver(x, axes, o, (t, list) => $.call("49:120", sum, $.call("49:124", abs, t), list)), {"name":"ReduceL1","path":"src/ops/formulas/reductions.formula.ts","line":49,"column":14});
export const ReduceL2 = formula({ inputs: numeric, attrs }, ({ x, axes, ...o }) =>
  reduceOver(x, axes, o, (t, list) => throughFloat(t, (v) => $.call("51:62", sqrt, $.call("51:67", sum, $.mul(v , v, "51:73"), list)))),
{"name":"ReduceL2","path":"src/ops/formulas/reductions.formula.ts","line":50,"column":14});
export const ReduceSumSquare = formula({ inputs: numeric, attrs }, ({ x, axes, ...o }) =>
  reduceOver(x, axes, o, (t, list) => $.call("54:39", sum, $.mul(t , t, "54:45"), list)),
{"name":"ReduceSumSquare","path":"src/ops/formulas/reductions.formula.ts","line":53,"column":14});
export const ReduceLogSum = formula({ inputs: numeric, attrs }, ({ x, axes, ...o }) =>
  reduceOver(x, axes, o, (t, list) => throughFloat(t, (v) => $.call("57:62", log, $.call("57:66", sum, v, list)))),
{"name":"ReduceLogSum","path":"src/ops/formulas/reductions.formula.ts","line":56,"column":14});

/** log(sum(exp(x))), shifted by the maximum so that exp cannot overflow. */
export const ReduceLogSumExp = formula({ inputs: numeric, attrs }, ({ x, axes, ...o }) =>
  reduceOver(x, axes, o, (t, list) =>
    throughFloat(t, (v) => {
      const top = $.call("64:19", max, v, list);
      const shift = $.call("65:21", where, $.call("65:27", isInf, top), 0, top);
      return $.add($.call("66:14", log, $.call("66:18", sum, $.call("66:22", exp, $.sub(v , shift, "66:28")), list)) , shift, "66:45");
    }),
  ),
{"name":"ReduceLogSumExp","path":"src/ops/formulas/reductions.formula.ts","line":61,"column":14});

const argAttrs = { axis: int(0), keepdims: int(1), select_last_index: int(0) };

export const ArgMax = formula({ inputs: { x: "number" }, attrs: argAttrs }, ({ x, axis, keepdims, select_last_index }) => {
  const at = $.call("74:14", argMax, x, axis, $.eq(select_last_index , 1, "74:48"));
  return $.test($.eq(keepdims , 1, "75:19"), "75:10") ? at : $.call("75:32", squeeze, at, [axis]);
}, {"name":"ArgMax","path":"src/ops/formulas/reductions.formula.ts","line":73,"column":14});

export const ArgMin = formula({ inputs: { x: "number" }, attrs: argAttrs }, ({ x, axis, keepdims, select_last_index }) => {
  const at = $.call("79:14", argMin, x, axis, $.eq(select_last_index , 1, "79:48"));
  return $.test($.eq(keepdims , 1, "80:19"), "80:10") ? at : $.call("80:32", squeeze, at, [axis]);
}, {"name":"ArgMin","path":"src/ops/formulas/reductions.formula.ts","line":78,"column":14});
