// The twin's xpu/kernel/xtdk_simd.h: vector registers of 512 bits with one bit a byte that says whether it is defined.
// Arithmetic is as defined as its operands, lane by lane, bitwise operations byte by byte, so that a load that was too
// short shows where its garbage leaves the chip, not before.
//
// Names follow the guide's grammar: v{load|store}_{lm|sm|gsm}_TYPE, vv/sv/v OP _TYPE, with _mz (lanes whose mask bit is 0
// become 0) and _mh (they keep `hold`). Declarations only: kernels compile in milliseconds, registers.cpp and halves.cpp compute.
#pragma once
#include "xpu/kernel/xtdk.h"
#if !defined(__XPU2__)
#include "xpu/kernel/xtdk_fp16.h"
#else
#include "twin/xpu-half.h"
#endif

// All have one layout, so that one's bits are read under another's type; where a register is copied from or to the chip's
// memory that is a load or a store. A scalar in the braces of a definition fills all lanes (FlagGems nan_to_num_raw.xpu), `v = {0}`
// too (FastDeploy draft_model_postprocess.xpu). `v[i]` is a lane (FastDeploy quant2d_per_channel.xpu).
#define PTL_TWIN_REGISTER(NAME, LANE, COUNT, SCALAR)                                             \
  struct __attribute__((may_alias)) NAME {                                                       \
    using lane = LANE;                                                                           \
    static constexpr int count = COUNT;                                                          \
    alignas(16) lane lanes[COUNT];                                                               \
    uint64_t defined; /* by byte */                                                              \
    NAME() : defined(0) {}                                                                       \
    NAME(const NAME& other) { twin::xpu::copy_register(this, &other); }                          \
    NAME& operator=(const NAME& other) {                                                         \
      twin::xpu::copy_register(this, &other);                                                    \
      return *this;                                                                              \
    }                                                                                            \
    NAME(SCALAR s) : defined(~0ull) {                                                            \
      lane value;                                                                                \
      __builtin_memcpy(&value, &s, sizeof(lane));                                                \
      for (lane& each : lanes) each = value;                                                     \
    }                                                                                            \
    template <class R, class = typename R::lane>                                                 \
    explicit NAME(const R& other) {                                                              \
      twin::xpu::copy_register(this, &other);                                                    \
    }                                                                                            \
    SCALAR operator[](int lane_index) const {                                                    \
      const NAME seen(*this);                                                                    \
      twin::xpu::require_lane(lane_index, COUNT, seen.defined, sizeof(lane));                    \
      SCALAR value;                                                                              \
      __builtin_memcpy((void*)&value, &seen.lanes[lane_index], sizeof(lane));                    \
      return value;                                                                              \
    }                                                                                            \
  };
PTL_TWIN_REGISTER(float32x16_t, float, 16, float)
PTL_TWIN_REGISTER(int32x16_t, int32_t, 16, int32_t)
PTL_TWIN_REGISTER(uint32x16_t, uint32_t, 16, uint32_t)
// Sixteen bits a lane: halves on XPU3, on XPU2 bfloat16x32_t carries halves of both kinds; integers.
PTL_TWIN_REGISTER(float16x32_t, uint16_t, 32, half)
PTL_TWIN_REGISTER(bfloat16x32_t, uint16_t, 32, bfloat16)
PTL_TWIN_REGISTER(int16x32_t, int16_t, 32, int16_t)
PTL_TWIN_REGISTER(int8x64_t, int8_t, 64, int8_t)
#undef PTL_TWIN_REGISTER

namespace twin {
namespace xpu {
// reinterpret_cast between registers, after prepare.cpp.
template <class To, class From>
To bits_as(const From& from) {
  return To(from);
}
}  // namespace xpu
}  // namespace twin

