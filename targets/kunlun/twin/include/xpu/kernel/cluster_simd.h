// The twin's xpu/kernel/cluster_simd.h (XDNN's helpers over xtdk_simd.h): constants, and loads and stores of 32 elements
// that convert halves to and from float.
#pragma once
#include "xpu/kernel/xtdk_simd.h"
#if defined(__XPU2__)
#include "xpu/kernel/cluster.h"
#elif !defined(PTL_TWIN_CLUSTER)
#error "on XPU3 cluster_simd.h declares functions of half types that cluster.h defines: include xpu/kernel/cluster.h before it"
#endif

float32x16_t vset_zero();
float32x16_t vset_one();
int32x16_t vset_zero_int();

// Lanes 0 to 15 and 16 to 31 of 32 elements. Halves round to nearest even; bfloat16 is truncated on XPU3, as cluster3_simd.h
// does, and rounded on XPU2: code that is right on both rounds before it stores. `unordered`: elements 1, 3, 5, ..., then 0, 2, 4, ....
// A mask has a bit for each of the 32; stores take one for each register.
#define PTL_TWIN_PAIRS_OF(SPACE, E, V)                                                                                          \
  void vload2_##SPACE(const E* p, V& vl, V& vh, int line = __builtin_LINE());                                                   \
  void vload2_##SPACE##_mz(const E* p, V& vl, V& vh, unsigned mask, int line = __builtin_LINE());                               \
  void vstore2_##SPACE(E* p, const V& vl, const V& vh, int line = __builtin_LINE());                                            \
  void vstore2_##SPACE##_mz(E* p, const V& vl, const V& vh, unsigned mask1, unsigned mask2, int line = __builtin_LINE());
#define PTL_TWIN_PAIRS(SPACE)                                                                                                   \
  PTL_TWIN_PAIRS_OF(SPACE, float, float32x16_t)                                                                                 \
  PTL_TWIN_PAIRS_OF(SPACE, int, int32x16_t)                                                                                     \
  PTL_TWIN_PAIRS_OF(SPACE, float16, float32x16_t)                                                                               \
  PTL_TWIN_PAIRS_OF(SPACE, bfloat16, float32x16_t)                                                                              \
  void vload2_##SPACE##_unordered(const bfloat16* p, float32x16_t& veven, float32x16_t& vodd, int line = __builtin_LINE());     \
  void vload2_##SPACE##_unordered_mz(const bfloat16* p, float32x16_t& veven, float32x16_t& vodd, unsigned mask, int line = __builtin_LINE()); \
  void vstore2_##SPACE##_unordered(bfloat16* p, const float32x16_t& veven, const float32x16_t& vodd, int line = __builtin_LINE());
PTL_TWIN_PAIRS(lm)
PTL_TWIN_PAIRS(sm)
PTL_TWIN_PAIRS(gsm)
#undef PTL_TWIN_PAIRS
#undef PTL_TWIN_PAIRS_OF

#if !defined(__XPU2__)
inline float16x32_t vset_zero_fp16() { return float16x32_t((half)0.0f); }
inline float32x16_t vfp162fp32_l(const float16x32_t& v) { return vfp162float_l(v); }
inline float32x16_t vfp162fp32_h(const float16x32_t& v) { return vfp162float_h(v); }
inline void vload2_lm(const float16* p, float16x32_t& vl, float16x32_t& vh, int line = __builtin_LINE()) {
  vl = vload_lm_float16x32(p, line);
  vh = vload_lm_float16x32(p + 32, line);
}
inline void vstore2_lm(float16* p, const float16x32_t& vl, const float16x32_t& vh, int line = __builtin_LINE()) {
  vstore_lm_float16x32(p, vl, line);
  vstore_lm_float16x32(p + 32, vh, line);
}
#endif

#include "xpu/kernel/cluster_simd_with_template.h"
