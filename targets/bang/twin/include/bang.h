// BANG C for the twin: the device side of a .mlu file under the vendor's own names (facts: Cambricon BANG C guide,
// mlu-ops kernels). Declarations only; every call is checked and carried out in ../*.cpp, and the last, defaulted
// argument tells the kernel's line. Source forms a C++ compiler cannot take are rewritten by common/twin/prepare.cpp.
#pragma once
// The vendor's compiler brings these and bang.h into every file (its __clang_bang_runtime_wrapper.h), as prepare.cpp does.
// The C headers alone: what libstdc++ wraps around them takes longer to compile than a kernel.
#define _GLIBCXX_INCLUDE_NEXT_C_HEADERS
#include <assert.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#undef _GLIBCXX_INCLUDE_NEXT_C_HEADERS

#include "cnrt.h"
#include "half.h"
#include "on-chip.h"

#define __BANG__ 1
#ifndef __BANG_ARCH__
#define __BANG_ARCH__ 592
#endif

#define __mlu_global__ static
#define __mlu_entry__ static
// Not `inline`, which may stand beside them.
#define __mlu_func__ static __attribute__((unused))
#define __mlu_device__ __attribute__((unused))
#define __mlu_host__

#define __mlu_const__ static const

// Converted by a cast, as InfiniCore's kernels do; arithmetic goes through float.
struct bfloat16_t {
  bfloat16_t() = default;
  explicit bfloat16_t(float x);
  explicit operator float() const;
  uint16_t bits;
};

// As bang_fp16.h and bang_bf16.h name them.
typedef half __half;
typedef bfloat16_t __bang_bfloat16;

// ---- memories (bangc.md section 3), in bytes; what a kernel leaves the compiler for its stack is up to its author ---------------
namespace twin {
constexpr size_t nram_bytes(int arch) { return (arch == 372 || arch == 322 ? 768 : 512) * 1024; }
// Of mtp_592 and newer the pages give no number: the least of the others, so that a kernel with more is heard of.
constexpr size_t wram_bytes(int arch) { return (arch == 270 || arch == 322 || arch == 372 ? 1024 : 512) * 1024; }
constexpr size_t sram_bytes(int arch) { return arch == 372 ? 4096 * 1024 : arch == 322 ? 1536 * 1024 : 2048 * 1024; }
}  // namespace twin
// The same in KiB as the compiler defines them; they stand in #if as well.
#define __MLU_NRAM_SIZE__ (__BANG_ARCH__ == 372 || __BANG_ARCH__ == 322 ? 768 : 512)
#define __MLU_WRAM_SIZE__ (__BANG_ARCH__ == 270 || __BANG_ARCH__ == 322 || __BANG_ARCH__ == 372 ? 1024 : 512)
#define __MLU_SRAM_SIZE__ (__BANG_ARCH__ == 372 ? 4096 : __BANG_ARCH__ == 322 ? 1536 : 2048)

