// What generated XPU kernels share: the block a core works on, and vector helpers that XTDK's headers leave to the reader.
//
// Only instructions that code of others is seen to use stand here (targets/kunlun/intrinsics.ts names who): integer shifts
// and bitwise operations go through the unsigned register, a selection is one masked OR, and a float becomes an integer
// by truncation of a value that is whole, in range and no NaN.
#pragma once
#include "xpu/runtime.h"
// cluster.h defines the half types that the headers after it use.
#include "xpu/kernel/cluster.h"
#include "xpu/kernel/cluster_simd.h"
#include "xpu/kernel/xtdk.h"
#include "xpu/kernel/xtdk_math.h"
#include "xpu/kernel/xtdk_simd.h"

// ---- what the device compiler and the twin spell differently ----
#if defined(__xpu__)
// The instruction exists; a function for it only inside XDNN's primitive_cast, which spells it so too.
static __device__ inline int32x16_t whole_to_int(float32x16_t v) {
  int32x16_t r;
  __asm__ __volatile__("vfloat2fix.rz %0, %1" : "=&v"(r) : "v"(v));
  return r;
}
#define PTL_LINE_PARAMETER
#define PTL_LINE
#else
static inline int32x16_t whole_to_int(float32x16_t v) { return vfloat2fix_rz(v); }
// The twin names the kernel's own line.
#define PTL_LINE_PARAMETER , int line = __builtin_LINE()
#define PTL_LINE , line
#endif

// One element of global memory by the blocking copies, which need no fence after them: slow, for data-dependent addresses only.
template <class T>
static __device__ inline T gm_get(__global_ptr__ const T* p PTL_LINE_PARAMETER) {
  T value;
  GM2LM(p, &value, (int)sizeof(T) PTL_LINE);
  return value;
}
template <class T>
static __device__ inline void gm_set(__global_ptr__ T* p, T value PTL_LINE_PARAMETER) {
  mfence_lm();
  LM2GM(&value, p, (int)sizeof(T) PTL_LINE);
}

// Core `part` of `parts` works on [block_begin(count, parts, part), block_begin(count, parts, part + 1)): contiguous
// blocks whose lengths differ by at most one.
static __device__ inline int block_begin(int count, int parts, int part) {
  const int extra = count % parts;
  return part * (count / parts) + (part < extra ? part : extra);
}

// Floor of a / b and its remainder, b > 0.
static __device__ inline int floordiv(int a, int b) { return a / b - (a % b < 0 ? 1 : 0); }
static __device__ inline int floormod(int a, int b) { return a - floordiv(a, b) * b; }

// a to the power of b by repeated squaring, wrapping; a negative exponent truncates toward zero.
static __device__ inline long long int_power(long long a, long long b) {
  if (b < 0) return a == 1 ? 1 : a == -1 ? (b % 2 == 0 ? 1 : -1) : 0;
  unsigned long long out = 1, base = (unsigned long long)a;
  for (; b > 0; b /= 2, base *= base)
    if (b % 2 == 1) out *= base;
  return (long long)out;
}

// The same bits under another type.
static __device__ inline uint32x16_t as_unsigned(int32x16_t v) { return reinterpret_cast<uint32x16_t&>(v); }
static __device__ inline int32x16_t as_signed(uint32x16_t v) { return reinterpret_cast<int32x16_t&>(v); }
static __device__ inline int32x16_t as_int(float32x16_t v) { return reinterpret_cast<int32x16_t&>(v); }
static __device__ inline float32x16_t as_float(int32x16_t v) { return reinterpret_cast<float32x16_t&>(v); }
static __device__ inline float float_of_bits(int bits) {
  float f;
  __builtin_memcpy(&f, &bits, 4);
  return f;
}
static __device__ inline int bits_of_float(float f) {
  int bits;
  __builtin_memcpy(&bits, &f, 4);
  return bits;
}

// Every lane the same value, bit for bit.
static __device__ inline float32x16_t splat(float s) { return svor_float32x16(s, vset_zero()); }
static __device__ inline int32x16_t splat(int s) { return svadd_int32x16(s, vset_zero_int()); }

