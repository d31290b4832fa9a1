/** Lane functions on the scalar unit, as C expressions over names. Integers compute in int64 and wrap back. */
import type { LaneFn, LaneType } from "../../../src/kernel/tile.js";
import { maskTexts, minus, type Texts } from "../../kit/lanes.js";
import { isHalf } from "../../kit/spell.js";
import type { Speller } from "../../kit/uses.js";
import type { IntrinsicName } from "../intrinsics.js";
import { cType } from "./spell.js";

const floatFns: Texts = {
  neg: minus,
  abs: (a) => `fabsf(${a})`,
  sign: (a) => `${a} > 0.0f ? 1.0f : ${a} < 0.0f ? -1.0f : ${a}`,
  floor: (a) => `floorf(${a})`,
  ceil: (a) => `ceilf(${a})`,
  round: (a) => `rintf(${a})`,
  trunc: (a) => `truncf(${a})`,
  sqrt: (a) => `sqrtf(${a})`,
  rsqrt: (a) => `1.0f / sqrtf(${a})`,
  reciprocal: (a) => `1.0f / ${a}`,
  exp: (a) => `expf(${a})`,
  exp2: (a) => `exp2f(${a})`,
  // The documents name neither expm1f nor log1pf: Kahan's forms, which know what the rounding near 1 lost.
  expm1: (a) =>
    `expf(${a}) == 1.0f ? ${a} : expf(${a}) < 0.5f || ${a} > 1.0f ? expf(${a}) - 1.0f : (expf(${a}) - 1.0f) * (${a} / logf(expf(${a})))`,
  log: (a) => `logf(${a})`,
  log1p: (a) => `1.0f + ${a} == 1.0f ? ${a} : ${a} > 1.0f ? logf(1.0f + ${a}) : logf(1.0f + ${a}) * (${a} / ((1.0f + ${a}) - 1.0f))`,
  log2: (a) => `log2f(${a})`,
  sin: (a) => `sinf(${a})`,
  cos: (a) => `cosf(${a})`,
  tan: (a) => `tanf(${a})`,
  asin: (a) => `asinf(${a})`,
  acos: (a) => `acosf(${a})`,
  atan: (a) => `atanf(${a})`,
  sinh: (a) => `sinhf(${a})`,
  cosh: (a) => `coshf(${a})`,
  tanh: (a) => `tanhf(${a})`,
  asinh: (a) => `asinhf(${a})`,
  acosh: (a) => `acoshf(${a})`,
  atanh: (a) => `atanhf(${a})`,
  erf: (a) => `erff(${a})`,
  add: (a, b) => `${a} + ${b}`,
  sub: (a, b) => `${a} - ${b}`,
  mul: (a, b) => `${a} * ${b}`,
  div: (a, b) => `${a} / ${b}`,
  fma: (a, b, c) => `${a} * ${b} + ${c}`,
  pow: (a, b) => `powf(${a}, ${b})`,
  min: (a, b) => `${a} < ${b} || ${a} != ${a} ? ${a} : ${b}`,
  max: (a, b) => `${a} > ${b} || ${a} != ${a} ? ${a} : ${b}`,
  fmod: (a, b) => `fmodf(${a}, ${b})`,
  mod: (a, b) => `fmodf(${a}, ${b}) + (fmodf(${a}, ${b}) != 0.0f && (fmodf(${a}, ${b}) < 0.0f) != (${b} < 0.0f) ? ${b} : 0.0f)`,
};