// ---- tasks ------------------------------------------------------------------------------------------------------
namespace twin {
// coreId of a cluster's memory core
constexpr int memory_core_id = 0x80;
struct BangTask {
  int id, idX, idY, idZ, dim, dimX, dimY, dimZ, clusterId, clusterDim, coreId, coreDim;
};
const BangTask& bang_task();
int start_raw(const char* kernel, int arch, cnrtDim3_t dim, cnrtFunctionType_t type, cnrtQueue_t queue, void (*entry)(void*), void* argument,
              int line);

// In place of assembly that no document explains.
[[noreturn]] void unknown_assembly(const char* text, int line = __builtin_LINE());

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

#define __is_mpu() (coreId == ::twin::memory_core_id)
#define __is_ipu() (coreId != ::twin::memory_core_id)

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
void __memcpy_nram_to_nram(void* dst, const void* src, int bytes, int dst_stride, int src_stride, int segnum, TWIN_LINE);
// num segments of transfer_bytes; offsets in bytes, one a segment, in NRAM: of the source, or of the destination.
void __gather(void* dst, const void* src, const uint32_t* offsets, int transfer_bytes, mluMemcpyDirection_t dir, int dst_stride, int num, TWIN_LINE);
void __gather_async(void* dst, const void* src, const uint32_t* offsets, int transfer_bytes, mluMemcpyDirection_t dir, int dst_stride, int num, TWIN_LINE);
void __scatter(void* dst, const void* src, const uint32_t* offsets, int transfer_bytes, mluMemcpyDirection_t dir, int src_stride, int num, TWIN_LINE);
void __scatter_async(void* dst, const void* src, const uint32_t* offsets, int transfer_bytes, mluMemcpyDirection_t dir, int src_stride, int num, TWIN_LINE);
// The same for segments whose bit of the mask in NRAM is 1, the first in the lowest bit of the first byte.
void __gather(void* dst, const void* src, const uint32_t* offsets, const void* bitmask, int transfer_bytes, mluMemcpyDirection_t dir, int dst_stride, int num, TWIN_LINE);
void __scatter(void* dst, const void* src, const uint32_t* offsets, const void* bitmask, int transfer_bytes, mluMemcpyDirection_t dir, int src_stride, int num, TWIN_LINE);
bool __is_nram(const void* p);
bool __is_wram(const void* p);
bool __is_sram(const void* p);

// ---- synchronisation ------------------------------------------------------------------------------------------------
void __sync(TWIN_LINE);
void __sync_io(TWIN_LINE);
void __sync_move(TWIN_LINE);
void __sync_compute(TWIN_LINE);
void __sync_io_move_compute(TWIN_LINE);
// Which queue waits for which, in pairs nobody has published: all for all.
void __sync_io_move_compute(bool, bool, bool, bool, bool, bool, TWIN_LINE);
// Of a union task: the cores and memory core of a cluster, all of both, all cores, all memory cores, the cores of a cluster.
// In a Block task each is a wait of this core.
void __sync_cluster(TWIN_LINE);
void __sync_all(TWIN_LINE);
void __sync_all_ipu(TWIN_LINE);
void __sync_all_mpu(TWIN_LINE);
void __sync_cluster_ipu(TWIN_LINE);
void __sync_all_ipu_within_cluster(TWIN_LINE);
void __sync_copy_nram_to_dram(TWIN_LINE);
void __sync_copy_dram_to_nram(TWIN_LINE);
void __sync_copy_sram_to_dram(TWIN_LINE);
void __sync_copy_dram_to_sram(TWIN_LINE);
void __sync_copy_nram_to_sram(TWIN_LINE);
void __sync_copy_sram_to_nram(TWIN_LINE);
void __sync_copy_wram_to_dram(TWIN_LINE);
void __sync_copy_dram_to_wram(TWIN_LINE);
void __sync_copy_nram_to_nram(TWIN_LINE);
void __sync_copy_wram_to_sram(TWIN_LINE);
void __sync_copy_sram_to_wram(TWIN_LINE);
// All cores and memory cores meet behind it.
void __sync_copy_sram_to_sram(TWIN_LINE);
// Keeps the cores' stores to GDRAM apart on MLU2xx.
void __bang_lock(int, int, TWIN_LINE);
void __bang_unlock(int, int, TWIN_LINE);

// ---- vector arithmetic and conversions ----------------------------------------------------------------------------------
#define BINARY(T, name, has, value) void name(T* dst, const T* a, const T* b, uint32_t n, TWIN_LINE);
#define SCALAR(T, name, has, value) void name(T* dst, const T* a, T b, uint32_t n, TWIN_LINE);
#define CYCLE(T, name, has, value) void name(T* dst, const T* a, const T* b, uint32_t n, uint32_t seg, TWIN_LINE);
#define UNARY(T, name, has, value) void name(T* dst, const T* a, uint32_t n, TWIN_LINE);
// A bit a lane of dst, the first lane in the lowest bit of the first byte.
#define BITS(T, name, has, value) void name(T* dst, const T* a, const T* b, uint32_t n, TWIN_LINE);
// real = integer * 2^fix
#define CONVERT(D, S, name, has, value) void name(D* dst, const S* src, uint32_t n, TWIN_LINE);
#define CONVERT_AT(D, S, name, has, value) void name(D* dst, const S* src, uint32_t n, int fix_position, TWIN_LINE);
#define CONVERT_BETWEEN(D, S, name, has, value) void name(D* dst, const S* src, uint32_t n, int dst_position, int src_position, TWIN_LINE);
#include "instructions.gen.h"
#undef BINARY
#undef SCALAR
#undef CYCLE
#undef UNARY
#undef BITS
#undef CONVERT
#undef CONVERT_AT
#undef CONVERT_BETWEEN

// ---- fills, layout, pooling, reductions -------------------------------------------------------------------------------
// The value's type decides how many bytes an element has, as bang_device_functions.h declares all of them over void* (mlu-ops lgamma
// fills floats with an infinity's bits as int).
#define TWIN_FILL(T, name) void name(void* dst, int n, T value, TWIN_LINE);
#define TWIN_STORAGE(T) \
  TWIN_FILL(T, __bang_write_value) \
  TWIN_FILL(T, __nramset) \
  TWIN_FILL(T, __memset_nram) \
  TWIN_FILL(T, __nramset_async) \
  TWIN_FILL(T, __sramset) \
  TWIN_FILL(T, __gdramset) \
  TWIN_FILL(T, __ldramset) \
  /* segnum + 1 segments of n elements, their starts stride bytes apart (mlu-ops mutual_information_forward). */ \
  void __nramset(void* dst, int n, T value, int stride, int segnum, TWIN_LINE); \
  void __nramset_async(void* dst, int n, T value, int stride, int segnum, TWIN_LINE); \
  void __sramset(void* dst, int n, T value, int stride, int segnum, TWIN_LINE); \
  void __bang_transpose(T* dst, const T* src, int height, int width, TWIN_LINE); \
  void __bang_mirror(T* dst, const T* src, int height, int width, TWIN_LINE); \
  /* By quarters of a circle, clockwise: of the first and the last dst is [width][height]. */ \
  void __bang_rotate90(T* dst, const T* src, int height, int width, TWIN_LINE); \
  void __bang_rotate180(T* dst, const T* src, int height, int width, TWIN_LINE); \
  void __bang_rotate270(T* dst, const T* src, int height, int width, TWIN_LINE); \
  T __load_nram(const T* p, TWIN_LINE); \
  void __store_nram(T* p, T value, TWIN_LINE); \
  T __load_gdram(const T* p, TWIN_LINE); \
  void __store_gdram(T* p, T value, TWIN_LINE); \
  T __load_sram(const T* p, TWIN_LINE); \
  void __store_sram(T* p, T value, TWIN_LINE); \
  void __bang_write_zero(T* dst, int n, TWIN_LINE);
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
TWIN_STORAGE(uint64_t)
TWIN_STORAGE(char)
// A double is no lane: 1.0 means one of what is filled.
namespace twin {
template <class V>
struct IfDouble {};
template <>
struct IfDouble<double> { typedef void Answer; };
}  // namespace twin
#define TWIN_FILL_FROM_DOUBLE(name) \
  template <class T, class V> \
  inline typename twin::IfDouble<V>::Answer name(T* dst, int n, V value, TWIN_LINE) { name((void*)dst, n, (T)value, line); }
TWIN_FILL_FROM_DOUBLE(__bang_write_value)
TWIN_FILL_FROM_DOUBLE(__nramset)
TWIN_FILL_FROM_DOUBLE(__memset_nram)
TWIN_FILL_FROM_DOUBLE(__sramset)
TWIN_FILL_FROM_DOUBLE(__gdramset)
#define __nramset_float(dst, n, value) __nramset((float*)(dst), n, (float)(value))
#define __nramset_half(dst, n, value) __nramset((half*)(dst), n, (half)(value))
#define __nramset_int(dst, n, value) __nramset((int32_t*)(dst), n, (int32_t)(value))
#define __nramset_unsigned_int(dst, n, value) __nramset((uint32_t*)(dst), n, (uint32_t)(value))
#define __nramset_short(dst, n, value) __nramset((int16_t*)(dst), n, (int16_t)(value))
#define __nramset_unsigned_short(dst, n, value) __nramset((uint16_t*)(dst), n, (uint16_t)(value))
#define __nramset_char(dst, n, value) __nramset((int8_t*)(dst), n, (int8_t)(value))

void __bang_incseq(int32_t* dst, uint32_t n, TWIN_LINE);
#define TWIN_POOL(D, T, name) \
  void __bang_##name(D* dst, const T* src, int channel, int height, int width, int kernel_height, int kernel_width, int stride_x, \
                     int stride_y, TWIN_LINE);
