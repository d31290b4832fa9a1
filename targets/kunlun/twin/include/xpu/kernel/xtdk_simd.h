// The twin's xpu/kernel/xtdk_simd.h: vector registers of 16 lanes with one bit a byte that says whether it is defined.
// Arithmetic is as defined as its operands, lane by lane, bitwise operations byte by byte, so that a load that was too
// short shows where its garbage leaves the chip, not before.
//
// Names follow the guide's grammar: v{load|store}_{lm|sm}_TYPE, vv/sv/v OP _TYPE, with _mz (lanes whose mask bit is 0
// become 0) and _mh (they keep `hold`). Declarations only: kernels compile in milliseconds, registers.cpp computes.
#pragma once
#include "xpu/kernel/xtdk.h"

// The three have one layout, so that reinterpret_cast of a reference reads the same bits under another type.
#define PTL_TWIN_REGISTER(NAME, LANE)            \
  struct __attribute__((may_alias)) NAME {       \
    using lane = LANE;                           \
    alignas(16) lane lanes[16];                  \
    uint64_t defined; /* by byte */              \
  };
PTL_TWIN_REGISTER(float32x16_t, float)
PTL_TWIN_REGISTER(int32x16_t, int32_t)
PTL_TWIN_REGISTER(uint32x16_t, uint32_t)
#undef PTL_TWIN_REGISTER
// 32 sixteen-bit lanes: halves on XPU3.
struct float16x32_t {
  uint16_t lane[32];
  uint64_t defined;
};

// ---- loads and stores ----
#define PTL_TWIN_MEMORY(T, SPACE)                                                                                      \
  T##_t vload_##SPACE##_##T(const void* p, int line = __builtin_LINE());                                               \
  T##_t vload_##SPACE##_##T##_mz(const void* p, int mask = -1, int line = __builtin_LINE());                           \
  T##_t vload_##SPACE##_##T##_mh(const void* p, const T##_t& hold, int mask = -1, int line = __builtin_LINE());        \
  void vstore_##SPACE##_##T(void* p, const T##_t& v, int line = __builtin_LINE());                                     \
  void vstore_##SPACE##_##T##_mz(void* p, const T##_t& v, int mask = -1, int line = __builtin_LINE());                 \
  void vstore_##SPACE##_##T##_mh(void* p, const T##_t& v, int mask = -1, int line = __builtin_LINE());

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
#define COMPARE(OP, T, SIGN)                                                     \
  int vv##OP##_##T(const T##_t& a, const T##_t& b);                                 \
  int vv##OP##_##T##_mz(const T##_t& a, const T##_t& b, int mask = -1);             \
  int vv##OP##_##T##_mh(const T##_t& a, const T##_t& b, int mask = -1, int c = -1); \
  int sv##OP##_##T(T##_t::lane a, const T##_t& b);                                  \
  int sv##OP##_##T##_mz(T##_t::lane a, const T##_t& b, int mask = -1);

#define BITWISE BINARY
#include "xpu/kernel/registers.gen.h"
#undef BINARY
#undef BITWISE
#undef COMPARE

// Across lanes: the whole register moves `bits` of its 512 bits towards lane 0, zeros come in; one lane leaves; halves
// interleave.
#define PTL_TWIN_TYPE(T)                                                       \
  PTL_TWIN_MEMORY(T, lm)                                                       \
  PTL_TWIN_MEMORY(T, sm)                                                       \
  T##_t vvmac_##T(const T##_t& a, const T##_t& b, const T##_t& c);             \
  T##_t svmac_##T(T##_t::lane a, const T##_t& b, const T##_t& c);              \
  T##_t vsrlp_##T(int bits, const T##_t& v, int line = __builtin_LINE());      \
  T##_t::lane vextract_##T(const T##_t& v, int mask = 1, int line = __builtin_LINE()); \
  T##_t vvmerge_l_##T(const T##_t& a, const T##_t& b);                         \
  T##_t vvmerge_h_##T(const T##_t& a, const T##_t& b);
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
#undef PTL_TWIN_MEMORY

float32x16_t vabs_float32x16(const float32x16_t& a);
float vrmax_float32x16(const float32x16_t& a, int line = __builtin_LINE());

// Lanes from base + a byte offset each, and back for lanes whose mask bit is 1; the base needs no alignment.
float32x16_t vgather_lm_float32x16(const void* base, const int32x16_t& byte_offsets, int line = __builtin_LINE());
int32x16_t vgather_lm_int32x16(const void* base, const int32x16_t& byte_offsets, int line = __builtin_LINE());
void vscatter_lm_int32x16_mh(void* base, const int32x16_t& v, const int32x16_t& byte_offsets, int mask = -1, int line = __builtin_LINE());

// ---- conversions ----
float32x16_t vfix2float(const int32x16_t& v);
// To the nearest and towards zero. Above 2^22 the rounding is not honoured, and nothing is documented of NaN and of values
// beyond int: the twin takes no such lane.
int32x16_t vfloat2fix(const float32x16_t& v, int line = __builtin_LINE());
int32x16_t vfloat2fix_rz(const float32x16_t& v, int line = __builtin_LINE());

float16x32_t vload_lm_float16x32(const void* p, int line = __builtin_LINE());
void vstore_lm_float16x32(void* p, const float16x32_t& v, int line = __builtin_LINE());
