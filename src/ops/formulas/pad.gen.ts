/* Generated from pad.formula.ts; do not edit. */ import { dispatcher } from "../lang/dispatch.js"; const $ = dispatcher("src/ops/formulas/pad.formula.ts"); /** Pad in its four modes. Everything but the constant mode is a gather along each axis with computed positions. */
import {
  assumeAtMost,
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
  if (mode === "edge") return $.call("32:31", maximum, $.call("32:39", minimum, i, $.sub(n , 1, "32:52")), 0);
  if (mode === "wrap") return $.call("33:31", mod, i, n);
  const period = $.call("34:18", maximum, $.mul(2 , ($.sub(n , 1, "34:33")), "34:28"), 1);
  const m = $.call("35:13", mod, i, period);
  return $.call("36:10", minimum, m, $.sub(period , m, "36:28"));
}

/** The longest axis whose positions stand in a table. */
const longestTable = 65536;

/** Positions of a whole axis: a constant where the extents are known, index arithmetic where they are not, or are many. */
function positions(mode: string, low: Num, n: Num, length: Num): Num {
  if ($.test($.call("44:7", isFixed, low), "44:7") && $.test($.call("44:23", isFixed, n), "44:23") && $.test($.call("44:37", isFixed, length), "44:37") && $.test($.le(length , longestTable, "44:63"), "44:56")) {
    return $.call("45:12", vector, 
      Array.from({ length }, (_, i) => position(mode, $.sub(i , low, "46:57"), n)),
      "i64",
    );
  }
  return position(mode, $.sub($.call("50:25", iota, [length], 0, "i64") , low, "50:50"), n);
}

/** Negative amounts cut, and what is left is padded by the positive ones. */
export const Pad = formula(
  {
    inputs: { x: "any", pads: shaping(["i64"]), value: optional("any"), axes: optionalShaping(["i32", "i64"]) },
    attrs: { mode: text("constant", "reflect", "edge", "wrap") },
  },
  ({ x, pads, value, axes, mode }) => {
    const amounts = $.call("60:21", extents, pads);
    const on = axes === undefined ? allAxes(x) : $.call("61:50", numbers, axes).map((a) => positive(a, $.call("61:87", rank, x)));
    if ($.test($.ne(amounts.length , $.mul(2 , on.length, "62:30"), "62:24"), "62:9")) $.call("62:43", refuse, `pads has ${amounts.length} entries; ${on.length} axes take ${$.mul(2 , on.length, "62:114")}`);
    const amount = (axis: number, offset: number) => ($.test(on.includes(axis), "63:55") ? amounts[$.add(on.indexOf(axis) , offset, "63:100")] : 0);
    const low = allAxes(x).map((a) => amount(a, 0));
    const high = allAxes(x).map((a) => amount(a, on.length));
    const cutLow = low.map((l) => $.call("66:35", maximum, $.sub(0 , l, "66:45"), 0));
    const cutHigh = high.map((h) => $.call("67:37", maximum, $.sub(0 , h, "67:47"), 0));
    const cropped = $.call("68:21", slice, 
      x,
      $.call("70:7", shape, x).map((d, axis) => ({ axis, start: cutLow[axis], size: $.sub($.sub(d , cutLow[axis], "70:71") , cutHigh[axis], "70:86") })),
    );
    const [before, after] = [low.map((l) => $.call("72:45", maximum, l, 0)), high.map((h) => $.call("72:77", maximum, h, 0))];
    if (mode !== "constant") {
      return allAxes(x).reduce((y, axis) => {
        const untouched = $.test($.call("75:27", isFixed, before[axis]), "75:27") && $.test($.call("75:52", isFixed, after[axis]), "75:52") && $.test($.eq(before[axis] , 0, "75:89"), "75:76") && $.eq(after[axis] , 0, "75:110");
        if ($.test(untouched, "76:13")) return y;
        const n = $.call("77:19", shape, cropped)[axis];
        $.call("78:9", assumeAtMost, 1, n, `mode ${mode} has nothing to repeat on axis ${axis}, which is empty`);
        return $.call("79:16", gather, y, positions(mode, before[axis], n, $.call("79:59", total, [$.call("79:66", shape, x)[axis], low[axis], high[axis]])), axis, true);
      }, cropped);
    }
    const fill = value ?? $.call("82:27", full, [], $.call("82:36", dtype, x) === "bool" ? false : 0, $.call("82:69", dtype, x));
    return $.call("83:12", pad, cropped, before, after, fill);
  },
{"name":"Pad","path":"src/ops/formulas/pad.formula.ts","line":54,"column":14});
