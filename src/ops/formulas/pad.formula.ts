/** Pad in its four modes. Everything but the constant mode is a gather along each axis with computed positions. */
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
    const cutLow = low.map((l) => maximum(0 - l, 0));
    const cutHigh = high.map((h) => maximum(0 - h, 0));
    const cropped = slice(
      x,
      shape(x).map((d, axis) => ({ axis, start: cutLow[axis], size: d - cutLow[axis] - cutHigh[axis] })),
    );
    const [before, after] = [low.map((l) => maximum(l, 0)), high.map((h) => maximum(h, 0))];
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
