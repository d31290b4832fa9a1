/**
 * Lane functions on the scalar unit, which has arithmetic and comparisons but no mathematics library: what C++ has no
 * operator for is expanded by the same table the vector unit uses, down to what it has.
 */
import type { Caps } from "../../../src/kernel/caps.js";
import type { LaneFn } from "../../../src/kernel/tile.js";
import { infix, inSimplerTerms, maskTexts, minus, type LaneCall, type Texts, type Value } from "../../kit/lanes.js";
import type { HelperName } from "./helpers.js";
import { cType, type Page } from "./page.js";

const integerHelpers: Readonly<Partial<Record<LaneFn, HelperName>>> = {
  truncdiv: "TruncDiv",
  floordiv: "FloorDivide",
  mod: "FloorRemainder",
  fmod: "TruncRemainder",
  pow: "PowerOf",
  bitcast: "BitsOf",
};
const floatHelpers: Readonly<Partial<Record<LaneFn, HelperName>>> = {
  round: "RoundEven",
  floor: "FloorOf",
  trunc: "TruncOf",
  ceil: "CeilOf",
};

/** What the scalar unit computes in f32 without help; the rest is expanded into these. */
function scalarCaps(caps: Caps): Caps {
  const f32 = ["f32"] as const;
  const i32 = ["i32", "u32"] as const;
  const both = ["f32", "i32", "u32"] as const;
  const mask = ["mask"] as const;
  return {
    ...caps,
    nanMinMax: false,
    native: {
      ...{ add: both, sub: both, mul: both, div: f32, min: both, max: both, abs: f32, floor: f32, ceil: f32, round: f32, trunc: f32 },
      ...{ eq: both, ne: both, lt: both, le: both, gt: both, ge: both, and: mask, or: mask, xor: mask, not: mask },
      ...{ bitand: i32, bitor: i32, bitxor: i32, bitnot: i32, shl: i32, shr: i32, select: both, sqrt: f32 },
    },
    casts: { ...caps.casts, "f32->i32": ["rint", "trunc"], "i32->f32": ["rint"], "mask->f32": ["exact"], "mask->i32": ["exact"] },
  };
}

export function scalarFunction(page: Page, e: LaneCall, spell: Value): string {
  const { type } = e.args[0];
  const args = e.args.map(spell);
  const onLanes = type === "f32" || type === "f16" ? onFloat : onInteger;
  const plain = type === "mask" ? maskTexts[e.fn]?.(args[0], args[1], "") : onLanes(page, e, args);
  return plain ?? spell(inSimplerTerms(e, scalarCaps(page.caps), page.kernel));
}

/** Two values joined by a function of a scatter or a reduction. */
export const joined = {
  add: (a: string, b: string) => `${a} + ${b}`,
  mul: (a: string, b: string) => `${a} * ${b}`,
  max: (a: string, b: string) => `${a} > ${b} || ${a} != ${a} ? ${a} : ${b}`,
  min: (a: string, b: string) => `${a} < ${b} || ${a} != ${a} ? ${a} : ${b}`,
} as const;

const onNumbers: Texts = {
  ...joined,
  sub: (a, b) => `${a} - ${b}`,
  neg: minus,
  abs: (a) => `${a} < 0 ? ${minus(a)} : ${a}`,
  sign: (a) => `${a} > 0 ? 1 : ${a} < 0 ? -1 : ${a}`,
  isnan: (a) => `${a} != ${a}`,
};

function onFloat(page: Page, { fn, type }: LaneCall, args: readonly string[]): string | undefined {
  if (fn === "bitcast") return page.helperOf("BitsOf", cType(type), ...args);
  if (fn === "div") return args.join(" / ");
  const helper = fn === "sqrt" ? (page.chip.scalarRoot ? "SquareRoot" : "SquareRootByDigits") : floatHelpers[fn];
  return helper ? page.helper(helper, ...args) : onNumbers[fn]?.(args[0], args[1], "");
}

function onInteger(page: Page, { fn, type: lane }: LaneCall, args: readonly string[]): string | undefined {
  const type = cType(lane);
  const helper = integerHelpers[fn];
  if (helper) return page.helperOf(helper, type, ...args);
  const wrap = (text: string) => `static_cast<${type}>(${text})`;
  const [a, b] = args;
  if (fn === "shl") return wrap(`static_cast<uint64_t>(${a}) << ${b}`);
  // In 64 bits, so that a shift by 32 and more leaves nothing of 32 bits.
  if (fn === "shr") return wrap(`static_cast<${lane.startsWith("u") ? "uint64_t" : "int64_t"}>(${a}) >> ${b}`);
  if (fn === "bitnot") return wrap(`~${a}`);
  // Sums and products wrap: they are formed without a sign.
  if (infix[fn]) return wrap(`static_cast<uint64_t>(${a}) ${infix[fn]} static_cast<uint64_t>(${b})`);
  if (fn === "neg") return wrap(`0 - static_cast<uint64_t>(${a})`);
  return onNumbers[fn]?.(a, b, "");
}
