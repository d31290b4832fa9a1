// Storage types of halves, one definition for kernels (xtdk.h) and for the library (xdnn.h): sixteen bits and
// conversions that round to nearest even.
#pragma once
#include <stdint.h>

namespace twin {
namespace xpu {
float half_to_float(uint16_t h);
uint16_t float_to_half(float f);
}  // namespace xpu
}  // namespace twin

struct float16 {
  uint16_t bits;
  float16() = default;
  float16(float f) : bits(twin::xpu::float_to_half(f)) {}
  operator float() const { return twin::xpu::half_to_float(bits); }
};

struct bfloat16 {
  uint16_t bits;
  bfloat16() = default;
  bfloat16(float f);
  operator float() const {
    const uint32_t wide = (uint32_t)bits << 16;
    float f;
    __builtin_memcpy(&f, &wide, 4);
    return f;
  }
};
