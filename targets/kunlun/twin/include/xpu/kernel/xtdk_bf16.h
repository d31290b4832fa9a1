// The twin's xpu/kernel/xtdk_bf16.h: bfloat16_t and its conversions, to the nearest (InfiniTensor/InfiniCore
// kunlun_kernel_common.h, gemm_kunlun_cast.xpu).
#pragma once
#include "xpu/kernel/xtdk.h"

#if defined(__XPU2__)
#error "xtdk_bf16.h is of XPU3"
#endif
#include "twin/xpu-half.h"

inline float __bfloat162float(bfloat16_t h) { return (float)h; }
inline bfloat16_t __float2bfloat16(float f) { return bfloat16_t(f); }
inline bfloat16_t __float2bfloat16_rn(float f) { return bfloat16_t(f); }
inline bfloat16_t fmax(bfloat16_t a, bfloat16_t b) { return a > b ? a : b; }
inline bfloat16_t fmin(bfloat16_t a, bfloat16_t b) { return a < b ? a : b; }