#define TWIN_FLOATS(T) \
  TWIN_POOL(T, T, sumpool) \
  TWIN_POOL(T, T, maxpool) \
  TWIN_POOL(T, T, minpool) \
  TWIN_POOL(T, T, avgpool) \
  /* The sum of every 128 bytes of src, in the first element of the same 128 bytes of dst. */ \
  void __bang_reduce_sum(T* dst, const T* src, uint32_t n, TWIN_LINE); \
  T __bang_sum(const T* src, uint32_t n, TWIN_LINE); \
  /* dst[0] the value, behind it its index: of argmax and argmin four bytes, of max and min an element's. dst has room for 128 bytes. */ \
  void __bang_argmax(T* dst, const T* src, uint32_t n, TWIN_LINE); \
  void __bang_argmin(T* dst, const T* src, uint32_t n, TWIN_LINE); \
  void __bang_max(T* dst, const T* src, uint32_t n, TWIN_LINE); \
  void __bang_min(T* dst, const T* src, uint32_t n, TWIN_LINE); \
  /* Lanes whose mask is not 0, next to each other: with their count, and without. */ \
  uint32_t __bang_filter(T* dst, const T* src, const T* mask, uint32_t n, TWIN_LINE); \
  void __bang_collect(T* dst, const T* src, const T* mask, uint32_t n, TWIN_LINE); \
  /* The same with a bit a lane, the first lane in the lowest bit of the first byte. */ \
  uint32_t __bang_filter_bitindex(T* dst, const T* src, const void* bitmask, uint32_t n, TWIN_LINE); \
  void __bang_collect_bitindex(T* dst, const T* src, const void* bitmask, uint32_t n, TWIN_LINE); \
  /* The count in the first four bytes, the lanes from byte 128. */ \
  void __bang_select(T* dst, const T* src, const T* mask, uint32_t n, TWIN_LINE); \
  void __bang_maskmove(T* dst, const T* src, const T* mask, uint32_t n, TWIN_LINE); \
  uint32_t __bang_count(const T* src, uint32_t n, TWIN_LINE); \
  void __bang_count(uint32_t* dst, const T* src, uint32_t n, TWIN_LINE); \
  /* The index of the first and of the last lane that is not 0. */ \
  uint32_t __bang_findfirst1(const T* src, uint32_t n, TWIN_LINE); \
  uint32_t __bang_findlast1(const T* src, uint32_t n, TWIN_LINE); \
  void __bang_findfirst1(uint32_t* dst, const T* src, uint32_t n, TWIN_LINE); \
  void __bang_findlast1(uint32_t* dst, const T* src, uint32_t n, TWIN_LINE); \
  void __bang_pad(T* dst, const T* src, int channel, int height, int width, int top, int bottom, int left, int right, TWIN_LINE);
