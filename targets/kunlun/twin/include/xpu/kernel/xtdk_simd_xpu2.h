// The twin's xpu/kernel/xtdk_simd_xpu2.h, a part of xtdk_simd.h that code includes by itself (pengcheng888/InfiniCore
// src/infiniop/sort/kunlun/heap.h).
#pragma once
#include "xpu/kernel/xtdk_simd.h"
