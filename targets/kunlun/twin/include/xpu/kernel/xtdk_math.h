// The twin's xpu/kernel/xtdk_math.h: scalar mathematics of a core, single precision (the list of cluster_math.h).
//
// C++'s own <math.h> brings functions of these names. Where it was included before, they serve; else it is kept out after.
#pragma once
#include <cmath>

#include "xpu/kernel/xtdk.h"

inline int min(int a, int b) { return a < b ? a : b; }
inline int max(int a, int b) { return a > b ? a : b; }

#if !defined(_GLIBCXX_MATH_H)
#define _GLIBCXX_MATH_H 1
inline float fmin(float a, float b) { return a < b ? a : b; }
inline float fmax(float a, float b) { return a > b ? a : b; }
inline float fabs(float x) { return __builtin_fabsf(x); }
inline float sqrt(float x) { return __builtin_sqrtf(x); }
inline float exp(float x) { return __builtin_expf(x); }
inline float log(float x) { return __builtin_logf(x); }
inline float pow(float x, float y) { return __builtin_powf(x, y); }
inline float rint(float x) { return __builtin_rintf(x); }
inline float trunc(float x) { return __builtin_truncf(x); }
inline float ceil(float x) { return __builtin_ceilf(x); }
inline float floor(float x) { return __builtin_floorf(x); }
// xtdk_trigonometric.h
inline float sin(float x) { return __builtin_sinf(x); }
inline float cos(float x) { return __builtin_cosf(x); }
inline float tan(float x) { return __builtin_tanf(x); }
inline float tanh(float x) { return __builtin_tanhf(x); }
#endif
inline float rsqrt(float x) { return 1.0f / __builtin_sqrtf(x); }
inline float fast_erf(float x) { return __builtin_erff(x); }
inline float fast_inverse_sqrt(float x, float epsilon) { return 1.0f / __builtin_sqrtf(x + epsilon); }
inline float fix2float(int x) { return (float)x; }
// To the nearest and towards zero; what becomes of NaN and of values beyond int is not documented: the twin takes none.
int float2fix(float x, int line = __builtin_LINE());
int float2fix_rz(float x, int line = __builtin_LINE());

inline int roundup(int n, int k) { return (n + k - 1) / k * k; }
inline int roundup_div(int n, int k) { return (n + k - 1) / k; }
inline int rounddown(int n, int k) { return n / k * k; }
inline int rounddown_div(int n, int k) { return n / k; }

#define PTL_TWIN_POWER(K)                                       \
  inline int div##K(int n) { return n / K; }                    \
  inline int mod##K(int n) { return n % K; }                    \
  inline int roundup_div##K(int n) { return (n + K - 1) / K; }  \
  inline int rounddown##K(int n) { return n / K * K; }
PTL_TWIN_POWER(2)
PTL_TWIN_POWER(4)
PTL_TWIN_POWER(8)
PTL_TWIN_POWER(16)
PTL_TWIN_POWER(32)
PTL_TWIN_POWER(64)
PTL_TWIN_POWER(128)
PTL_TWIN_POWER(256)
#undef PTL_TWIN_POWER
