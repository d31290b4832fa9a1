/* Generated from pad.formula.ts; do not edit. */ import { dispatcher } from "../lang/dispatch.js"; const $ = dispatcher("src/ops/formulas/pad.formula.ts"); /** Pad in its four modes. Everything but the constant mode is a gather along each axis with computed positions. */
import {
  assumeAtMost,
  decided,
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
  if (mode === "edge") return $.call("33:31", maximum, $.call("33:39", minimum, i, $.sub(n , 1, "33:52")), 0);
  if (mode === "wrap") return $.call("34:31", mod, i, n);
  const period = $.call("35:18", maximum, $.mul(2 , ($.sub(n , 1, "35:33")), "35:28"), 1);
  const m = $.call("36:13", mod, i, period);
  return $.call("37:10", minimum, m, $.sub(period , m, "37:28"));
}

/** The longest axis whose positions stand in a table. */
const longestTable = 65536;

/** Positions of a whole axis: a constant where the extents are known, index arithmetic where they are not, or are many. */
function positions(mode: string, low: Num, n: Num, length: Num): Num {
  if ($.test($.call("45:7", isFixed, low), "45:7") && $.test($.call("45:23", isFixed, n), "45:23") && $.test($.call("45:37", isFixed, length), "45:37") && $.test($.le(length , longestTable, "45:63"), "45:56")) {
    return $.call("46:12", vector, 
      Array.from({ length }, (_, i) => position(mode, $.sub(i , low, "47:57"), n)),
      "i64",
    );
  }
  return position(mode, $.sub($.call("51:25", iota, [length], 0, "i64") , low, "51:50"), n);
}

/**
 * Whether more than an axis has may be cut from one side of it, where the other is filled: what is too much is taken
 * from the filling.
 */
function takesFilling(amount: Num, other: Num, mode: string): boolean {
  return mode === "constant" && $.test($.eq($.call("59:33", decided, amount, "<", 0) , true, "59:57"), "59:33") && $.eq($.call("59:69", decided, 0, "<", other) , true, "59:92");
}

/** Negative amounts cut, and what is left is padded by the positive ones. */
export const Pad = formula(
  {
    inputs: { x: "any", pads: shaping(["i64"]), value: optional("any"), axes: optionalShaping(["i32", "i64"]) },
    attrs: { mode: text("constant", "reflect", "edge", "wrap") },
  },
  ({ x, pads, value, axes, mode }) => {
    const amounts = $.call("69:21", extents, pads);
    const on = axes === undefined ? allAxes(x) : $.call("70:50", numbers, axes).map((a) => positive(a, $.call("70:87", rank, x)));
    if ($.test($.ne(amounts.length , $.mul(2 , on.length, "71:30"), "71:24"), "71:9")) $.call("71:43", refuse, `pads has ${amounts.length} entries; ${on.length} axes take ${$.mul(2 , on.length, "71:114")}`);
    const amount = (axis: number, offset: number) => ($.test(on.includes(axis), "72:55") ? amounts[$.add(on.indexOf(axis) , offset, "72:100")] : 0);
    const low = allAxes(x).map((a) => amount(a, 0));
    const high = allAxes(x).map((a) => amount(a, on.length));
    const cut = (n: Num, amount: Num, other: Num) => {
      const asked = $.call("76:21", maximum, $.sub(0 , amount, "76:31"), 0);
      return $.test(takesFilling(amount, other, mode), "77:14") ? $.call("77:50", minimum, asked, n) : asked;
    };
    const cutLow = $.call("79:20", shape, x).map((n, a) => cut(n, low[a], high[a]));
    const cutHigh = $.call("80:21", shape, x).map((n, a) => cut(n, high[a], low[a]));
    const left = $.call("81:18", shape, x).map((n, a) => $.sub($.sub(n , cutLow[a], "81:43") , cutHigh[a], "81:55"));
    const before = low.map((l, a) => $.sub($.call("82:38", maximum, l, 0) , ($.sub($.call("82:55", maximum, $.sub(0 , high[a], "82:65"), 0) , cutHigh[a], "82:79")), "82:52"));
    const after = high.map((h, a) => $.sub($.call("83:38", maximum, h, 0) , ($.sub($.call("83:55", maximum, $.sub(0 , low[a], "83:65"), 0) , cutLow[a], "83:78")), "83:52"));
    left.forEach((n, a) => {
      const mixed = $.test(takesFilling(low[a], high[a], mode), "85:21") || takesFilling(high[a], low[a], mode);
      $.call("86:7", assumeAtMost, 0, $.test(mixed, "86:23") ? $.call("86:31", total, [n, before[a], after[a]]) : n, `pads cut more from axis ${a} than it has`);
    });
    const cropped = $.call("88:21", slice, 
      x,
      left.map((size, axis) => ({ axis, start: cutLow[axis], size })),
      true,
    );
    if (mode !== "constant") {
      return allAxes(x).reduce((y, axis) => {
        const untouched = $.test($.call("95:27", isFixed, before[axis]), "95:27") && $.test($.call("95:52", isFixed, after[axis]), "95:52") && $.test($.eq(before[axis] , 0, "95:89"), "95:76") && $.eq(after[axis] , 0, "95:110");
        if ($.test(untouched, "96:13")) return y;
        const n = $.call("97:19", shape, cropped)[axis];
        $.call("98:9", assumeAtMost, 1, n, `mode ${mode} has nothing to repeat on axis ${axis}, which is empty`);
        return $.call("99:16", gather, y, positions(mode, before[axis], n, $.call("99:59", total, [$.call("99:66", shape, x)[axis], low[axis], high[axis]])), axis, true);
      }, cropped);
    }
    const fill = value ?? $.call("102:27", full, [], $.call("102:36", dtype, x) === "bool" ? false : 0, $.call("102:69", dtype, x));
    return $.call("103:12", pad, cropped, before, after, fill);
  },
{"name":"Pad","path":"src/ops/formulas/pad.formula.ts","line":63,"column":14});
