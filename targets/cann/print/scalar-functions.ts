/**
 * Lane functions on the scalar unit, which has arithmetic and comparisons but no mathematics library: what C++ has no
 * operator for is expanded by the same table the vector unit uses, down to what it has.
 */
import type { Caps } from "../../../src/kernel/caps.js";
import type { LaneFn } from "../../../src/kernel/tile.js";
import { inSimplerTerms, minus, type LaneCall, type Value } from "../../kit/lanes.js";
import type { HelperName } from "./helpers.js";
import { cType, type Page } from "./page.js";

const infix: Readonly<Partial<Record<LaneFn, string>>> = { add: "+", sub: "-", mul: "*", bitand: "&", bitor: "|", bitxor: "^" };
const integerHelpers: Readonly<Partial<Record<LaneFn, HelperName>>> = {
  truncdiv: "TruncDiv",
  floordiv: "FloorDivide",
  mod: "FloorRemainder",
  fmod: "TruncRemainder",
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
  const plain = type === "mask" ? onMask(e, spell) : type === "f32" || type === "f16" ? onFloat(page, e, spell) : onInteger(page, e, spell);
  return plain ?? spell(inSimplerTerms(e, scalarCaps(page.caps), page.kernel));
}

function onMask(e: LaneCall, spell: Value): string | undefined {
  const [a, b] = e.args.map(spell);
  const texts: Partial<Record<LaneFn, string>> = { and: `${a} && ${b}`, or: `${a} || ${b}`, xor: `${a} != ${b}`, not: `!${a}` };
  return texts[e.fn];
}

function onFloat(page: Page, e: LaneCall, spell: Value): string | undefined {
  if (e.fn === "bitcast") return page.helperOf("BitsOf", cType(e.type), ...e.args.map(spell));
  const helper = floatHelpers[e.fn];
  if (helper) return page.helper(helper, ...e.args.map(spell));
  const operator = e.fn === "div" ? "/" : infix[e.fn];
  if (operator) return e.args.map(spell).join(` ${operator} `);
  return common(page, e, spell);
}

function onInteger(page: Page, e: LaneCall, spell: Value): string | undefined {
  const type = cType(e.type);
  if (e.fn === "bitcast") return page.helperOf("BitsOf", type, ...e.args.map(spell));
  const helper = integerHelpers[e.fn];
  if (helper) return page.helperOf(helper, type, ...e.args.map(spell));
  const wrap = (text: string) => `static_cast<${type}>(${text})`;
  const [a, b] = e.args.map(spell);
  if (e.fn === "shl") return wrap(`static_cast<uint64_t>(${a}) << ${b}`);
  // In 64 bits, so that a shift by 32 and more leaves nothing of 32 bits.
  if (e.fn === "shr") return wrap(`static_cast<${e.type.startsWith("u") ? "uint64_t" : "int64_t"}>(${a}) >> ${b}`);
  if (e.fn === "bitnot") return wrap(`~${a}`);
  // Sums and products wrap: they are formed without a sign.
  if (infix[e.fn]) return wrap(`static_cast<uint64_t>(${a}) ${infix[e.fn]} static_cast<uint64_t>(${b})`);
  if (e.fn === "neg") return wrap(`0 - static_cast<uint64_t>(${a})`);
  if (e.fn === "pow") return page.helperOf("PowerOf", type, a, b);
  return common(page, e, spell);
}

function common(page: Page, e: LaneCall, spell: Value): string | undefined {
  const args = e.args.map(spell);
  const [a, b] = args;
  switch (e.fn) {
    case "neg":
      return minus(a);
    case "abs":
      return `${a} < 0 ? ${minus(a)} : ${a}`;
    case "sign":
      return `${a} > 0 ? 1 : ${a} < 0 ? -1 : ${a}`;
    case "max":
      return `${a} > ${b} || ${a} != ${a} ? ${a} : ${b}`;
    case "min":
      return `${a} < ${b} || ${a} != ${a} ? ${a} : ${b}`;
    case "isnan":
      return `${a} != ${a}`;
    case "sqrt":
      return page.helper(page.chip.scalarRoot ? "SquareRoot" : "SquareRootByDigits", a);
    default:
      return undefined;
  }
}
