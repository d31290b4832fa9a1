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
  productOf,
  rank,
  refuse,
  shape,
  sqrt,
  squeeze,
  sum,
  where,
  type Num,
} from "../lang.js";
import { is, positive, reduceOver } from "./axes.gen.js";

const numeric = { x: "number", axes: optionalShaping(["i64"]) } as const;
const withBool = { x: "any", axes: optionalShaping(["i64"]) } as const;
const attrs = { keepdims: int(1), noop_with_empty_axes: int(0) };

/** Runs a float computation on an integer tensor through f32. */
function throughFloat(x: Num, f: (x: Num) => Num): Num {
  return $.test($.call("39:10", isFloatType, $.call("39:22", dtype, x)), "39:10") ? f(x) : $.call("39:41", cast, f($.call("39:48", cast, x, "f32")), $.call("39:65", dtype, x));
}

export const ReduceSum = formula({ inputs: numeric, attrs }, ({ x, axes, ...o }) => reduceOver(x, axes, o, sum), {"name":"ReduceSum","path":"src/ops/formulas/reductions.formula.ts","line":42,"column":14});
export const ReduceProd = formula({ inputs: numeric, attrs }, ({ x, axes, ...o }) => reduceOver(x, axes, o, prod), {"name":"ReduceProd","path":"src/ops/formulas/reductions.formula.ts","line":43,"column":14});
export const ReduceMean = formula({ inputs: numeric, attrs }, ({ x, axes, ...o }) => reduceOver(x, axes, o, mean), {"name":"ReduceMean","path":"src/ops/formulas/reductions.formula.ts","line":44,"column":14});
/** On bool: whether any holds. */
export const ReduceMax = formula({ inputs: withBool, attrs }, ({ x, axes, ...o }) =>
  reduceOver(x, axes, o, (t, list) => ($.call("47:40", dtype, t) === "bool" ? ($.call("47:63", any, t, list) as unknown as Num) : $.call("47:97", max, t, list))),
{"name":"ReduceMax","path":"src/ops/formulas/reductions.formula.ts","line":46,"column":14});
/** On bool: whether all hold. */
export const ReduceMin = formula({ inputs: withBool, attrs }, ({ x, axes, ...o }) =>
  reduceOver(x, axes, o, (t, list) => ($.call("51:40", dtype, t) === "bool" ? ($.call("51:63", all, t, list) as unknown as Num) : $.call("51:97", min, t, list))),
{"name":"ReduceMin","path":"src/ops/formulas/reductions.formula.ts","line":50,"column":14});
export const ReduceL1 = formula({ inputs: numeric, attrs }, ({ x, axes, ...o }) => reduceOver(x, axes, o, (t, list) => $.call("53:120", sum, $.call("53:124", abs, t), list)), {"name":"ReduceL1","path":"src/ops/formulas/reductions.formula.ts","line":53,"column":14});
export const ReduceL2 = formula({ inputs: numeric, attrs }, ({ x, axes, ...o }) =>
  reduceOver(x, axes, o, (t, list) => throughFloat(t, (v) => $.call("55:62", sqrt, $.call("55:67", sum, $.mul(v , v, "55:73"), list)))),
{"name":"ReduceL2","path":"src/ops/formulas/reductions.formula.ts","line":54,"column":14});
export const ReduceSumSquare = formula({ inputs: numeric, attrs }, ({ x, axes, ...o }) =>
  reduceOver(x, axes, o, (t, list) => $.call("58:39", sum, $.mul(t , t, "58:45"), list)),
{"name":"ReduceSumSquare","path":"src/ops/formulas/reductions.formula.ts","line":57,"column":14});
export const ReduceLogSum = formula({ inputs: numeric, attrs }, ({ x, axes, ...o }) =>
  reduceOver(x, axes, o, (t, list) => throughFloat(t, (v) => $.call("61:62", log, $.call("61:66", sum, v, list)))),
{"name":"ReduceLogSum","path":"src/ops/formulas/reductions.formula.ts","line":60,"column":14});

/** log(sum(exp(x))), shifted by the maximum so that exp cannot overflow. */
export const ReduceLogSumExp = formula({ inputs: numeric, attrs }, ({ x, axes, ...o }) =>
  reduceOver(x, axes, o, (t, list) =>
    throughFloat(t, (v) => {
      const top = $.call("68:19", max, v, list);
      const shift = $.call("69:21", where, $.call("69:27", isInf, top), 0, top);
      return $.add($.call("70:14", log, $.call("70:18", sum, $.call("70:22", exp, $.sub(v , shift, "70:28")), list)) , shift, "70:45");
    }),
  ),
{"name":"ReduceLogSumExp","path":"src/ops/formulas/reductions.formula.ts","line":65,"column":14});

/** What no element is chosen from has no position; onnxruntime refuses it too. */
function requireChoice(x: Num, axis: number): void {
  const others = $.call("77:18", productOf, $.call("77:28", shape, x).filter((_, i) => $.ne(i , axis, "77:56")));
  if ($.test(is($.call("78:10", shape, x)[axis], 0), "78:7") && !$.test(is(others, 0), "78:33")) $.call("78:48", refuse, `there is no element to choose on axis ${axis}, which has none`);
}

const argAttrs = { axis: int(0), keepdims: int(1), select_last_index: int(0) };

export const ArgMax = formula({ inputs: { x: "number" }, attrs: argAttrs }, ({ x, axis, keepdims, select_last_index }) => {
  requireChoice(x, positive(axis, $.call("84:35", rank, x)));
  const at = $.call("85:14", argMax, x, axis, $.eq(select_last_index , 1, "85:48"));
  return $.test($.eq(keepdims , 1, "86:19"), "86:10") ? at : $.call("86:32", squeeze, at, [axis]);
}, {"name":"ArgMax","path":"src/ops/formulas/reductions.formula.ts","line":83,"column":14});

export const ArgMin = formula({ inputs: { x: "number" }, attrs: argAttrs }, ({ x, axis, keepdims, select_last_index }) => {
  requireChoice(x, positive(axis, $.call("90:35", rank, x)));
  const at = $.call("91:14", argMin, x, axis, $.eq(select_last_index , 1, "91:48"));
  return $.test($.eq(keepdims , 1, "92:19"), "92:10") ? at : $.call("92:32", squeeze, at, [axis]);
}, {"name":"ArgMin","path":"src/ops/formulas/reductions.formula.ts","line":89,"column":14});
