/**
 * Small device functions that some kernels need, printed into the file of each kernel that does. A guard lets several
 * kernels share a translation unit.
 */
import type { Bang } from "../intrinsics.js";

/** Lanes the helpers' own NRAM holds: caps.ts keeps helperBytes of it free. */
export const helperLanes = 4096;

export const helperNames = [
  "int_min",
  "int_max",
  "int_floordiv",
  "int_mod",
  "whole_pow",
  "sequence",
  "select_lanes",
  "select_kept",
  "narrow_int64",
  "widen_int64",
  "widen_uint8",
  "narrow_uint8",
  "load_int64_nram",
  "store_int64_nram",
  "load_int64_gdram",
  "store_int64_gdram",
  "fold_sum_f32",
  "fold_prod_f32",
  "fold_max_f32",
  "fold_min_f32",
  "fold_sum_i32",
  "fold_prod_i32",
  "fold_max_i32",
  "fold_min_i32",
  "turn",
  "turn_int64",
] as const;

export type HelperName = (typeof helperNames)[number];

/** Helpers that work through `helper_nram`. */
export const usesHelperNram: ReadonlySet<HelperName> = new Set<HelperName>([
  "select_lanes",
  "select_kept",
  "widen_int64",
  "widen_uint8",
  "narrow_uint8",
  "fold_max_i32",
  "fold_min_i32",
]);

const func = (type: string, name: string, params: string, body: readonly string[]) => [
  `__mlu_func__ ${type} ${name}(${params}) {`,
  ...body.map((l) => (l === "" ? l : `  ${l}`)),
  "}",
];

/** Segments of NRAM to NRAM, their starts so many bytes apart; `last` is their number less one. A source may repeat by a stride of 0. */
export function strided(bang: Bang, dst: string, src: string, bytes: string, dstStride: string, srcStride: string, last: string): string {
  return bang("__memcpy", dst, src, bytes, "NRAM2NRAM", dstStride, srcStride, last);
}

/** One loop over pieces that fit helper_nram: `at` is a piece's first lane, `m` its lanes. */
const pieces = (body: readonly string[]) => [
  `for (int32_t at = 0; at < n; at += ${helperLanes}) {`,
  `  const int32_t m = n - at < ${helperLanes} ? n - at : ${helperLanes};`,
  ...body.map((l) => `  ${l}`),
  "}",
];

function select(bang: Bang, kept: boolean): readonly string[] {
  const bytes = (p: string) => `(int8_t*)(${p} + at)`;
  const [dst, a, b] = ["dst", kept ? "b" : "a", kept ? "a" : "b"].map(bytes);
  return pieces([
    `${bang("__bang_float2int32_tz", "bits", "mask + at", "m", 0)};`,
    kept
      ? `${bang("__bang_sub_scalar", "bits", "bits", 1, "m")};  // 1 -> 0, 0 -> all ones`
      : `${bang("__bang_mul_scalar", "bits", "bits", -1, "m")};  // 1 -> all ones`,
    `${bang("__bang_bxor", dst, a, b, "m * 4")};`,
    `${bang("__bang_band", dst, dst, "(int8_t*)bits", "m * 4")};`,
    `${bang("__bang_bxor", dst, dst, b, "m * 4")};`,
  ]);
}

type Fold = "sum" | "prod" | "max" | "min";

function combine(bang: Bang, fn: Fold, type: "f32" | "i32", dst: string, a: string, b: string, n: string): string {
  if (fn === "sum") return `${bang("__bang_add", dst, a, b, n)};`;
  if (fn === "prod") return `${bang("__bang_mul", dst, a, b, n)};`;
  if (type === "f32") return `${bang(fn === "max" ? "__bang_nan_maximum" : "__bang_nan_minimum", dst, a, b, n)};`;
  return `extreme_i32(${dst}, ${a}, ${b}, ${n}, bits);`;
}

/** Two int32 vectors to their larger (smaller) lanes: dst is a, replaced by b where b wins. */
function extremeInt(bang: Bang, fn: "max" | "min"): readonly string[] {
  const bytes = (p: string) => `(int8_t*)(${p} + at)`;
  const body = pieces([
    `${bang(fn === "max" ? "__bang_lt" : "__bang_gt", "bits", "a + at", "b + at", "m")};`,
    `${bang("__bang_mul_scalar", "bits", "bits", -1, "m")};  // 1 -> all ones`,
    `${bang("__bang_bxor", "(int8_t*)other", bytes("a"), bytes("b"), "m * 4")};`,
    `${bang("__bang_band", "(int8_t*)bits", "(int8_t*)bits", "(int8_t*)other", "m * 4")};`,
    `${bang("__bang_bxor", bytes("dst"), bytes("a"), "(int8_t*)bits", "m * 4")};`,
  ]);
  return [`int32_t* other = bits + ${helperLanes / 2};`, ...body.map((l) => l.replaceAll(`${helperLanes}`, `${helperLanes / 2}`))];
}