// a, b, c: FMA a*b+c, FMS a*b-c, FAM (a+b)*c, FSM (a-b)*c, FAS a+b-c, FSA a-b+c, FSS a-b-c, FAA a+b+c
enum mluFusionOp_t { FUSION_FMA, FUSION_FMS, FUSION_FAM, FUSION_FSM, FUSION_FAS, FUSION_FSA, FUSION_FSS, FUSION_FAA };
// Several operations in one; an operand of another length repeats over the n lanes.
#define TWIN_FUSIONS(T) \
  void __bang_fusion(mluFusionOp_t op, T* dst, const T* a, const T* b, const T* c, uint32_t n, uint32_t repeated, TWIN_LINE); \
  void __bang_fusion(mluFusionOp_t op, T* dst, const T* a, const T* b, T c, uint32_t n, uint32_t repeated, TWIN_LINE); \
  void __bang_fusion(mluFusionOp_t op, T* dst, const T* a, T b, const T* c, uint32_t n, uint32_t repeated, TWIN_LINE); \
  void __bang_fusion(mluFusionOp_t op, T* dst, const T* a, T b, T c, uint32_t n, TWIN_LINE);
TWIN_FLOATS(float)
TWIN_FLOATS(half)
TWIN_POOL(uint32_t, float, maxpool_index)
TWIN_POOL(uint16_t, half, maxpool_index)
TWIN_FUSIONS(float)
TWIN_FUSIONS(half)
TWIN_FUSIONS(int32_t)
// dst[i] = table[index[i]]
void __bang_lut(float* dst, const uint32_t* index, const float* table, uint32_t n, uint32_t table_length, TWIN_LINE);
void __bang_lut(int32_t* dst, const uint32_t* index, const int32_t* table, uint32_t n, uint32_t table_length, TWIN_LINE);
void __bang_lut(half* dst, const uint16_t* index, const half* table, uint32_t n, uint32_t table_length, TWIN_LINE);
void __bang_lut(int16_t* dst, const uint16_t* index, const int16_t* table, uint32_t n, uint32_t table_length, TWIN_LINE);
// The same by its older names (mlu-ops box_iou_rotated).
void __bang_lut_s32(int32_t* dst, const int32_t* index, const int32_t* table, uint32_t n, uint32_t table_length, TWIN_LINE);
void __bang_lut_s16(int16_t* dst, const int16_t* index, const int16_t* table, uint32_t n, uint32_t table_length, TWIN_LINE);

