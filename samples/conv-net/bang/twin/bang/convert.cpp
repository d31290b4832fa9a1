// Conversions between lane types. A result lane is defined when its source lane is.
#include <math.h>
#include <string.h>

#include "core-state.h"
#include "include/bang.h"

using namespace twin::bang;

namespace {

template <class D, class S, class F>
void convert(D* dst, const S* src, uint32_t n, int line, F f) {
  if (n == 0) return;
  const size_t to_bytes = n * sizeof(D), from_bytes = n * sizeof(S);
  const uint8_t* from = compute_read(src, from_bytes, alignof(S), line);
  uint8_t* to = compute_write(dst, to_bytes, alignof(D), line);
  refuse_partial_overlap(dst, to_bytes, src, from_bytes, sizeof(D) == sizeof(S), line);
  require_some_defined(from, from_bytes, line);
  for (uint32_t i = 0; i < n; i++) {
    uint8_t defined = 1;
    for (size_t b = 0; b < sizeof(S); b++) defined &= from[i * sizeof(S) + b];
    dst[i] = f(src[i]);
    memset(to + i * sizeof(D), defined, sizeof(D));
  }
  count_lanes(n, sizeof(D) > sizeof(S) ? sizeof(D) : sizeof(S));
}

float scaled(float x, int position) { return position ? ldexpf(x, position) : x; }

// What the chip gives for NaN and out of range stands in no document: DEADBEEF, as far as it fits.
template <class D>
D to_integer(float x, double lo, double hi) {
  return x != x || (double)x < lo || (double)x > hi ? (D)0xDEADBEEF : (D)x;
}

float from_bfloat16(bfloat16_t x) {
  const uint32_t bits = (uint32_t)x.bits << 16;
  float out;
  memcpy(&out, &bits, 4);
  return out;
}

bfloat16_t to_bfloat16(float x) {
  uint32_t bits;
  memcpy(&bits, &x, 4);
  if (x != x) return {(uint16_t)(bits >> 16 | 0x40)};
  return {(uint16_t)((bits + 0x7FFF + (bits >> 16 & 1)) >> 16)};
}

half to_half_toward_zero(float x) {
  half h = (half)x;
  if (fabsf((float)h) <= fabsf(x)) return h;
  uint16_t bits;
  memcpy(&bits, &h, 2);
  bits--;
  memcpy(&h, &bits, 2);
  return h;
}

}  // namespace

void __bang_half2float(float* dst, const half* src, uint32_t n, int line) {
  convert(dst, src, n, line, [](half x) { return (float)x; });
}
void __bang_float2half_rn(half* dst, const float* src, uint32_t n, int line) {
  convert(dst, src, n, line, [](float x) { return (half)x; });
}
void __bang_float2half_tz(half* dst, const float* src, uint32_t n, int line) { convert(dst, src, n, line, to_half_toward_zero); }
// bfloat16 came with arch 5xx (bangc.md section 7).
void __bang_bfloat162float(float* dst, const bfloat16_t* src, uint32_t n, int line) {
  require_arch(state().arch >= 500, "__bang_bfloat162float", line);
  convert(dst, src, n, line, from_bfloat16);
}
void __bang_float2bfloat16_rn(bfloat16_t* dst, const float* src, uint32_t n, int line) {
  require_arch(state().arch >= 500, "__bang_float2bfloat16_rn", line);
  convert(dst, src, n, line, to_bfloat16);
}
void __bang_uchar2float(float* dst, const uint8_t* src, uint32_t n, int line) {
  convert(dst, src, n, line, [](uint8_t x) { return (float)x; });
}
void __bang_float2int32_tz(int32_t* dst, const float* src, uint32_t n, int fix, int line) {
  convert(dst, src, n, line, [fix](float x) { return to_integer<int32_t>(truncf(scaled(x, -fix)), INT32_MIN, INT32_MAX); });
}
void __bang_float2int32_rn(int32_t* dst, const float* src, uint32_t n, int fix, int line) {
  convert(dst, src, n, line, [fix](float x) { return to_integer<int32_t>(nearbyintf(scaled(x, -fix)), INT32_MIN, INT32_MAX); });
}
void __bang_int322float_rn(float* dst, const int32_t* src, uint32_t n, int fix, int line) {
  convert(dst, src, n, line, [fix](int32_t x) { return scaled((float)x, fix); });
}
void __bang_int82float(float* dst, const int8_t* src, uint32_t n, int fix, int line) {
  convert(dst, src, n, line, [fix](int8_t x) { return scaled((float)x, fix); });
}
void __bang_int162float(float* dst, const int16_t* src, uint32_t n, int fix, int line) {
  convert(dst, src, n, line, [fix](int16_t x) { return scaled((float)x, fix); });
}
void __bang_float2int8_rd(int8_t* dst, const float* src, uint32_t n, int fix, int line) {
  convert(dst, src, n, line, [fix](float x) { return to_integer<int8_t>(roundf(scaled(x, -fix)), INT8_MIN, INT8_MAX); });
}
void __bang_float2int16_rd(int16_t* dst, const float* src, uint32_t n, int fix, int line) {
  convert(dst, src, n, line, [fix](float x) { return to_integer<int16_t>(roundf(scaled(x, -fix)), INT16_MIN, INT16_MAX); });
}
void __bang_float2int16_rn(int16_t* dst, const float* src, uint32_t n, int fix, int line) {
  convert(dst, src, n, line, [fix](float x) { return to_integer<int16_t>(nearbyintf(scaled(x, -fix)), INT16_MIN, INT16_MAX); });
}
void __bang_float2int16_tz(int16_t* dst, const float* src, uint32_t n, int fix, int line) {
  convert(dst, src, n, line, [fix](float x) { return to_integer<int16_t>(truncf(scaled(x, -fix)), INT16_MIN, INT16_MAX); });
}
// Integer pairs are modelled at position 0 only; another position is a scaling nobody here has seen the rounding of.
void __bang_uchar2int32(int32_t* dst, const uint8_t* src, uint32_t n, int fix, int line) {
  if (fix) twin::violation("vector-rule", line, "__bang_uchar2int32 with a fix position of %d", fix);
  convert(dst, src, n, line, [](uint8_t x) { return (int32_t)x; });
}
void __bang_int322uchar(uint8_t* dst, const int32_t* src, uint32_t n, int fix, int line) {
  if (fix) twin::violation("vector-rule", line, "__bang_int322uchar with a fix position of %d", fix);
  convert(dst, src, n, line, [](int32_t x) { return (uint8_t)(x < 0 ? 0 : x > 255 ? 255 : x); });
}
void __bang_int82int32(int32_t* dst, const int8_t* src, uint32_t n, int to, int from, int line) {
  if (to || from) twin::violation("vector-rule", line, "__bang_int82int32 with positions %d and %d", to, from);
  convert(dst, src, n, line, [](int8_t x) { return (int32_t)x; });
}
void __bang_int322int8(int8_t* dst, const int32_t* src, uint32_t n, int to, int from, int line) {
  if (to || from) twin::violation("vector-rule", line, "__bang_int322int8 with positions %d and %d", to, from);
  convert(dst, src, n, line, [](int32_t x) { return (int8_t)(x < -128 ? -128 : x > 127 ? 127 : x); });
}

float __half2float(half x) { return (float)x; }
half __float2half_rn(float x) { return (half)x; }
float __bfloat162float(bfloat16_t x) { return from_bfloat16(x); }
bfloat16_t __float2bfloat16_rn(float x) { return to_bfloat16(x); }
