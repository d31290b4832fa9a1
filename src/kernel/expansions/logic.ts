/** Masks: connectives, comparisons of masks, and choosing by a mask on chips that cannot choose. */
import type { Expr } from "../tile.js";
import { isConst, type Builder, type Rules } from "./build.js";

function not(e: Builder, x: Expr): Expr {
  return e.fn("not", x);
}

/** Connectives with a constant side need no instruction. */
function simplified(e: Builder, fn: "and" | "or" | "xor", a: Expr, b: Expr): Expr | undefined {
  if (isConst(a) && !isConst(b)) return simplified(e, fn, b, a);
  if (!isConst(b)) return undefined;
  const yes = b.value !== 0;
  if (fn === "and") return yes ? a : b;
  if (fn === "or") return yes ? b : a;
  return yes ? not(e, a) : a;
}

const connective = (e: Builder, fn: "and" | "or" | "xor", a: Expr, b: Expr): Expr =>
  simplified(e, fn, a, b) ??
  (fn === "xor" && !e.has("xor", "mask")
    ? e.fn("and", e.fn("or", a, b), not(e, e.fn("and", a, b)))
    : e.intern({ op: "fn", type: "mask", fn, args: [a, b] }));

export const maskRules: Rules = {
  and: (e, [a, b]) => connective(e, "and", a, b),
  or: (e, [a, b]) => connective(e, "or", a, b),
  xor: (e, [a, b]) => connective(e, "xor", a, b),
  not: (e, [x]) => not(e, x),
  eq: (e, [a, b]) => not(e, e.fn("xor", a, b)),
  ne: (e, [a, b]) => e.fn("xor", a, b),
  lt: (e, [a, b]) => e.fn("and", not(e, a), b),
  le: (e, [a, b]) => e.fn("or", not(e, a), b),
  min: (e, [a, b]) => e.fn("and", a, b),
  max: (e, [a, b]) => e.fn("or", a, b),
  select: (e, [m, a, b]) => e.fn("or", e.fn("and", m, a), e.fn("and", not(e, m), b)),
};

/** m ? a : b as bits: b ^ ((a ^ b) & m), with m all ones or all zeros. Infinities and NaN pass unharmed. */
function selectByBits(e: Builder, m: Expr, a: Expr, b: Expr): Expr {
  const all = e.sub(e.int(0), e.cast(m, "i32"));
  const [x, y] = [e.bits(a), e.bits(b)];
  if (isConst(y) && y.value === 0) return e.bitcast(e.fn("bitand", x, all), a.type);
  if (isConst(x) && x.value === 0) return e.bitcast(e.fn("bitand", y, e.fn("bitnot", all)), a.type);
  return e.bitcast(e.fn("bitxor", y, e.fn("bitand", e.fn("bitxor", x, y), all)), a.type);
}

/** Values of 32 bits. */
export const selectRules: Rules = {
  select: (e, [m, a, b]) => {
    const other = a.type === "f32" ? "i32" : "f32";
    if (e.has("select", other)) return e.bitcast(e.select(m, e.bitcast(a, other), e.bitcast(b, other)), a.type);
    return selectByBits(e, m, a, b);
  },
};
