/**
 * One lane's expressions as C++ of a scalar unit: every shared or compound value is a variable, named once. What literals,
 * elements, conversions and functions look like is the target's; what has no form there is told in simpler terms.
 */
import { fail } from "../../src/base/diagnostic.js";
import type { Caps } from "../../src/kernel/caps.js";
import { expand } from "../../src/kernel/expansions/expand.js";
import type { Expr, Kernel, LaneFn, LaneType } from "../../src/kernel/tile.js";
import type { CompareFn } from "../../src/ops/primitive.js";

type Of<O extends Expr["op"]> = Extract<Expr, { op: O }>;
export type LaneCall = Of<"fn">;

/** Text of a value that may stand more than once. */
export type Value = (e: Expr) => string;

export interface LaneDialect {
  /** A name for a value, which no other has. */
  readonly fresh: () => string;
  /** Prints a variable that holds a value. */
  readonly declare: (type: LaneType, name: string, text: string) => void;
  readonly literal: (type: LaneType, value: number | bigint) => string;
  readonly int: (e: Of<"int">) => string;
  readonly index: (e: Of<"index">) => string;
  readonly tile: (e: Of<"tile">) => string;
  readonly load: (e: Of<"load">, index: string) => string;
  readonly cast: (e: Of<"cast">, value: Value) => string;
  readonly fn: (e: LaneCall, value: Value) => string;
  /** Prints a choice under a name, where it is more than an expression. */
  readonly choose?: (e: Of<"select">, name: string, lane: Lane) => void;
  /** A value has its name before its operands have theirs. */
  readonly outerFirst?: true;
}

const signs: Readonly<Record<CompareFn, string>> = { eq: "==", ne: "!=", lt: "<", le: "<=", gt: ">", ge: ">=" };

export class Lane {
  readonly #dialect: LaneDialect;
  readonly #names: Map<Expr, string>;

  constructor(dialect: LaneDialect, names: ReadonlyMap<Expr, string> = new Map()) {
    this.#dialect = dialect;
    this.#names = new Map(names);
  }

  /** The same lane inside a branch: what is named there is not known outside. */
  inside(): Lane {
    return new Lane(this.#dialect, this.#names);
  }

  value(e: Expr): string {
    const had = this.#names.get(e);
    if (had !== undefined) return had;
    const name = this.#made(e);
    this.#names.set(e, name);
    return name;
  }

  #made(e: Expr): string {
    const d = this.#dialect;
    if (e.op === "const") return d.literal(e.type, e.value);
    if (e.op === "int") return d.int(e);
    const early = d.outerFirst ? d.fresh() : undefined;
    if (e.op === "select" && d.choose) {
      const name = early ?? d.fresh();
      d.choose(e, name, this);
      return name;
    }
    const text = this.#text(e);
    const name = early ?? d.fresh();
    d.declare(e.type, name, text);
    return name;
  }

  #text(e: Exclude<Expr, { op: "const" | "int" }>): string {
    const d = this.#dialect;
    const value = (x: Expr): string => this.value(x);
    switch (e.op) {
      case "index":
        return d.index(e);
      case "tile":
        return d.tile(e);
      case "load":
        return d.load(e, value(e.index));
      case "cmp":
        return `${value(e.args[0])} ${signs[e.fn]} ${value(e.args[1])}`;
      case "select":
        return `${value(e.args[0])} ? ${value(e.args[1])} : ${value(e.args[2])}`;
      case "cast":
        return d.cast(e, value);
      case "fn":
        return d.fn(e, value);
      default:
        throw e satisfies never;
    }
  }
}

/** A function's text from those of its operands, where it is an expression over them. */
export type Texts = Readonly<Partial<Record<LaneFn, (a: string, b: string, c: string) => string>>>;

/** Operators that C has for functions of two numbers. */
export const infix: Readonly<Partial<Record<LaneFn, string>>> = { add: "+", sub: "-", mul: "*", bitand: "&", bitor: "|", bitxor: "^" };

export const maskTexts: Texts = {
  and: (a, b) => `${a} && ${b}`,
  or: (a, b) => `${a} || ${b}`,
  xor: (a, b) => `${a} != ${b}`,
  not: (a) => `!${a}`,
};

/** The negative of a name or literal; two signs side by side would be a decrement. */
export function minus(text: string): string {
  return text.startsWith("-") ? `-(${text})` : `-${text}`;
}

/** A function as the expansions have it in terms of what `caps` says the unit computes, over the same operands. */
export function inSimplerTerms(e: LaneCall, caps: Caps, kernel: Kernel): Expr {
  const leaf = (type: LaneType, i: number): Expr => ({
    op: "tile",
    type: type === "mask" ? "u8" : type,
    tile: `argument ${i}`,
    as: "scalar",
  });
  const [simple] = expand([{ ...e, args: e.args.map((a, i) => leaf(a.type, i)) }], caps);
  if (simple.op === "fn" && simple.fn === e.fn)
    return fail("unsupported-lane-function", `the scalar unit has no ${e.fn} of ${e.args[0].type} in kernel ${kernel.name}`, {
      location: { node: kernel.origin[0] },
    });
  const done = new Map<Expr, Expr>();
  const put = (x: Expr): Expr => {
    const had = done.get(x);
    if (had) return had;
    const own = x.op === "tile" && x.tile.startsWith("argument ") ? e.args[Number(x.tile.slice(9))] : x;
    const out = own === x && "args" in x ? ({ ...x, args: x.args.map(put) } as Expr) : own;
    done.set(x, out);
    return out;
  };
  return put(simple);
}
