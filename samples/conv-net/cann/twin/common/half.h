// `half` of the vendors' languages: the compiler's _Float16 where C++ has it (g++ 12, clang 15 and newer on x86-64), else
// sixteen bits and conversions of our own that round the same: to nearest, ties to even, every operation by itself.
// PORTOLAN_OWN_HALF takes our own everywhere; a test compares the two.
#pragma once
#include <stdint.h>

#if defined(__FLT16_MAX__) && !defined(PORTOLAN_OWN_HALF)
typedef _Float16 half;
#else

namespace twin {

inline float float_of_half(uint16_t h) {
  uint32_t bits = static_cast<uint32_t>(h & 0x7fff) << 13;
  float f;
  __builtin_memcpy(&f, &bits, 4);
  f *= 5.192296858534828e33f;  // 2^112: the difference of the exponent biases
  __builtin_memcpy(&bits, &f, 4);
  if ((h & 0x7c00) == 0x7c00) bits |= 0x7f800000u;
  if ((h & 0x7c00) == 0x7c00 && (h & 0x3ff)) bits |= 0x400000u;  // a NaN comes out quiet
  bits |= static_cast<uint32_t>(h & 0x8000) << 16;
  __builtin_memcpy(&f, &bits, 4);
  return f;
}

inline uint16_t half_of_float(float f) {
  uint32_t bits;
  __builtin_memcpy(&bits, &f, 4);
  const uint16_t sign = static_cast<uint16_t>(bits >> 16 & 0x8000);
  bits &= 0x7fffffff;
  if (bits > 0x7f800000) return static_cast<uint16_t>(sign | 0x7e00 | (bits >> 13 & 0x3ff));
  if (bits >= 0x477ff000) return static_cast<uint16_t>(sign | 0x7c00);  // rounds past 65504
  if (bits < 0x38800000) {
    // Subnormal: adding a half lets the float unit round at the right bit.
    float a;
    __builtin_memcpy(&a, &bits, 4);
    a += 0.5f;
    __builtin_memcpy(&bits, &a, 4);
    return static_cast<uint16_t>(sign | (bits - 0x3f000000));
  }
  bits += 0xfff + (bits >> 13 & 1);
  return static_cast<uint16_t>(sign | ((bits - 0x38000000) >> 13));
}

// To odd, so that the second rounding cannot be led astray by the first.
inline float odd_float(double d) {
  const float f = static_cast<float>(d);
  if (static_cast<double>(f) == d || d != d) return f;
  uint32_t bits;
  __builtin_memcpy(&bits, &f, 4);
  const double back = static_cast<double>(f), size = d < 0 ? -d : d;
  if ((back < 0 ? -back : back) > size) --bits;
  bits |= 1;
  float odd;
  __builtin_memcpy(&odd, &bits, 4);
  return odd;
}

template <class A, class B>
struct Same {};
template <class A>
struct Same<A, A> {
  typedef A type;
};

}  // namespace twin

struct half {
  uint16_t bits;
  half() = default;
  half(float f) : bits(twin::half_of_float(f)) {}
  half(double d) : bits(twin::half_of_float(twin::odd_float(d))) {}
  half(int i) : half(static_cast<double>(i)) {}
  half(unsigned i) : half(static_cast<double>(i)) {}
  half(long i) : half(static_cast<double>(i)) {}
  half(unsigned long i) : half(static_cast<double>(i)) {}
  half(long long i) : half(static_cast<double>(i)) {}
  half(unsigned long long i) : half(static_cast<double>(i)) {}
  operator float() const { return twin::float_of_half(bits); }
  half operator-() const {
    half out;
    out.bits = static_cast<uint16_t>(bits ^ 0x8000);
    return out;
  }
};

// Only of two halves: with any other type the other one decides, as it does for _Float16.
#define TWIN_HALF_OPERATOR(OP)                                                                       \
  template <class T>                                                                                 \
  inline typename twin::Same<T, half>::type operator OP(T a, T b) {                                  \
    return half(static_cast<float>(a) OP static_cast<float>(b));                                     \
  }                                                                                                  \
  template <class T>                                                                                 \
  inline half& operator OP##=(half& a, T b) {                                                        \
    return a = half(a OP b);                                                                         \
  }
TWIN_HALF_OPERATOR(+)
TWIN_HALF_OPERATOR(-)
TWIN_HALF_OPERATOR(*)
TWIN_HALF_OPERATOR(/)
#undef TWIN_HALF_OPERATOR

#endif
