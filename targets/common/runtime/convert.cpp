// Numbers as the caller sees them and as the device stores them.
#include <math.h>
#include <string.h>

#include <algorithm>

#include "internal.h"

namespace portolan {
inline namespace v1 {

namespace {

float half_to_float(uint16_t h) {
  const uint32_t sign = (uint32_t)(h & 0x8000u) << 16, exponent = h >> 10 & 31u, fraction = h & 1023u;
  uint32_t bits;
  if (exponent == 31) {
    bits = sign | 0x7F800000u | fraction << 13;
  } else if (exponent > 0) {
    bits = sign | (exponent + 112) << 23 | fraction << 13;
  } else {
    const float tiny = (float)fraction * 5.9604644775390625e-8f;  // 2^-24
    memcpy(&bits, &tiny, 4);
    bits |= sign;
  }
  float f;
  memcpy(&f, &bits, 4);
  return f;
}

uint16_t float_to_half(float f) {
  uint32_t bits;
  memcpy(&bits, &f, 4);
  const uint16_t sign = (uint16_t)(bits >> 16 & 0x8000u);
  const uint32_t magnitude = bits & 0x7FFFFFFFu;
  if (magnitude > 0x7F800000u) return sign | 0x7E00u;
  if (magnitude >= 0x477FF000u) return sign | 0x7C00u;  // rounds past 65504
  if (magnitude < 0x38800000u) {                        // below 2^-14: subnormal, in units of 2^-24
    float m;
    memcpy(&m, &magnitude, 4);
    const float scaled = m * 16777216.0f;
    uint32_t whole = (uint32_t)scaled;
    const float rest = scaled - (float)whole;
    if (rest > 0.5f || (rest == 0.5f && (whole & 1u))) ++whole;
    return (uint16_t)(sign | whole);
  }
  const uint32_t rounded = magnitude + 0xFFFu + (magnitude >> 13 & 1u);
  return (uint16_t)(sign | (rounded - 0x38000000u) >> 13);
}

// A caller's array may begin anywhere.
template <class T>
T value_at(const void* from, size_t i) {
  T v;
  memcpy(&v, static_cast<const uint8_t*>(from) + i * sizeof(T), sizeof(T));
  return v;
}
template <class T>
void set_at(void* to, size_t i, T v) {
  memcpy(static_cast<uint8_t*>(to) + i * sizeof(T), &v, sizeof(T));
}

// Returns the index of the first value that does not fit, or -1.
int64_t narrow(const void* from, void* to, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    const auto v = value_at<int64_t>(from, i);
    if (v != (int32_t)v) return (int64_t)i;
    set_at(to, i, (int32_t)v);
  }
  return -1;
}

// ---- types of 8 bits and fewer ------------------------------------------------------------------------------------------

size_t bits_of(Type type) {
  switch (type) {
    case Type::u2: case Type::i2: return 2;
    case Type::u4: case Type::i4: case Type::f4e2m1: return 4;
    default: return 8 * element_bytes(type);
  }
}

bool is_signed(Type type) { return type == Type::i4 || type == Type::i2; }

uint8_t pattern_at(Type type, const uint8_t* from, size_t i) {
  const size_t bits = bits_of(type), at = i * bits;
  const unsigned low = from[at / 8] >> at % 8 & ((1u << bits) - 1);
  return (uint8_t)(is_signed(type) && low >> (bits - 1) ? low | ~0u << bits : low);
}

// Into bytes that are zero before.
void set_pattern(Type type, uint8_t* to, size_t i, unsigned pattern) {
  const size_t bits = bits_of(type), at = i * bits;
  to[at / 8] = (uint8_t)(to[at / 8] | (pattern & ((1u << bits) - 1)) << at % 8);
}

// A float of up to 8 bits.
struct SmallFloat {
  int bits, mantissa, bias;
  bool has_sign, has_infinity;
  unsigned top;  // pattern of the largest number
  unsigned nan;  // 0: there is none
};

SmallFloat format_of(Type type) {
  switch (type) {
    case Type::f8e4m3fn: return {8, 3, 7, true, false, 0x7E, 0x7F};
    case Type::f8e4m3fnuz: return {8, 3, 8, true, false, 0x7F, 0x80};
    case Type::f8e5m2: return {8, 2, 15, true, true, 0x7B, 0x7F};
    case Type::f8e5m2fnuz: return {8, 2, 16, true, false, 0x7F, 0x80};
    case Type::f8e8m0: return {8, 0, 127, false, false, 0xFE, 0xFF};
    default: return {4, 1, 1, true, false, 0x7, 0};
  }
}

float magnitude_of(const SmallFloat& f, unsigned pattern) {
  const int exponent = (int)(pattern >> f.mantissa), fraction = (int)pattern & ((1 << f.mantissa) - 1), one = 1 << f.mantissa;
  if (f.has_sign && exponent == 0) return ldexpf((float)fraction, 1 - f.bias - f.mantissa);
  return ldexpf((float)(one + fraction), exponent - f.bias - f.mantissa);
}

// What the patterns of a format stand for: numbers grow with their patterns, and infinity comes next where there is one.
class SmallFloats {
 public:
  explicit SmallFloats(Type type) : f_(format_of(type)), sign_(f_.has_sign ? 1u << (f_.bits - 1) : 0) {
    for (unsigned i = 0; i <= f_.top; ++i) sizes_.push_back(magnitude_of(f_, i));
    if (f_.has_infinity) sizes_.push_back(HUGE_VALF);
  }

  float number(unsigned pattern) const {
    const unsigned low = pattern & ~sign_;
    if ((f_.nan && pattern == f_.nan) || low >= sizes_.size()) return NAN;
    return pattern & sign_ ? -sizes_[low] : sizes_[low];
  }

  // -1 where the format has no such number.
  int pattern(float x) const {
    if (x != x) return f_.nan ? (int)f_.nan : -1;
    // A chip may have no number as small as 2^-127, the least of a format without zero.
    if (!sign_ && x == 0) return 0;
    const auto found = std::lower_bound(sizes_.begin(), sizes_.end(), fabsf(x));
    if (found == sizes_.end() || *found != fabsf(x) || (!sign_ && x < 0)) return -1;
    const auto low = (unsigned)(found - sizes_.begin());
    const bool has_minus_zero = f_.nan != sign_;
    return (int)(signbit(x) && (low > 0 || has_minus_zero) ? low | sign_ : low);
  }

 private:
  SmallFloat f_;
  unsigned sign_;
  std::vector<float> sizes_;
};

void widen_small(const Buffer& b, const void* from, void* to, size_t count) {
  const auto* packed = static_cast<const uint8_t*>(from);
  if (b.stored != Type::f32) return unpack_small(b.type, packed, static_cast<uint8_t*>(to), count);
  const SmallFloats floats(b.type);
  for (size_t i = 0; i < count; ++i) set_at(to, i, floats.number(pattern_at(b.type, packed, i)));
}

int64_t narrow_floats(const Buffer& b, const void* from, uint8_t* to, size_t count) {
  const SmallFloats floats(b.type);
  for (size_t i = 0; i < count; ++i) {
    const int pattern = floats.pattern(value_at<float>(from, i));
    if (pattern < 0) return (int64_t)i;
    set_pattern(b.type, to, i, (unsigned)pattern);
  }
  return -1;
}

int64_t narrow_small(const Buffer& b, const void* from, uint8_t* to, size_t count) {
  std::fill_n(to, array_bytes(b.type, count), (uint8_t)0);
  if (b.stored == Type::f32) return narrow_floats(b, from, to, count);
  for (size_t i = 0; i < count; ++i) {
    const auto level = value_at<uint8_t>(from, i);
    set_pattern(b.type, to, i, level);
    if (pattern_at(b.type, to, i) != level) return (int64_t)i;
  }
  return -1;
}

}  // namespace

size_t element_bytes(Type type) {
  switch (type) {
    case Type::u16: case Type::i16: case Type::f16: case Type::bf16: return 2;
    case Type::f32: case Type::i32: case Type::u32: return 4;
    case Type::i64: case Type::f64: case Type::u64: return 8;
    default: return 1;
  }
}

size_t array_bytes(Type type, size_t count) {
  const size_t bits = bits_of(type);
  return bits >= 8 ? count * (bits / 8) : count / (8 / bits) + (count % (8 / bits) != 0);
}

bool is_small(Type type) { return type >= Type::f8e4m3fn; }

int64_t pack_small(Type type, const uint8_t* from, uint8_t* to, size_t count) {
  std::fill_n(to, array_bytes(type, count), (uint8_t)0);
  for (size_t i = 0; i < count; ++i) {
    set_pattern(type, to, i, from[i]);
    if (from[i] >> bits_of(type) != 0 && from[i] != pattern_at(type, to, i)) return (int64_t)i;
  }
  return -1;
}

void unpack_small(Type type, const uint8_t* from, uint8_t* to, size_t count) {
  for (size_t i = 0; i < count; ++i) to[i] = pattern_at(type, from, i);
}

const char* name_of(Type type) {
  switch (type) {
    case Type::f32: return "float32";
    case Type::u8: return "uint8";
    case Type::i8: return "int8";
    case Type::u16: return "uint16";
    case Type::i16: return "int16";
    case Type::i32: return "int32";
    case Type::i64: return "int64";
    case Type::boolean: return "bool";
    case Type::f16: return "float16";
    case Type::f64: return "float64";
    case Type::u32: return "uint32";
    case Type::u64: return "uint64";
    case Type::bf16: return "bfloat16";
    case Type::f8e4m3fn: return "float8e4m3fn";
    case Type::f8e4m3fnuz: return "float8e4m3fnuz";
    case Type::f8e5m2: return "float8e5m2";
    case Type::f8e5m2fnuz: return "float8e5m2fnuz";
    case Type::u4: return "uint4";
    case Type::i4: return "int4";
    case Type::f4e2m1: return "float4e2m1";
    case Type::f8e8m0: return "float8e8m0";
    case Type::u2: return "uint2";
    case Type::i2: return "int2";
  }
  return "another type";
}

int64_t to_stored(const Buffer& b, const void* from, void* to, size_t count) {
  if (b.type == Type::i64 && b.stored == Type::i32) return narrow(from, to, count);
  if (is_small(b.type)) return widen_small(b, from, to, count), -1;
  for (size_t i = 0; i < count; ++i) set_at(to, i, float_to_half(value_at<float>(from, i)));
  return -1;
}

int64_t from_stored(const Buffer& b, const void* from, void* to, size_t count) {
  if (is_small(b.type)) return narrow_small(b, from, static_cast<uint8_t*>(to), count);
  if (b.type == Type::i64 && b.stored == Type::i32) {
    for (size_t i = 0; i < count; ++i) set_at(to, i, (int64_t)value_at<int32_t>(from, i));
  } else {
    for (size_t i = 0; i < count; ++i) set_at(to, i, half_to_float(value_at<uint16_t>(from, i)));
  }
  return -1;
}

size_t packed_bytes(Pack pack, size_t bytes) {
  switch (pack) {
    case Pack::as_is: return bytes;
    case Pack::bf16_to_f32: return bytes * 2;
    case Pack::i64_to_i32: case Pack::f32_to_f16: case Pack::f64_to_f32: return bytes / 2;
  }
  return 0;
}

int64_t unpack(Pack pack, const uint8_t* from, size_t bytes, std::vector<uint8_t>& to) {
  to.resize(packed_bytes(pack, bytes));
  switch (pack) {
    case Pack::as_is: memcpy(to.data(), from, bytes); return -1;
    case Pack::i64_to_i32: return narrow(from, to.data(), bytes / 8);
    case Pack::f32_to_f16:
      for (size_t i = 0; i < bytes / 4; ++i) set_at(to.data(), i, float_to_half(value_at<float>(from, i)));
      return -1;
    case Pack::bf16_to_f32:
      for (size_t i = 0; i < bytes / 2; ++i) set_at(to.data(), i, (uint32_t)value_at<uint16_t>(from, i) << 16);
      return -1;
    case Pack::f64_to_f32:
      for (size_t i = 0; i < bytes / 8; ++i) set_at(to.data(), i, (float)value_at<double>(from, i));
      return -1;
  }
  return 0;
}

}  // namespace v1
}  // namespace portolan
