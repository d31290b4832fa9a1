/** One register operation after another as XDNN-style SIMD calls, each result under a name that says where it came from. */
import type { Dim } from "../../../src/base/dim.js";
import type { RegisterArg, RegisterOp, SplatValue, TileRef } from "../../../src/kernel/lower/register-form.js";
import type { LaneType } from "../../../src/kernel/tile.js";
import { comparison } from "../instructions.js";
import { isHalf } from "../../kit/spell.js";
import type { XpuPage } from "./context.js";
import { arrayOf, bracketed, nameOf, negated, spellScalar } from "./operands.js";
import { registerOf } from "./spell.js";

/** Half of a pass of 32 lanes, or the whole of one of 16. */
export interface Part {
  readonly suffix: "" | "_l" | "_h";
  readonly lane: 0 | 16;
}

interface Room {
  readonly at: string;
  readonly limit: string;
}

/** Where a pass stands. */
export interface Place {
  readonly row: string;
  readonly col: string;
  /** A sum. */
  readonly at: (ref: TileRef, as: "full" | "row") => readonly string[];
  /** Where the elements end that a store has something for, when the second half of a pass may have none. */
  readonly room: (ref: TileRef) => Room | undefined;
  /** Where they end when the second half of a pass may lie outside the tile. */
  readonly reach: (ref: TileRef) => Room | undefined;
}

type Position = Pick<Place, "row" | "col">;
type Of<O extends RegisterOp["op"]> = Extract<RegisterOp, { op: O }>;

export class OpPrinter {
  readonly #p: XpuPage;
  readonly #parts: readonly Part[];
  /** C names by register and part; hoisted registers have one name for all parts. */
  readonly #names = new Map<string, string>();

  constructor(p: XpuPage, parts: readonly Part[]) {
    this.#p = p;
    this.#parts = parts;
  }

  register(reg: number, part: Part): string {
    const name = this.#names.get(`${reg}${part.suffix}`) ?? this.#names.get(`${reg}`);
    if (name === undefined) throw new Error(`internal: register ${reg} is read before it is written`);
    return name;
  }

  /** Operations outside the lane loop: one register for every pass. */
  shared(ops: readonly RegisterOp[], at: Position): void {
    const place: Place = { ...at, at: () => [at.col], room: () => undefined, reach: () => undefined };
    for (const op of ops) this.#print(op, place, { suffix: "", lane: 0 });
  }

  body(ops: readonly RegisterOp[], place: Place): void {
    for (const op of ops) {
      if (op.op === "load" && isHalf(op.stored)) this.#loadHalves(op, place);
      else if (op.op === "store" && isHalf(op.stored)) this.#storeHalves(op, place);
      else for (const part of this.#parts) this.#print(op, place, part);
    }
  }

  #declare(reg: number, type: LaneType, hint: string, part: Part): string {
    const name = this.#p.fresh(`${hint}${part.suffix}`);
    this.#names.set(`${reg}${part.suffix}`, name);
    return `${type === "mask" ? "const int" : `${registerOf(type)}_t`} ${name}`;
  }

