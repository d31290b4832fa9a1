// Element-wise arithmetic on NRAM. Undefined lanes stay undefined: a result lane is defined when all its operands are.
#include <float.h>
#include <math.h>
#include <string.h>

#include <algorithm>
#include <type_traits>

#include "core-state.h"
#include "include/bang.h"
#include "lanes.h"

using namespace twin::bang;

namespace {

// b repeats: its `seg` lanes serve every `seg` lanes of a.
template <class T, class F>
void cycle(T* dst, const T* a, const T* b, uint32_t n, uint32_t seg, int line, F f) {
  if (n == 0) return;
  if (seg == 0 || n % seg) twin::violation("vector-rule", line, "a cycle form over %u lanes needs a segment that divides them, not %u", n, seg);
  const size_t bytes = n * sizeof(T), seg_bytes = seg * sizeof(T);
  const uint8_t* sa = vector_read(a, bytes, alignof(T), line);
  const uint8_t* sb = vector_read(b, seg_bytes, alignof(T), line);
  uint8_t* sd = vector_write(dst, bytes, alignof(T), line);
  refuse_partial_overlap(dst, bytes, a, bytes, true, line);
  refuse_partial_overlap(dst, bytes, b, seg_bytes, false, line);
  require_some_defined(sa, bytes, line);
  require_some_defined(sb, seg_bytes, line);
  for (uint32_t at = 0; at < n; at += seg) {
    for (uint32_t i = 0; i < seg; i++) dst[at + i] = (T)f((typename Lane<T>::Wide)a[at + i], (typename Lane<T>::Wide)b[i]);
    merge(sd + at * sizeof(T), sa + at * sizeof(T), sb, seg_bytes);
  }
  count_lanes(n, sizeof(T));
}

// Eight lanes a byte of dst, the first in its lowest bit.
template <class T, class F>
void compare_bits(T* dst, const T* a, const T* b, uint32_t n, int line, F f) {
  if (n == 0) return;
  if (n % 8) twin::violation("vector-rule", line, "a comparison into bits over %u lanes, not a multiple of 8", n);
  const size_t bytes = n * sizeof(T), to_bytes = n / 8;
  const uint8_t* sa = vector_read(a, bytes, alignof(T), line);
  const uint8_t* sb = vector_read(b, bytes, alignof(T), line);
  uint8_t* sd = compute_write(dst, to_bytes, alignof(T), line);
  refuse_partial_overlap(dst, to_bytes, a, bytes, true, line);
  refuse_partial_overlap(dst, to_bytes, b, bytes, true, line);
  require_some_defined(sa, bytes, line);
  require_some_defined(sb, bytes, line);
  auto* to = reinterpret_cast<uint8_t*>(dst);
  constexpr size_t eight = 8 * sizeof(T);
  for (uint32_t at = 0; at < n; at += 8) {
    uint8_t found = 0;
    for (int i = 0; i < 8; i++) found |= (uint8_t)(f((typename Lane<T>::Wide)a[at + i], (typename Lane<T>::Wide)b[at + i]) << i);
    const auto known_of = [=](const uint8_t* shadow) {
      const auto* first = static_cast<const uint8_t*>(memchr(shadow + at * sizeof(T), 0, eight));
      return first ? (int)((first - shadow) / sizeof(T) - at) : 8;
    };
    const int known = std::min(known_of(sa), known_of(sb));
    to[at / 8] = found;
    sd[at / 8] = known == 8;
    if (known % 8) state().ragged.push_back({to + at / 8, known});
  }
  count_lanes(n, sizeof(T));
}

// Of the lanes' bits, whatever they are.
template <class T>
T bitwise(T a, T b, char op) {
  uint64_t x = 0, y = 0;
  memcpy(&x, &a, sizeof(T));
  memcpy(&y, &b, sizeof(T));
  x = op == '&' ? x & y : op == '|' ? x | y : x ^ y;
  memcpy(&a, &x, sizeof(T));
  return a;
}

// a + b, rounded toward zero: one step back where the nearest float lies beyond the sum.
float sum_toward_zero(float a, float b) {
  const float sum = a + b, part = sum - a, left = (a - (sum - part)) + (b - part);
  if (isinf(sum) && !isinf(a) && !isinf(b)) return copysignf(FLT_MAX, sum);
  return (sum > 0 && left < 0) || (sum < 0 && left > 0) ? nextafterf(sum, 0) : sum;
}

}  // namespace

// Each row of instructions.gen.h; conversions are convert.cpp's.
#define REFUSE_OTHERS(name, has) \
  const int arch = state().arch; \
  (void)arch; \
  require_arch(has, #name, line);
#define BINARY(T, name, has, ...) \
  void name(T* dst, const T* x, const T* y, uint32_t n, int line) { \
    REFUSE_OTHERS(name, has) \
    binary(dst, x, y, n, line, [](Lane<T>::Wide a, Lane<T>::Wide b) { return __VA_ARGS__; }); \
  }
#define SCALAR(T, name, has, ...) \
  void name(T* dst, const T* x, T y, uint32_t n, int line) { \
    REFUSE_OTHERS(name, has) \
    const auto b = (Lane<T>::Wide)y; \
    unary(dst, x, n, line, [b](Lane<T>::Wide a) { return __VA_ARGS__; }); \
  }
#define CYCLE(T, name, has, ...) \
  void name(T* dst, const T* x, const T* y, uint32_t n, uint32_t seg, int line) { \
    REFUSE_OTHERS(name, has) \
    cycle(dst, x, y, n, seg, line, [](Lane<T>::Wide a, Lane<T>::Wide b) { return __VA_ARGS__; }); \
  }
#define UNARY(T, name, has, ...) \
  void name(T* dst, const T* x, uint32_t n, int line) { \
    REFUSE_OTHERS(name, has) \
    unary(dst, x, n, line, [](Lane<T>::Wide a) { return __VA_ARGS__; }); \
  }
#define BITS(T, name, has, ...) \
  void name(T* dst, const T* x, const T* y, uint32_t n, int line) { \
    REFUSE_OTHERS(name, has) \
    compare_bits(dst, x, y, n, line, [](Lane<T>::Wide a, Lane<T>::Wide b) { return __VA_ARGS__; }); \
  }
#define CONVERT(D, S, name, has, ...)
#define CONVERT_AT(D, S, name, has, ...)
#define CONVERT_BETWEEN(D, S, name, has, ...)
#include "include/instructions.gen.h"
