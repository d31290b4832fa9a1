// Storage types of halves as the vendor's headers of each generation define them: sixteen bits, and what converts to what.
// XPU2's float16 is a bare struct and its bfloat16 has no way back to float but a function; XPU3's convert explicitly, take
// a short for their bits, and take no int. The host's library (xdnn.h) knows them as storage only.
#pragma once
#include <stdint.h>

namespace twin {
namespace xpu {
float half_to_float(uint16_t h);
uint16_t float_to_half(float f);
float bfloat_to_float(uint16_t h);
uint16_t float_to_bfloat(float f);
}  // namespace xpu
}  // namespace twin

#if defined(__XPU2__)
struct float16 {
  uint16_t bits;
};
struct bfloat16 {
  uint16_t bits;
  bfloat16() = default;
  bfloat16(float f) : bits(twin::xpu::float_to_bfloat(f)) {}
};
inline float bfloat2float(bfloat16 h) { return twin::xpu::bfloat_to_float(h.bits); }
#else
struct float16 {
  uint16_t bits;
  float16() = default;
  explicit float16(float f) : bits(twin::xpu::float_to_half(f)) {}
  explicit float16(short raw) : bits((uint16_t)raw) {}
  explicit float16(unsigned short raw) : bits(raw) {}
  float16(int) = delete;
  explicit operator float() const { return twin::xpu::half_to_float(bits); }
};
struct bfloat16 {
  uint16_t bits;
  bfloat16() = default;
  explicit bfloat16(float f) : bits(twin::xpu::float_to_bfloat(f)) {}
  explicit bfloat16(short raw) : bits((uint16_t)raw) {}
  explicit bfloat16(unsigned short raw) : bits(raw) {}
  explicit operator float() const { return twin::xpu::bfloat_to_float(bits); }
};
#endif
