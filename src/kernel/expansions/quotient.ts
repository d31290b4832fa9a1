/**
 * Quotients rounded as a division rounds them, on chips that have none: an approximate one and what it leaves of the
 * dividend, divided once more. Where the result is rounded to a whole number, half a unit in the last place decides.
 */
import type { Expr } from "../tile.js";
import { isConst, withOperands, type Builder } from "./build.js";

/** a - q * b, the product split into exact halves (Dekker); a divisor of few bits has one half. */
export function exactResidual(e: Builder, a: Expr, q: Expr, b: Expr): Expr {
  const split = (x: Expr): readonly [Expr, Expr] => {
    const high = e.float(e.fn("bitand", e.bits(x), e.int(-4096)));
    return [high, e.sub(x, high)];
  };
  const [qh, ql] = split(q);
  const [bh, bl] = split(b);
  const first = e.sub(a, e.mul(qh, bh));
  if (isConst(bl) && Number(bl.value) === 0) return e.sub(first, e.mul(ql, bh));
  return e.sub(e.sub(e.sub(first, e.mul(qh, bl)), e.mul(ql, bh)), e.mul(ql, bl));
}

/** Below this the halves of a product may be lost. */
const small = 2 ** -60;

/** q plus the quotient of its residual by b, whose reciprocal is `inverse`; q itself where that is not finite or a is small. */
export function corrected(e: Builder, a: Expr, b: Expr, q: Expr, inverse: Expr): Expr {
  const rest = e.mul(exactResidual(e, a, q, b), inverse);
  const holds = e.fn("and", e.ge(e.abs(a), e.num(small)), e.lt(e.abs(rest), e.num(Infinity)));
  return e.select(holds, e.add(q, rest), q);
}

/** Functions after which a quotient is still the one that is rounded. */
const between = new Set(["min", "max", "neg"]);

/**
 * The operand of a rounding, not expanded yet: a quotient in it, behind bounds and choices, is a corrected one. Each shared
 * part is looked at once (`seen`), and one without a quotient stays the object that it is.
 */
export function sharpened(e: Builder, x: Expr, seen = new Map<Expr, Expr>()): Expr {
  const had = seen.get(x);
  if (had) return had;
  const made = sharpen(e, x, (part) => sharpened(e, part, seen));
  seen.set(x, made);
  return made;
}

function sharpen(e: Builder, x: Expr, inner: (part: Expr) => Expr): Expr {
  if (x.op === "fn" && x.fn === "div" && x.type === "f32") {
    const [a, b] = x.args;
    return corrected(e, a, b, x, e.fn("div", e.num(1), b));
  }
  if (x.op === "select") return withOperands(x, [x.args[0], inner(x.args[1]), inner(x.args[2])]);
  return x.op === "fn" && between.has(x.fn) ? withOperands(x, x.args.map(inner)) : x;
}
