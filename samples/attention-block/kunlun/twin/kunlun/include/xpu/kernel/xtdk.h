// The twin's xpu/kernel/xtdk.h: qualifiers, core identity, DMA, fences and barriers of XPU C++, under their own names
// (vendor programming guide 2.2; the same names in kernels of PaddlePaddle/FastDeploy and InfiniTensor/InfiniCore).
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "twin/xpu.h"

#if !defined(__XPU2__) && !defined(__XPU3__)
#define __XPU3__ 1
#endif

#define __global__
#define __device__
#define __simd__
#define __global_ptr__
#define _global_ptr_
#define __shared_ptr__
#define _shared_ptr_
#define __group_shared_ptr__
#define _group_shared_ptr_

inline int core_id() { return twin::self().in_cluster; }
inline int cluster_id() { return twin::self().cluster; }
inline int core_num() { return twin::xpu::here().cores; }
inline int cluster_num() { return twin::xpu::here().clusters; }

// ---- DMA: source, destination, bytes. The blocking form is complete on return; the other needs a fence. ----
#define PTL_TWIN_DMA(NAME) void NAME(const void* src, void* dst, int bytes, int line = __builtin_LINE());
PTL_TWIN_DMA(GM2LM)
PTL_TWIN_DMA(GM2LM_ASYNC)
PTL_TWIN_DMA(LM2GM)
PTL_TWIN_DMA(LM2GM_ASYNC)
PTL_TWIN_DMA(GM2SM)
PTL_TWIN_DMA(GM2SM_ASYNC)
PTL_TWIN_DMA(SM2GM)
PTL_TWIN_DMA(SM2GM_ASYNC)
PTL_TWIN_DMA(GM2GSM)
PTL_TWIN_DMA(GM2GSM_ASYNC)
PTL_TWIN_DMA(GSM2GM)
PTL_TWIN_DMA(GSM2GM_ASYNC)
#undef PTL_TWIN_DMA

// ---- fences and barriers ----
void mfence();
void mfence_lm();
void mfence_sm();
void mfence_gm();
void mfence_lm_sm();
void mfence_lm_gm();
void mfence_sm_gm();
void sync_cluster(int line = __builtin_LINE());
void sync_all(int line = __builtin_LINE());
void sync_local(int line = __builtin_LINE());
void sync_group(int mask16, int line = __builtin_LINE());
