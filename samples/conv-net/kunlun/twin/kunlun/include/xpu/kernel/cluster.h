// The twin's xpu/kernel/cluster.h, the umbrella header of XDNN kernels.
#pragma once
#include "xpu/kernel/cluster_simd.h"
#include "xpu/kernel/xtdk.h"
#include "xpu/kernel/xtdk_math.h"
