// The Ascend C header every kernel includes, as the twin implements it.
#pragma once
#include "kernel_operator_data_copy_intf.h"
#include "kernel_operator_vec_intf.h"
#include "kernel_tensor.h"
#include "kernel_tpipe.h"

namespace twin {
namespace cann {
uint32_t launch_kernel(const char* kernel, uint32_t blocks, void* stream, void (*entry)(void*), void* argument, const char* chip_name);
}
#ifndef PORTOLAN_CHIP
#define PORTOLAN_CHIP "Ascend910B2"
#endif
// What aclrtlaunch_<kernel> comes down to: the kernel, bound to its arguments, on `blocks` cores.
template <class Body>
uint32_t start(const char* kernel, Body body, uint32_t blocks, void* stream) {
  return cann::launch_kernel(kernel, blocks, stream, [](void* argument) { (*static_cast<Body*>(argument))(); }, &body, PORTOLAN_CHIP);
}
}  // namespace twin

namespace AscendC {

// The scalar unit's own: the compiler knows it without a header.
inline float sqrt(float x) { return __builtin_sqrtf(x); }

}  // namespace AscendC