// ---- weights: WRAM in 64 lanes, channel c of an operand in lane c % 64 at row c / 64 --------------------------------------------
// [n][k] with its rows in the order that one linear copy to WRAM spreads over the lanes.
#define TWIN_WEIGHTS(T) \
  void __bang_reshape_filter(T* dst, const T* src, int n, int h, int w, int c, TWIN_LINE); \
  void __bang_reshape_nchw2nhwc(T* dst, const T* src, int n, int h, int w, int c, TWIN_LINE); \
  void __bang_reshape_nhwc2nchw(T* dst, const T* src, int n, int h, int w, int c, TWIN_LINE);
TWIN_WEIGHTS(float)
TWIN_WEIGHTS(half)
TWIN_WEIGHTS(int8_t)
TWIN_WEIGHTS(int16_t)
// dst [m][n] = a [m][k] times the weights' [n][k]; images are [h][w][ci] and results [h'][w'][co].
#define TWIN_PRODUCT(D, A, B) \
  void __bang_conv(D* dst, const A* src, const B* kernel, int ci, int h, int w, int kh, int kw, int stride_x, int stride_y, int co, \
                   int fix_position, TWIN_LINE); \
  void __bang_conv(D* dst, const A* src, const B* kernel, const D* bias, int ci, int h, int w, int kh, int kw, int stride_x, int stride_y, \
                   int co, int fix_position, TWIN_LINE); \
  void __bang_mlp(D* dst, const A* src, const D* bias, const B* weight, int height, int width, int fix_position, TWIN_LINE);
