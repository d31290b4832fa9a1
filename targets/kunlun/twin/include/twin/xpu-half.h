// Storage types of halves as the vendor's headers of each generation define them: sixteen bits, and what converts to what.
// XPU2's float16 is a bare struct and its bfloat16 has no way back to float but a function (cluster2_type.h). XPU3's take a float
// as they are, give one when asked, take a short for their bits and no int, and have arithmetic (cluster3_type.h); that they
// compare by value is seen in FastDeploy's top_p_candidates.xpu; that xtdk_bf16.h's bfloat16_t takes an int, in InfiniTensor/InfiniCore's
// src/infiniop/ops/causal_softmax/kunlun/kernel.h (assumption X7 of docs/twins.md). The host's library (xdnn.h) knows them as storage only.
#pragma once
#include <stdint.h>

#include "math/numbers.h"

namespace twin {
namespace xpu {
inline float half_to_float(uint16_t h) { return math::float_of_half(h); }
inline uint16_t float_to_half(float f) { return math::half_of_float(f); }
inline float bfloat_to_float(uint16_t h) { return math::float_of_bfloat(h); }
inline uint16_t float_to_bfloat(float f) { return math::bfloat_of_float(f); }
}  // namespace xpu
}  // namespace twin

#if defined(__XPU2__)
struct float16 {
  uint16_t bits;
  float16() = default;
  float16(const float16&) = default;
  float16& operator=(const float16& other) {
    bits = other.bits;
    return *this;
  }
};
struct bfloat16 {
  uint16_t bits;
  bfloat16() = default;
  bfloat16(float f) : bits(twin::xpu::float_to_bfloat(f)) {}
  bfloat16(const bfloat16&) = default;
  bfloat16& operator=(const bfloat16& other) {
    bits = other.bits;
    return *this;
  }
};
inline float bfloat2float(bfloat16 h) { return twin::xpu::bfloat_to_float(h.bits); }
#else

// Each operation rounds once: a float holds the sum, difference and product of two halves exactly enough. An assignment is a store
// of its own, which the twin sees also where a call's result is assigned.
#define PTL_TWIN_ARITHMETIC(H)                                                   \
  H(const H&) = default;                                                         \
  H& operator=(const H& other) {                                                 \
    bits = other.bits;                                                           \
    return *this;                                                                \
  }                                                                              \
  friend H operator+(const H& a, const H& b) { return H((float)a + (float)b); }  \
  friend H operator-(const H& a, const H& b) { return H((float)a - (float)b); }  \
  friend H operator*(const H& a, const H& b) { return H((float)a * (float)b); }  \
  friend H operator/(const H& a, const H& b) { return H((float)a / (float)b); }  \
  friend bool operator==(const H& a, const H& b) { return a.bits == b.bits; }    \
  friend bool operator!=(const H& a, const H& b) { return a.bits != b.bits; }    \
  friend bool operator<(const H& a, const H& b) { return (float)a < (float)b; }  \
  friend bool operator>(const H& a, const H& b) { return (float)a > (float)b; }  \
  friend bool operator<=(const H& a, const H& b) { return (float)a <= (float)b; } \
  friend bool operator>=(const H& a, const H& b) { return (float)a >= (float)b; } \
  H& operator+=(const H& b) { return *this = *this + b; }                        \
  H operator-() const { return H((short)(bits ^ 0x8000)); }

struct float16 {
  union {
    uint16_t bits;
    short val_;
  };
  float16() = default;
  float16(float f) : bits(twin::xpu::float_to_half(f)) {}
  float16(half h) { __builtin_memcpy(&bits, &h, 2); }
  explicit float16(short raw) : bits((uint16_t)raw) {}
  explicit float16(unsigned short raw) : bits(raw) {}
  float16(int) = delete;
  explicit operator float() const { return twin::xpu::half_to_float(bits); }
  PTL_TWIN_ARITHMETIC(float16)
};
struct bfloat16 {
  union {
    uint16_t bits;
    short val_;
  };
  bfloat16() = default;
  bfloat16(float f) : bits(twin::xpu::float_to_bfloat(f)) {}
#if !defined(PTL_TWIN_CLUSTER)
  explicit bfloat16(int value) : bfloat16((float)value) {}
#endif
  explicit bfloat16(short raw) : bits((uint16_t)raw) {}
  explicit bfloat16(unsigned short raw) : bits(raw) {}
  explicit operator float() const { return twin::xpu::bfloat_to_float(bits); }
  PTL_TWIN_ARITHMETIC(bfloat16)
};
#undef PTL_TWIN_ARITHMETIC

// A float that the matrix unit rounds to 10 bits of mantissa (cluster3_type.h); the tag of such products for XDNN.
struct tfloat32 {
  unsigned int val;
};
typedef float16 float16_t;
typedef bfloat16 bfloat16_t;
inline float16 float2float16(float f) { return float16(f); }
inline float float162float(float16 h) { return (float)h; }
inline bfloat16 float2bfloat(float f) { return bfloat16(f); }
inline float bfloat2float(bfloat16 h) { return (float)h; }

// A half as the first operand of an sv instruction.
namespace twin {
namespace xpu {
struct HalfScalar {
  uint16_t bits;
  HalfScalar(half h) { __builtin_memcpy(&bits, &h, 2); }
  HalfScalar(float16 h) : bits(h.bits) {}
  HalfScalar(float f) : bits(float_to_half(f)) {}
};
}  // namespace xpu
}  // namespace twin
#endif