// 0, 1, ..., 15.
static __device__ inline int32x16_t lane_numbers() {
  int32x16_t v = vset_zero_int();
  v = svadd_int32x16_mh(1, v, v, 0xAAAA);
  v = svadd_int32x16_mh(2, v, v, 0xCCCC);
  v = svadd_int32x16_mh(4, v, v, 0xF0F0);
  return svadd_int32x16_mh(8, v, v, 0xFF00);
}

// Lanes of a where the mask's bit is set, of b elsewhere: bits, not arithmetic, so that an inf or a NaN not chosen leaves no trace.
static __device__ inline float32x16_t choose(int mask, float32x16_t a, float32x16_t b) { return vvor_float32x16_mh(a, a, b, mask); }
static __device__ inline int32x16_t choose(int mask, int32x16_t a, int32x16_t b) { return vvor_int32x16_mh(a, a, b, mask); }
static __device__ inline uint32x16_t choose(int mask, uint32x16_t a, uint32x16_t b) {
  return as_unsigned(choose(mask, as_signed(a), as_signed(b)));
}

// Bit by bit, on integers.
static __device__ inline int32x16_t bits_and(int32x16_t a, int32x16_t b) {
  return as_int(vvand_float32x16_mh(as_float(a), as_float(b), as_float(a), 0xFFFF));
}
static __device__ inline int32x16_t bits_or(int32x16_t a, int32x16_t b) { return as_signed(vvor_uint32x16(as_unsigned(a), as_unsigned(b))); }
static __device__ inline int32x16_t bits_or_scalar(int a, int32x16_t b) { return as_signed(svor_uint32x16((uint32_t)a, as_unsigned(b))); }
static __device__ inline int32x16_t bits_xor_scalar(int a, int32x16_t b) { return as_signed(svxor_uint32x16((uint32_t)a, as_unsigned(b))); }

// Logical shifts of every lane.
static __device__ inline int32x16_t shift_left(int bits, int32x16_t v) { return as_signed(svsll_uint32x16((uint32_t)bits, as_unsigned(v))); }
static __device__ inline int32x16_t shift_right(int bits, int32x16_t v) { return as_signed(svsrl_uint32x16((uint32_t)bits, as_unsigned(v))); }

// ---- floats to integers ----
// The conversion does not honour its rounding above 2^22, and nothing is documented of values out of range and NaN: it is
// given whole numbers in range alone. Beyond the range the nearest integer comes out, for NaN 0.
static __device__ inline int32x16_t whole_in_range(float32x16_t whole) {
  const float32x16_t limit = splat(2147483648.0f);
  const int inside = vvlt_float32x16(vabs_float32x16(whole), limit) & 0xFFFF;
  int32x16_t r = whole_to_int(choose(inside, whole, vset_zero()));
  r = choose(svle_float32x16(2147483648.0f, whole) & 0xFFFF, splat(0x7FFFFFFF), r);
  return choose(vvle_float32x16(whole, splat(-2147483648.0f)) & 0xFFFF, splat((int)0x80000000), r);
}
// Half to even: adding and taking away 2^23 leaves no room for a fraction.
static __device__ inline int32x16_t to_int_rint(float32x16_t v) {
  const float32x16_t size = vabs_float32x16(v);
  const float32x16_t near = svadd_float32x16(-8388608.0f, svadd_float32x16(8388608.0f, size));
  const float32x16_t whole = as_float(bits_or(as_int(near), svand_int32x16((int)0x80000000, as_int(v))));
  return whole_in_range(choose(vvlt_float32x16(size, splat(8388608.0f)) & 0xFFFF, whole, v));
}
static __device__ inline int32x16_t to_int_trunc(float32x16_t v) {
  const float32x16_t size = vabs_float32x16(v);
  const float32x16_t near = svadd_float32x16(-8388608.0f, svadd_float32x16(8388608.0f, size));
  const float32x16_t down = svadd_float32x16(-1.0f, near);
  const float32x16_t low = choose(vvlt_float32x16(size, near) & 0xFFFF, down, near);
  const float32x16_t whole = as_float(bits_or(as_int(low), svand_int32x16((int)0x80000000, as_int(v))));
  return whole_in_range(choose(vvlt_float32x16(size, splat(8388608.0f)) & 0xFFFF, whole, v));
}
static __device__ inline float32x16_t to_float(int32x16_t v) { return vfix2float(v); }

