/**
 * Expressions to straight vector instructions over virtual scratch. A value narrower than its consumer (a row, a
 * column, a scalar) is taken as the vendor allows: as scalar operand, as repeated row, in a loop over rows; else it is
 * spread into scratch once.
 */
import { invariant } from "../../base/diagnostic.js";
import type { CastRound } from "../caps.js";
import { isConst } from "../expansions/build.js";
import type { Expr, LaneType } from "../tile.js";
import { retyped, type DraftInstr, type Virtual } from "./draft.js";
import type { Lanes, MemoryInstr, Operand, ScalarOperand, VectorFn, VectorOperand } from "./memory-form.js";
import { hasMapPitch, tileNamed, type Prepared } from "./prepare.js";

/** Where a value is; `type` is how its bits are to be read. */
interface Located {
  readonly operand: Operand;
  readonly type: LaneType;
}

export class Lineariser {
  readonly draft: DraftInstr[] = [];
  readonly virtuals: Virtual[] = [];
  readonly #p: Prepared;
  readonly #located = new Map<Expr, Located>();
  readonly #spread = new Map<string, VectorOperand>();
  readonly #needs = new Map<Expr, number>();

  constructor(p: Prepared) {
    this.#p = p;
  }

  /** The value as a vector of this shape. */
  vector(e: Expr, shape: Lanes): VectorOperand {
    const at = this.#locate(e);
    const own = this.#p.shape(e);
    if (own !== shape) return this.#widen(e, at, shape);
    if (at.operand.kind === "tile" || at.operand.kind === "scratch") return retyped(at.operand, at.type);
    if (at.operand.kind === "read") return retyped(at.operand.from, at.type);
    return this.#widen(e, at, shape);
  }

  /** Writes a value to a whole tile, as the last thing done with it. */
  store(e: Expr, tile: string): void {
    const type = tileNamed(this.#p.frame, tile).type;
    const dst: VectorOperand = { kind: "tile", tile, type, as: "full" };
    const shape = this.#p.shape(e);
    const at = this.#locate(e);
    const regular = hasMapPitch(this.#p.frame, tileNamed(this.#p.frame, tile));
    if (
      shape === "scalar" &&
      at.operand.kind !== "tile" &&
      at.operand.kind !== "scratch" &&
      (at.operand.kind === "read" || at.operand.type === at.type)
    )
      return this.#emit("full", regular ? "tile" : "row", { op: "fill", dst, value: this.#scalar(at) });
    if (shape === "col") return this.#emit("full", "row", { op: "fill", dst, value: this.#scalar(at, "row") });
    const src = shape === "scalar" ? this.vector(e, "full") : this.vector(e, shape);
    this.#emit("full", shape === "row" || !regular ? "row" : "tile", { op: "copy", dst, src });
  }

  /** A private copy of a tile that the map will overwrite before its last use. */
  protect(e: Expr): void {
    const at = this.#locate(e);
    const shape = this.#p.shape(e);
    const src = at.operand.kind === "read" ? at.operand.from : at.operand;
    if (src.kind !== "tile") return;
    const dst = this.#virtual(shape, src.type);
    this.#emit(shape, "tile", { op: "copy", dst, src });
    this.#located.set(e, { operand: dst, type: at.type });
  }

  #emit(over: Lanes, each: "tile" | "row", instr: MemoryInstr): void {
    this.draft.push({ over, each, instr });
  }

  #virtual(as: Lanes, type: LaneType): VectorOperand {
    const form = type === "i64" ? "wide" : type === "mask" && this.#p.frame.caps.maskForm === "bits" ? "bits" : "lanes";
    return { kind: "scratch", slot: this.virtuals.push({ shape: as, form }) - 1, type, as };
  }

