import { dtypes, infoOf, isFloat, isInteger, type DType } from "../../src/base/dtype.js";
import { formatOf } from "../../src/base/float-formats.js";
import { textAttr } from "../../src/ir/graph.js";
import { nodeAttrs } from "../../src/ir/primitive-node.js";
import { knowing } from "../../src/ir/rewrite/context.js";
import { builtOver } from "../../src/ir/rewrite/decompose.js";
import { rewriteAny } from "../../src/ir/rewrite/rewrite.js";
import type { AnyView, ValueView } from "../../src/ir/rewrite/views.js";
import { abs, bitAnd, bitXor, cast, dtype, floor, maximum, minimum, round, trunc, where, type Num } from "../../src/ops/lang.js";
import { pointwise } from "../../src/ops/lang/core.js";
import type { Pass } from "../pass.js";

/**
 * cast(x, to=small)  =>  cast(r(x), to=small), exact
 *
 * where r gives the values of a type of 2, 4 or 8 bits that no kernel stores, in the type that holds them: whole numbers limited or
 * wrapped, floats rounded to the format's digits, ties to even, and what lies beyond its largest number saturated or lost as the cast
 * says. Powers of two alone are multiplied with, so that nothing is rounded twice.
 *
 * Skipped for casts to any other type, and for casts of text.
 */
export const roundSmall: Pass = {
  name: "round-small",
  run: (graph, context) =>
    rewriteAny(graph, knowing(context.catalogue, context), (view, make) => {
      const rounding = roundingOf(view);
      if (!rounding) return undefined;
      const held = builtOver(make, (operand) => rounded(operand(rounding.x), rounding));
      return make.node("cast", [held], nodeAttrs("cast", { to: rounding.to, round: "trunc", overflow: "wrap" }));
    }),
};

interface Rounding {
  readonly x: ValueView;
  readonly to: DType;
  readonly held: DType;
  /** How a float becomes whole; of f8e8m0 the direction. */
  readonly round: string;
  readonly saturate: boolean;
}

function roundingOf({ node, inputs: [x], outputs: [y] }: AnyView): Rounding | undefined {
  const held = y?.dtype && infoOf(y.dtype).held;
  if (node.op !== "cast" || !held || !x?.dtype || !x.shape || x.dtype === "string") return undefined;
  return { x, to: y.dtype, held, round: textAttr(node, "round") ?? "trunc", saturate: textAttr(node, "overflow") === "saturate" };
}

function rounded(x: Num, rounding: Rounding): Num {
  if (isInteger(rounding.to)) return whole(x, rounding);
  const wide = cast(x, "f32");
  return rounding.to === "f8e8m0" ? toPowerOfTwo(wide, rounding) : toFormat(wide, rounding);
}

const times = (a: Num, b: Num): Num => pointwise("mul", [a, b]);
const minus = (a: Num, b: Num): Num => pointwise("sub", [a, b]);
const less = (a: Num, b: Num): Num => pointwise("lt", [a, b]);
const atLeast = (a: Num, b: Num): Num => pointwise("ge", [a, b]);

// ---- whole numbers -----------------------------------------------------------------------------------------------------

function whole(x: Num, { to, held, round: way, saturate }: Rounding): Num {
  const { bits, kind } = dtypes[to];
  const isSigned = kind === "int";
  const number = dtype(x) === "bool" ? cast(x, held) : x;
  const asked = { round: way === "rint" ? "rint" : "trunc", saturate: true } as const;
  if (saturate) return cast(limited(number, isSigned ? -(2 ** (bits - 1)) : 0, 2 ** (isSigned ? bits - 1 : bits) - 1), held, asked);
  return cast(isFloat(dtype(number)) ? wrappedFloat(number, bits, isSigned, way) : wrapped(number, bits, isSigned), held);
}

/** What has no sign needs no lower end, and none that is negative. */
function limited(x: Num, least: number, most: number): Num {
  const low = dtypes[dtype(x)].kind === "uint" ? x : maximum(x, least);
  return minimum(low, most);
}