/** Over int64_t operands. Division by zero gives 0; the one quotient that overflows wraps. */
const wholeFns: Texts = {
  neg: (a) => `(int64_t)(0 - (uint64_t)${a})`,
  abs: (a) => `${a} < 0 ? (int64_t)(0 - (uint64_t)${a}) : ${a}`,
  sign: (a) => `(${a} > 0) - (${a} < 0)`,
  add: (a, b) => `(int64_t)((uint64_t)${a} + (uint64_t)${b})`,
  sub: (a, b) => `(int64_t)((uint64_t)${a} - (uint64_t)${b})`,
  mul: (a, b) => `(int64_t)((uint64_t)${a} * (uint64_t)${b})`,
  truncdiv: (a, b) => `${b} == 0 ? 0 : ${b} == -1 ? (int64_t)(0 - (uint64_t)${a}) : ${a} / ${b}`,
  floordiv: (a, b) =>
    `${b} == 0 ? 0 : ${b} == -1 ? (int64_t)(0 - (uint64_t)${a}) : ${a} / ${b} - (${a} % ${b} != 0 && (${a} % ${b} < 0) != (${b} < 0))`,
  mod: (a, b) => `${b} == 0 || ${b} == -1 ? 0 : ${a} % ${b} + (${a} % ${b} != 0 && (${a} % ${b} < 0) != (${b} < 0) ? ${b} : 0)`,
  fmod: (a, b) => `${b} == 0 || ${b} == -1 ? 0 : ${a} % ${b}`,
  min: (a, b) => `${a} < ${b} ? ${a} : ${b}`,
  max: (a, b) => `${a} > ${b} ? ${a} : ${b}`,
  bitand: (a, b) => `${a} & ${b}`,
  bitor: (a, b) => `${a} | ${b}`,
  bitxor: (a, b) => `${a} ^ ${b}`,
  bitnot: (a) => `~${a}`,
  shl: (a, b) => `(int64_t)((uint64_t)${a} << (${b} & 63))`,
  shr: (a, b) => `${a} >> (${b} & 63)`,
};

const isReal = (t: LaneType) => t === "f32" || isHalf(t);

/** A function whose result is `type`; undefined where it has no meaning for its operands. */
export function fnText(fn: LaneFn, from: LaneType, type: LaneType, args: readonly string[]): string | undefined {
  const [a, b = "", c = ""] = args;
  if (fn === "isnan") return `${a} != ${a}`;
  if (fn === "isinf") return `fabsf(${a}) == __builtin_inff()`;
  if (fn === "bitcast") return `__builtin_bit_cast(${cType(type)}, ${a})`;
  if (from === "f32") return floatFns[fn]?.(a, b, c);
  if (from === "mask") return maskTexts[fn]?.(a, b, c);
  if (fn === "pow") return `(${cType(type)})whole_pow(${a}, ${b})`;
  const wide = args.map((x) => `(int64_t)${x}`);
  const text = wholeFns[fn]?.(wide[0], wide[1] ?? "", wide[2] ?? "");
  return text && (type === "i64" ? text : `(${cType(type)})(${text})`);
}

const limits: Readonly<Partial<Record<LaneType, readonly [string, string]>>> = {
  i8: ["-128", "127"],
  u8: ["0", "255"],
  i16: ["-32768", "32767"],
  u16: ["0", "65535"],
  i32: ["INT32_MIN", "INT32_MAX"],
  u32: ["0", "UINT32_MAX"],
  i64: ["INT64_MIN", "INT64_MAX"],
};

/** x is a name or literal of type `from`. */
export function castText(
  bang: Speller<IntrinsicName>,
  x: string,
  from: LaneType,
  to: LaneType,
  round: "trunc" | "rint",
  overflow: "wrap" | "saturate",
): string {
  if (from === to) return x;
  const real = from === "f16" ? bang("__half2float", x) : from === "bf16" ? bang("__bfloat162float", x) : x;
  if (to === "mask") return `${real} != 0`;
  if (to === "f32") return `(float)${real}`;
  if (to === "f16") return bang("__float2half_rn", `(float)${real}`);
  if (to === "bf16") return bang("__float2bfloat16_rn", `(float)${real}`);
  const whole = isReal(from) ? `${round === "rint" ? "rintf" : "truncf"}(${real})` : real;
  if (overflow === "saturate") {
    const [lo, hi] = limits[to] ?? ["0", "0"];
    const nan = isReal(from) ? `${real} != ${real} ? 0 : ` : "";
    const [low, high] = isReal(from) ? [`(float)${lo}`, `(float)${hi}`] : [lo, hi];
    return `(${cType(to)})(${nan}${whole} <= ${low} ? ${lo} : ${whole} >= ${high} ? ${hi} : (${cType(to)})${whole})`;
  }
  return isReal(from) && to !== "i64" ? `(${cType(to)})(int64_t)${whole}` : `(${cType(to)})${whole}`;
}