  #define(reg: number, type: LaneType, hint: string, part: Part, value: string): void {
    this.#p.out.line(`${this.#declare(reg, type, hint, part)} = ${value};`);
  }

  #print(op: RegisterOp, place: Place, part: Part): void {
    switch (op.op) {
      case "load":
        return this.#printLoad(op, place, part);
      case "splat":
        return this.#define(op.dst, op.type, splatName(op.value), part, this.#splat(op.type, op.value, place));
      case "apply":
        return this.#define(op.dst, resultType(op), op.fn, part, this.#apply(op, place, part));
      case "cast":
        return this.#define(op.dst, op.to, `to_${op.to}`, part, this.#cast(op, part));
      case "bitcast":
        return this.#define(op.dst, op.to, "bits", part, `reinterpret_cast<${registerOf(op.to)}_t&>(${this.register(op.src, part)})`);
      case "iota":
        return this.#define(op.dst, "i32", "index", part, this.#iota(op, place, part));
      case "store":
        return this.#store(op, place, part);
      default:
        throw op satisfies never;
    }
  }

  // ---- memory ----

  #address(ref: TileRef, at: readonly string[], lane: number): string {
    const base = arrayOf(this.#p, ref);
    const place = lane === 0 ? at : [...at, `${lane}`];
    if (place.length > 1) return `${base} + (${place.join(" + ")})`;
    return place[0] === "0" ? base : `${base} + ${place[0]}`;
  }

  #printLoad(op: Of<"load">, place: Place, part: Part): void {
    const register = this.#declare(op.dst, op.type, `${nameOf(op.from)}_v`, part);
    const reach = part.lane > 0 ? place.reach(op.from) : undefined;
    const loaded = this.#load(op, place, part);
    if (!reach) return void this.#p.out.line(`${register} = ${loaded};`);
    this.#p.out.line(`${register} = ${this.#zero(op.type)};`);
    return void this.#p.out.line(`if (${reach.at} + ${part.lane} < ${reach.limit}) ${this.register(op.dst, part)} = ${loaded};`);
  }

  #zero(type: LaneType): string {
    if (registerOf(type) === "float32x16") return this.#p.call("vset_zero");
    const zero = this.#p.call("vset_zero_int");
    return type === "u32" ? `as_unsigned(${zero})` : zero;
  }

  #load(op: Of<"load">, place: Place, part: Part): string {
    const from = this.#address(op.from, place.at(op.from, op.as), part.lane);
    switch (op.stored) {
      case "u8":
      case "i8":
      case "u16":
      case "i16":
        return this.#p.help(`load_${op.stored}`, [from]);
      default:
        return this.#p.call(`vload_lm_${registerOf(op.stored)}`, from);
    }
  }

  #loadHalves(op: Of<"load">, place: Place): void {
    const [l, h] = this.#parts.map((part) => {
      const name = this.#p.fresh(`${nameOf(op.from)}_v${part.suffix}`);
      this.#names.set(`${op.dst}${part.suffix}`, name);
      return name;
    });
    this.#p.out.line(`float32x16_t ${l}, ${h};`);
    this.#p.out.line(`${this.#p.call("vload2_lm", this.#address(op.from, place.at(op.from, op.as), 0), l, h)};`);
  }

  #store(op: Of<"store">, place: Place, part: Part): void {
    const to = this.#address(op.to, place.at(op.to, "full"), part.lane);
    const room = part.lane > 0 ? place.room(op.to) : undefined;
    const guard = room ? `if (${room.at} + ${part.lane} < ${room.limit}) ` : "";
    const value = this.register(op.src, part);
    this.#p.out.line(`${guard}${this.#stored(op.stored, to, value)};`);
  }

  #stored(stored: LaneType, to: string, value: string): string {
    if (stored === "u8" || stored === "i8") return this.#p.help("store_low8", [to, value]);
    if (stored === "u16" || stored === "i16") return this.#p.help("store_low16", [to, value]);
    return this.#p.call(`vstore_lm_${registerOf(stored)}`, to, value);
  }

  #storeHalves(op: Of<"store">, place: Place): void {
    const values = this.#parts.map((part) => this.register(op.src, part));
    const rounded = op.stored === "bf16" ? values.map((v) => this.#roundedForStore(v)) : values;
    this.#p.out.line(`${this.#p.call("vstore2_lm", this.#address(op.to, place.at(op.to, "full"), 0), ...rounded)};`);
  }

  /** vstore2_lm takes references, and truncates bfloat16 on XPU3. */
  #roundedForStore(value: string): string {
    const name = this.#p.fresh("rounded");
    this.#p.out.line(`float32x16_t ${name} = ${this.#p.help("round_to_bfloat16", [value])};`);
    return name;
  }

  // ---- values ----

  #splat(type: LaneType, value: SplatValue, place: Position): string {
    const scalar = spellScalar(this.#p, value, place.row);
    if (type === "mask") return scalar;
    const plain = value.kind === "const" || type === "f32";
    const splat = this.#p.help("splat", [plain ? scalar : `(int)${bracketed(this.#p, value, place.row)}`]);
    return type === "u32" ? `as_unsigned(${splat})` : splat;
  }

  #iota(op: Of<"iota">, place: Place, part: Part): string {
    if (op.axis === "row") return this.#p.help("splat", [this.#sum(op.base, place.row, op.step)]);
    const lanes = this.#p.help("lane_numbers", []);
    const scaled = op.step === 1 ? lanes : this.#p.call("svmul_int32x16", this.#p.dim(op.step), lanes);
    const col = part.lane > 0 ? `(${place.col} + ${part.lane})` : place.col;
    return this.#p.call("svadd_int32x16", this.#sum(op.base, col, op.step), scaled);
  }

  /** base + at * step. */
  #sum(base: Dim, at: string, step: Dim): string {
    const walked = at === "0" ? [] : [step === 1 ? at : `${at} * ${this.#p.factor(step)}`];
    return [...(base === 0 && walked.length > 0 ? [] : [this.#p.dim(base)]), ...walked].join(" + ");
  }

  #cast(op: Of<"cast">, part: Part): string {
    const v = this.register(op.src, part);
    const p = this.#p;
    if (op.from === "f32" && op.to === "i32") return p.help(op.round === "trunc" ? "to_int_trunc" : "to_int_rint", [v]);
    if (op.from === "i32" && op.to === "f32") return p.help("to_float", [v]);
    if (op.from === "f32" && op.to === "f16") return p.help("round_to_float16", [v]);
    if (op.from === "f32" && op.to === "bf16") return p.help("round_to_bfloat16", [v]);
    if (op.to === "u8") return p.call("svand_int32x16", "0xFF", v);
    if (op.to === "u16") return p.call("svand_int32x16", "0xFFFF", v);
    if (op.to === "i8" || op.to === "i16") return this.#signed(op.to === "i8" ? "0x80" : "0x8000", v);
    return v;
  }

  /** The low bits with their sign: (x & mask ^ sign) - sign. */
  #signed(sign: string, v: string): string {
    const p = this.#p;
    const low = p.call("svand_int32x16", sign === "0x80" ? "0xFF" : "0xFFFF", v);
    return p.call("svadd_int32x16", `-${sign}`, p.help("bits_xor_scalar", [sign, low]));
  }

  #apply(op: Of<"apply">, place: Position, part: Part): string {
    const args = op.args.map((a) => this.#argument(a, place, part));
    const last = op.args[op.args.length - 1];
    const scalar = "kind" in last;
    if (op.type === "mask" && op.fn !== "select") return maskOp(op.fn, args);
    const less = op.fn === "sub" && "kind" in last ? negated(this.#p, last, place.row) : undefined;
    return this.#vector(op, args, scalar, less);
  }

  #argument(a: RegisterArg, place: Position, part: Part): string {
    return "reg" in a ? this.register(a.reg, part) : bracketed(this.#p, a, place.row);
  }

  /** `less`: the last operand's negative, where that is a scalar that is subtracted. */
  #vector(op: Of<"apply">, args: readonly string[], scalar: boolean, less: string | undefined): string {
    const p = this.#p;
    const t = computedIn(op.type);
    const [a, b, c] = args;
    const compares = comparison(op.fn);
    if (compares) {
      const [x, y] = compares.swapped || scalar ? [b, a] : [a, b];
      return mask(p.call(`${scalar ? "sv" : "vv"}${compares.op}_${t}`, x, y));
    }
    switch (op.fn) {
      case "add":
      case "mul":
      case "min":
      case "max":
        return scalar ? p.call(`sv${op.fn}_${t}`, b, a) : p.call(`vv${op.fn}_${t}`, a, b);
      case "sub":
        return less !== undefined ? p.call(`svadd_${t}`, less, a) : p.call(`vvsub_${t}`, a, b);
      case "bitand":
        return scalar ? p.call("svand_int32x16", b, a) : p.help("bits_and", [a, b]);
      case "bitor":
        return scalar ? p.help("bits_or_scalar", [b, a]) : p.help("bits_or", [a, b]);
      case "bitxor":
        return scalar ? p.help("bits_xor_scalar", [b, a]) : p.call("vvxor_int32x16", a, b);
      case "bitnot":
        return p.call("svsub_int32x16", "-1", a);
      case "shl":
        return p.help("shift_left", [b, a]);
      case "shr":
        return p.call("svsrl_uint32x16", b, a);
      case "neg":
        return t === "float32x16" ? p.call("svmul_float32x16", "-1.0f", a) : p.call("svsub_int32x16", "0", a);
      case "abs":
        return p.call("vabs_float32x16", a);
      case "select":
        return p.help("choose", [a, b, c]);
      default:
        throw new Error(`internal: ${op.fn} on ${op.type} is not in Kunlun's caps and reached the printer`);
    }
  }
}

/** The bits above the lanes may be anything. */
function mask(comparison: string): string {
  return `${comparison} & 0xFFFF`;
}

/** Unsigned lanes are only chosen among and shifted right; all else on them is spelled on their bits as int. */
function computedIn(type: LaneType): "float32x16" | "int32x16" {
  return registerOf(type) === "float32x16" ? "float32x16" : "int32x16";
}

function resultType(op: Of<"apply">): LaneType {
  return comparison(op.fn) ? "mask" : op.type;
}

/** Masks are the low 16 bits of an int. */
function maskOp(fn: string, args: readonly string[]): string {
  const [a, b] = args;
  switch (fn) {
    case "and":
      return `${a} & ${b}`;
    case "or":
      return `${a} | ${b}`;
    case "xor":
      return `${a} ^ ${b}`;
    case "not":
      return `~${a} & 0xFFFF`;
    default:
      throw new Error(`internal: ${fn} on masks is not in Kunlun's caps and reached the printer`);
  }
}

function splatName(value: SplatValue): string {
  return value.kind === "read" ? `${nameOf(value.source)}_s` : "k";
}