// ---- halves in scalar code ----
// By their bits: XPU2's half types convert to nothing, XPU3's take some integers for bits. A half that is in no vector is a float.
static __device__ inline unsigned short bits_of(float16 h) {
  unsigned short bits;
  __builtin_memcpy(&bits, &h, 2);
  return bits;
}
static __device__ inline unsigned short bits_of(bfloat16 h) {
  unsigned short bits;
  __builtin_memcpy(&bits, &h, 2);
  return bits;
}
static __device__ inline float widen(float16 h) {
  const unsigned int bits = bits_of(h), size = bits & 0x7FFF, sign = (bits & 0x8000) << 16;
  if (size < 0x400) return float_of_bits((int)(sign | (unsigned int)bits_of_float((float)(int)size * 5.9604645e-8f)));
  return float_of_bits((int)(sign | (size >= 0x7C00 ? 0x7F800000 | (size & 0x3FF) << 13 : (size << 13) + 0x38000000)));
}
static __device__ inline float widen(bfloat16 h) { return float_of_bits((int)((unsigned int)bits_of(h) << 16)); }
// Rounded to the nearest half, ties to even; NaN stays NaN.
static __device__ inline unsigned int float16_bits(float f) {
  const unsigned int bits = (unsigned int)bits_of_float(f), sign = bits >> 16 & 0x8000, size = bits & 0x7FFFFFFF;
  if (size > 0x7F800000) return sign | 0x7E00;
  if (size >= 0x47800000) return sign | 0x7C00;
  // Below 2^-14 a sum with 0.5 rounds at the last bit a half has there.
  if (size < 0x38800000) return sign | ((unsigned int)bits_of_float(float_of_bits((int)size) + 0.5f) - 0x3F000000);
  return sign | ((size + 0xFFF + (size >> 13 & 1) - 0x38000000) >> 13);
}
static __device__ inline unsigned int bfloat16_bits(float f) {
  const unsigned int bits = (unsigned int)bits_of_float(f);
  return f != f ? 0x7FC0 : (bits + 0x7FFF + (bits >> 16 & 1)) >> 16;
}
template <class H>
static __device__ inline H half_of_bits(unsigned int bits) {
  const unsigned short low = (unsigned short)bits;
  H h;
  __builtin_memcpy((void*)&h, &low, 2);
  return h;
}
static __device__ inline float16 narrow_float16(float f) { return half_of_bits<float16>(float16_bits(f)); }
static __device__ inline bfloat16 narrow_bfloat16(float f) { return half_of_bits<bfloat16>(bfloat16_bits(f)); }
static __device__ inline float rounded_float16(float f) { return widen(narrow_float16(f)); }
static __device__ inline float rounded_bfloat16(float f) { return widen(narrow_bfloat16(f)); }

// The first n of 16 lanes; n may exceed 16 or be negative.
static __device__ inline int first_lanes(int n) { return n >= 16 ? 0xFFFF : n <= 0 ? 0 : (1 << n) - 1; }

// max and min that give NaN where either operand is NaN.
static __device__ inline float32x16_t max_nan(float32x16_t a, float32x16_t b) {
  const float32x16_t m = choose(vvneq_float32x16(a, a) & 0xFFFF, a, vvmax_float32x16(a, b));
  return choose(vvneq_float32x16(b, b) & 0xFFFF, b, m);
}
static __device__ inline float32x16_t min_nan(float32x16_t a, float32x16_t b) {
  const float32x16_t m = choose(vvneq_float32x16(a, a) & 0xFFFF, a, vvmin_float32x16(a, b));
  return choose(vvneq_float32x16(b, b) & 0xFFFF, b, m);
}

