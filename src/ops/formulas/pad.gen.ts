/* Generated from pad.formula.ts; do not edit. */ import { dispatcher } from "../lang/dispatch.js"; const $ = dispatcher("src/ops/formulas/pad.formula.ts"); /** Pad in its four modes. Everything but the constant mode is a gather along each axis with computed positions. */
import {
  dtype,
  extents,
  formula,
  full,
  gather,
  iota,
  isFixed,
  maximum,
  minimum,
  mod,
  numbers,
  optional,
  optionalShaping,
  pad,
  rank,
  shape,
  shaping,
  slice,
  text,
  total,
  vector,
  type Num,
} from "../lang.js";
import { allAxes, positive } from "./axes.gen.js";

/** Where element i of the padded axis comes from, n elements long, i counted from the first original one. */
function position(mode: string, i: Num, n: Num): Num {
  if (mode === "edge") return $.call("30:31", maximum, $.call("30:39", minimum, i, $.sub(n , 1, "30:52")), 0);
  if (mode === "wrap") return $.call("31:31", mod, i, n);
  const period = $.call("32:18", maximum, $.mul(2 , ($.sub(n , 1, "32:33")), "32:28"), 1);
  const m = $.call("33:13", mod, i, period);
  return $.call("34:10", minimum, m, $.sub(period , m, "34:28"));
}

/** Positions of a whole axis: a constant where the extents are known, index arithmetic where they are not. */
function positions(mode: string, low: Num, n: Num, length: Num): Num {
  if ($.test($.call("39:7", isFixed, low), "39:7") && $.test($.call("39:23", isFixed, n), "39:23") && $.test($.call("39:37", isFixed, length), "39:37")) {
    return $.call("40:12", vector, 
      Array.from({ length }, (_, i) => position(mode, $.sub(i , low, "41:57"), n)),
      "i64",
    );
  }
  return position(mode, $.sub($.call("45:25", iota, [length], 0, "i64") , low, "45:50"), n);
}

/** Negative amounts cut, positive ones add. */
export const Pad = formula(
  {
    inputs: { x: "any", pads: shaping(["i64"]), value: optional("any"), axes: optionalShaping(["i32", "i64"]) },
    attrs: { mode: text("constant", "reflect", "edge", "wrap") },
  },
  ({ x, pads, value, axes, mode }) => {
    const amounts = $.call("55:21", extents, pads);
    const on = axes === undefined ? allAxes(x) : $.call("56:50", numbers, axes).map((a) => positive(a, $.call("56:87", rank, x)));
    const amount = (axis: number, offset: number) => ($.test(on.includes(axis), "57:55") ? amounts[$.add(on.indexOf(axis) , offset, "57:100")] : 0);
    const low = allAxes(x).map((a) => amount(a, 0));
    const high = allAxes(x).map((a) => amount(a, on.length));
    if (mode !== "constant") {
      return allAxes(x).reduce((y, axis) => {
        const untouched = $.test($.call("62:27", isFixed, low[axis]), "62:27") && $.test($.call("62:49", isFixed, high[axis]), "62:49") && $.test($.eq(low[axis] , 0, "62:82"), "62:72") && $.eq(high[axis] , 0, "62:102");
        if ($.test(untouched, "63:13")) return y;
        const n = $.call("64:19", shape, x)[axis];
        return $.call("65:16", gather, y, positions(mode, low[axis], n, $.call("65:56", total, [n, low[axis], high[axis]])), axis, true);
      }, x);
    }
    const cutLow = low.map((l) => $.call("68:35", maximum, $.sub(0 , l, "68:45"), 0));
    const cutHigh = high.map((h) => $.call("69:37", maximum, $.sub(0 , h, "69:47"), 0));
    const cropped = $.call("70:21", slice, 
      x,
      $.call("72:7", shape, x).map((d, axis) => ({ axis, start: cutLow[axis], size: $.sub($.sub(d , cutLow[axis], "72:71") , cutHigh[axis], "72:86") })),
    );
    const fill = value ?? $.call("74:27", full, [], $.call("74:36", dtype, x) === "bool" ? false : 0, $.call("74:69", dtype, x));
    return $.call("75:12", pad, 
      cropped,
      low.map((l) => $.call("77:22", maximum, l, 0)),
      high.map((h) => $.call("78:23", maximum, h, 0)),
      fill,
    );
  },
{"name":"Pad","path":"src/ops/formulas/pad.formula.ts","line":49,"column":14});
