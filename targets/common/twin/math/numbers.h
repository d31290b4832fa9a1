// Numbers of sixteen bits as floats and back, and floats with less of their fraction.
#pragma once
#include <stdint.h>
#include <string.h>

#include "half.h"

namespace twin {
namespace math {

inline uint32_t bits_of(float x) {
  uint32_t bits;
  memcpy(&bits, &x, 4);
  return bits;
}
inline float float_of(uint32_t bits) {
  float x;
  memcpy(&x, &bits, 4);
  return x;
}

inline float float_of_half(uint16_t bits) {
  half h;
  memcpy(&h, &bits, 2);
  return static_cast<float>(h);
}
// To nearest, ties to even; what rounds past 65504 is infinite.
inline uint16_t half_of_float(float x) {
  const half h = static_cast<half>(x);
  uint16_t bits;
  memcpy(&bits, &h, 2);
  return bits;
}

inline float float_of_bfloat(uint16_t bits) { return float_of(static_cast<uint32_t>(bits) << 16); }
// To nearest, ties to even; a NaN stays one, and is quiet.
inline uint16_t bfloat_of_float(float x) {
  const uint32_t bits = bits_of(x);
  return static_cast<uint16_t>(x != x ? bits >> 16 | 0x40 : (bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
}

// The float nearest to x, ties to even, with so many bits of fraction: 10 are tfloat32. Infinities and NaN stay as they are.
inline float with_fraction(float x, int kept) {
  const uint32_t bits = bits_of(x), cut = 23 - kept;
  if ((bits & 0x7F800000u) == 0x7F800000u) return x;
  return float_of((bits + (1u << (cut - 1)) - 1 + (bits >> cut & 1)) & ~((1u << cut) - 1));
}

}  // namespace math
}  // namespace twin
