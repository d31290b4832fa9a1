/**
 * How expansions write expressions: a builder that gives equal expressions one object (so that shared parts are
 * computed once) and folds constants. `native` marks a node that is to stay as it is.
 */
import { dimKey } from "../../base/dim.js";
import { invariant } from "../../base/diagnostic.js";
import type { BinaryFn, CompareFn, UnaryFn } from "../../ops/primitive.js";
import type { Caps, CastRound, NativeOnly } from "../caps.js";
import { compareNumber } from "../../ops/evaluate/scalar.js";
import { bitcastLane, f32FromBits, laneFn, wrapLane } from "../lane.js";
import type { Expr, LaneFn, LaneType } from "../tile.js";

type ConstExpr = Extract<Expr, { op: "const" }>;

/** One rule: the function in terms of others, on operands of one type. */
export type Rule = (e: Builder, args: readonly Expr[]) => Expr;
export type Rules = Readonly<Partial<Record<UnaryFn | BinaryFn | CompareFn | "select" | NativeOnly, Rule>>>;

export class Builder {
  readonly caps: Caps;
  readonly #interned = new Map<string, Expr>();
  readonly #ids = new Map<Expr, number>();
  readonly #native = new WeakSet<Expr>();

  constructor(caps: Caps) {
    this.caps = caps;
  }

  /** The one object that stands for this expression. */
  intern<E extends Expr>(node: E, native = false): E {
    const key = `${native ? "!" : ""}${this.#key(node)}`;
    const had = this.#interned.get(key);
    if (had) return had as E;
    this.#interned.set(key, node);
    this.#ids.set(node, this.#ids.size);
    if (native) this.#native.add(node);
    return node;
  }

  /** Stays as it is: the chip has it, and its own treatment of NaN or range is what the expansion wants. */
  isMarkedNative(node: Expr): boolean {
    return this.#native.has(node);
  }

  #key(e: Expr): string {
    const id = (x: Expr) => {
      if (!this.#ids.has(x)) this.#ids.set(x, this.#ids.size);
      return this.#ids.get(x);
    };
    switch (e.op) {
      case "tile":
        return `tile ${e.type} ${e.as} ${e.tile}`;
      case "const":
        return `const ${e.type} ${Object.is(e.value, -0) ? "-0" : e.value}`;
      case "int":
        return `int ${e.type} ${dimKey(e.value)}`;
      case "index":
        return `index ${e.type} ${e.axis} ${dimKey(e.base)} | ${dimKey(e.step)}`;
      case "fn":
        return `${e.fn} ${e.type} ${e.args.map(id).join(" ")}`;
      case "cmp":
        return `cmp ${e.fn} ${e.args.map(id).join(" ")}`;
      case "select":
        return `select ${e.type} ${e.args.map(id).join(" ")}`;
      case "cast":
        return `cast ${e.type} ${e.round} ${e.overflow} ${id(e.args[0])}`;
      case "load":
        return `load ${e.type} ${e.buffer} ${id(e.index)}`;
      default:
        throw e satisfies never;
    }
  }

  constant(type: LaneType, value: number): Expr {
    return this.intern({ op: "const", type, value: wrapLane(type, value) });
  }

  num(value: number): Expr {
    return this.constant("f32", value);
  }

  int(value: number): Expr {
    return this.constant("i32", value);
  }

  mask(value: boolean): Expr {
    return this.constant("mask", value ? 1 : 0);
  }

  fn(fn: LaneFn, ...args: Expr[]): Expr {
    const type = fn === "isnan" || fn === "isinf" ? "mask" : args[0].type;
    return this.#folded(fn, args) ?? this.intern({ op: "fn", type, fn, args });
  }