/** The lowest bits, the highest of them a sign where there is one. */
function wrapped(x: Num, bits: number, isSigned: boolean): Num {
  const low = bitAnd(cast(x, "i32"), 2 ** bits - 1);
  const half = 2 ** (bits - 1);
  return isSigned ? minus(bitXor(low, half), half) : low;
}

/** Likewise of a float, whose whole part need not fit into an integer. */
function wrappedFloat(x: Num, bits: number, isSigned: boolean, way: string): Num {
  const wide = cast(x, "f32");
  const n = way === "rint" ? round(wide) : trunc(wide);
  const low = minus(n, times(floor(times(n, 2 ** -bits)), 2 ** bits));
  return isSigned ? where(atLeast(low, 2 ** (bits - 1)), minus(low, 2 ** bits), low) : low;
}

// ---- floats ------------------------------------------------------------------------------------------------------------

/** A number as `rest * unit`, where unit is a power of two. */
interface Scaled {
  readonly rest: Num;
  readonly unit: Num;
}

const scaledBy = ({ rest, unit }: Scaled, when: Num, power: number): Scaled => ({
  rest: times(rest, where(when, 2 ** -power, 1)),
  unit: times(unit, where(when, 2 ** power, 1)),
});

/** `rest` below 2 in size, with a unit of 1 or more, up to 2^most. */
function scaledDown(x: Num, most: number): Scaled {
  let now: Scaled = { rest: x, unit: 1 };
  for (let power = 2 ** Math.floor(Math.log2(most)); power >= 1; power /= 2) now = scaledBy(now, atLeast(abs(now.rest), 2 ** power), power);
  return now;
}

/** Rounded to the digits that the format has at x's size, and no finer than its smallest number. */
function toFormat(x: Num, { to, saturate }: Rounding): Num {
  const format = formatOf(to);
  if (!format) throw new TypeError(`${to} has no mantissa`);
  const lowest = 1 - format.bias;
  const { rest, unit } = scaledDown(times(x, 2 ** -lowest), Math.floor(Math.log2(format.max)) - lowest);
  const digits = round(times(rest, 2 ** format.mantissa));
  const near = times(times(digits, 2 ** (lowest - format.mantissa)), unit);
  const signed = format.unsignedZero ? where(pointwise("eq", [near, 0]), 0, near) : near;
  if (saturate || (format.inf === undefined && format.nan === undefined)) return saturated(signed, format.max, format.nan !== undefined);
  const beyond = format.inf === undefined ? NaN : where(less(signed, 0), -Infinity, Infinity);
  return where(less(format.max, abs(signed)), beyond, signed);
}

/** What has no NaN holds zero in its place. */
function saturated(x: Num, most: number, hasNan: boolean): Num {
  const near = maximum(minimum(x, most), -most);
  return hasNan ? near : where(pointwise("eq", [near, near]), near, 0);
}

/** f8e8m0: powers of two from 2^-127 to 2^127; no number below zero. */
function toPowerOfTwo(x: Num, { round: way, saturate }: Rounding): Num {
  const { rest, unit } = scaledUp(scaledDown(x, 127), 127);
  const isUp = way === "up" ? less(1, rest) : way === "down" ? less(3, rest) : atLeast(rest, 1.5);
  const power = times(unit, where(isUp as unknown as boolean, 2, 1));
  const within = saturate ? minimum(power, 2 ** 127) : where(less(2 ** 127, power), NaN, power);
  return where(atLeast(x, 0), within, NaN);
}

/** `rest` of 1 or more, with a unit of 2^-most or more. */
function scaledUp(scaled: Scaled, most: number): Scaled {
  let now = scaled;
  for (let power = 2 ** Math.floor(Math.log2(most)); power >= 1; power /= 2) now = scaledBy(now, less(now.rest, 2 ** (1 - power)), -power);
  return now;
}
