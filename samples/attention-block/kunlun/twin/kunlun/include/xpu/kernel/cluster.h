// The twin's xpu/kernel/cluster.h, the umbrella header of XDNN kernels: it defines the half types.
#pragma once
#define PTL_TWIN_CLUSTER 1
#include "xpu/kernel/xtdk.h"
#include "xpu/kernel/xtdk_math.h"
#include "xpu/kernel/xtdk_simd.h"

#include "twin/xpu-half.h"