function fold(bang: Bang, fn: Fold, type: "f32" | "i32"): readonly string[] {
  const t = type === "f32" ? "float" : "int32_t";
  const integerExtreme = type === "i32" && (fn === "max" || fn === "min");
  const bits = integerExtreme ? ", int32_t* bits" : "";
  const step = (dst: string, a: string, b: string, n: string) => combine(bang, fn, type, dst, a, b, n).replace("extreme_i32", `${fn}_i32`);
  const inner = integerExtreme
    ? func(
        "void",
        `${fn}_i32`,
        "int32_t* dst, const int32_t* a, const int32_t* b, int32_t n, int32_t* bits",
        extremeInt(bang, fn as "max" | "min"),
      )
    : [];
  return [
    ...inner,
    "// Folds `count` vectors of n lanes into the first n lanes of work, by halves; src may be work.",
    ...func("void", `fold_${fn}_${type}`, `${t}* work, const ${t}* src, int32_t count, int32_t n${bits}`, [
      "const int32_t upper = count / 2;",
      "int32_t kept = count - upper;",
      `if (upper > 0) ${step("work", "src", "src + kept * n", "upper * n")}`,
      `if (kept > upper) ${bang("__bang_move", "work + upper * n", "src + upper * n", "n * 4")};`,
      "while (kept > 1) {",
      "  const int32_t rest = kept / 2;",
      "  kept -= rest;",
      `  ${step("work", "work", "work + kept * n", "rest * n")}`,
      "}",
    ]),
  ];
}

const turnParams = (type: string) =>
  `${type}* dst, const ${type}* src, int32_t rows, int32_t cols, int32_t pitch, int32_t stride, int32_t dst_room, int32_t src_room`;

const rowByRow = (bang: Bang, size: string) => [
  `const int32_t size = ${size};`,
  "for (int32_t r = 0; r < rows; r++)",
  `  ${strided(bang, "dst + r * pitch", "src + r", "size", "size", "stride * size", "cols - 1")};`,
];

