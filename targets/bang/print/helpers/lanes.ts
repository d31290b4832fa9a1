/** Lanes that are made, chosen, and turned. */
import { pieces, strided, type Bang, type Helper } from "./helper.js";

const inBytes = (p: string) => `(int8_t*)(${p} + at)`;

/** The lanes of `a` where the mask is 1, those of `b` elsewhere; `dst` may be the one that is not `other`. */
function select(bang: Bang, name: string, { kept }: { readonly kept: boolean }): string {
  const [dst, a, b] = ["dst", kept ? "b" : "a", kept ? "a" : "b"].map(inBytes);
  const ones = kept
    ? `${bang("__bang_sub_scalar", "bits", "bits", 1, "m")};  // 1 -> 0, 0 -> all ones`
    : `${bang("__bang_mul_scalar", "bits", "bits", -1, "m")};  // 1 -> all ones`;
  return `
__mlu_func__ void ${name}(float* dst, const float* mask, const float* a, const float* b, int32_t n, int32_t* bits) {
${pieces([
  `${bang("__bang_float2int32_tz", "bits", "mask + at", "m", 0)};`,
  ones,
  `${bang("__bang_bxor", dst, a, b, "m * 4")};`,
  `${bang("__bang_band", dst, dst, "(int8_t*)bits", "m * 4")};`,
  `${bang("__bang_bxor", dst, dst, b, "m * 4")};`,
])}`;
}

const ends = (type: string) => `${type}* dst, const ${type}* src, int32_t rows, int32_t cols, int32_t pitch, int32_t stride`;

/** A body that ends in one strided copy a row. */
const rowByRow = (bang: Bang, size: string) => `  const int32_t size = ${size};
  for (int32_t r = 0; r < rows; r++)
    ${strided(bang, "dst + r * pitch", "src + r", "size", "size", "stride * size", "cols - 1")};
}`;

export const lanes = {
  sequence: {
    text: (bang) => `
// base, base + step, base + 2 * step, ... by doubling what is there.
__mlu_func__ void sequence(int32_t* dst, int32_t n, int32_t base, int32_t step) {
  if (n < 1) return;
  ${bang("__bang_write_value", "dst", 1, "base")};
  for (int32_t have = 1; have < n; have *= 2)
    ${bang("__bang_add_scalar", "dst + have", "dst", "have * step", "n - have < have ? n - have : have")};
}`,
  },
  select_lanes: {
    workspace: true,
    text: (bang) => `
// dst = mask ? a : b, bit by bit: a multiplication by the mask would turn an inf that is not chosen into NaN.
// dst may be a, not b.${select(bang, "select_lanes", { kept: false })}`,
  },
  select_kept: {
    workspace: true,
    text: (bang) => `
// dst = mask ? a : b, bit by bit, where dst may be b, not a.${select(bang, "select_kept", { kept: true })}`,
  },
  move_chosen: {
    workspace: true,
    text: (bang) => `
// dst = mask ? a : b by a masked move, where dst may be a or the mask, not b.
__mlu_func__ void move_chosen(float* dst, const float* mask, const float* a, const float* b, int32_t n, int32_t* bits) {
  float* unmasked = (float*)bits;
${pieces([
  `${bang("__bang_not", "unmasked", "mask + at", "m")};`,
  `if (dst != a) ${bang("__memcpy", "dst + at", "a + at", "m * 4", "NRAM2NRAM")};`,
  `${bang("__bang_maskmove", "dst + at", "b + at", "unmasked", "m")};`,
])}`,
  },
  move_over: {
    text: (bang) => `
// dst = mask ? a : dst.
__mlu_func__ void move_over(float* dst, const float* mask, const float* a, const float*, int32_t n) {
  ${bang("__bang_maskmove", "dst", "a", "mask", "n")};
}`,
  },
  turn: {
    text: (bang) => `
// dst[r][c] = src[c][r], dst rows \`pitch\` apart and src rows \`stride\` apart. Turns whole padded blocks where both
// tiles have room for them, else row by row.
template <typename T>
__mlu_func__ void turn(${ends("T")}, int32_t dst_room, int32_t src_room) {
  if (stride >= rows && pitch * stride <= dst_room && pitch * stride <= src_room) {
    ${bang("__bang_transpose", "dst", "src", "pitch", "stride")};
    return;
  }
${rowByRow(bang, "(int32_t)sizeof(T)")}`,
  },
  turn_int64: {
    text: (bang) => `
// dst[r][c] = src[c][r], row by row: the transposing instruction is for lanes of up to four bytes.
__mlu_func__ void turn_int64(${ends("int64_t")}) {
${rowByRow(bang, "8")}`,
  },
} as const satisfies Readonly<Record<string, Helper>>;
