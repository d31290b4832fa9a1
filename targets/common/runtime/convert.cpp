// Numbers as the caller sees them and as the device stores them.
#include <string.h>

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

}  // namespace

size_t element_bytes(Type type) {
  switch (type) {
    case Type::u8: case Type::i8: case Type::boolean: return 1;
    case Type::u16: case Type::i16: case Type::f16: case Type::bf16: return 2;
    case Type::f32: case Type::i32: case Type::u32: return 4;
    case Type::i64: case Type::f64: case Type::u64: return 8;
  }
  return 0;
}

int64_t to_stored(const Buffer& b, const void* from, void* to, size_t count) {
  if (b.type == Type::i64 && b.stored == Type::i32) return narrow(from, to, count);
  for (size_t i = 0; i < count; ++i) set_at(to, i, float_to_half(value_at<float>(from, i)));
  return -1;
}

void from_stored(const Buffer& b, const void* from, void* to, size_t count) {
  if (b.type == Type::i64 && b.stored == Type::i32) {
    for (size_t i = 0; i < count; ++i) set_at(to, i, (int64_t)value_at<int32_t>(from, i));
  } else {
    for (size_t i = 0; i < count; ++i) set_at(to, i, half_to_float(value_at<uint16_t>(from, i)));
  }
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