TWIN_PRODUCT(half, int8_t, int8_t)
TWIN_PRODUCT(half, int16_t, int8_t)
TWIN_PRODUCT(half, int16_t, int16_t)
TWIN_PRODUCT(float, int8_t, int8_t)
TWIN_PRODUCT(float, int16_t, int8_t)
TWIN_PRODUCT(float, int16_t, int16_t)
TWIN_PRODUCT(int16_t, int8_t, int8_t)
TWIN_PRODUCT(int16_t, int16_t, int8_t)
TWIN_PRODUCT(int16_t, int16_t, int16_t)
#define TWIN_FLOAT_PRODUCT(D, T) \
  void __bang_conv(D* dst, const T* src, const T* kernel, int ci, int h, int w, int kh, int kw, int stride_x, int stride_y, int co, TWIN_LINE); \
  void __bang_conv(D* dst, const T* src, const T* kernel, const D* bias, int ci, int h, int w, int kh, int kw, int stride_x, int stride_y, \
                   int co, TWIN_LINE); \
  void __bang_matmul(D* dst, const T* a, const T* b, int m, int k, int n, TWIN_LINE); \
  void __bang_mlp(D* dst, const T* src, const T* weight, int height, int width, TWIN_LINE);
TWIN_FLOAT_PRODUCT(float, float)
TWIN_FLOAT_PRODUCT(half, half)
TWIN_FLOAT_PRODUCT(float, half)

// ---- atomics on GDRAM: the old values go to dst in NRAM, n of them or one ----------------------------------------------------
// The count may stand behind a value too (MegEngine indexing_multi_axis_vec).
#define TWIN_ATOMIC(T, name) \
  void __bang_atomic_##name(T* dst, T* gdram, const T* src, uint32_t n, TWIN_LINE); \
  void __bang_atomic_##name(T* dst, T* gdram, T value, uint32_t n = 1, TWIN_LINE);
#define TWIN_ATOMICS(T) \
  TWIN_ATOMIC(T, add) \
  TWIN_ATOMIC(T, max) \
  TWIN_ATOMIC(T, min) \
  TWIN_ATOMIC(T, exch) \
  void __bang_atomic_cas(T* dst, T* gdram, const T* compare, const T* value, uint32_t n, TWIN_LINE); \
  T __bang_atomic_cas(T* dst, T* gdram, T compare, T value, uint32_t n = 1, TWIN_LINE); \
  TWIN_SUM_BY_ATOMICS(T) \
  void __bang_atomic_reduce_max(T* gdram, const T* src, uint32_t n, TWIN_LINE); \
  void __bang_atomic_reduce_min(T* gdram, const T* src, uint32_t n, TWIN_LINE);
#define TWIN_SUM_BY_ATOMICS(T) \
  void __bang_atomic_reduce_add(T* gdram, const T* src, uint32_t n, TWIN_LINE); \
  /* Reads src until the next wait for copies. */ \
  void __bang_atomic_reduce_add_async(T* gdram, const T* src, uint32_t n, TWIN_LINE);
#define TWIN_INTEGER_ATOMICS(T) \
  TWIN_ATOMIC(T, and) \
  TWIN_ATOMIC(T, or) \
  TWIN_ATOMIC(T, xor)
TWIN_ATOMICS(float)
TWIN_ATOMICS(half)
TWIN_ATOMICS(int32_t)
TWIN_ATOMICS(uint32_t)
TWIN_ATOMICS(int16_t)
TWIN_ATOMICS(uint16_t)
TWIN_SUM_BY_ATOMICS(bfloat16_t)
TWIN_INTEGER_ATOMICS(int32_t)
TWIN_INTEGER_ATOMICS(uint32_t)
TWIN_INTEGER_ATOMICS(int16_t)
TWIN_INTEGER_ATOMICS(uint16_t)

// One value at a time, from bang_math_decls.h: gives the old one.
#define TWIN_ATOMIC_OF_ONE(T, suffix, name) T __cn_scalar_atomic_##name##_##suffix(T* a, T b, TWIN_LINE);
#define TWIN_ATOMICS_OF_ONE(T, suffix) \
  TWIN_ATOMIC_OF_ONE(T, suffix, add) \
  TWIN_ATOMIC_OF_ONE(T, suffix, exch) \
  TWIN_ATOMIC_OF_ONE(T, suffix, max) \
  TWIN_ATOMIC_OF_ONE(T, suffix, min)
