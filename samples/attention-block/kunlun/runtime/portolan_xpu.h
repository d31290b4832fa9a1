// What generated XPU kernels share: the block a core works on, and vector helpers that XTDK's headers leave to the reader.
#pragma once
#include "xpu/kernel/cluster_simd.h"
#include "xpu/kernel/xtdk.h"
#include "xpu/kernel/xtdk_math.h"
#include "xpu/kernel/xtdk_simd.h"

// ---- what the device compiler and the twin spell differently ----
#if defined(__xpu__)
// The instructions exist; functions for them only inside XDNN's primitive_cast, which spells them so too.
static __device__ inline int32x16_t to_int_rint(float32x16_t v) {
  int32x16_t r;
  __asm__ __volatile__("vfloat2fix.rn %0, %1" : "=&v"(r) : "v"(v));
  return r;
}
static __device__ inline int32x16_t to_int_trunc(float32x16_t v) {
  int32x16_t r;
  __asm__ __volatile__("vfloat2fix.rz %0, %1" : "=&v"(r) : "v"(v));
  return r;
}
static __device__ inline float32x16_t to_float(int32x16_t v) {
  float32x16_t r;
  __asm__ __volatile__("vfix2float.rn %0, %1" : "=&v"(r) : "v"(v));
  return r;
}
// One element of global memory: slow, for data-dependent addresses only.
template <class T>
static __device__ inline T gm_get(const T* p) {
  return *p;
}
template <class T>
static __device__ inline void gm_set(T* p, T value) {
  *p = value;
}
#else
static inline int32x16_t to_int_rint(float32x16_t v) { return vfloat2fix(v); }
static inline int32x16_t to_int_trunc(float32x16_t v) { return vfloat2fix_rz(v); }
static inline float32x16_t to_float(int32x16_t v) { return vfix2float(v); }
template <class T>
static inline T gm_get(const T* p, int line = __builtin_LINE()) {
  twin::xpu::scalar_global(p, sizeof(T), false, line);
  return *p;
}
template <class T>
static inline void gm_set(T* p, T value, int line = __builtin_LINE()) {
  twin::xpu::scalar_global(p, sizeof(T), true, line);
  *p = value;
}
#endif

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

// Every lane the same value, bit for bit.
static __device__ inline float32x16_t splat(float s) { return svor_float32x16(s, vset_zero()); }
static __device__ inline int32x16_t splat(int s) { return svor_int32x16(s, vset_zero_int()); }

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

static __device__ inline uint32x16_t choose(int mask, uint32x16_t a, uint32x16_t b) { return vvor_uint32x16_mh(a, a, b, mask); }
static __device__ inline float32x16_t choose_scalar(int mask, float32x16_t a, float b) {
  return svor_float32x16_mh(b, vset_zero(), a, ~mask & 0xFFFF);
}
static __device__ inline int32x16_t choose_scalar(int mask, int32x16_t a, int b) {
  return svor_int32x16_mh(b, vset_zero_int(), a, ~mask & 0xFFFF);
}

// The same bits under another type.
static __device__ inline uint32x16_t as_unsigned(int32x16_t v) { return reinterpret_cast<uint32x16_t&>(v); }
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

// The first n of 16 lanes; n may exceed 16 or be negative.
static __device__ inline int first_lanes(int n) { return n >= 16 ? 0xFFFF : n <= 0 ? 0 : (1 << n) - 1; }

// max and min that give NaN where either operand is NaN.
static __device__ inline float32x16_t max_nan(float32x16_t a, float32x16_t b) {
  const float32x16_t m = choose(vvneq_float32x16(a, a), a, vvmax_float32x16(a, b));
  return choose(vvneq_float32x16(b, b), b, m);
}
static __device__ inline float32x16_t min_nan(float32x16_t a, float32x16_t b) {
  const float32x16_t m = choose(vvneq_float32x16(a, a), a, vvmin_float32x16(a, b));
  return choose(vvneq_float32x16(b, b), b, m);
}

