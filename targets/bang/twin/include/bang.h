// BANG C for the twin: the device side of a .mlu file under the vendor's own names (facts: Cambricon BANG C guide,
// mlu-ops kernels). Declarations only; every call is checked and carried out in ../*.cpp, and the last, defaulted
// argument tells the kernel's line. Source forms a C++ compiler cannot take are rewritten by common/twin/prepare.cpp.
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "cnrt.h"
#include "half.h"
#include "on-chip.h"

#define __BANG__ 1
#ifndef __BANG_ARCH__
#define __BANG_ARCH__ 592
#endif

#define __mlu_global__ static
#define __mlu_entry__ static
#define __mlu_func__ static inline
#define __mlu_device__ inline
#define __mlu_host__

struct bfloat16_t {
  uint16_t bits;
};

// ---- tasks ------------------------------------------------------------------------------------------------------
namespace twin {
struct BangTask {
  int id, idX, idY, idZ, dim, dimX, dimY, dimZ, clusterId, clusterDim, coreId, coreDim;
};
const BangTask& bang_task();
int start_raw(const char* kernel, int arch, cnrtDim3_t dim, cnrtFunctionType_t type, cnrtQueue_t queue, void (*entry)(void*), void* argument,
              int line);

template <int arch, class Body>
void start(const char* kernel, Body body, cnrtDim3_t dim, cnrtFunctionType_t type, cnrtQueue_t queue, int line = __builtin_LINE()) {
  start_raw(kernel, arch, dim, type, queue, [](void* b) { (*static_cast<Body*>(b))(); }, &body, line);
}
}  // namespace twin

#define taskId (::twin::bang_task().id)
#define taskIdX (::twin::bang_task().idX)
#define taskIdY (::twin::bang_task().idY)
#define taskIdZ (::twin::bang_task().idZ)
#define taskDim (::twin::bang_task().dim)
#define taskDimX (::twin::bang_task().dimX)
#define taskDimY (::twin::bang_task().dimY)
#define taskDimZ (::twin::bang_task().dimZ)
#define clusterId (::twin::bang_task().clusterId)
#define clusterDim (::twin::bang_task().clusterDim)
#define coreId (::twin::bang_task().coreId)
#define coreDim (::twin::bang_task().coreDim)

#define TWIN_LINE int line = __builtin_LINE()

// ---- data movement ------------------------------------------------------------------------------------------------
enum mluMemcpyDirection_t {
  GDRAM2NRAM, NRAM2GDRAM, LDRAM2NRAM, NRAM2LDRAM, GDRAM2WRAM, WRAM2GDRAM, LDRAM2WRAM, WRAM2LDRAM, NRAM2NRAM, NRAM2WRAM, WRAM2NRAM, GDRAM2SRAM,
  SRAM2GDRAM, LDRAM2SRAM, SRAM2LDRAM, SRAM2NRAM, NRAM2SRAM, SRAM2WRAM, WRAM2SRAM, GDRAM2GDRAM, GDRAM2LDRAM, LDRAM2GDRAM, SRAM2SRAM,
};

// Strides in bytes between the starts of segments; each segnum is the count minus one.
void __memcpy(void* dst, const void* src, int bytes, mluMemcpyDirection_t dir, TWIN_LINE);
void __memcpy(void* dst, const void* src, int bytes, mluMemcpyDirection_t dir, int dst_stride, int src_stride, int segnum, TWIN_LINE);
void __memcpy(void* dst, const void* src, int bytes, mluMemcpyDirection_t dir, int dst_stride0, int dst_segnum1, int dst_stride1, int dst_segnum2,
              int src_stride0, int src_segnum1, int src_stride1, int src_segnum2, TWIN_LINE);
void __memcpy_async(void* dst, const void* src, int bytes, mluMemcpyDirection_t dir, TWIN_LINE);
void __memcpy_async(void* dst, const void* src, int bytes, mluMemcpyDirection_t dir, int dst_stride, int src_stride, int segnum, TWIN_LINE);
void __memcpy_async(void* dst, const void* src, int bytes, mluMemcpyDirection_t dir, int dst_stride0, int dst_segnum1, int dst_stride1,
                    int dst_segnum2, int src_stride0, int src_segnum1, int src_stride1, int src_segnum2, TWIN_LINE);
// The strided form is disputed (one public use, which passes the count and not one less): __memcpy NRAM2NRAM does the same.
void __bang_move(void* dst, const void* src, int bytes, TWIN_LINE);