  #folded(fn: LaneFn, args: readonly Expr[]): Expr | undefined {
    if (!args.every(isConst)) return undefined;
    const value = laneFn(
      fn,
      args[0].type,
      args.map((a) => Number(a.value)),
    );
    return value === undefined ? undefined : this.constant(fn === "isnan" || fn === "isinf" ? "mask" : args[0].type, value);
  }

  native(fn: LaneFn, ...args: Expr[]): Expr {
    return this.intern({ op: "fn", type: args[0].type, fn, args }, true);
  }

  cmp(fn: CompareFn, a: Expr, b: Expr): Expr {
    if (isConst(a) && isConst(b)) return this.mask(compareNumber[fn](Number(a.value), Number(b.value)));
    return this.intern({ op: "cmp", type: "mask", fn, args: [a, b] });
  }

  select(m: Expr, a: Expr, b: Expr): Expr {
    if (isConst(m)) return m.value ? a : b;
    return a === b ? a : this.intern({ op: "select", type: a.type, args: [m, a, b] });
  }

  /** `round` matters from floats to integers only; `overflow` when the value may not fit. */
  cast(x: Expr, type: LaneType, round: "trunc" | "rint" = "trunc", overflow: "wrap" | "saturate" = "wrap"): Expr {
    return x.type === type ? x : this.intern({ op: "cast", type, round, overflow, args: [x] });
  }

  /** One conversion the chip has. */
  nativeCast(x: Expr, type: LaneType, round: CastRound): Expr {
    return this.intern({ op: "cast", type, round: round === "trunc" ? "trunc" : "rint", overflow: "wrap", args: [x] }, true);
  }

  bitcast(x: Expr, type: LaneType): Expr {
    if (x.type === type) return x;
    if (x.op === "fn" && x.fn === "bitcast") return this.bitcast(x.args[0], type);
    if (isConst(x) && !isNanPattern(x, type)) return this.constant(type, bitcastLane(x.type, type, Number(x.value)));
    return this.intern({ op: "fn", type, fn: "bitcast", args: [x] });
  }

  /** The bits of an f32 as i32, and back. */
  bits(x: Expr): Expr {
    return this.bitcast(x, "i32");
  }

  float(x: Expr): Expr {
    return this.bitcast(x, "f32");
  }

  add(a: Expr, b: Expr): Expr {
    return this.fn("add", a, b);
  }

  sub(a: Expr, b: Expr): Expr {
    return this.fn("sub", a, b);
  }

  mul(a: Expr, b: Expr): Expr {
    return this.fn("mul", a, b);
  }

  /** a * b + c, with one rounding where the chip has it and two where not: for polynomials, never for what a model says. */
  fma(a: Expr, b: Expr, c: Expr): Expr {
    return this.fn("fma", a, b, c);
  }

  abs(x: Expr): Expr {
    return this.fn("abs", x);
  }

  neg(x: Expr): Expr {
    return this.fn("neg", x);
  }

  lt(a: Expr, b: Expr): Expr {
    return this.cmp("lt", a, b);
  }

  gt(a: Expr, b: Expr): Expr {
    return this.cmp("gt", a, b);
  }

  eq(a: Expr, b: Expr): Expr {
    return this.cmp("eq", a, b);
  }

  ge(a: Expr, b: Expr): Expr {
    return this.cmp("ge", a, b);
  }

  /** Highest power first. */
  poly(x: Expr, coefficients: readonly number[]): Expr {
    const [first, ...rest] = coefficients.map((c) => this.num(c));
    return rest.reduce((acc, c) => this.fma(acc, x, c), first);
  }

  /** x within [lo, hi]; NaN stays or becomes either bound. */
  clampLoose(x: Expr, lo: number, hi: number): Expr {
    const either = (fn: "min" | "max", a: Expr, b: Expr) => (this.has(fn, "f32") ? this.native(fn, a, b) : this.fn(fn, a, b));
    return either("min", either("max", x, this.num(lo)), this.num(hi));
  }

  /** Bit 31 of x alone, as i32. */
  signBits(x: Expr): Expr {
    return this.fn("bitand", this.bits(x), this.int(-0x80000000));
  }

  /** The magnitude of an f32 that is not negative, with the sign of another. */
  withSign(magnitude: Expr, sign: Expr): Expr {
    return this.float(this.fn("bitor", this.bits(magnitude), this.signBits(sign)));
  }

  isNan(x: Expr): Expr {
    return this.cmp("ne", x, x);
  }

  has(fn: keyof Caps["native"], type: LaneType): boolean {
    return this.caps.native[fn]?.includes(type) ?? false;
  }
}

export function isConst(e: Expr): e is ConstExpr {
  return e.op === "const";
}

/** An integer whose bits are a NaN with a payload, which an f32 constant would lose. */
function isNanPattern(x: ConstExpr, type: LaneType): boolean {
  return type === "f32" && Number.isNaN(f32FromBits(Number(x.value) | 0)) && (Number(x.value) | 0) !== 0x7fc00000;
}

/** An f32 constant by its bits. */
export function bitsConst(bits: number): number {
  return f32FromBits(bits | 0);
}

/** The operands of an expression, in order. */
export function operandsOf(e: Expr): readonly Expr[] {
  if ("args" in e) return e.args;
  return e.op === "load" ? [e.index] : [];
}

/** The same operation on other operands. */
export function withOperands(e: Expr, args: readonly Expr[]): Expr {
  if (args.every((a, i) => a === operandsOf(e)[i])) return e;
  switch (e.op) {
    case "fn":
      return { ...e, args };
    case "cmp":
      return { ...e, args: [args[0], args[1]] };
    case "select":
      return { ...e, args: [args[0], args[1], args[2]] };
    case "cast":
      return { ...e, args: [args[0]] };
    case "load":
      return { ...e, index: args[0] };
    default:
      invariant(false, `${e.op} has no operands`);
  }
}