// ---- loads and stores ----
#define PTL_TWIN_MEMORY_OF(T, SPACE, MASK)                                                                             \
  T##_t vload_##SPACE##_##T(const void* p, int line = __builtin_LINE());                                               \
  T##_t vload_##SPACE##_##T##_mz(const void* p, MASK mask = (MASK)-1, int line = __builtin_LINE());                    \
  T##_t vload_##SPACE##_##T##_mh(const void* p, const T##_t& hold, MASK mask = (MASK)-1, int line = __builtin_LINE()); \
  void vstore_##SPACE##_##T(void* p, const T##_t& v, int line = __builtin_LINE());                                     \
  void vstore_##SPACE##_##T##_mz(void* p, const T##_t& v, MASK mask = (MASK)-1, int line = __builtin_LINE());          \
  void vstore_##SPACE##_##T##_mh(void* p, const T##_t& v, MASK mask = (MASK)-1, int line = __builtin_LINE());
#define PTL_TWIN_MEMORY(T, MASK)    \
  PTL_TWIN_MEMORY_OF(T, lm, MASK)   \
  PTL_TWIN_MEMORY_OF(T, sm, MASK)   \
  PTL_TWIN_MEMORY_OF(T, gsm, MASK)
PTL_TWIN_MEMORY(float32x16, int)
PTL_TWIN_MEMORY(int32x16, int)
PTL_TWIN_MEMORY(uint32x16, int)
PTL_TWIN_MEMORY(float16x32, int)
PTL_TWIN_MEMORY(bfloat16x32, int)
PTL_TWIN_MEMORY(int16x32, int)
PTL_TWIN_MEMORY(int8x64, uint64_t)
#undef PTL_TWIN_MEMORY
#undef PTL_TWIN_MEMORY_OF

