// Conversions between lane types. A result lane is defined when its source lane is.
#include <math.h>
#include <string.h>

#include <limits>

#include "core-state.h"
#include "include/bang.h"
#include "lanes.h"
#include "math/numbers.h"

using namespace twin::bang;
using twin::violation;

namespace {

template <class T>
T before(T x, int) {
  return x;
}
float before(float x, int position) { return position ? ldexpf(x, -position) : x; }
float before(half x, int position) { return before((float)x, position); }
// As the type that is stored: a float is scaled once it is one, a half before it is rounded.
template <class D>
struct After {
  template <class T>
  static D scaled(T x, int) {
    return (D)x;
  }
};
template <>
struct After<float> {
  template <class T>
  static float scaled(T x, int position) {
    return position ? ldexpf((float)x, position) : (float)x;
  }
};
template <>
struct After<half> {
  template <class T>
  static half scaled(T x, int position) {
    return (half)After<float>::scaled(x, position);
  }
};
template <class D, class S>
constexpr bool sizes_are_integers() {
  return (D)0.5f == 0 && (S)0.5f == 0;
}

// What the chip gives for NaN and out of range stands in no document: DEADBEEF, as far as it fits.
template <class D>
D to_integer(float x) {
  const double lo = (double)std::numeric_limits<D>::min(), hi = (double)std::numeric_limits<D>::max();
  return x != x || (double)x < lo || (double)x > hi ? (D)0xDEADBEEF : (D)x;
}

float from_bfloat16(bfloat16_t x) { return twin::math::float_of_bfloat(x.bits); }

bfloat16_t of_bits(uint32_t bits) {
  bfloat16_t out;
  out.bits = (uint16_t)bits;
  return out;
}

bfloat16_t to_bfloat16(float x) { return of_bits(twin::math::bfloat_of_float(x)); }

bfloat16_t to_bfloat16_toward_zero(float x) {
  const uint32_t bits = twin::math::bits_of(x);
  return of_bits(bits >> 16 | (x != x ? 0x40 : 0));
}

// The next half above or below; none is NaN.
half neighbour(half h, bool above) {
  uint16_t bits;
  memcpy(&bits, &h, 2);
  if ((bits & 0x7FFF) == 0)
    bits = above ? 0x0001 : 0x8001;
  else
    bits += (bits >> 15 == 0) == above ? 1 : -1;
  memcpy(&h, &bits, 2);
  return h;
}

enum class Toward { zero, outside, above, below };

half to_half(float x, Toward side) {
  const half nearest = (half)x;
  const float got = (float)nearest;
  if (got == x || x != x) return nearest;
  const bool above = side == Toward::above || (side == Toward::zero && x < 0) || (side == Toward::outside && x > 0);
  return (got > x) == above ? nearest : neighbour(nearest, above);
}

half to_half_away(float x) {
  const half inner = to_half(x, Toward::zero), outer = to_half(x, Toward::outside);
  return fabsf(x - (float)inner) == fabsf((float)outer - x) ? outer : (half)x;
}

}  // namespace

#define REFUSE_OTHERS(name, has) \
  const int arch = state().arch; \
  (void)arch; \
  require_arch(has, #name, line);
#define BINARY(T, name, has, ...)
#define SCALAR(T, name, has, ...)
#define CYCLE(T, name, has, ...)
#define UNARY(T, name, has, ...)
#define BITS(T, name, has, ...)
#define CONVERT(D, S, name, has, ...) \
  void name(D* dst, const S* src, uint32_t n, int line) { \
    REFUSE_OTHERS(name, has) \
    convert(dst, src, n, line, [](S a) { return __VA_ARGS__; }); \
  }
// A float is scaled before it is rounded, an integer after it became one. Between integers another position is a scaling whose
// rounding nobody has seen.
#define CONVERT_AT(D, S, name, has, ...) \
  void name(D* dst, const S* src, uint32_t n, int fix, int line) { \
    REFUSE_OTHERS(name, has) \
    if (fix && sizes_are_integers<D, S>()) violation("vector-rule", line, #name " with a fix position of %d", fix); \
    convert(dst, src, n, line, [fix](S given) { \
      const auto a = before(given, fix); \
      return After<D>::scaled(__VA_ARGS__, fix); \
    }); \
  }
#define CONVERT_BETWEEN(D, S, name, has, ...) \
  void name(D* dst, const S* src, uint32_t n, int to, int from, int line) { \
    REFUSE_OTHERS(name, has) \
    if (to || from) violation("vector-rule", line, #name " with positions %d and %d", to, from); \
    convert(dst, src, n, line, [](S a) { return __VA_ARGS__; }); \
  }
#include "include/instructions.gen.h"

#define SCALAR_CONVERSIONS(suffix, whole, narrow) \
  half __float2half##suffix(float a) { return narrow; } \
  int32_t __float2int32##suffix(float a) { return to_integer<int32_t>(whole); } \
  int16_t __float2short##suffix(float a) { return to_integer<int16_t>(whole); } \
  int32_t __half2int32##suffix(half h) { return __float2int32##suffix((float)h); } \
  int32_t __float2int##suffix(float a) { return __float2int32##suffix(a); } \
  int32_t __half2int##suffix(half h) { return __float2int32##suffix((float)h); } \
  int16_t __half2short##suffix(half h) { return __float2short##suffix((float)h); }
SCALAR_CONVERSIONS(_rn, nearbyintf(a), (half)a)
SCALAR_CONVERSIONS(_rd, roundf(a), to_half_away(a))
SCALAR_CONVERSIONS(_tz, truncf(a), to_half(a, Toward::zero))
SCALAR_CONVERSIONS(_oz, a < 0 ? floorf(a) : ceilf(a), to_half(a, Toward::outside))
SCALAR_CONVERSIONS(_up, ceilf(a), to_half(a, Toward::above))
SCALAR_CONVERSIONS(_dn, floorf(a), to_half(a, Toward::below))
int32_t __float2int(float x) { return __float2int32_tz(x); }
int32_t __half2int(half x) { return __half2int32_tz(x); }
half __float2half(float x) { return (half)x; }
float __half2float(half x) { return (float)x; }
float __int2float_rn(int32_t x) { return (float)x; }
half __int2half_rn(int32_t x) { return (half)(float)x; }
float __bfloat162float(bfloat16_t x) { return from_bfloat16(x); }
bfloat16_t __float2bfloat16_rn(float x) { return to_bfloat16(x); }
bfloat16_t __float2bfloat16(float x) { return to_bfloat16(x); }
bfloat16_t::bfloat16_t(float x) : bits(to_bfloat16(x).bits) {}
bfloat16_t::operator float() const { return from_bfloat16(*this); }
