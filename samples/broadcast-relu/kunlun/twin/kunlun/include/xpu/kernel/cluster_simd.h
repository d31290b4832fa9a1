// The twin's xpu/kernel/cluster_simd.h (XDNN's helpers over xtdk_simd.h): constants, and loads and stores of 32 elements
// that convert halves to and from float.
#pragma once
#include "xpu/kernel/xtdk_simd.h"

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