/** The text of one helper. */
export function helperText(name: HelperName, bang: Bang): readonly string[] {
  switch (name) {
    case "int_min":
      return func("int32_t", name, "int32_t a, int32_t b", ["return a < b ? a : b;"]);
    case "int_max":
      return func("int32_t", name, "int32_t a, int32_t b", ["return a < b ? b : a;"]);
    case "int_floordiv":
      return func("int32_t", name, "int32_t a, int32_t b", ["return a / b - (a % b < 0);"]);
    case "int_mod":
      return func("int32_t", name, "int32_t a, int32_t b", ["return a % b + (a % b < 0 ? b : 0);"]);
    case "whole_pow":
      // By squaring; a negative exponent leaves 0, or a sign for a base of 1 or -1, as truncation does.
      return func("int64_t", "whole_pow", "int64_t base, int64_t exponent", [
        "if (exponent < 0) return base == 1 ? 1 : base == -1 ? (exponent % 2 ? -1 : 1) : 0;",
        "uint64_t result = 1;",
        "for (uint64_t factor = (uint64_t)base; exponent > 0; exponent /= 2, factor *= factor) {",
        "  if (exponent % 2) result *= factor;",
        "}",
        "return (int64_t)result;",
      ]);
    case "sequence":
      return [
        "// base, base + step, base + 2 * step, ... by doubling what is there.",
        ...func("void", name, "int32_t* dst, int32_t n, int32_t base, int32_t step", [
          "if (n < 1) return;",
          `${bang("__bang_write_value", "dst", 1, "base")};`,
          "for (int32_t have = 1; have < n; have *= 2)",
          `  ${bang("__bang_add_scalar", "dst + have", "dst", "have * step", "n - have < have ? n - have : have")};`,
        ]),
      ];
    case "select_lanes":
      return [
        "// dst = mask ? a : b, bit by bit: a multiplication by the mask would turn an inf that is not chosen into NaN.",
        "// dst may be a, not b.",
        ...func(
          "void",
          name,
          "float* dst, const float* mask, const float* a, const float* b, int32_t n, int32_t* bits",
          select(bang, false),
        ),
      ];
    case "select_kept":
      return [
        "// dst = mask ? a : b, bit by bit, where dst may be b, not a.",
        ...func(
          "void",
          name,
          "float* dst, const float* mask, const float* a, const float* b, int32_t n, int32_t* bits",
          select(bang, true),
        ),
      ];
    case "narrow_int64":
      return [
        "// The low words of little-endian int64 lanes.",
        ...func("void", name, "int32_t* dst, const int64_t* src, int32_t n", [
          `if (n > 0) ${strided(bang, "dst", "src", "4", "4", "8", "n - 1")};`,
        ]),
      ];
    case "widen_int64":
      return [
        "// Low words as they are, high words the sign.",
        ...func(
          "void",
          name,
          "int64_t* dst, const int32_t* src, int32_t n, int32_t* bits",
          pieces([
            `${bang("__bang_lt_scalar", "bits", "src + at", 0, "m")};`,
            `${bang("__bang_mul_scalar", "bits", "bits", -1, "m")};`,
            `${strided(bang, "dst + at", "src + at", "4", "8", "4", "m - 1")};`,
            `${strided(bang, "(int32_t*)(dst + at) + 1", "bits", "4", "8", "4", "m - 1")};`,
          ]),
        ),
      ];
    case "widen_uint8":
      return [
        "// Bytes read as int8 count from -128: a negative one is 256 too small.",
        ...func(
          "void",
          name,
          "float* dst, const uint8_t* src, int32_t n, float* less",
          pieces([
            `${bang("__bang_int82float", "dst + at", "(const int8_t*)(src + at)", "m", 0)};`,
            `${bang("__bang_lt_scalar", "less", "dst + at", "0.0f", "m")};`,
            `${bang("__bang_mul_scalar", "less", "less", "256.0f", "m")};`,
            `${bang("__bang_add", "dst + at", "dst + at", "less", "m")};`,
          ]),
        ),
      ];
    case "narrow_uint8":
      return [
        "// Whole numbers from 0 to 255 as the int8 of the same bits.",
        ...func(
          "void",
          name,
          "uint8_t* dst, const float* src, int32_t n, float* less",
          pieces([
            `${bang("__bang_gt_scalar", "less", "src + at", "127.0f", "m")};`,
            `${bang("__bang_mul_scalar", "less", "less", "-256.0f", "m")};`,
            `${bang("__bang_add", "less", "src + at", "less", "m")};`,
            `${bang("__bang_float2int8_rd", "(int8_t*)(dst + at)", "less", "m", 0)};`,
          ]),
        ),
      ];
    case "load_int64_nram":
    case "load_int64_gdram": {
      const word = (p: string) => `(uint32_t)${bang(name === "load_int64_nram" ? "__load_nram" : "__load_gdram", p)}`;
      return func("int64_t", name, "const int64_t* p", [
        `const uint64_t low = ${word("(const int32_t*)p")}, high = ${word("(const int32_t*)p + 1")};`,
        "return (int64_t)(low | high << 32);",
      ]);
    }
    case "store_int64_nram":
    case "store_int64_gdram": {
      const store = name === "store_int64_nram" ? "__store_nram" : "__store_gdram";
      return func("void", name, "int64_t* p, int64_t value", [
        `${bang(store, "(int32_t*)p", "(int32_t)value")};`,
        `${bang(store, "(int32_t*)p + 1", "(int32_t)(value >> 32)")};`,
      ]);
    }
    case "turn":
      return [
        "// dst[r][c] = src[c][r], dst rows `pitch` apart and src rows `stride` apart. Turns whole padded blocks where both",
        "// tiles have room for them, else row by row.",
        "template <typename T>",
        ...func("void", name, turnParams("T"), [
          "if (stride >= rows && pitch * stride <= dst_room && pitch * stride <= src_room) {",
          `  ${bang("__bang_transpose", "dst", "src", "pitch", "stride")};`,
          "  return;",
          "}",
          ...rowByRow(bang, "(int32_t)sizeof(T)"),
        ]),
      ];
    case "turn_int64":
      return [
        "// dst[r][c] = src[c][r], row by row: the transposing instruction is for lanes of up to four bytes.",
        ...func("void", name, turnParams("int64_t").replace(/, int32_t dst_room.*/, ""), rowByRow(bang, "8")),
      ];
    default: {
      const [, fn, type] = name.split("_") as [string, Fold, "f32" | "i32"];
      return fold(bang, fn, type);
    }
  }
}
