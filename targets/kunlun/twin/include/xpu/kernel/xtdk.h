// The twin's xpu/kernel/xtdk.h: qualifiers, core identity, DMA, fences and barriers of XPU C++, under their own names
// (vendor programming guide 2.2; the same names in kernels of PaddlePaddle/FastDeploy and InfiniTensor/InfiniCore).
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <type_traits>

#include "twin/xpu.h"

#if defined(__XPU2__)
#define __arch_xpu2__ 1
#else
#define __arch_xpu3__ 1
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

namespace xpu_std {
using std::is_same;
}

inline int core_id() { return twin::self().in_cluster; }
inline int cluster_id() { return twin::self().cluster; }
inline int core_num() { return twin::xpu::here().cores; }
inline int cluster_num() { return twin::xpu::here().clusters; }
inline int physical_cluster_id() { return twin::self().cluster % (PTL_TWIN_ARCH == 2 ? 8 : 12); }

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

// ---- a word of shared memory at a time (guide 5.2.7 to 5.2.10): load, then a store that answers 0 when it took place ----
float SM2REG_atomic(const float* p, int line = __builtin_LINE());
int SM2REG_atomic(const int* p, int line = __builtin_LINE());
unsigned SM2REG_atomic(const unsigned* p, int line = __builtin_LINE());
int REG2SM_atomic(float* p, float value, int line = __builtin_LINE());
int REG2SM_atomic(int* p, int value, int line = __builtin_LINE());
int REG2SM_atomic(unsigned* p, unsigned value, int line = __builtin_LINE());
// The cluster's spin lock (InfiniTensor/InfiniCore kunlun_kernel_common.h): what it guards is fenced before it is given back.
void ticket_lock_mix(int line = __builtin_LINE());
void ticket_unlock_mix(int line = __builtin_LINE());

// ---- fences and barriers ----
void mfence(int line = __builtin_LINE());
void mfence_lm(int line = __builtin_LINE());
void mfence_sm(int line = __builtin_LINE());
void mfence_gm(int line = __builtin_LINE());
void mfence_lm_sm(int line = __builtin_LINE());
void mfence_lm_gm(int line = __builtin_LINE());
void mfence_sm_gm(int line = __builtin_LINE());
// Bits: 1 LM, 2 SM, 4 GM (FlagTree: 1, 4, 5 and 7 are seen).
void xpu_mfence(int mask, int line = __builtin_LINE());
#define __builtin_xpu2_mfence(mask) xpu_mfence(mask)
void sync_cluster(int line = __builtin_LINE());
void sync_all(int line = __builtin_LINE());
void sync_local(int line = __builtin_LINE());
void sync_group(int mask16, int line = __builtin_LINE());

#include "twin/xpu-assembly.h"
