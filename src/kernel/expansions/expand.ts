/**
 * Rewrites an expression until a chip's vector unit has every function in it. What a function is in terms of others
 * stands once, in `expansions/`; which functions a chip has is its `Caps`. Equal subexpressions come out as one object.
 *
 * Accuracy and edges of every expansion are measured by test/kernel/expand.test.ts, which prints the table of ulps.
 */
import { fail } from "../../base/diagnostic.js";
import type { Caps } from "../caps.js";
import { Builder, isConst, operandsOf, withOperands, type Rule, type Rules } from "./build.js";
import { computeType, convert } from "./conversion.js";
import { divisionRules } from "./division.js";
import { exponentialRules } from "./exponential.js";
import { hyperbolicRules } from "./hyperbolic.js";
import { floatRemainderRules, integerRules, unsignedRules } from "./integer.js";
import { maskRules, selectRules } from "./logic.js";
import { powerRules } from "./power.js";
import { sharpened } from "./quotient.js";
import { roundingRules } from "./rounding.js";
import { trigonometricRules } from "./trigonometric.js";
import type { Expr, LaneType } from "../tile.js";

/** The expansions by the type of the operands (of the values, for select). */
const rules: Readonly<Partial<Record<LaneType, Rules>>> = {
  f32: {
    ...roundingRules,
    ...exponentialRules,
    ...divisionRules,
    ...hyperbolicRules,
    ...trigonometricRules,
    ...powerRules,
    ...floatRemainderRules,
    ...selectRules,
  },
  i32: { ...integerRules, ...selectRules },
  u32: { ...unsignedRules, ...selectRules },
  mask: maskRules,
};

/**
 * The expressions in native functions only, in the same order. f16, bf16 and narrow integers widen before they are
 * computed with. Throws `no-vector-form` when the chip's vector unit cannot compute one; a scalar map can.
 */
export function expand(exprs: readonly Expr[], caps: Caps): Expr[] {
  const expander = new Expander(new Builder(caps));
  return exprs.map((x) => expander.visit(x));
}

class Expander {
  readonly #e: Builder;
  readonly #done = new Map<Expr, Expr>();
  /** Roundings whose operand is as sharp as it must be. */
  readonly #sharp = new Set<Expr>();

  constructor(e: Builder) {
    this.#e = e;
  }

  visit(x: Expr): Expr {
    const had = this.#done.get(x);
    if (had) return had;
    const out = this.#expanded(x);
    this.#done.set(x, out);
    this.#done.set(out, out);
    return out;
  }

  #expanded(x: Expr): Expr {
    const e = this.#e;
    if (x.op === "load") return fail("no-vector-form", "An element chosen by a computed index is read by scalar maps only.");
    if (x.op === "const" && typeof x.value === "bigint") return fail("no-vector-form", "Vector units have no 64-bit constants.");
    const sharp = this.#sharpRounding(x);
    if (sharp) return this.visit(sharp);
    const args = operandsOf(x).map((a) => this.visit(a));
    if (args.length === 0) return leaf(e, x);
    if (e.isMarkedNative(x)) return e.intern(withOperands(x, args), true);
    const step = this.#step(x, args);
    return step.final ? step.expr : this.visit(step.expr);
  }

  /** A rounding of a quotient on a chip without division, told to take a corrected one; undefined where nothing changes. */
  #sharpRounding(x: Expr): Expr | undefined {
    if (x.op !== "fn" || x.type !== "f32" || !roundings.has(x.fn) || this.#sharp.has(x) || this.#e.has("div", "f32")) return undefined;
    const made = withOperands(x, [sharpened(this.#e, x.args[0])]);
    this.#sharp.add(made);
    return made === x ? undefined : made;
  }

  /** One rewriting step; final when the chip has the operation. */
  #step(x: Expr, args: readonly Expr[]): { readonly expr: Expr; readonly final: boolean } {
    const e = this.#e;
    const folded = rebuilt(e, x, args);
    if (folded.op !== x.op || (x.op === "fn" && folded.op === "fn" && folded.fn !== x.fn))
      return { expr: folded, final: folded.op === "const" };
    if (folded.op === "fn" && folded.fn === "bitcast") return { expr: folded, final: true };
    if (folded.op === "cast") return settle(folded, convert(e, folded.args[0], folded));
    const fn = folded.op === "select" ? "select" : folded.op === "cmp" || folded.op === "fn" ? folded.fn : undefined;
    if (!fn) return { expr: folded, final: true };
    const parts = operandsOf(folded);
    const type = (folded.op === "select" ? parts[1] : parts[0]).type;
    if (computeType(type) !== type) return { expr: widened(e, folded, parts), final: false };
    if (isNative(e, fn, type, parts)) return { expr: folded, final: true };
    return settle(folded, ruleFor(e, fn, type)(e, parts));
  }
}

/** A rule that gives back what it got has nothing to change: the chip must have it. */
function settle(before: Expr, after: Expr): { readonly expr: Expr; readonly final: boolean } {
  return { expr: after, final: before === after };
}

function leaf(e: Builder, x: Expr): Expr {
  return x.op === "const" ? e.constant(x.type, Number(x.value)) : e.intern(x);
}

/** The operation on expanded operands, constants folded. */
function rebuilt(e: Builder, x: Expr, args: readonly Expr[]): Expr {
  switch (x.op) {
    case "fn":
      return x.fn === "bitcast" ? e.bitcast(args[0], x.type) : e.fn(x.fn, ...args);
    case "cmp":
      return e.cmp(x.fn, args[0], args[1]);
    case "select":
      return e.select(args[0], args[1], args[2]);
    default:
      return e.intern(withOperands(x, args));
  }
}

/** What makes a whole number of a float. */
const roundings: ReadonlySet<string> = new Set(["round", "floor", "ceil", "trunc"]);

type Fn = keyof Caps["native"];

function isNative(e: Builder, fn: Fn, type: LaneType, args: readonly Expr[]): boolean {
  if (!e.has(fn, type)) return false;
  if (fn === "shl" || fn === "shr") return isConst(args[1]) && Number(args[1].value) < 32;
  if ((fn === "min" || fn === "max") && type === "f32") return e.caps.nanMinMax;
  if (fn === "and" || fn === "or" || fn === "xor") return !args.some(isConst);
  return true;
}

/** Comparisons the chip lacks, by the ones it may have. */
const byOther: Rules = {
  gt: (e, [a, b]) => e.cmp("lt", b, a),
  ge: (e, [a, b]) => e.cmp("le", b, a),
  ne: (e, [a, b]) => e.fn("not", e.cmp("eq", a, b)),
};

function ruleFor(e: Builder, fn: Fn, type: LaneType): Rule {
  return rules[type]?.[fn] ?? byOther[fn] ?? fail("no-vector-form", `${e.caps.chip} has no vector form of ${fn} on ${type}.`);
}

/** Storage types compute as f32 or i32 and narrow afterwards. */
function widened(e: Builder, x: Expr, parts: readonly Expr[]): Expr {
  const wide = parts.map((p) => e.cast(p, computeType(p.type)));
  return e.cast(rebuilt(e, x, wide), x.type, "rint");
}
