/**
 * Scalar maps: plain C loops over local memory, for lanes the vector unit has no form for (64-bit integers, elements of
 * global memory at computed indices). Functions a core has no call for come from the same expansions as vectors do.
 */
import type { Caps } from "../../../src/kernel/caps.js";
import type { BufferType, Expr, LaneFn, LaneType } from "../../../src/kernel/tile.js";
import { infix, inSimplerTerms, Lane, minus, type LaneCall, type LaneDialect, type Value } from "../../kit/lanes.js";
import { eachLane, scalarMap, type ScalarUnit } from "../../kit/scalar.js";
import type { Of } from "../../kit/statements.js";
import { isHalf } from "../../kit/spell.js";
import type { XpuPage } from "./context.js";
import type { Intrinsic } from "../intrinsics.js";
import { cType, literal } from "./spell.js";

/** Float functions a core has a call for; the rest of XTDK's mathematics is not accurate to the last digits. */
const calls: Readonly<Partial<Record<LaneFn, Intrinsic>>> = {
  sqrt: "sqrt",
  floor: "floor",
  ceil: "ceil",
  round: "rint",
  trunc: "trunc",
  abs: "fabs",
};

const operators: typeof infix = { ...infix, div: "/", and: "&", or: "|", xor: "^" };

/** What expansions may use when a core computes them: arithmetic, and the calls above. */
function scalarCaps(caps: Caps): Caps {
  const f32: readonly LaneType[] = ["f32"];
  const more = { div: f32, sqrt: f32, floor: f32, ceil: f32, round: f32, trunc: f32 } as const;
  return { ...caps, native: { ...caps.native, ...more, shr: ["i32", "u32"] } };
}

function laneAt(p: XpuPage, row: string, col: string): Lane {
  const lane: LaneDialect = {
    fresh: () => p.fresh("v"),
    declare: (type, name, text) => p.out.line(`const ${scalarType(type)} ${name} = ${text};`),
    literal: scalarLiteral,
    int: (e) => (e.type === "i32" ? `(${p.dim(e.value)})` : `(${scalarType(e.type)})(${p.dim(e.value)})`),
    index: (e) => `(${scalarType(e.type)})(${p.dim(e.base)} + ${e.axis === "row" ? row : col} * ${p.factor(e.step)})`,
    tile: (e) => {
      const { pitch, type } = p.tile(e.tile);
      const down = pitch === 1 ? row : `${row} * ${p.factor(pitch)}`;
      const at = { full: `${down} + ${col}`, row: col, col: down, scalar: "0" }[e.as];
      return read(p, e.type, type, `${p.variable(e.tile)}[${at}]`);
    },
    load: (e, index) => read(p, e.type, p.buffer(e.buffer).type, gmGet(p, e.buffer, index)),
    cast: (e, value) => cast(p, e, value(e.args[0])),
    fn: (e, value) => rounded(p, e.type, fn(p, e, value)),
  };
  return new Lane(lane);
}

/** An element in memory as a lane; a half is a float from here on. */
function read(p: XpuPage, lane: LaneType, held: BufferType, element: string): string {
  return isHalf(held) ? p.help("widen", [element]) : `(${scalarType(lane)})${element}`;
}

/** A result of a half type keeps what a half holds. */
function rounded(p: XpuPage, type: LaneType, value: string): string {
  return isHalf(type) ? p.help(type === "f16" ? "rounded_float16" : "rounded_bfloat16", [value]) : value;
}

function cast(p: XpuPage, e: Extract<Expr, { op: "cast" }>, v: string): string {
  const from = e.args[0].type;
  if (e.type === "mask") return `${v} != 0`;
  if (e.type === "f32") return `(float)${v}`;
  if (isHalf(e.type)) return rounded(p, e.type, `(float)${v}`);
  if (from !== "f32" && !isHalf(from)) return e.overflow === "saturate" ? saturated(e.type, v, from) : `(${scalarType(e.type)})${v}`;
  const whole = e.round === "rint" ? p.call("rint", v) : v;
  return e.overflow === "saturate" ? saturated(e.type, whole, "f32") : fromFloat(e.type, whole);
}

