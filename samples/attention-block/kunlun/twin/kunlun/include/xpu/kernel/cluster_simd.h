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

void vload2_lm(const float* p, float32x16_t& vl, float32x16_t& vh, int line = __builtin_LINE());
void vload2_lm(const int* p, int32x16_t& vl, int32x16_t& vh, int line = __builtin_LINE());
void vload2_lm(const float16* p, float32x16_t& vl, float32x16_t& vh, int line = __builtin_LINE());
void vload2_lm(const bfloat16* p, float32x16_t& vl, float32x16_t& vh, int line = __builtin_LINE());

// Halves round to nearest even; bfloat16 is truncated, as cluster3_simd.h does (XPU2 rounds: code that is right on both
// rounds before it stores).
void vstore2_lm(float* p, float32x16_t& vl, float32x16_t& vh, int line = __builtin_LINE());
void vstore2_lm(int* p, int32x16_t& vl, int32x16_t& vh, int line = __builtin_LINE());
void vstore2_lm(float16* p, float32x16_t& vl, float32x16_t& vh, int line = __builtin_LINE());
void vstore2_lm(bfloat16* p, float32x16_t& vl, float32x16_t& vh, int line = __builtin_LINE());

float32x16_t vfp162float_l(const float16x32_t& v);
float32x16_t vfp162float_h(const float16x32_t& v);
float16x32_t vfloat2fp16_lh(const float32x16_t& l, const float32x16_t& h);