#define TWIN_INTEGER_ATOMICS_OF_ONE(T, suffix) \
  TWIN_ATOMICS_OF_ONE(T, suffix) \
  TWIN_ATOMIC_OF_ONE(T, suffix, and) \
  TWIN_ATOMIC_OF_ONE(T, suffix, or) \
  TWIN_ATOMIC_OF_ONE(T, suffix, xor) \
  T __cn_scalar_atomic_cas_##suffix(T* a, T compare, T value, TWIN_LINE);
TWIN_ATOMICS_OF_ONE(float, f32)
TWIN_ATOMICS_OF_ONE(half, f16)
TWIN_INTEGER_ATOMICS_OF_ONE(int32_t, s32)
TWIN_INTEGER_ATOMICS_OF_ONE(uint32_t, u32)
TWIN_INTEGER_ATOMICS_OF_ONE(int16_t, s16)
TWIN_INTEGER_ATOMICS_OF_ONE(uint16_t, u16)
TWIN_ATOMIC_OF_ONE(uint32_t, u32, inc)
TWIN_ATOMIC_OF_ONE(uint32_t, u32, dec)
TWIN_ATOMIC_OF_ONE(uint16_t, u16, inc)
TWIN_ATOMIC_OF_ONE(uint16_t, u16, dec)

// ---- the device's library of functions (bang_math_decls.h): of one value, and of n lanes, the count first -----------------------
#define LIBRARY_UNARY(D, T, name, suffix, value) \
  D __cn_scalar_##name##suffix(T x); \
  void __cn_vector_##name##suffix(int n, D* dst, const T* x, TWIN_LINE);
#define LIBRARY_BINARY(T, name, suffix, value) \
  T __cn_scalar_##name##suffix(T x, T y); \
  void __cn_vector_##name##suffix(int n, T* dst, const T* x, const T* y, TWIN_LINE); \
  void __cn_vector_##name##_scalar##suffix(int n, T* dst, const T* x, T y, TWIN_LINE); \
  void __cn_scalar_##name##_vector##suffix(int n, T* dst, T x, const T* y, TWIN_LINE);
#include "library.gen.h"
#undef LIBRARY_UNARY
#undef LIBRARY_BINARY

// ---- scalar unit --------------------------------------------------------------------------------------------------------
#define __bang_printf printf

// _rn to nearest, ties to even; _rd to nearest, ties away; _tz toward zero; _oz away from it; _up, _dn. Without, to half: as _rn.
#define TWIN_ROUNDINGS(ONE) ONE(_rn) ONE(_rd) ONE(_tz) ONE(_oz) ONE(_up) ONE(_dn)
#define TWIN_SCALAR_CONVERSIONS(suffix) \
  half __float2half##suffix(float x); \
  int32_t __float2int32##suffix(float x); \
  int32_t __half2int32##suffix(half x); \
  int32_t __float2int##suffix(float x); \
  int32_t __half2int##suffix(half x); \
  int16_t __float2short##suffix(float x); \
  int16_t __half2short##suffix(half x);
TWIN_ROUNDINGS(TWIN_SCALAR_CONVERSIONS)
// A10: without a suffix toward zero (mlu-ops rotated_feature_align takes it for the pixel below a coordinate).
int32_t __float2int(float x);
int32_t __half2int(half x);
half __float2half(float x);
float __half2float(half x);
float __int2float_rn(int32_t x);
half __int2half_rn(int32_t x);
float __bfloat162float(bfloat16_t x);
bfloat16_t __float2bfloat16_rn(float x);
bfloat16_t __float2bfloat16(float x);

