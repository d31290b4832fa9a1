/* Generated from reductions.formula.ts; do not edit. */ import { dispatcher } from "../lang/dispatch.js"; const $ = dispatcher("src/ops/formulas/reductions.formula.ts"); /** Reductions over axes that come as an input, and positions of extremes. */
import {
  abs,
  all,
  any,
  argMax,
  argMin,
  assumeElements,
  cast,
  dtype,
  exp,
  formula,
  int,
  isFixed,
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
  return $.test($.call("41:10", isFloatType, $.call("41:22", dtype, x)), "41:10") ? f(x) : $.call("41:41", cast, f($.call("41:48", cast, x, "f32")), $.call("41:65", dtype, x));
}

export const ReduceSum = formula({ inputs: numeric, attrs }, ({ x, axes, ...o }) => reduceOver(x, axes, o, sum), {"name":"ReduceSum","path":"src/ops/formulas/reductions.formula.ts","line":44,"column":14});
export const ReduceProd = formula({ inputs: numeric, attrs }, ({ x, axes, ...o }) => reduceOver(x, axes, o, prod), {"name":"ReduceProd","path":"src/ops/formulas/reductions.formula.ts","line":45,"column":14});
export const ReduceMean = formula({ inputs: numeric, attrs }, ({ x, axes, ...o }) => reduceOver(x, axes, o, mean), {"name":"ReduceMean","path":"src/ops/formulas/reductions.formula.ts","line":46,"column":14});
/** On bool: whether any holds. */
export const ReduceMax = formula({ inputs: withBool, attrs }, ({ x, axes, ...o }) =>
  reduceOver(x, axes, o, (t, list) => ($.call("49:40", dtype, t) === "bool" ? ($.call("49:63", any, t, list) as unknown as Num) : $.call("49:97", max, t, list))),
{"name":"ReduceMax","path":"src/ops/formulas/reductions.formula.ts","line":48,"column":14});
/** On bool: whether all hold. */
export const ReduceMin = formula({ inputs: withBool, attrs }, ({ x, axes, ...o }) =>
  reduceOver(x, axes, o, (t, list) => ($.call("53:40", dtype, t) === "bool" ? ($.call("53:63", all, t, list) as unknown as Num) : $.call("53:97", min, t, list))),
{"name":"ReduceMin","path":"src/ops/formulas/reductions.formula.ts","line":52,"column":14});
export const ReduceL1 = formula({ inputs: numeric, attrs }, ({ x, axes, ...o }) => reduceOver(x, axes, o, (t, list) => $.call("55:120", sum, $.call("55:124", abs, t), list)), {"name":"ReduceL1","path":"src/ops/formulas/reductions.formula.ts","line":55,"column":14});
export const ReduceL2 = formula({ inputs: numeric, attrs }, ({ x, axes, ...o }) =>
  reduceOver(x, axes, o, (t, list) => throughFloat(t, (v) => $.call("57:62", sqrt, $.call("57:67", sum, $.mul(v , v, "57:73"), list)))),
{"name":"ReduceL2","path":"src/ops/formulas/reductions.formula.ts","line":56,"column":14});
export const ReduceSumSquare = formula({ inputs: numeric, attrs }, ({ x, axes, ...o }) =>
  reduceOver(x, axes, o, (t, list) => $.call("60:39", sum, $.mul(t , t, "60:45"), list)),
{"name":"ReduceSumSquare","path":"src/ops/formulas/reductions.formula.ts","line":59,"column":14});
export const ReduceLogSum = formula({ inputs: numeric, attrs }, ({ x, axes, ...o }) =>
  reduceOver(x, axes, o, (t, list) => throughFloat(t, (v) => $.call("63:62", log, $.call("63:66", sum, v, list)))),
{"name":"ReduceLogSum","path":"src/ops/formulas/reductions.formula.ts","line":62,"column":14});

/** log(sum(exp(x))), shifted by the maximum so that exp cannot overflow. */
export const ReduceLogSumExp = formula({ inputs: numeric, attrs }, ({ x, axes, ...o }) =>
  reduceOver(x, axes, o, (t, list) =>
    throughFloat(t, (v) => {
      const top = $.call("70:19", max, v, list);
      const shift = $.call("71:21", where, $.call("71:27", isInf, top), 0, top);
      return $.add($.call("72:14", log, $.call("72:18", sum, $.call("72:22", exp, $.sub(v , shift, "72:28")), list)) , shift, "72:45");
    }),
  ),
{"name":"ReduceLogSumExp","path":"src/ops/formulas/reductions.formula.ts","line":67,"column":14});

/** What no element is chosen from has no position; onnxruntime refuses it too. */
function requireChoice(x: Num, axis: number): void {
  const others = $.call("79:18", productOf, $.call("79:28", shape, x).filter((_, i) => $.ne(i , axis, "79:56")));
  const message = `there is no element to choose on axis ${axis}, which has none`;
  if ($.test(is($.call("81:10", shape, x)[axis], 0), "81:7") && $.test($.call("81:32", isFixed, others), "81:32") && !$.test(is(others, 0), "81:52")) $.call("81:67", refuse, message);
  $.call("82:3", assumeElements, $.call("82:18", shape, x)[axis], others, message);
}

const argAttrs = { axis: int(0), keepdims: int(1), select_last_index: int(0) };

export const ArgMax = formula({ inputs: { x: "number" }, attrs: argAttrs }, ({ x, axis, keepdims, select_last_index }) => {
  requireChoice(x, positive(axis, $.call("88:35", rank, x)));
  const at = $.call("89:14", argMax, x, axis, $.eq(select_last_index , 1, "89:48"));
  return $.test($.eq(keepdims , 1, "90:19"), "90:10") ? at : $.call("90:32", squeeze, at, [axis]);
}, {"name":"ArgMax","path":"src/ops/formulas/reductions.formula.ts","line":87,"column":14});

export const ArgMin = formula({ inputs: { x: "number" }, attrs: argAttrs }, ({ x, axis, keepdims, select_last_index }) => {
  requireChoice(x, positive(axis, $.call("94:35", rank, x)));
  const at = $.call("95:14", argMin, x, axis, $.eq(select_last_index , 1, "95:48"));
  return $.test($.eq(keepdims , 1, "96:19"), "96:10") ? at : $.call("96:32", squeeze, at, [axis]);
}, {"name":"ArgMin","path":"src/ops/formulas/reductions.formula.ts","line":93,"column":14});
