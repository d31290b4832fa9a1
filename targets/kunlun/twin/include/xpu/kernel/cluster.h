// The twin's xpu/kernel/cluster.h, the umbrella header of XDNN kernels: it defines the half types.
#pragma once
#define PTL_TWIN_CLUSTER 1
#include "xpu/kernel/xtdk.h"
#include "xpu/kernel/cluster_math.h"
#include "xpu/kernel/xtdk_simd.h"

#include "twin/xpu-half.h"

// Two 4-bit integers in a byte (cluster3_type.h).
typedef struct {
  int8_t val;
} int4_t;
typedef struct {
  unsigned short val;
} bit16_t;

#include "xpu/kernel/cluster_partition.h"
#include "xpu/kernel/cluster_primitive.h"
