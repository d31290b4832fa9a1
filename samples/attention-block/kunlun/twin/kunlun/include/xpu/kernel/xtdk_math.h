// The twin's xpu/kernel/xtdk_math.h: scalar mathematics of a core, single precision.
#pragma once
#include "xpu/kernel/xtdk.h"


inline int min(int a, int b) { return a < b ? a : b; }
inline int max(int a, int b) { return a > b ? a : b; }
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
inline int roundup(int n, int k) { return (n + k - 1) / k * k; }
inline int roundup_div(int n, int k) { return (n + k - 1) / k; }
inline int rounddown(int n, int k) { return n / k * k; }
inline int rounddown_div(int n, int k) { return n / k; }