// Functions in place of <math.h>'s macros, of halves too, under C++'s names without <cmath> as well (mlu-ops three_nn_forward). They give way to
// those of <cmath>.
#undef isnan
#undef isinf
#undef isfinite
namespace twin {
template <class T>
struct Floating {};
template <>
struct Floating<half> { typedef bool Answer; };
template <>
struct Floating<float> { typedef bool Answer; };
template <>
struct Floating<double> { typedef bool Answer; };
}  // namespace twin
#define TWIN_CLASSIFIES(name) \
  namespace std { \
  template <class T> \
  inline typename twin::Floating<T>::Answer name(T x) { return __builtin_##name((double)x); } \
  } \
  using std::name;
TWIN_CLASSIFIES(isnan)
TWIN_CLASSIFIES(isinf)
TWIN_CLASSIFIES(isfinite)

// C++'s names for functions of floats, which the vendor's compiler has without <cmath> (its __clang_bang_cmath.h; mlu-ops points_in_boxes).
// They too give way to those of <cmath>.
namespace twin {
template <class T>
struct OfFloats {};
template <>
struct OfFloats<float> { typedef float Answer; };
template <>
struct OfFloats<half> { typedef half Answer; };
}  // namespace twin
#define TWIN_STD_UNARY(name, ofFloat) \
  namespace std { \
  using ::name; \
  template <class T> \
  inline typename twin::OfFloats<T>::Answer name(T x) { return (T)ofFloat((float)x); } \
  }
#define TWIN_STD_BINARY(name, ofFloat) \
  namespace std { \
  using ::name; \
  template <class T> \
  inline typename twin::OfFloats<T>::Answer name(T x, T y) { return (T)ofFloat((float)x, (float)y); } \
  }
TWIN_STD_UNARY(abs, fabsf)
TWIN_STD_UNARY(fabs, fabsf)
TWIN_STD_UNARY(ceil, ceilf)
TWIN_STD_UNARY(floor, floorf)
TWIN_STD_UNARY(round, roundf)
TWIN_STD_UNARY(trunc, truncf)
TWIN_STD_UNARY(sqrt, sqrtf)
TWIN_STD_UNARY(exp, expf)
TWIN_STD_UNARY(exp2, exp2f)
TWIN_STD_UNARY(log, logf)
TWIN_STD_UNARY(log2, log2f)
TWIN_STD_UNARY(log10, log10f)
TWIN_STD_UNARY(sin, sinf)
TWIN_STD_UNARY(cos, cosf)
TWIN_STD_UNARY(tan, tanf)
TWIN_STD_UNARY(asin, asinf)
TWIN_STD_UNARY(acos, acosf)
TWIN_STD_UNARY(atan, atanf)
TWIN_STD_UNARY(tanh, tanhf)
TWIN_STD_BINARY(atan2, atan2f)
TWIN_STD_BINARY(fmod, fmodf)
TWIN_STD_BINARY(fmax, fmaxf)
TWIN_STD_BINARY(fmin, fminf)
TWIN_STD_BINARY(pow, powf)

// What the device library has of C++; an std::min beside `using namespace std` stays the less special one.
#define TWIN_LEAST_AND_MOST(T) \
  inline T min(T a, T b) { return b < a ? b : a; } \
  inline T max(T a, T b) { return a < b ? b : a; }
TWIN_LEAST_AND_MOST(int)
TWIN_LEAST_AND_MOST(unsigned)
TWIN_LEAST_AND_MOST(long)
TWIN_LEAST_AND_MOST(unsigned long)
TWIN_LEAST_AND_MOST(float)
TWIN_LEAST_AND_MOST(half)
// As mlu-ops psroipool_block.mlu takes them, of ints and of floats.
#define TWIN_LEAST_AND_MOST_OF(T) \
  inline T __min(T a, T b) { return min(a, b); } \
  inline T __max(T a, T b) { return max(a, b); }
TWIN_LEAST_AND_MOST_OF(int)
TWIN_LEAST_AND_MOST_OF(float)
TWIN_LEAST_AND_MOST_OF(half)
