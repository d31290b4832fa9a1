// The twin's xpu/kernel/xtdk_atomic_sm_xpu3.h: atomic additions to shared memory, which give what stood there before
// (InfiniTensor/InfiniCore kunlun_kernel_common.h; assumption X4 of docs/twins.md).
#pragma once
#include "xpu/kernel/xtdk.h"

#if defined(__XPU2__)
#error "xtdk_atomic_sm_xpu3.h is of XPU3: on XPU2 an atomic addition is a loop of SM2REG_atomic and REG2SM_atomic"
#endif

float atomicadd(float* p, float value, int line = __builtin_LINE());
int atomicadd(int* p, int value, int line = __builtin_LINE());
unsigned atomicadd(unsigned* p, unsigned value, int line = __builtin_LINE());