function fn(p: XpuPage, e: LaneCall, value: Value): string {
  const sign = operators[e.fn];
  const [x, y] = e.args;
  if (sign && e.args.length === 2) return wrapped(e, `${value(x)} ${sign} ${value(y)}`, () => [value(x), value(y)], sign);
  if (e.fn === "bitcast") return `${e.type === "f32" ? "float_of_bits" : "bits_of_float"}(${value(x)})`;
  if (e.fn === "isnan") return `${value(x)} != ${value(x)}`;
  const call = x.type === "f32" ? calls[e.fn] : undefined;
  if (call) return p.call(call, value(x));
  if (e.fn === "pow" && x.type !== "f32") return `(${scalarType(e.type)})${p.help("int_power", [value(x), value(y)])}`;
  return integerFn(e.fn, e.type, e.args, value) ?? floatFn(e.fn, e.args, value) ?? value(inSimplerTerms(e, scalarCaps(p.caps), p.kernel));
}

/** Halves are floats while they are in no memory: what their types convert to differs between chips. */
function scalarType(type: LaneType): string {
  return type === "mask" ? "bool" : isHalf(type) ? "float" : cType(type);
}

function gmGet(p: XpuPage, buffer: string, index: string): string {
  return p.help("gm_get", [`${buffer} + ${index}`], `<${cType(p.buffer(buffer).type)}>`);
}

/** A lane's value as memory holds it. */
function stored(p: XpuPage, type: BufferType, value: string): string {
  if (type === "f16") return p.help("narrow_float16", [value]);
  if (type === "bf16") return p.help("narrow_bfloat16", [value]);
  return `(${cType(type)})${value}`;
}

function scalarLiteral(type: LaneType, value: number | bigint): string {
  if (type === "mask") return Number(value) === 0 ? "false" : "true";
  return literal(type, value);
}

/** Integer arithmetic wraps: it is done without sign. */
function wrapped(e: Extract<Expr, { op: "fn" }>, plain: string, args: () => readonly [string, string], sign: string): string {
  if (sign !== "+" && sign !== "-" && sign !== "*") return plain;
  if (e.type === "i32") return `(int)((unsigned int)${args()[0]} ${sign} (unsigned int)${args()[1]})`;
  if (e.type === "i64") return `(long long)((unsigned long long)${args()[0]} ${sign} (unsigned long long)${args()[1]})`;
  return plain;
}

function floatFn(fn: LaneFn, args: readonly Expr[], value: Value): string | undefined {
  if (args[0].type !== "f32") return undefined;
  const [a, b] = args.map(value);
  if (fn === "neg") return minus(a);
  if (fn === "min" || fn === "max") return extreme(fn, a, b);
  if (fn === "fma") return `${a} * ${b} + ${value(args[2])}`;
  return undefined;
}

/** NaN where one of two floats is. */
export function extreme(fn: "min" | "max", a: string, b: string): string {
  return `${a} != ${a} || ${b} != ${b} ? ${a} + ${b} : ${larger(fn, a, b)}`;
}

export function larger(fn: "min" | "max", a: string, b: string): string {
  return `${a} ${fn === "min" ? "<" : ">"} ${b} ? ${a} : ${b}`;
}

type Spelled = Readonly<Partial<Record<LaneFn, string>>>;

function integerFn(fn: LaneFn, type: LaneType, args: readonly Expr[], value: Value): string | undefined {
  if (args[0].type === "f32") return undefined;
  const [a, b] = args.map(value);
  const t = scalarType(type);
  const own = type === "u32" ? unsignedTexts(a, b)[fn] : undefined;
  if (own !== undefined) return own;
  const unsigned = type === "i64" ? "unsigned long long" : "unsigned int";
  const width = type === "i64" ? 64 : 32;
  const texts: Spelled = {
    neg: `(${t})(0 - (${unsigned})${a})`,
    not: `!${a}`,
    bitnot: `~${a}`,
    abs: `${a} < 0 ? (${t})(0 - (${unsigned})${a}) : ${a}`,
    sign: `(${t})((${a} > 0) - (${a} < 0))`,
    min: larger("min", a, b),
    max: larger("max", a, b),
    // C leaves a shift by the width and more open; here nothing of the number stays.
    shl: `${b} < ${width} ? (${t})((${unsigned})${a} << ${b}) : 0`,
    shr: type === "u32" ? `${b} < ${width} ? ${a} >> ${b} : 0` : `${a} >> (${b} < ${width} ? ${b} : ${width - 1})`,
    truncdiv: divided(t, a, b, `${a} / ${b}`),
    fmod: divided(t, a, b, `${a} % ${b}`),
    floordiv: divided(t, a, b, `${a} / ${b} - (${a} % ${b} != 0 && (${a} < 0) != (${b} < 0))`),
    mod: divided(t, a, b, `${a} % ${b} + (${a} % ${b} != 0 && (${a} < 0) != (${b} < 0) ? ${b} : 0)`),
  };
  return fn === "fma" ? `(${t})((${unsigned})${a} * (${unsigned})${b} + (${unsigned})${value(args[2])})` : texts[fn];
}

