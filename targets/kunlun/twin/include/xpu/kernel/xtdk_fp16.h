// The twin's xpu/kernel/xtdk_fp16.h: XPU3's half, whose arithmetic is the core's own, and conversions (InfiniTensor/InfiniCore
// kunlun_kernel_common.h, rope_kunlun.xpu; wangjiahui-99/FlagGems gt_raw.xpu). XPU2 has no arithmetic of halves and no such type.
#pragma once
#include "xpu/kernel/xtdk.h"

#if defined(__XPU2__)
#error "xtdk_fp16.h is of XPU3: XPU2 has no half arithmetic, convert to float by vload2_lm"
#endif
#include "twin/xpu-half.h"

typedef half __half;
struct __half_raw {
  union {
    unsigned short x;
    half data;
  };
  __half_raw() = default;
  __half_raw(half h) : data(h) {}
  operator half() const { return data; }
};

inline float __half2float(half h) { return (float)h; }
inline half __float2half(float f) { return (half)f; }
inline half __float2half_rn(float f) { return (half)f; }
inline half __hadd(half a, half b) { return (half)(a + b); }
inline half __hsub(half a, half b) { return (half)(a - b); }
inline half __hmul(half a, half b) { return (half)(a * b); }
inline half fmax(half a, half b) { return a > b ? a : b; }
inline half fmin(half a, half b) { return a < b ? a : b; }
// The exponential in float, rounded to a half: its last bit is not documented.
inline half hexp(half h) { return (half)__builtin_expf((float)h); }