// The builtins that loads are made of (mobius/kunlun_k200 cluster2_simd.h and cluster3_simd.h, pengcheng888/InfiniCore
// src/infiniop/sort/kunlun/heap.h): `s` is shared memory, mask16 a register of words, mr1 all lanes; no offset but 0 is seen.
namespace twin {
namespace xpu {
struct Loaded {
  float32x16_t bits;
  template <class R, class = typename R::lane>
  operator R() const {
    return R(bits);
  }
};
void refuse_offset(int offset, int line);
}  // namespace xpu
}  // namespace twin
#define PTL_TWIN_BUILTIN(NAME, LOAD)                                                                                              \
  inline twin::xpu::Loaded __builtin_xpu2_##NAME##_mr1(const void* p, int offset, int line = __builtin_LINE()) {                  \
    twin::xpu::refuse_offset(offset, line);                                                                                       \
    return {float32x16_t(LOAD(p, line))};                                                                                         \
  }                                                                                                                               \
  inline twin::xpu::Loaded __builtin_xpu2_##NAME##_mz(int mask, const void* p, int offset, int line = __builtin_LINE()) {         \
    twin::xpu::refuse_offset(offset, line);                                                                                       \
    return {float32x16_t(LOAD##_mz(p, mask, line))};                                                                              \
  }
PTL_TWIN_BUILTIN(vload_mask16, vload_lm_float32x16)
PTL_TWIN_BUILTIN(vloads_mask16, vload_sm_float32x16)
PTL_TWIN_BUILTIN(vload, vload_lm_int16x32)
PTL_TWIN_BUILTIN(vloads, vload_sm_int16x32)
#undef PTL_TWIN_BUILTIN

// ---- lane by lane ----
#define BINARY(OP, T, ...)                                                                   \
  T##_t vv##OP##_##T(const T##_t& a, const T##_t& b);                                            \
  T##_t vv##OP##_##T##_mz(const T##_t& a, const T##_t& b, int mask = -1);                        \
  T##_t vv##OP##_##T##_mh(const T##_t& a, const T##_t& b, const T##_t& hold, int mask = -1);     \
  T##_t sv##OP##_##T(T##_t::lane a, const T##_t& b);                                             \
  T##_t sv##OP##_##T##_mz(T##_t::lane a, const T##_t& b, int mask = -1);                         \
  T##_t sv##OP##_##T##_mh(T##_t::lane a, const T##_t& b, const T##_t& hold, int mask = -1);

// Comparisons give an int with one bit a lane, and anything in the bits above the lanes: a number must be masked with
// 0xFFFF first. There is no gt and no ge: swap the operands.
#define COMPARE(OP, T, SIGN)                                                                      \
  int vv##OP##_##T(const T##_t& a, const T##_t& b);                                               \
  int vv##OP##_##T##_mz(const T##_t& a, const T##_t& b, int mask = -1);                           \
  int vv##OP##_##T##_mh(const T##_t& a, const T##_t& b, int mask = -1, int c = -1);               \
  int sv##OP##_##T(T##_t::lane a, const T##_t& b);                                                \
  int sv##OP##_##T##_mz(T##_t::lane a, const T##_t& b, int mask = -1);                            \
  int sv##OP##_##T##_mh(T##_t::lane a, const T##_t& b, int mask = -1, int c = -1);

// Halves: masks have 32 bits, all of them lanes. XPU3's header cluster3_simd.h holds the scalar forms' vector itself where a
// mask is the third operand. bfloat16x32 computes on XPU2 alone: XPU3 stops at such an instruction (FlagGems nan_to_num_raw.xpu).
#define HALF_VECTORS(OP, T)                                                                       \
  T##_t vv##OP##_##T(const T##_t& a, const T##_t& b);                                             \
  T##_t vv##OP##_##T##_mz(const T##_t& a, const T##_t& b, int mask = -1);                         \
  T##_t vv##OP##_##T##_mh(const T##_t& a, const T##_t& b, const T##_t& hold, int mask = -1);
#define HALF_SCALARS(OP, T)                                                                                        \
  T##_t sv##OP##_##T(twin::xpu::HalfScalar a, const T##_t& b);                                                     \
  T##_t sv##OP##_##T##_mz(twin::xpu::HalfScalar a, const T##_t& b, int mask = -1);                                 \
  T##_t sv##OP##_##T##_mh(twin::xpu::HalfScalar a, const T##_t& b, int mask = -1);                                 \
  T##_t sv##OP##_##T##_mh(twin::xpu::HalfScalar a, const T##_t& b, const T##_t& hold, int mask = -1);
#define HALF_COMPARE(OP, T, SIGN)                                                                 \
  int vv##OP##_##T(const T##_t& a, const T##_t& b);                                               \
  int vv##OP##_##T##_mz(const T##_t& a, const T##_t& b, int mask = -1);                           \
  int sv##OP##_##T(twin::xpu::HalfScalar a, const T##_t& b);                                      \
  int sv##OP##_##T##_mz(twin::xpu::HalfScalar a, const T##_t& b, int mask = -1);
#if defined(__XPU2__)
#define HALF_BINARY(OP, T, ...)
#undef HALF_COMPARE
#define HALF_COMPARE(OP, T, SIGN)
#define BFLOAT_BINARY(OP, T, ...) HALF_VECTORS(OP, T)
#define HALF_BITWISE(OP, T, ...) HALF_VECTORS(OP, T)
#else
#define HALF_BINARY(OP, T, ...) HALF_VECTORS(OP, T) HALF_SCALARS(OP, T)
#define BFLOAT_BINARY(OP, T, ...)
#define HALF_BITWISE(OP, T, ...) HALF_VECTORS(OP, T)
#endif

#define BITWISE BINARY
#include "xpu/kernel/registers.gen.h"
#undef BINARY
#undef BITWISE
#undef COMPARE
#undef HALF_BINARY
#undef HALF_BITWISE
#undef HALF_COMPARE
#undef HALF_VECTORS
#undef HALF_SCALARS
#undef BFLOAT_BINARY

// Across lanes: the whole register moves `bits` of its 512 bits towards lane 0 or away from it, zeros come in; one lane leaves;
// halves interleave; neighbours change places (guide 5.4.8, 5.4.9).
#define PTL_TWIN_TYPE(T)                                                                    \
  T##_t vvmac_##T(const T##_t& a, const T##_t& b, const T##_t& c);                          \
  T##_t svmac_##T(T##_t::lane a, const T##_t& b, const T##_t& c);                           \
  T##_t vsrlp_##T(int bits, const T##_t& v, int line = __builtin_LINE());                   \
  T##_t vsllp_##T(int bits, const T##_t& v, int line = __builtin_LINE());                   \
  T##_t::lane vextract_##T(const T##_t& v, int mask = 1, int line = __builtin_LINE());      \
  T##_t vvmerge_l_##T(const T##_t& a, const T##_t& b);                                      \
  T##_t vvmerge_h_##T(const T##_t& a, const T##_t& b);                                      \
  T##_t vshuffle2_##T(const T##_t& v);
PTL_TWIN_TYPE(float32x16)
PTL_TWIN_TYPE(int32x16)
PTL_TWIN_TYPE(uint32x16)

// Logical shifts of every lane by k bits, k in 0..31.
#define PTL_TWIN_SHIFT(OP, T)                                                              \
  T##_t sv##OP##_##T(int k, const T##_t& v);                                               \
  T##_t sv##OP##_##T##_mz(int k, const T##_t& v, int mask = -1);                           \
  T##_t sv##OP##_##T##_mh(int k, const T##_t& v, const T##_t& hold, int mask = -1);
PTL_TWIN_SHIFT(sll, int32x16)
PTL_TWIN_SHIFT(srl, int32x16)
PTL_TWIN_SHIFT(sll, uint32x16)
PTL_TWIN_SHIFT(srl, uint32x16)
#undef PTL_TWIN_SHIFT
#undef PTL_TWIN_TYPE

float32x16_t vabs_float32x16(const float32x16_t& a);
float vrmax_float32x16(const float32x16_t& a, int line = __builtin_LINE());
#if !defined(__XPU2__)
half vrmax_float16x32(const float16x32_t& a, int line = __builtin_LINE());
float16x32_t vabs_float16x32(const float16x32_t& a);  // FastDeploy quant2d_per_channel.xpu
float16x32_t vvmac_float16x32(const float16x32_t& a, const float16x32_t& b, const float16x32_t& c);
float16x32_t vvmac_float16x32_mz_rn(const float16x32_t& a, const float16x32_t& b, const float16x32_t& c, int mask = -1);
float16x32_t svmac_float16x32(twin::xpu::HalfScalar a, const float16x32_t& b, const float16x32_t& c);
#endif
float16x32_t vshuffle2_float16x32(const float16x32_t& v);
bfloat16x32_t vshuffle2_bfloat16x32(const bfloat16x32_t& v);
bfloat16x32_t vvmerge_l_bfloat16x32(const bfloat16x32_t& a, const bfloat16x32_t& b);
bfloat16x32_t vvmerge_h_bfloat16x32(const bfloat16x32_t& a, const bfloat16x32_t& b);

// Lanes from base + a byte offset each, and back for lanes whose mask bit is 1; the base needs no alignment.
float32x16_t vgather_lm_float32x16(const void* base, const int32x16_t& byte_offsets, int line = __builtin_LINE());
int32x16_t vgather_lm_int32x16(const void* base, const int32x16_t& byte_offsets, int line = __builtin_LINE());
float32x16_t vgather_lm_float32x16_mz(const void* base, const int32x16_t& byte_offsets, int mask = -1, int line = __builtin_LINE());
int32x16_t vgather_lm_int32x16_mz(const void* base, const int32x16_t& byte_offsets, int mask = -1, int line = __builtin_LINE());
void vscatter_lm_int32x16_mh(void* base, const int32x16_t& v, const int32x16_t& byte_offsets, int mask = -1, int line = __builtin_LINE());
void vscatter_lm_float32x16_mh(void* base, const float32x16_t& v, const int32x16_t& byte_offsets, int mask = -1, int line = __builtin_LINE());

// ---- conversions ----
float32x16_t vfix2float(const int32x16_t& v);
// To the nearest and towards zero. Above 2^22 the rounding is not honoured, and nothing is documented of NaN and of values
// beyond int: the twin takes no such lane.
int32x16_t vfloat2fix(const float32x16_t& v, int line = __builtin_LINE());
int32x16_t vfloat2fix_rz(const float32x16_t& v, int line = __builtin_LINE());
float32x16_t vfp162float_l(const float16x32_t& v);
float32x16_t vfp162float_h(const float16x32_t& v);
float16x32_t vfloat2fp16_lh(const float32x16_t& l, const float32x16_t& h);
// Sixteen of the 64 bytes as floats: the first to the last quarter (FlagGems masked_fill_raw.xpu).
float32x16_t vfix82float_ll(const int8x64_t& v);
float32x16_t vfix82float_lh(const int8x64_t& v);
float32x16_t vfix82float_hl(const int8x64_t& v);
float32x16_t vfix82float_hh(const int8x64_t& v);