// ---- synchronisation ------------------------------------------------------------------------------------------------
void __sync(TWIN_LINE);
void __sync_io(TWIN_LINE);
void __sync_move(TWIN_LINE);
void __sync_compute(TWIN_LINE);
void __sync_io_move_compute(TWIN_LINE);
void __sync_cluster(TWIN_LINE);

// ---- vector arithmetic and conversions ----------------------------------------------------------------------------------
#define BINARY(T, name, has, value) void name(T* dst, const T* a, const T* b, uint32_t n, TWIN_LINE);
#define SCALAR(T, name, has, value) void name(T* dst, const T* a, T b, uint32_t n, TWIN_LINE);
#define CYCLE(T, name, has, value) void name(T* dst, const T* a, const T* b, uint32_t n, uint32_t seg, TWIN_LINE);
#define UNARY(T, name, has, value) void name(T* dst, const T* a, uint32_t n, TWIN_LINE);
// real = integer * 2^fix
#define CONVERT(D, S, name, has, value) void name(D* dst, const S* src, uint32_t n, TWIN_LINE);
#define CONVERT_AT(D, S, name, has, value) void name(D* dst, const S* src, uint32_t n, int fix_position, TWIN_LINE);
#define CONVERT_BETWEEN(D, S, name, has, value) void name(D* dst, const S* src, uint32_t n, int dst_position, int src_position, TWIN_LINE);
#include "instructions.gen.h"
#undef BINARY
#undef SCALAR
#undef CYCLE
#undef UNARY
#undef CONVERT
#undef CONVERT_AT
#undef CONVERT_BETWEEN

// ---- fills, layout, pooling, reductions -------------------------------------------------------------------------------
#define TWIN_STORAGE(T) \
  void __bang_write_value(T* dst, int n, T value, TWIN_LINE); \
  void __bang_transpose(T* dst, const T* src, int height, int width, TWIN_LINE); \
  T __load_nram(const T* p, TWIN_LINE); \
  void __store_nram(T* p, T value, TWIN_LINE); \
  T __load_gdram(const T* p, TWIN_LINE); \
  void __store_gdram(T* p, T value, TWIN_LINE);
TWIN_STORAGE(float)
TWIN_STORAGE(half)
TWIN_STORAGE(bfloat16_t)
TWIN_STORAGE(int8_t)
TWIN_STORAGE(uint8_t)
TWIN_STORAGE(int16_t)
TWIN_STORAGE(uint16_t)
TWIN_STORAGE(int32_t)
TWIN_STORAGE(uint32_t)
TWIN_STORAGE(int64_t)

void __bang_incseq(int32_t* dst, uint32_t n, TWIN_LINE);
#define TWIN_POOL(name) \
  void __bang_##name(float* dst, const float* src, int channel, int height, int width, int kernel_height, int kernel_width, int stride_x, \
                     int stride_y, TWIN_LINE);
TWIN_POOL(sumpool)
TWIN_POOL(maxpool)
TWIN_POOL(minpool)
// The sum of every 128 bytes of src, in the first element of the same 128 bytes of dst.
void __bang_reduce_sum(float* dst, const float* src, uint32_t n, TWIN_LINE);
// dst[0] the value, the next four bytes its index; dst has room for 128 bytes.
void __bang_argmax(float* dst, const float* src, uint32_t n, TWIN_LINE);
void __bang_argmin(float* dst, const float* src, uint32_t n, TWIN_LINE);

// ---- scalar unit --------------------------------------------------------------------------------------------------------
// The C library's functions work in device code; declared here so that a kernel needs no standard header.
extern "C" {
float fabsf(float);
float floorf(float);
float ceilf(float);
float rintf(float);
float truncf(float);
float sqrtf(float);
float expf(float);
float exp2f(float);
float logf(float);
float log2f(float);
float sinf(float);
float cosf(float);
float tanf(float);
float asinf(float);
float acosf(float);
float atanf(float);
float sinhf(float);
float coshf(float);
float tanhf(float);
float asinhf(float);
float acoshf(float);
float atanhf(float);
float erff(float);
float powf(float, float);
float fmodf(float, float);
float fmaf(float, float, float);
}
float __half2float(half x);
half __float2half_rn(float x);
float __bfloat162float(bfloat16_t x);
bfloat16_t __float2bfloat16_rn(float x);