// One value from 16 lanes: halves are folded four times, so that a sum's error grows with log2 of the lanes.
#define PTL_FOLD(NAME, TYPE, OP)                                        \
  static __device__ inline TYPE NAME(TYPE##32x16_t v) {                 \
    v = OP(v, vsrlp_##TYPE##32x16(1 << 8, v));                          \
    v = OP(v, vsrlp_##TYPE##32x16(1 << 4, v));                          \
    v = OP(v, vsrlp_##TYPE##32x16(1 << 2, v));                          \
    v = OP(v, vsrlp_##TYPE##32x16(1 << 1, v));                          \
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
  return vgather_lm_int32x16(p, svsll_int32x16(2, svsrl_int32x16(log2_per_word, lane_numbers())));
}
static __device__ inline int32x16_t load_u8(const void* p) {
  int32x16_t v = words_of_lanes(p, 2);
  v = svsrl_int32x16_mh(8, v, v, 0x2222);
  v = svsrl_int32x16_mh(16, v, v, 0x4444);
  v = svsrl_int32x16_mh(24, v, v, 0x8888);
  return svand_int32x16(0xFF, v);
}
static __device__ inline int32x16_t load_u16(const void* p) {
  int32x16_t v = words_of_lanes(p, 1);
  v = svsrl_int32x16_mh(16, v, v, 0xAAAA);
  return svand_int32x16(0xFFFF, v);
}
// Two's complement: (x ^ sign) - sign.
static __device__ inline int32x16_t load_i8(const void* p) { return svadd_int32x16(-0x80, svxor_int32x16(0x80, load_u8(p))); }
static __device__ inline int32x16_t load_i16(const void* p) { return svadd_int32x16(-0x8000, svxor_int32x16(0x8000, load_u16(p))); }

// The low byte, or the low two, of every lane.
static __device__ inline void store_low8(void* p, int32x16_t v) {
  v = svand_int32x16(0xFF, v);
  v = svsll_int32x16_mh(8, v, v, 0x2222);
  v = svsll_int32x16_mh(16, v, v, 0x4444);
  v = svsll_int32x16_mh(24, v, v, 0x8888);
  v = vvor_int32x16(v, vsrlp_int32x16(1 << 1, v));
  v = vvor_int32x16(v, vsrlp_int32x16(1 << 2, v));
  vscatter_lm_int32x16_mh(p, v, lane_numbers(), 0x1111);
}
static __device__ inline void store_low16(void* p, int32x16_t v) {
  v = svand_int32x16(0xFFFF, v);
  v = svsll_int32x16_mh(16, v, v, 0xAAAA);
  v = vvor_int32x16(v, vsrlp_int32x16(1 << 1, v));
  vscatter_lm_int32x16_mh(p, v, svsll_int32x16(1, lane_numbers()), 0x5555);
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
    const int32x16_t element = svmin_int32x16(count - 1, svsrl_int32x16(shift, lane));
    const int32x16_t at = svadd_int32x16(offset * BYTES, svmul_int32x16(stride * BYTES, element));
    return vgather_lm_int32x16(from, vvadd_int32x16(at, svsll_int32x16(2, svand_int32x16(words - 1, lane))));
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
    for (int b = BYTES; b < 4; b += BYTES) word = svsrl_int32x16_mh(8 * b, word, word, sveq_int32x16(b, byte));
    word = svsll_int32x16(8 * BYTES * k, svand_int32x16(low, word));
    out = vvor_int32x16(out, word);
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
      const int32x16_t place = svsll_int32x16(3, lane_numbers());
      vscatter_lm_int32x16_mh(out, vgather_lm_int32x16(from, at), place, used);
      vscatter_lm_int32x16_mh(out, vgather_lm_int32x16(from, svadd_int32x16(4, at)), svadd_int32x16(4, place), used);
    } else {
      int32x16_t word = vgather_lm_int32x16(from, svand_int32x16(~3, at));
      const int32x16_t byte = svand_int32x16(3, at);
      for (int b = BYTES; b < 4; b += BYTES) word = svsrl_int32x16_mh(8 * b, word, word, sveq_int32x16(b, byte));
      if (BYTES == 1)
        store_low8(out, word);
      else
        store_low16(out, word);
    }
  }
}

// Rounded to a half and widened again.
static __device__ inline float32x16_t round_to_float16(float32x16_t v) { return vfp162float_l(vfloat2fp16_lh(v, v)); }

// XPU3 truncates when it stores bfloat16: round to nearest even before, NaN stays NaN.
static __device__ inline float32x16_t round_to_bfloat16(float32x16_t v) {
  const int32x16_t bits = reinterpret_cast<int32x16_t&>(v);
  const int32x16_t odd = svand_int32x16(1, svsrl_int32x16(16, bits));
  int32x16_t rounded = svand_int32x16((int)0xFFFF0000, vvadd_int32x16(svadd_int32x16(0x7FFF, odd), bits));
  return choose(vvneq_float32x16(v, v), splat(__builtin_nanf("")), reinterpret_cast<float32x16_t&>(rounded));
}
