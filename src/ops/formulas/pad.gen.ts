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
  refuse,
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
  if (mode === "edge") return $.call("31:31", maximum, $.call("31:39", minimum, i, $.sub(n , 1, "31:52")), 0);
  if (mode === "wrap") return $.call("32:31", mod, i, n);
  const period = $.call("33:18", maximum, $.mul(2 , ($.sub(n , 1, "33:33")), "33:28"), 1);
  const m = $.call("34:13", mod, i, period);
  return $.call("35:10", minimum, m, $.sub(period , m, "35:28"));
}

/** The longest axis whose positions stand in a table. */
const longestTable = 65536;

/** Positions of a whole axis: a constant where the extents are known, index arithmetic where they are not, or are many. */
function positions(mode: string, low: Num, n: Num, length: Num): Num {
  if ($.test($.call("43:7", isFixed, low), "43:7") && $.test($.call("43:23", isFixed, n), "43:23") && $.test($.call("43:37", isFixed, length), "43:37") && $.test($.le(length , longestTable, "43:63"), "43:56")) {
    return $.call("44:12", vector, 
      Array.from({ length }, (_, i) => position(mode, $.sub(i , low, "45:57"), n)),
      "i64",
    );
  }
  return position(mode, $.sub($.call("49:25", iota, [length], 0, "i64") , low, "49:50"), n);
}

/** Negative amounts cut, positive ones add. */
export const Pad = formula(
  {
    inputs: { x: "any", pads: shaping(["i64"]), value: optional("any"), axes: optionalShaping(["i32", "i64"]) },
    attrs: { mode: text("constant", "reflect", "edge", "wrap") },
  },
  ({ x, pads, value, axes, mode }) => {
    const amounts = $.call("59:21", extents, pads);
    const on = axes === undefined ? allAxes(x) : $.call("60:50", numbers, axes).map((a) => positive(a, $.call("60:87", rank, x)));
    if ($.test($.ne(amounts.length , $.mul(2 , on.length, "61:30"), "61:24"), "61:9")) $.call("61:43", refuse, `pads has ${amounts.length} entries; ${on.length} axes take ${$.mul(2 , on.length, "61:114")}`);
    const amount = (axis: number, offset: number) => ($.test(on.includes(axis), "62:55") ? amounts[$.add(on.indexOf(axis) , offset, "62:100")] : 0);
    const low = allAxes(x).map((a) => amount(a, 0));
    const high = allAxes(x).map((a) => amount(a, on.length));
    if (mode !== "constant") {
      return allAxes(x).reduce((y, axis) => {
        const untouched = $.test($.call("67:27", isFixed, low[axis]), "67:27") && $.test($.call("67:49", isFixed, high[axis]), "67:49") && $.test($.eq(low[axis] , 0, "67:82"), "67:72") && $.eq(high[axis] , 0, "67:102");
        if ($.test(untouched, "68:13")) return y;
        const n = $.call("69:19", shape, x)[axis];
        return $.call("70:16", gather, y, positions(mode, low[axis], n, $.call("70:56", total, [n, low[axis], high[axis]])), axis, true);
      }, x);
    }
    const cutLow = low.map((l) => $.call("73:35", maximum, $.sub(0 , l, "73:45"), 0));
    const cutHigh = high.map((h) => $.call("74:37", maximum, $.sub(0 , h, "74:47"), 0));
    const cropped = $.call("75:21", slice, 
      x,
      $.call("77:7", shape, x).map((d, axis) => ({ axis, start: cutLow[axis], size: $.sub($.sub(d , cutLow[axis], "77:71") , cutHigh[axis], "77:86") })),
    );
    const fill = value ?? $.call("79:27", full, [], $.call("79:36", dtype, x) === "bool" ? false : 0, $.call("79:69", dtype, x));
    return $.call("80:12", pad, 
      cropped,
      low.map((l) => $.call("82:22", maximum, l, 0)),
      high.map((h) => $.call("83:23", maximum, h, 0)),
      fill,
    );
  },
{"name":"Pad","path":"src/ops/formulas/pad.formula.ts","line":53,"column":14});