  #locate(e: Expr): Located {
    const had = this.#located.get(e);
    if (had) return had;
    const at = this.#compute(e);
    this.#located.set(e, at);
    return at;
  }

  #compute(e: Expr): Located {
    switch (e.op) {
      case "const":
        return { operand: { kind: "const", type: e.type, value: Number(e.value) }, type: e.type };
      case "int":
        return { operand: { kind: "int", type: e.type, value: e.value }, type: e.type };
      case "tile":
        return { operand: this.#tile(e), type: e.type };
      case "index":
        return this.#iota(e);
      case "cast":
        return this.#cast(e);
      case "fn":
        return e.fn === "bitcast" ? { operand: this.#locate(e.args[0]).operand, type: e.type } : this.#apply(e, e.fn, e.args);
      case "cmp":
        return this.#apply(e, e.fn, e.args);
      case "select":
        return this.#apply(e, "select", e.args);
      case "load":
        return invariant(false, "vector maps do not load from global memory") as never;
      default:
        throw e satisfies never;
    }
  }

  #tile(e: Extract<Expr, { op: "tile" }>): Operand {
    const from: VectorOperand = { kind: "tile", tile: e.tile, type: e.type, as: e.as };
    if (e.as === "scalar") return { kind: "read", type: e.type, from, at: "first" };
    if (e.as !== "full" || hasMapPitch(this.#p.frame, tileNamed(this.#p.frame, e.tile))) return from;
    const dst = this.#virtual("full", e.type);
    this.#emit("full", "row", { op: "copy", dst, src: from });
    return dst;
  }

  #iota(e: Extract<Expr, { op: "index" }>): Located {
    const shape = this.#p.shape(e);
    const dst = this.#virtual(shape, "i32");
    this.#emit(shape, "tile", { op: "iota", dst, axis: e.axis, base: e.base, step: e.step });
    return { operand: dst, type: "i32" };
  }

  #cast(e: Extract<Expr, { op: "cast" }>): Located {
    const shape = this.#p.shape(e);
    const [from] = e.args;
    const src = this.vector(from, shape);
    const dst = this.#virtual(shape, e.type);
    const offered = this.#p.frame.caps.casts[`${from.type}->${e.type}`] ?? [];
    const round: CastRound = offered.includes("exact") ? "exact" : offered.includes(e.round) ? e.round : (offered[0] ?? "exact");
    this.#emit(shape, "tile", { op: "cast", round, dst, src });
    return { operand: dst, type: e.type };
  }

  #apply(e: Expr, fn: VectorFn, exprs: readonly Expr[]): Located {
    const shape = this.#p.shape(e);
    const flat = this.#p.frame.caps.maskForm === "bits" && [e, ...exprs].some((x) => x.type === "mask");
    const positive = flat ? undefined : this.#negatedScalar(exprs, fn, shape);
    const sources = positive ? [...exprs.slice(0, -1), positive] : exprs;
    const order = sources.map((x, i) => ({ x, i })).sort((a, b) => this.#need(b.x) - this.#need(a.x) || a.i - b.i);
    order.forEach(({ x }) => this.#locate(x));
    let each: "tile" | "row" = "tile";
    const args = sources.map((x, i): Operand => {
      const taken = this.#operand(x, fn, shape, i === exprs.length - 1 && i > 0, flat);
      if (taken.each === "row") each = "row";
      return taken.operand.kind === "read" && positive === x ? { ...taken.operand, negated: true } : taken.operand;
    });
    const dst = this.#virtual(shape, e.type);
    this.#emit(shape, each, { op: "apply", fn, type: exprs[exprs.length - 1].type, dst, args });
    return { operand: dst, type: e.type };
  }

  /** What the last argument is the negative of, where the scalar unit reads it: it negates the number that it reads. */
  #negatedScalar(exprs: readonly Expr[], fn: VectorFn, shape: Lanes): Expr | undefined {
    const x = exprs[exprs.length - 1];
    const own = this.#p.shape(x);
    if (exprs.length < 2 || own === shape || own === "row" || !this.#takesScalar(fn) || this.#located.has(x)) return undefined;
    if (x.op !== "fn" || x.fn !== "mul" || x.type !== "f32") return undefined;
    const [of, by] = x.args;
    const isRead = of.op === "tile" || of.op === "cast" || of.op === "select" || (of.op === "fn" && of.fn !== "bitcast");
    return isRead && isConst(by) && Number(by.value) === -1 ? of : undefined;
  }

  #takesScalar(fn: VectorFn): boolean {
    return fn === "shl" || fn === "shr" || (this.#p.frame.caps.scalarForms as readonly string[]).includes(fn);
  }

  /** One argument, and whether taking it so asks for a loop over rows. */
  #operand(
    x: Expr,
    fn: VectorFn,
    shape: Lanes,
    last: boolean,
    flat: boolean,
  ): { readonly operand: Operand; readonly each: "tile" | "row" } {
    const own = this.#p.shape(x);
    const at = this.#locate(x);
    const { cycleForms } = this.#p.frame.caps;
    const takesScalar = last && this.#takesScalar(fn);
    const immediate = at.operand.kind === "const" || at.operand.kind === "int";
    if (own === shape && !(own === "scalar" && immediate)) return { operand: this.vector(x, shape), each: "tile" };
    const sameType = !immediate || at.operand.type === at.type;
    if (own === "scalar" && takesScalar && sameType) return { operand: this.#scalar(at), each: "tile" };
    if (own === "col" && takesScalar && !flat) return { operand: this.#scalar(at, "row"), each: "row" };
    if (own === "row" && !flat && x.type !== "mask") {
      const repeats = last && ((cycleForms ?? []) as readonly string[]).includes(fn);
      return { operand: this.vector(x, "row"), each: repeats ? "tile" : "row" };
    }
    return { operand: this.vector(x, shape), each: "tile" };
  }

  #scalar(at: Located, which: "row" | "first" = "first"): ScalarOperand {
    const { operand } = at;
    if (operand.kind === "tile" || operand.kind === "scratch")
      return { kind: "read", type: at.type, from: retyped(operand, at.type), at: which };
    return operand.kind === "read" ? { ...operand, type: at.type, from: retyped(operand.from, at.type) } : operand;
  }

  /** Repeats a narrower value over a wider shape, once. */
  #widen(e: Expr, at: Located, shape: Lanes): VectorOperand {
    const key = `${this.#id(e)} ${shape}`;
    const had = this.#spread.get(key);
    if (had) return had;
    const out = at.type === "mask" && this.#p.frame.caps.maskForm === "bits" ? this.#widenMask(e, shape) : this.#widenLanes(e, at, shape);
    this.#spread.set(key, out);
    return out;
  }

  readonly #ids = new Map<Expr, number>();

  #id(e: Expr): number {
    if (!this.#ids.has(e)) this.#ids.set(e, this.#ids.size);
    return this.#ids.get(e) ?? 0;
  }

  #widenLanes(e: Expr, at: Located, shape: Lanes): VectorOperand {
    const own = this.#p.shape(e);
    const dst = this.#virtual(shape, at.operand.kind === "const" || at.operand.kind === "int" ? at.operand.type : at.type);
    if (own === "row") this.#emit(shape, "row", { op: "copy", dst, src: this.vector(e, "row") });
    else if (own === "col") this.#emit(shape, "row", { op: "fill", dst, value: this.#scalar(at, "row") });
    else this.#emit(shape, "tile", { op: "fill", dst, value: this.#scalar(at) });
    return retyped(dst, at.type);
  }

  /** Packed bits cannot be repeated: they become ones and zeros, which are repeated and compared with zero. */
  #widenMask(e: Expr, shape: Lanes): VectorOperand {
    const { build } = this.#p;
    const ones = build.select(e, build.num(1), build.num(0));
    const src = isConst(e) ? this.#constantLanes(e.value === 0 ? 0 : 1, shape) : this.vector(ones, shape);
    const dst = this.#virtual(shape, "mask");
    const { scalarForms } = this.#p.frame.caps;
    const zero: Operand = scalarForms.includes("ne") ? { kind: "const", type: "f32", value: 0 } : this.#constantLanes(0, shape);
    this.#emit(shape, "tile", { op: "apply", fn: "ne", type: "f32", dst, args: [src, zero] });
    return dst;
  }

  #constantLanes(value: number, shape: Lanes): VectorOperand {
    const dst = this.#virtual(shape, "f32");
    this.#emit(shape, "tile", { op: "fill", dst, value: { kind: "const", type: "f32", value } });
    return dst;
  }

  /** Scratch vectors a value needs (Sethi and Ullman): the greedier operand goes first. */
  #need(e: Expr): number {
    const had = this.#needs.get(e);
    if (had !== undefined) return had;
    const below = ("args" in e ? e.args : []).map((x) => this.#need(x)).sort((a, b) => b - a);
    const out = below.length === 0 ? 0 : Math.max(1, ...below.map((n, i) => n + i));
    this.#needs.set(e, out);
    return out;
  }
}
