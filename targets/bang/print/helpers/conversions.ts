/** Lanes of types that the vector unit does not convert by itself: 64-bit words, unsigned bytes. */
import { pieces, strided, type Helper } from "./helper.js";

type Space = "nram" | "gdram";

const loadInt64 = (space: Space): Helper => ({
  text: (bang) => {
    const word = (p: string) => `(uint32_t)${bang(`__load_${space}`, p)}`;
    return `
__mlu_func__ int64_t load_int64_${space}(const int64_t* p) {
  const uint64_t low = ${word("(const int32_t*)p")}, high = ${word("(const int32_t*)p + 1")};
  return (int64_t)(low | high << 32);
}`;
  },
});

const storeInt64 = (space: Space): Helper => ({
  text: (bang) => `
__mlu_func__ void store_int64_${space}(int64_t* p, int64_t value) {
  ${bang(`__store_${space}`, "(int32_t*)p", "(int32_t)value")};
  ${bang(`__store_${space}`, "(int32_t*)p + 1", "(int32_t)(value >> 32)")};
}`,
});

export const conversions = {
  narrow_int64: {
    text: (bang) => `
// The low words of little-endian int64 lanes.
__mlu_func__ void narrow_int64(int32_t* dst, const int64_t* src, int32_t n) {
  if (n > 0) ${strided(bang, "dst", "src", "4", "4", "8", "n - 1")};
}`,
  },
  widen_int64: {
    workspace: true,
    text: (bang) => `
// Low words as they are, high words the sign.
__mlu_func__ void widen_int64(int64_t* dst, const int32_t* src, int32_t n, int32_t* bits) {
${pieces([
  `${bang("__bang_lt_scalar", "bits", "src + at", 0, "m")};`,
  `${bang("__bang_mul_scalar", "bits", "bits", -1, "m")};`,
  `${strided(bang, "dst + at", "src + at", "4", "8", "4", "m - 1")};`,
  `${strided(bang, "(int32_t*)(dst + at) + 1", "bits", "4", "8", "4", "m - 1")};`,
])}`,
  },
  widen_uint8: {
    workspace: true,
    text: (bang) => `
// Bytes read as int8 count from -128: a negative one is 256 too small.
__mlu_func__ void widen_uint8(float* dst, const uint8_t* src, int32_t n, float* less) {
${pieces([
  `${bang("__bang_int82float", "dst + at", "(const int8_t*)(src + at)", "m", 0)};`,
  `${bang("__bang_lt_scalar", "less", "dst + at", "0.0f", "m")};`,
  `${bang("__bang_mul_scalar", "less", "less", "256.0f", "m")};`,
  `${bang("__bang_add", "dst + at", "dst + at", "less", "m")};`,
])}`,
  },
  narrow_uint8: {
    workspace: true,
    text: (bang) => `
// Whole numbers from 0 to 255 as the int8 of the same bits.
__mlu_func__ void narrow_uint8(uint8_t* dst, const float* src, int32_t n, float* less) {
${pieces([
  `${bang("__bang_gt_scalar", "less", "src + at", "127.0f", "m")};`,
  `${bang("__bang_mul_scalar", "less", "less", "-256.0f", "m")};`,
  `${bang("__bang_add", "less", "src + at", "less", "m")};`,
  `${bang("__bang_float2int8_rd", "(int8_t*)(dst + at)", "less", "m", 0)};`,
])}`,
  },
  load_int64_nram: loadInt64("nram"),
  store_int64_nram: storeInt64("nram"),
  load_int64_gdram: loadInt64("gdram"),
  store_int64_gdram: storeInt64("gdram"),
} as const satisfies Readonly<Record<string, Helper>>;
