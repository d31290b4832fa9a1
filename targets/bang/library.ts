/**
 * The device's library of functions, as its header bang_math_decls.h documents them: `__cn_scalar_sin_f32(x)` of a value and
 * `__cn_vector_sin_f32(n, y, x)` of lanes. The twin computes them; generated code uses none. The header allows some of them an error of
 * one or two units in the last place: the twin gives what C++'s own function does. Roundings other than to nearest are left out of
 * sums, products and quotients, since no public kernel asks for them.
 *
 * Forms with a scalar among the operands, `__cn_vector_div_scalar_s32`, stand in no header that is public; operands and names are
 * those of a compiler's own library for MLU (stored file 28839239888).
 */
import { generatedFrom } from "../kit/declare.js";

/** Element types by their spellings in names. */
const cTypes = {
  f32: "float",
  f16: "half",
  s32: "int32_t",
  u32: "uint32_t",
  s64: "int64_t",
  u64: "uint64_t",
  u8: "uint8_t",
  s16: "int16_t",
} as const;
type Element = keyof typeof cTypes;

/** C++ over a, which is a float for a half. */
const unary: Readonly<Record<string, string>> = {
  sqrt: "sqrtf(a)",
  // Not in the header: torch_mlu fused_adam_internal.mlu.
  accurate_sqrt: "sqrtf(a)",
  rsqrt: "1.0f / sqrtf(a)",
  rcp_rn: "1.0f / a",
  abs: "fabsf(a)",
  round: "roundf(a)",
  trunc: "truncf(a)",
  ceil: "ceilf(a)",
  floor: "floorf(a)",
  erf: "erff(a)",
  sin: "sinf(a)",
  cos: "cosf(a)",
  tan: "tanf(a)",
  asin: "asinf(a)",
  acos: "acosf(a)",
  atan: "atanf(a)",
  sinh: "sinhf(a)",
  cosh: "coshf(a)",
  tanh: "tanhf(a)",
  exp: "expf(a)",
  exp2: "exp2f(a)",
  exp10: "powf(10.0f, a)",
  expm1: "expm1f(a)",
  log: "logf(a)",
  log2: "log2f(a)",
  log10: "log10f(a)",
  log1p: "log1pf(a)",
};

interface Pairs {
  readonly name: string;
  readonly types: readonly Element[];
  readonly computes: string;
  readonly rounds?: "_rn";
}
const floats: readonly Element[] = ["f32", "f16"];
const words: readonly Element[] = ["s32", "u32"];
const integers: readonly Element[] = [...words, "s64", "u64"];

const binary: readonly Pairs[] = [
  { name: "add", types: floats, rounds: "_rn", computes: "a + b" },
  { name: "sub", types: floats, rounds: "_rn", computes: "a - b" },
  { name: "mul", types: floats, rounds: "_rn", computes: "a * b" },
  { name: "div", types: ["f32"], rounds: "_rn", computes: "a / b" },
  { name: "div", types: ["f16"], rounds: "_rn", computes: "within_half(a / b)" },
  { name: "add", types: integers, computes: "wrapped(a, b, '+')" },
  { name: "sub", types: words, computes: "wrapped(a, b, '-')" },
  { name: "mul", types: words, computes: "wrapped(a, b, '*')" },
  { name: "div", types: words, computes: "quotient(a, b)" },
  { name: "mod", types: floats, computes: "fmodf(a, b)" },
  // Not in the header: a generator of random numbers in mlu-ops (stored file 23213915134).
  { name: "mod", types: ["u64"], computes: "remainder(a, b)" },
  { name: "max", types: floats, computes: "fmaxf(a, b)" },
  { name: "max", types: integers, computes: "a > b ? a : b" },
  { name: "min", types: floats, computes: "fminf(a, b)" },
  { name: "min", types: words, computes: "a < b ? a : b" },
  { name: "atan2", types: floats, computes: "atan2f(a, b)" },
  { name: "hypot", types: floats, computes: "hypotf(a, b)" },
  { name: "pow", types: floats, computes: "powf(a, b)" },
];

interface Cast {
  readonly from: Element;
  readonly to: Element;
  readonly rounds?: string;
  readonly computes: string;
}
const casts: readonly Cast[] = [
  { from: "f32", to: "f16", rounds: "_rn", computes: "isfinite(a) ? within_half(a) : a" },
  { from: "f16", to: "f32", computes: "a" },
  { from: "f32", to: "s32", rounds: "_rn", computes: "saturated<int32_t>(nearbyintf(a))" },
  { from: "f32", to: "s32", rounds: "_dn", computes: "saturated<int32_t>(floorf(a))" },
  { from: "f32", to: "s32", rounds: "_up", computes: "saturated<int32_t>(ceilf(a))" },
  { from: "f32", to: "s32", rounds: "_tz", computes: "saturated<int32_t>(truncf(a))" },
  { from: "f32", to: "u32", rounds: "_rn", computes: "saturated<uint32_t>(nearbyintf(a))" },
  { from: "f32", to: "s64", rounds: "_tz", computes: "saturated<int64_t>(truncf(a))" },
  { from: "s32", to: "f32", rounds: "_rn", computes: "a" },
  { from: "u32", to: "f32", rounds: "_rn", computes: "a" },
  { from: "s32", to: "s64", computes: "a" },
  { from: "u32", to: "u64", computes: "a" },
  { from: "u8", to: "s64", computes: "a" },
];

/** Of each value whether it is one: not 0 where it is, as wide as the value. */
const questions = ["isnan", "isinf"];

const line = (macro: string, ...parts: readonly string[]) => `${macro}(${parts.join(", ")})`;

/** What the twin is told of the library: lines for macros that declare its functions and that compute them. */
export function twinLibrary(): string {
  const ofOne = Object.entries(unary).flatMap(([name, computes]) =>
    floats.map((t) => {
      const [stem, rounds] = name.endsWith("_rn") ? [name.slice(0, -3), "_rn"] : [name, ""];
      return line("LIBRARY_UNARY", cTypes[t], cTypes[t], stem, `_${t}${rounds}`, computes);
    }),
  );
  const ofTwo = binary.flatMap(({ name, types, rounds = "", computes }) =>
    types.map((t) => line("LIBRARY_BINARY", cTypes[t], name, `_${t}${rounds}`, computes)),
  );
  const between = casts.map(({ from, to, rounds = "", computes }) =>
    line("LIBRARY_UNARY", cTypes[to], cTypes[from], "cast", `_${from}_to_${to}${rounds}`, computes),
  );
  const asked = questions.flatMap((name) =>
    floats.map((t) => line("LIBRARY_UNARY", t === "f32" ? "int32_t" : "int16_t", cTypes[t], name, `_${t}`, `${name}((float)a)`)),
  );
  return [generatedFrom("targets/bang/library.ts"), ...ofOne, ...ofTwo, ...between, ...asked, ""].join("\n");
}
