/**
 * Expressions to register operations in single assignment: what is the same for all lanes goes before the loops, what
 * is the same along a row before the inner one. Widening loads and narrowing stores take the place of conversions.
 */
import { invariant } from "../../base/diagnostic.js";
import type { CastRound } from "../caps.js";
import { computeType } from "../expansions/conversion.js";
import type { Expr, LaneType } from "../tile.js";
import type { Lanes, VectorFn } from "./memory-form.js";
import { stripped, tileNamed, type Prepared } from "./prepare.js";
import type { RegisterArg, RegisterOp, SplatValue } from "./register-form.js";

type Section = "once" | "perRow" | "body";

const sectionOf: Readonly<Record<Lanes, Section>> = { scalar: "once", col: "perRow", row: "body", full: "body" };

export class RegisterDraft {
  readonly once: RegisterOp[] = [];
  readonly perRow: RegisterOp[] = [];
  readonly body: RegisterOp[] = [];
  readonly #p: Prepared;
  readonly #flat: boolean;
  readonly #registers = new Map<Expr, number>();
  readonly #needs = new Map<Expr, number>();
  #next = 0;

  constructor(p: Prepared, flat: boolean) {
    this.#p = p;
    this.#flat = flat;
  }

  /** The register that holds a value in every pass of the body. */
  register(e: Expr): number {
    const had = this.#registers.get(e);
    if (had !== undefined) return had;
    const dst = this.#compute(e);
    this.#registers.set(e, dst);
    return dst;
  }

  /** Computes what `store` will write: all outputs are computed before the first is stored. */
  prepareStore(e: Expr): void {
    this.register(narrowing(e) ?? e);
  }

  store(e: Expr, tile: string): void {
    const stored = tileNamed(this.#p.frame, tile).type;
    const value = narrowing(e) ?? e;
    const type = computeType(value.type);
    this.body.push({ op: "store", to: { tile }, stored, type, src: this.register(value) });
  }

  #emit(e: Expr, op: RegisterOp): number {
    const section = sectionOf[this.#p.shape(e)];
    this[section].push(op);
    invariant(op.op !== "store", "values are not stored while they are computed");
    return op.dst;
  }

  #fresh(): number {
    return this.#next++;
  }

  #compute(e: Expr): number {
    switch (e.op) {
      case "const":
      case "int":
        return this.#emit(e, { op: "splat", dst: this.#fresh(), type: e.type, value: scalarOf(e) });
      case "tile":
        return this.#load(e);
      case "index":
        return this.#emit(e, { op: "iota", dst: this.#fresh(), axis: this.#flat ? "col" : e.axis, base: e.base, step: e.step });
      case "cast":
        return this.#cast(e);
      case "cmp":
        return this.#apply(e, e.fn, e.args);
      case "select":
        return this.#apply(e, "select", e.args);
      case "fn":
        if (e.fn !== "bitcast") return this.#apply(e, e.fn, e.args);
        return this.#emit(e, { op: "bitcast", from: e.args[0].type, to: e.type, src: this.register(e.args[0]), dst: this.#fresh() });
      case "load":
        return invariant(false, "vector maps do not load from global memory") as never;
      default:
        throw e satisfies never;
    }
  }

  #load(e: Extract<Expr, { op: "tile" }>): number {
    const type = computeType(e.type);
    const dst = this.#fresh();
    if (e.as === "full" || e.as === "row")
      return this.#emit(e, { op: "load", dst, from: { tile: e.tile }, stored: e.type, type, as: e.as });
    const value: SplatValue = { kind: "read", type, source: { tile: e.tile }, at: e.as === "col" ? "row" : "first" };
    return this.#emit(e, { op: "splat", dst, type, value });
  }

  /** A load has widened already. */
  #cast(e: Extract<Expr, { op: "cast" }>): number {
    const [from] = e.args;
    if (from.op === "tile" && computeType(from.type) === e.type && from.type !== e.type) return this.register(from);
    const offered = this.#p.frame.caps.casts[`${from.type}->${e.type}`] ?? [];
    const round: CastRound = offered.includes("exact") ? "exact" : offered.includes(e.round) ? e.round : (offered[0] ?? "exact");
    return this.#emit(e, { op: "cast", from: from.type, to: e.type, round, src: this.register(from), dst: this.#fresh() });
  }

  #apply(e: Expr, fn: VectorFn, exprs: readonly Expr[]): number {
    const last = exprs[exprs.length - 1];
    const immediate = exprs.length > 1 && (last.op === "const" || last.op === "int") && this.#takesScalar(fn) ? scalarOf(last) : undefined;
    const inRegisters = immediate ? exprs.slice(0, -1) : exprs;
    const order = [...inRegisters].sort((a, b) => this.#need(b) - this.#need(a));
    order.forEach((x) => this.register(x));
    const args: RegisterArg[] = inRegisters.map((x) => ({ reg: this.register(x) }));
    return this.#emit(e, { op: "apply", dst: this.#fresh(), fn, type: last.type, args: immediate ? [...args, immediate] : args });
  }

  #takesScalar(fn: VectorFn): boolean {
    return fn === "shl" || fn === "shr" || (this.#p.frame.caps.scalarForms as readonly string[]).includes(fn);
  }

  #need(e: Expr): number {
    const had = this.#needs.get(e);
    if (had !== undefined) return had;
    const below = ("args" in e ? e.args : []).map((x) => this.#need(x)).sort((a, b) => b - a);
    const out = Math.max(1, ...below.map((n, i) => n + i));
    this.#needs.set(e, out);
    return out;
  }
}

function scalarOf(e: Extract<Expr, { op: "const" | "int" }>): SplatValue {
  return e.op === "const" ? { kind: "const", type: e.type, value: Number(e.value) } : { kind: "int", type: e.type, value: e.value };
}

/** What a store narrows by itself: x of cast(x, f16) or cast(x, u8). */
function narrowing(e: Expr): Expr | undefined {
  if (e.op !== "cast" || computeType(e.type) === e.type) return undefined;
  const [x] = e.args;
  return computeType(e.type) === x.type ? x : undefined;
}

/** Whether every value fits one flat loop over rows * pitch lanes. */
export function isFlat(p: Prepared, reachable: readonly Expr[], regular: (tile: string) => boolean): boolean {
  return reachable.every((e) => {
    const shape = p.shape(e);
    const leaf = stripped(e);
    return (shape === "full" || shape === "scalar") && (leaf.op !== "tile" || leaf.as !== "full" || regular(leaf.tile));
  });
}

export function argRegisters(op: RegisterOp): readonly number[] {
  switch (op.op) {
    case "apply":
      return op.args.flatMap((a) => ("reg" in a ? [a.reg] : []));
    case "cast":
    case "bitcast":
    case "store":
      return [op.src];
    case "load":
    case "splat":
    case "iota":
      return [];
    default:
      throw op satisfies never;
  }
}

/** What the result of an operation is read as. */
export function resultType(op: RegisterOp, compares: ReadonlySet<string>): LaneType {
  if (op.op === "apply") return compares.has(op.fn) ? "mask" : op.type;
  if (op.op === "cast" || op.op === "bitcast") return op.to;
  return op.op === "iota" ? "i32" : op.type;
}