// One value from 16 lanes: halves are folded four times, so that a sum's error grows with log2 of the lanes. The shift
// counts bits of the register, towards lane 0.
#define PTL_FOLD(NAME, TYPE, OP)                                        \
  static __device__ inline TYPE NAME(TYPE##32x16_t v) {                 \
    v = OP(v, vsrlp_##TYPE##32x16(256, v));                             \
    v = OP(v, vsrlp_##TYPE##32x16(128, v));                             \
    v = OP(v, vsrlp_##TYPE##32x16(64, v));                              \
    v = OP(v, vsrlp_##TYPE##32x16(32, v));                              \
    return vextract_##TYPE##32x16(v, 1);                                \
  }
PTL_FOLD(fold_sum, float, vvadd_float32x16)
PTL_FOLD(fold_prod, float, vvmul_float32x16)
PTL_FOLD(fold_max, float, max_nan)
PTL_FOLD(fold_min, float, min_nan)
PTL_FOLD(fold_sum, int, vvadd_int32x16)
PTL_FOLD(fold_prod, int, vvmul_int32x16)
PTL_FOLD(fold_max, int, vvmax_int32x16)
PTL_FOLD(fold_min, int, vvmin_int32x16)
#undef PTL_FOLD

// ---- narrow integers: 16 lanes of a byte or two, widened to 32 bits and back, four or two to a word ----

// Lane i gets the word that holds element i of `per_word` a word.
static __device__ inline int32x16_t words_of_lanes(const void* p, int log2_per_word) {
  return vgather_lm_int32x16(p, shift_left(2, shift_right(log2_per_word, lane_numbers())));
}
// Lanes of the mask shifted, the others as they are.
static __device__ inline int32x16_t shift_right_in(int mask, int bits, int32x16_t v) { return choose(mask, shift_right(bits, v), v); }
static __device__ inline int32x16_t shift_left_in(int mask, int bits, int32x16_t v) { return choose(mask, shift_left(bits, v), v); }

static __device__ inline int32x16_t load_u8(const void* p) {
  int32x16_t v = words_of_lanes(p, 2);
  v = shift_right_in(0x2222, 8, v);
  v = shift_right_in(0x4444, 16, v);
  v = shift_right_in(0x8888, 24, v);
  return svand_int32x16(0xFF, v);
}
static __device__ inline int32x16_t load_u16(const void* p) {
  return svand_int32x16(0xFFFF, shift_right_in(0xAAAA, 16, words_of_lanes(p, 1)));
}
// Two's complement: (x ^ sign) - sign.
static __device__ inline int32x16_t load_i8(const void* p) { return svadd_int32x16(-0x80, bits_xor_scalar(0x80, load_u8(p))); }
static __device__ inline int32x16_t load_i16(const void* p) { return svadd_int32x16(-0x8000, bits_xor_scalar(0x8000, load_u16(p))); }

// The low byte, or the low two, of every lane: moved to its place in the word, then into the word's first lane.
static __device__ inline void store_low8(void* p, int32x16_t v) {
  v = svand_int32x16(0xFF, v);
  v = shift_left_in(0x2222, 8, v);
  v = shift_left_in(0x4444, 16, v);
  v = shift_left_in(0x8888, 24, v);
  v = bits_or(v, vsrlp_int32x16(32, v));
  v = bits_or(v, vsrlp_int32x16(64, v));
  vscatter_lm_int32x16_mh(p, v, lane_numbers(), 0x1111);
}
static __device__ inline void store_low16(void* p, int32x16_t v) {
  v = svand_int32x16(0xFFFF, v);
  v = shift_left_in(0xAAAA, 16, v);
  v = bits_or(v, vsrlp_int32x16(32, v));
  vscatter_lm_int32x16_mh(p, v, shift_left(1, lane_numbers()), 0x5555);
}

// ---- moving elements about in local memory ----
// 16 words of a row picked at a stride: element e of the row is at from[offset + e * stride], elements are BYTES wide,
// word w of the result holds elements w * 4 / BYTES and following. Elements past `count` repeat the last one.
template <int BYTES>
static __device__ inline int32x16_t pick_words(const void* from, int offset, int stride, int first, int count) {
  if (BYTES >= 4) {
    constexpr int words = BYTES / 4 > 0 ? BYTES / 4 : 1;
    constexpr int shift = words == 2 ? 1 : 0;
    const int32x16_t lane = svadd_int32x16(first * words, lane_numbers());
    const int32x16_t element = svmin_int32x16(count - 1, shift_right(shift, lane));
    const int32x16_t at = svadd_int32x16(offset * BYTES, svmul_int32x16(stride * BYTES, element));
    return vgather_lm_int32x16(from, vvadd_int32x16(at, shift_left(2, svand_int32x16(words - 1, lane))));
  }
  // Narrow elements: the aligned word that holds each, shifted down to it, then up to its place.
  constexpr int per_word = BYTES == 1 ? 4 : 2;
  constexpr int low = BYTES == 1 ? 0xFF : 0xFFFF;
  int32x16_t out = vset_zero_int();
  for (int k = 0; k < per_word; k++) {
    const int32x16_t element = svmin_int32x16(count - 1, svadd_int32x16(first + k, svmul_int32x16(per_word, lane_numbers())));
    const int32x16_t at = svadd_int32x16(offset * BYTES, svmul_int32x16(stride * BYTES, element));
    int32x16_t word = vgather_lm_int32x16(from, svand_int32x16(~3, at));
    const int32x16_t byte = svand_int32x16(3, at);
    for (int b = BYTES; b < 4; b += BYTES) word = shift_right_in(sveq_int32x16(b, byte) & 0xFFFF, 8 * b, word);
    out = bits_or(out, shift_left(8 * BYTES * k, svand_int32x16(low, word)));
  }
  return out;
}

// to[c] = from[offset + c * stride] for c < count; writes whole vectors.
template <int BYTES>
static __device__ inline void move_row(void* to, const void* from, int offset, int stride, int count) {
  constexpr int lanes = 64 / BYTES;
  for (int c = 0; c < count; c += lanes)
    vstore_lm_int32x16(static_cast<char*>(to) + c * BYTES, pick_words<BYTES>(from, offset, stride, c, count));
}

// to[c] = from[index[c]] for c < count.
template <int BYTES>
static __device__ inline void lookup_row(void* to, const void* from, const int* index, int count) {
  for (int c = 0; c < count; c += 16) {
    const int used = first_lanes(count - c);
    const int32x16_t element = choose(used, vload_lm_int32x16(index + c), vset_zero_int());
    const int32x16_t at = svmul_int32x16(BYTES, element);
    char* out = static_cast<char*>(to) + c * BYTES;
    if (BYTES == 4) {
      vstore_lm_int32x16(out, vgather_lm_int32x16(from, at));
    } else if (BYTES == 8) {
      const int32x16_t place = shift_left(3, lane_numbers());
      vscatter_lm_int32x16_mh(out, vgather_lm_int32x16(from, at), place, used);
      vscatter_lm_int32x16_mh(out, vgather_lm_int32x16(from, svadd_int32x16(4, at)), svadd_int32x16(4, place), used);
    } else {
      int32x16_t word = vgather_lm_int32x16(from, svand_int32x16(~3, at));
      const int32x16_t byte = svand_int32x16(3, at);
      for (int b = BYTES; b < 4; b += BYTES) word = shift_right_in(sveq_int32x16(b, byte) & 0xFFFF, 8 * b, word);
      if (BYTES == 1)
        store_low8(out, word);
      else
        store_low16(out, word);
    }
  }
}

// Rounded to a half and widened again. The half has a name: an older vfp162float_l takes a reference that is not const.
static __device__ inline float32x16_t round_to_float16(float32x16_t v) {
  auto half = vfloat2fp16_lh(v, v);
  return vfp162float_l(half);
}

// XPU3 truncates when it stores bfloat16: round to nearest even before, NaN stays NaN.
static __device__ inline float32x16_t round_to_bfloat16(float32x16_t v) {
  const int32x16_t bits = as_int(v);
  const int32x16_t odd = svand_int32x16(1, shift_right(16, bits));
  const int32x16_t rounded = svand_int32x16((int)0xFFFF0000, vvadd_int32x16(svadd_int32x16(0x7FFF, odd), bits));
  return choose(vvneq_float32x16(v, v) & 0xFFFF, splat(__builtin_nanf("")), as_float(rounded));
}