/** Unsigned words have no sign to mind; division by zero gives 0. */
function unsignedTexts(a: string, b: string): Spelled {
  const [quotient, rest] = [`${b} == 0 ? 0u : ${a} / ${b}`, `${b} == 0 ? 0u : ${a} % ${b}`];
  return { abs: a, sign: `${a} != 0 ? 1u : 0u`, truncdiv: quotient, floordiv: quotient, fmod: rest, mod: rest };
}

/** Division by zero gives 0; the least integer by -1 wraps instead of trapping. */
function divided(type: string, a: string, b: string, quotient: string): string {
  return `${b} == 0 ? (${type})0 : ${b} == -1 ? ${quotient.includes("/") ? `(${type})(0 - (unsigned long long)${a})` : `(${type})0`} : (${type})(${quotient})`;
}

const limits: Readonly<Partial<Record<LaneType, readonly [lo: string, hi: string]>>> = {
  i8: ["-128", "127"],
  u8: ["0", "255"],
  i16: ["-32768", "32767"],
  u16: ["0", "65535"],
  i32: ["(-2147483647 - 1)", "2147483647"],
  u32: ["0", "4294967295LL"],
};

function saturated(type: LaneType, v: string, from: LaneType): string {
  const limit = limits[type];
  if (!limit) return from === "f32" ? fromFloat(type, v) : `(${scalarType(type)})${v}`;
  const wide = from === "f32" ? fromFloat("i64", v) : `(long long)${v}`;
  return `(${scalarType(type)})(${wide} < ${limit[0]} ? ${limit[0]} : ${wide} > ${limit[1]} ? ${limit[1]} : ${wide})`;
}

/** Through 64 bits, so that a value beyond the narrow type wraps instead of being undefined. */
function fromFloat(type: LaneType, v: string): string {
  const safe = `(${v} >= -9.2e18f && ${v} <= 9.2e18f ? (long long)${v} : (long long)(-9223372036854775807LL - 1))`;
  return type === "i64" ? safe : `(${scalarType(type)})${safe}`;
}

const unitOf = (p: XpuPage): ScalarUnit => ({
  page: p,
  indexes: (rows) => [rows === 1 ? "0" : p.fresh("r"), p.fresh("c")],
  laneAt: (row, col) => laneAt(p, row, col),
  put: (tile, row, col, _value, text) => {
    const { pitch, type } = p.tile(tile);
    const at = row === "0" ? col : pitch === 1 ? `${row} + ${col}` : `${row} * ${p.factor(pitch)} + ${col}`;
    p.out.line(`${p.variable(tile)}[${at}] = ${stored(p, type, text)};`);
  },
  typeOf: scalarType,
});

export function printScalarMap(p: XpuPage, s: Of<"map">): void {
  scalarMap(unitOf(p), s);
  p.fence("mfence_lm");
}

export function printScatter(p: XpuPage, s: Of<"scatter">): void {
  const type = p.buffer(s.buffer).type;
  eachLane(unitOf(p), s.rows, s.cols, (lane) => {
    const index = lane.value(s.index);
    const value = lane.value(s.value);
    const set = (text: string): void => {
      p.out.line(`${p.help("gm_set", [`${s.buffer} + ${index}`, text], `<${cType(type)}>`)};`);
    };
    if (s.combine === "none") return set(stored(p, type, value));
    const [old, wide] = [p.fresh("old"), scalarType(s.value.type)];
    const element = gmGet(p, s.buffer, index);
    p.out.line(`const ${wide} ${old} = ${isHalf(type) ? p.help("widen", [element]) : `(${wide})${element}`};`);
    return set(stored(p, type, `(${combined(s.combine, old, value)})`));
  });
}

function combined(fn: "add" | "mul" | "max" | "min", a: string, b: string): string {
  return fn === "add" || fn === "mul" ? `${a} ${fn === "add" ? "+" : "*"} ${b}` : extreme(fn, a, b);
}
