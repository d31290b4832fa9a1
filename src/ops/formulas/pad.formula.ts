/** Pad in its four modes. Everything but the constant mode is a gather along each axis with computed positions. */
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
import { allAxes, positive } from "./axes.formula.js";

/** Where element i of the padded axis comes from, n elements long, i counted from the first original one. */
function position(mode: string, i: Num, n: Num): Num {
  if (mode === "edge") return maximum(minimum(i, n - 1), 0);
  if (mode === "wrap") return mod(i, n);
  const period = maximum(2 * (n - 1), 1);
  const m = mod(i, period);
  return minimum(m, period - m);
}

/** The longest axis whose positions stand in a table. */
const longestTable = 65536;

/** Positions of a whole axis: a constant where the extents are known, index arithmetic where they are not, or are many. */
function positions(mode: string, low: Num, n: Num, length: Num): Num {
  if (isFixed(low) && isFixed(n) && isFixed(length) && length <= longestTable) {
    return vector(
      Array.from({ length }, (_, i) => position(mode, i - low, n)),
      "i64",
    );
  }
  return position(mode, iota([length], 0, "i64") - low, n);
}

/**
 * Whether more than an axis has may be cut from one side of it, where the other is filled: what is too much is taken
 * from the filling.
 */
function takesFilling(amount: Num, other: Num, mode: string): boolean {
  return mode === "constant" && decided(amount, "<", 0) === true && decided(0, "<", other) === true;
}

/** Negative amounts cut, and what is left is padded by the positive ones. */
export const Pad = formula(
  {
    inputs: { x: "any", pads: shaping(["i64"]), value: optional("any"), axes: optionalShaping(["i32", "i64"]) },
    attrs: { mode: text("constant", "reflect", "edge", "wrap") },
  },
  ({ x, pads, value, axes, mode }) => {
    const amounts = extents(pads);
    const on = axes === undefined ? allAxes(x) : numbers(axes).map((a) => positive(a, rank(x)));
    if (amounts.length !== 2 * on.length) refuse(`pads has ${amounts.length} entries; ${on.length} axes take ${2 * on.length}`);
    const amount = (axis: number, offset: number) => (on.includes(axis) ? amounts[on.indexOf(axis) + offset] : 0);
    const low = allAxes(x).map((a) => amount(a, 0));
    const high = allAxes(x).map((a) => amount(a, on.length));
    const cut = (n: Num, amount: Num, other: Num) => {
      const asked = maximum(0 - amount, 0);
      return takesFilling(amount, other, mode) ? minimum(asked, n) : asked;
    };
    const cutLow = shape(x).map((n, a) => cut(n, low[a], high[a]));
    const cutHigh = shape(x).map((n, a) => cut(n, high[a], low[a]));
    const left = shape(x).map((n, a) => n - cutLow[a] - cutHigh[a]);
    const before = low.map((l, a) => maximum(l, 0) - (maximum(0 - high[a], 0) - cutHigh[a]));
    const after = high.map((h, a) => maximum(h, 0) - (maximum(0 - low[a], 0) - cutLow[a]));
    left.forEach((n, a) => {
      const mixed = takesFilling(low[a], high[a], mode) || takesFilling(high[a], low[a], mode);
      assumeAtMost(0, mixed ? total([n, before[a], after[a]]) : n, `pads cut more from axis ${a} than it has`);
    });
    const cropped = slice(
      x,
      left.map((size, axis) => ({ axis, start: cutLow[axis], size })),
      true,
    );
    if (mode !== "constant") {
      return allAxes(x).reduce((y, axis) => {
        const untouched = isFixed(before[axis]) && isFixed(after[axis]) && before[axis] === 0 && after[axis] === 0;
        if (untouched) return y;
        const n = shape(cropped)[axis];
        assumeAtMost(1, n, `mode ${mode} has nothing to repeat on axis ${axis}, which is empty`);
        return gather(y, positions(mode, before[axis], n, total([shape(x)[axis], low[axis], high[axis]])), axis, true);
      }, cropped);
    }
    const fill = value ?? full([], dtype(x) === "bool" ? false : 0, dtype(x));
    return pad(cropped, before, after, fill);
  },
);
