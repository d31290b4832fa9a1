// A header of the kind that operator libraries keep beside their kernels: strides as the host has them, reductions over a cluster.
#ifndef FOREIGN_KERNEL_COMMON_H
#define FOREIGN_KERNEL_COMMON_H
#include "xpu/runtime.h"
#include <xpu/kernel/xtdk.h>
#include <xpu/kernel/xtdk_atomic_sm_xpu3.h>
#include <xpu/kernel/xtdk_bf16.h>
#include <xpu/kernel/xtdk_math.h>
#include <xpu/kernel/xtdk_simd.h>

namespace lib {

// The host's 64 bits, of which the core reads the low half.
struct Extent {
  uint32_t value, padding;
};
struct Stride {
  int32_t value, padding;
};

template <typename T>
__device__ inline float to_float(T x) {
  if constexpr (xpu_std::is_same<T, half>::value)
    return __half2float(x);
  else if constexpr (std::is_same_v<T, bfloat16_t>)
    return __bfloat162float(x);
  else
    return static_cast<float>(x);
}
template <typename T>
__device__ inline T from_float(float x) {
  if constexpr (xpu_std::is_same<T, half>::value)
    return __float2half_rn(x);
  else if constexpr (xpu_std::is_same<T, bfloat16_t>::value)
    return __float2bfloat16_rn(x);
  else
    return x;
}

inline __device__ int offset_of(int flat, int ndim, const Extent* shape, const Stride* strides) {
  int at = 0;
  for (int i = ndim; i-- > 0;) {
    at += (flat % shape[i].value) * strides[i].value;
    flat /= shape[i].value;
  }
  return at;
}

// Whatever the type, the cluster's lock is enough for a maximum.
template <typename T>
inline __device__ T atomic_max(__shared_ptr__ T* p, T value) {
  ticket_lock_mix();
  T old = *p;
  *p = fmax(old, value);
  mfence_sm();
  ticket_unlock_mix();
  return old;
}

template <unsigned int CORES, typename T>
__device__ inline float cluster_sum(__shared_ptr__ const T* data, size_t count, float less) {
  float mine = 0;
  for (size_t i = core_id(); i < count; i += CORES) mine += exp(to_float(data[i]) - less);
  __shared__ float total;
  if (core_id() == 0) total = 0.f;
  mfence_sm();
  sync_cluster();
  atomicadd(&total, mine);
  mfence_sm();
  sync_cluster();
  return total;
}

template <unsigned int CORES, typename T>
__device__ inline float cluster_max(__shared_ptr__ const T* data, size_t count) {
  T mine = data[0];
  for (size_t i = core_id(); i < count; i += CORES) mine = fmax(mine, data[i]);
  __shared__ T most;
  if (core_id() == 0) most = data[0];
  mfence_sm();
  sync_cluster();
  atomic_max(&most, mine);
  mfence_sm();
  sync_cluster();
  return to_float(most);
}

}  // namespace lib

#endif
