// Halves and floats.
#include <string.h>

#include "xpu/kernel/cluster.h"

namespace twin {
namespace xpu {

float half_to_float(uint16_t h) {
  uint32_t bits = (uint32_t)(h & 0x7fff) << 13;
  float f;
  memcpy(&f, &bits, 4);
  f *= 5.192296858534828e33f;  // 2^112: the difference of the exponent biases
  memcpy(&bits, &f, 4);
  if ((h & 0x7c00) == 0x7c00) bits |= 0x7f800000u;
  bits |= (uint32_t)(h & 0x8000) << 16;
  memcpy(&f, &bits, 4);
  return f;
}

// Nearest, ties to even; beyond 65504 by half a step: infinity.
uint16_t float_to_half(float f) {
  uint32_t bits;
  memcpy(&bits, &f, 4);
  const uint32_t sign = bits >> 16 & 0x8000;
  bits &= 0x7fffffff;
  if (bits > 0x7f800000) return (uint16_t)(sign | 0x7e00);
  if (bits >= 0x47800000) return (uint16_t)(sign | 0x7c00);
  if (bits < 0x38800000) {
    // Subnormal: adding a half lets the float unit round at the right bit.
    float a;
    memcpy(&a, &bits, 4);
    a += 0.5f;
    memcpy(&bits, &a, 4);
    return (uint16_t)(sign | (bits - 0x3f000000));
  }
  bits += 0xfff + (bits >> 13 & 1);
  return (uint16_t)(sign | ((bits - 0x38000000) >> 13));
}

float bfloat_to_float(uint16_t h) {
  const uint32_t wide = (uint32_t)h << 16;
  float f;
  memcpy(&f, &wide, 4);
  return f;
}

uint16_t float_to_bfloat(float f) {
  uint32_t wide;
  memcpy(&wide, &f, 4);
  return f != f ? 0x7fc0 : (uint16_t)((wide + 0x7fff + (wide >> 16 & 1)) >> 16);
}

}  // namespace xpu
}  // namespace twin
